//! How much less a favourite is one for second and third: powers that win chances are raised to.
//!
//! Harville's rule (1973) overrates favourites for the places behind the winner, so the chances are
//! first raised to a power below 1 (Benter 1994; Lo & Bacon-Shone 1994, 2008). The powers belong to
//! the win chances, the country and the size of field that they were fitted with; 1 is plain
//! Harville. A size of field that was seldom met has powers near those of all sizes, and those of
//! few races are near what was measured elsewhere.

use serde::{Deserialize, Serialize};

use super::finished::{self, Finished, Toward};
use super::rules::Rules;
use crate::domain::Fault;

/// The largest power.
const MOST: f64 = 2.0;

/// How far the powers of other win chances than those that were measured lie from the measured ones:
/// .53 of prices and .60 of a model, .97 elsewhere.
const APART: f64 = 0.15;

/// How far the powers of one size of field lie from those of all sizes: .53, .64, .65, .68.
const SIZES_APART: f64 = 0.1;

/// The powers that win chances are raised to behind the winner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Discount {
    /// For second place, above 0, at most 2.
    second: f64,
    /// For third place and for fourth, above 0, at most 2.
    third: f64,
}

/// Powers as somebody wrote them down.
#[derive(Deserialize)]
struct Written {
    second: f64,
    third: f64,
}

impl TryFrom<Written> for Discount {
    type Error = Fault;

    fn try_from(written: Written) -> Result<Self, Fault> {
        Self::new(written.second, written.third)
    }
}

/// Powers by the size of the field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Discounts {
    /// For up to 5 runners.
    five: Discount,
    /// For 6.
    six: Discount,
    /// For 7.
    seven: Discount,
    /// For 8 and more.
    eight: Discount,
}

/// Fitted powers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscountFit {
    /// The powers.
    pub discount: Discount,
    /// Standard error of the power for second place.
    pub second_se: f64,
    /// Standard error of the power for third place.
    pub third_se: f64,
    /// Races of which it is known who came behind the winner.
    pub races: usize,
}

/// Fitted powers by the size of the field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscountsFit {
    /// For up to 5 runners.
    pub five: DiscountFit,
    /// For 6.
    pub six: DiscountFit,
    /// For 7.
    pub seven: DiscountFit,
    /// For 8 and more.
    pub eight: DiscountFit,
    /// For all of them together.
    pub all: DiscountFit,
}

impl Discount {
    /// Plain Harville.
    pub const NONE: Self = Self {
        second: 1.0,
        third: 1.0,
    };

    /// Fails when a power is not above 0 and at most 2.
    pub fn new(second: f64, third: f64) -> Result<Self, Fault> {
        for (power, at) in [(second, "second"), (third, "third")] {
            if !(power > 0.0 && power <= MOST) {
                return Err(Fault::new("must be above 0 and at most 2").under(at));
            }
        }
        Ok(Self { second, third })
    }

    /// The power for the place behind so many others; 1 for the winner, the third's from there on.
    #[must_use]
    pub const fn behind(self, others: usize) -> f64 {
        match others {
            0 => 1.0,
            1 => self.second,
            _ => self.third,
        }
    }
}

impl Discounts {
    /// Plain Harville.
    pub const NONE: Self = Self::all(Discount::NONE);

    /// What fits the closing exchange prices of Australian races (our measurement): .53 and .58 with
    /// 8 runners; .68, .64 and .65 for second with 5, 6 and 7, whose third is not paid on and was not
    /// measured, so it has that of 8.
    pub const AUSTRALIA: Self = Self {
        five: Discount::of(0.68, 0.58),
        six: Discount::of(0.64, 0.58),
        seven: Discount::of(0.65, 0.58),
        eight: Discount::of(0.53, 0.58),
    };

    /// What others found for six dogs in Ireland: .966 and .674. British races run under the same
    /// rules and nothing nearer is known of them.
    pub const BRITAIN: Self = Self::all(Discount::of(0.966, 0.674));

    /// Those that were measured under these rules, for want of fitted ones.
    #[must_use]
    pub const fn measured(rules: Rules) -> Self {
        match rules {
            Rules::Australia => Self::AUSTRALIA,
            Rules::Britain => Self::BRITAIN,
        }
    }

    /// The powers of a field of so many.
    #[must_use]
    pub const fn of(self, field: usize) -> Discount {
        match field {
            0..=5 => self.five,
            6 => self.six,
            7 => self.seven,
            _ => self.eight,
        }
    }

    /// The same with other powers for a field of so many: what a fit found.
    #[must_use]
    pub const fn with(mut self, field: usize, discount: Discount) -> Self {
        match field {
            0..=5 => self.five = discount,
            6 => self.six = discount,
            7 => self.seven = discount,
            _ => self.eight = discount,
        }
        self
    }

    const fn all(discount: Discount) -> Self {
        Self {
            five: discount,
            six: discount,
            seven: discount,
            eight: discount,
        }
    }
}

impl Discount {
    const fn of(second: f64, third: f64) -> Self {
        Self { second, third }
    }
}

impl DiscountsFit {
    /// Of races under these rules: those of all sizes near the measured ones, those of each size near
    /// those of all. Fails on powers that cannot be.
    pub fn fit(races: &[Finished], rules: Rules) -> Result<Self, Fault> {
        let measured = Toward {
            discount: Discounts::measured(rules).of(8),
            spread: APART,
        };
        let all = finished::fit(races, measured)?;
        let toward = Toward {
            discount: all.discount,
            spread: SIZES_APART,
        };
        let of = |size: usize| {
            let same = races.iter().filter(|race| race.field().clamp(5, 8) == size);
            finished::fit(&same.cloned().collect::<Vec<_>>(), toward)
        };
        Ok(Self {
            five: of(5)?,
            six: of(6)?,
            seven: of(7)?,
            eight: of(8)?,
            all,
        })
    }

    /// The powers alone.
    #[must_use]
    pub const fn discounts(&self) -> Discounts {
        Discounts {
            five: self.five.discount,
            six: self.six.discount,
            seven: self.seven.discount,
            eight: self.eight.discount,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_fields_have_powers_of_their_own() {
        let australia = Discounts::AUSTRALIA;
        let fitted = Discount::new(0.6, 0.65).unwrap();

        let of = |second| Discount::new(second, 0.58).unwrap();
        let expected = [0.68, 0.68, 0.64, 0.65, 0.53, 0.53].map(of);
        assert_eq!([4, 5, 6, 7, 8, 10].map(|n| australia.of(n)), expected);
        assert_eq!(australia.with(8, fitted).of(8), fitted);
        assert_eq!(australia.with(8, fitted).of(7), of(0.65));
    }

    #[test]
    fn powers_that_were_written_down_are_checked_when_they_are_read() {
        let fitted = Discounts::AUSTRALIA.with(8, Discount::new(0.6, 0.65).unwrap());
        let written = serde_json::to_string(&fitted).unwrap();

        let read: Discounts = serde_json::from_str(&written).unwrap();

        assert_eq!(read, fitted);
        let odd = written.replace("0.65", "2.5");
        assert!(serde_json::from_str::<Discounts>(&odd).is_err());
    }
}
