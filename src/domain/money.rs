//! Money: whole cents (or pence), because what is settled is counted, not estimated.

use super::Fault;

/// The most that is counted: ten billion.
const MOST: i64 = 1_000_000_000_000;

/// An amount in hundredths of the currency, at most ten billion either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From hundredths; fails beyond ten billion either way.
    pub fn new(cents: i64) -> Result<Self, Fault> {
        if (-MOST..=MOST).contains(&cents) {
            return Ok(Self(cents));
        }
        Err(Fault::new("must be an amount up to 10000000000"))
    }

    /// The nearest cent to a number of cents, halves away from zero.
    pub fn nearest(cents: f64) -> Result<Self, Fault> {
        let rounded = cents.round();
        // `MOST` is far below 2^53.
        if rounded.abs() <= MOST as f64 {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within MOST")]
            return Ok(Self(rounded as i64));
        }
        Err(Fault::new("must be an amount up to 10000000000"))
    }

    /// The hundredths.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_whole_and_bounded() {
        assert_eq!(Cents::nearest(2_319.999_999_9).map(Cents::get), Ok(2_320));
        assert_eq!(Cents::nearest(-0.5).map(Cents::get), Ok(-1));
        assert_eq!(Cents::new(MOST).map(Cents::get), Ok(MOST));
        assert!(Cents::new(MOST + 1).is_err() && Cents::new(i64::MIN).is_err());
        assert!(Cents::nearest(f64::NAN).is_err() && Cents::nearest(1e300).is_err());
    }
}
