//! How much less a favourite is one for second and third: powers that win chances are raised to.
//!
//! Harville's rule (1973) overrates favourites for the places behind the winner, so the chances are
//! first raised to a power below 1 (Benter 1994; Lo & Bacon-Shone 1994, 2008). The powers belong to
//! the win chances, the country and the size of field that they were fitted with; 1 is plain
//! Harville. They are fitted by maximum likelihood of the order of finish: given the winner, second
//! place is a conditional logit with the one feature `ln p`, and so on down.

use serde::{Deserialize, Serialize};

use super::logit::softmax;
use super::newton::{self, Limits, Slopes};
use crate::domain::{Chances, Fault, Place};

/// The smallest chance that a logarithm is taken of.
const CHANCE_FLOOR: f64 = 1e-12;

/// The largest power.
const MOST: f64 = 2.0;

/// When a fit has arrived.
const LIMITS: Limits = Limits {
    steps: 50,
    tolerance: 1e-12,
};

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

/// A finished race: what the chances were and in which order the first came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    win: Chances,
    order: Vec<usize>,
}

/// Fitted powers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DiscountFit {
    /// The powers.
    pub discount: Discount,
    /// Standard error of the power for second place.
    pub second_se: f64,
    /// Standard error of the power for third place.
    pub third_se: f64,
    /// Races with a winner and a second.
    pub races: usize,
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

impl Finished {
    /// From the place of each runner, `None` for those without. A place that is shared says nothing
    /// of who was better, so the order ends before the first dead heat. Fails when the two are of
    /// different fields.
    pub fn new(win: Chances, places: &[Option<Place>]) -> Result<Self, Fault> {
        if win.all().len() != places.len() {
            return Err(Fault::new("must be one a runner").under("places"));
        }
        let mut order = Vec::new();
        for place in 1..=3 {
            let mut there = (0..places.len()).filter(|&n| places[n].map(Place::get) == Some(place));
            match (there.next(), there.next()) {
                (Some(runner), None) => order.push(runner),
                _ => break,
            }
        }
        Ok(Self { win, order })
    }

    /// Logarithms of the chances of those who were left behind so many, and who of them came next.
    fn step(&self, others: usize) -> Option<Step> {
        let next = *self.order.get(others)?;
        let gone = self.order.get(..others)?;
        let left = (0..self.win.all().len()).filter(|runner| !gone.contains(runner));
        let (mut logs, mut won) = (Vec::new(), 0.0);
        for runner in left {
            let log = self.win.all()[runner].get().max(CHANCE_FLOOR).ln();
            if runner == next {
                won = log;
            }
            logs.push(log);
        }
        Some(Step { logs, won })
    }
}

/// Fits the powers. Fails when no race has a second or a third, when the chances of all are alike,
/// and when a power comes out at 0 or less or above 2.
pub fn fit(races: &[Finished]) -> Result<DiscountFit, Fault> {
    let steps = |others| -> Vec<Step> { races.iter().filter_map(|r| r.step(others)).collect() };
    let (seconds, thirds) = (steps(1), steps(2));
    let (second, second_se) = power(&seconds).map_err(|fault| fault.under("second"))?;
    let (third, third_se) = power(&thirds).map_err(|fault| fault.under("third"))?;
    Ok(DiscountFit {
        discount: Discount::new(second, third)?,
        second_se,
        third_se,
        races: seconds.len(),
    })
}

/// One place of one race.
struct Step {
    /// `ln p` of everyone who could still take it.
    logs: Vec<f64>,
    /// `ln p` of who did.
    won: f64,
}

impl Step {
    fn likelihood(&self, power: f64) -> f64 {
        let raised = self.logs.iter().map(|log| power * log);
        let top = raised.clone().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = raised.map(|strength| (strength - top).exp()).sum();
        power * self.won - top - sum.ln()
    }

    /// First derivative by the power, and the negative second.
    fn slopes(&self, power: f64) -> (f64, f64) {
        let raised: Vec<f64> = self.logs.iter().map(|log| power * log).collect();
        let shares = softmax(&raised);
        let both = || shares.iter().zip(&self.logs);
        let mean: f64 = both().map(|(share, log)| share * log).sum();
        let spread = both().map(|(share, log)| share * (log - mean).powi(2));
        (self.won - mean, spread.sum())
    }
}

/// The power that makes the steps likeliest, and its standard error.
fn power(steps: &[Step]) -> Result<(f64, f64), Fault> {
    if steps.is_empty() {
        return Err(Fault::new("no races to learn from"));
    }
    let slopes = |point: &[f64]| {
        let each = steps.iter().map(|step| step.slopes(point[0]));
        let (first, second) = each.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        Slopes {
            gradient: vec![first],
            curvature: vec![second],
        }
    };
    let top = newton::climb(
        vec![1.0],
        LIMITS,
        |point| steps.iter().map(|step| step.likelihood(point[0])).sum(),
        slopes,
    )?;
    Ok((top[0], slopes(&top).curvature[0].sqrt().recip()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::placing::Order;
    use super::*;

    fn places(order: &[usize], field: usize) -> Vec<Option<Place>> {
        let place = |n| (1..).zip(order).find(|(_, o)| **o == n);
        (0..field).map(|n| Place::new(place(n)?.0).ok()).collect()
    }

    /// Races of five, every order of the first three as often as the powers say.
    fn races_of(discount: Discount) -> Vec<Finished> {
        let win = Chances::new(&[0.4, 0.25, 0.2, 0.1, 0.05]).unwrap();
        let model = Order::new(&win, discount);
        let orders = (0..125).map(|n| [n / 25, n / 5 % 5, n % 5]);
        let mut races = Vec::new();
        for order in orders {
            let Ok(chance) = model.chance(&order) else {
                continue;
            };
            let race = Finished::new(win.clone(), &places(&order, 5)).unwrap();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small count"
            )]
            let times = (chance.get() * 20_000.0).round() as usize;
            races.extend(std::iter::repeat_n(race, times));
        }
        races
    }

    #[test]
    fn the_fit_finds_the_powers_that_made_the_orders() {
        let fit = fit(&races_of(Discount::new(0.53, 0.58).unwrap())).unwrap();

        assert!((fit.discount.second - 0.53).abs() < 2e-3, "{fit:?}");
        assert!((fit.discount.third - 0.58).abs() < 2e-3, "{fit:?}");
        assert!((0.005..0.05).contains(&fit.second_se), "{fit:?}");
    }

    #[test]
    fn a_dead_heat_ends_the_order_before_it() {
        let win = Chances::new(&[0.25; 4]).unwrap();
        let order = |places: [i64; 4]| {
            let places = places.map(|place| Place::new(place).ok());
            Finished::new(win.clone(), &places).unwrap().order
        };

        assert_eq!(order([1, 2, 3, 4]), [0, 1, 2]);
        assert_eq!(order([1, 2, 2, 4]), [0]);
        assert_eq!(order([1, 1, 3, 4]), [0_usize; 0]);
        assert!(Finished::new(win, &[None; 3]).is_err());
    }

    #[test]
    fn what_cannot_be_learnt_is_a_fault() {
        let even = Chances::new(&[0.25; 4]).unwrap();
        let race = |chances: &Chances, order: &[usize]| {
            Finished::new(chances.clone(), &places(order, 4)).unwrap()
        };

        assert_eq!(fit(&[]).unwrap_err().at, "second");
        assert_eq!(fit(&[race(&even, &[0, 1, 2])]).unwrap_err().at, "second");
        let steep = Chances::new(&[0.6, 0.2, 0.15, 0.05]).unwrap();
        assert_eq!(fit(&[race(&steep, &[0, 2])]).unwrap_err().at, "third");
    }

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

    proptest! {
        #[test]
        fn slopes_are_those_of_the_likelihood(
            logs in prop::collection::vec(-6.0_f64..-0.1, 2..9),
            power in 0.2_f64..1.5,
        ) {
            let step = Step { won: logs[0], logs };
            let h = 1e-4;
            let (low, here, high) = (
                step.likelihood(power - h),
                step.likelihood(power),
                step.likelihood(power + h),
            );

            let (first, second) = step.slopes(power);

            prop_assert!((first - (high - low) / (2.0 * h)).abs() < 1e-5);
            prop_assert!((second + (high + low - 2.0 * here) / (h * h)).abs() < 1e-4);
        }
    }
}
