//! Decimal odds, stake included.

use super::Fault;

/// A decimal price: finite, above 1, at most 100,000.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "f64")]
pub struct Odds(f64);

impl TryFrom<f64> for Odds {
    type Error = Fault;

    fn try_from(decimal: f64) -> Result<Self, Fault> {
        Self::new(decimal)
    }
}

impl Odds {
    /// From a decimal price.
    pub fn new(decimal: f64) -> Result<Self, Fault> {
        if decimal > 1.0 && decimal <= 100_000.0 {
            return Ok(Self(decimal));
        }
        Err(Fault::new("must be decimal odds above 1, at most 100000"))
    }

    /// From fractional odds: 7/2 is 4.5.
    pub fn fraction(numerator: f64, denominator: f64) -> Result<Self, Fault> {
        if denominator <= 0.0 {
            return Err(Fault::new("must have a denominator above 0"));
        }
        Self::new(numerator / denominator + 1.0)
    }

    /// The decimal price.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_to_two_pays_four_and_a_half() {
        assert_eq!(Odds::fraction(7.0, 2.0).map(Odds::get), Ok(4.5));
    }

    #[test]
    fn no_price_is_one_or_less_or_not_a_number() {
        for bad in [1.0, 0.0, -3.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Odds::new(bad).is_err(), "{bad}");
        }
    }
}
