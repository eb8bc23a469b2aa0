//! Probabilities, one and a field of them.

use super::Fault;

/// How far the sum of a field may be from one.
const TOLERANCE: f64 = 1e-9;

/// A probability: finite, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Chance(f64);

impl Chance {
    /// From a number between 0 and 1.
    pub fn new(p: f64) -> Result<Self, Fault> {
        if (0.0..=1.0).contains(&p) {
            return Ok(Self(p));
        }
        Err(Fault::new("must be a probability, 0 to 1"))
    }

    /// The probability.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// The win chances of a field, in the order of its runners. They sum to 1 within 1e-9.
#[derive(Debug, Clone, PartialEq)]
pub struct Chances(Vec<Chance>);

impl Chances {
    /// Fails when the field is empty, a value is no probability, or the sum is not one.
    pub fn new(raw: &[f64]) -> Result<Self, Fault> {
        let chances = raw
            .iter()
            .map(|&p| Chance::new(p))
            .collect::<Result<Vec<_>, _>>()?;
        let sum: f64 = raw.iter().sum();
        if chances.is_empty() || (sum - 1.0).abs() > TOLERANCE {
            return Err(Fault::new(format!("must sum to 1, not {sum}")));
        }
        Ok(Self(chances))
    }

    /// The chances, in field order.
    #[must_use]
    pub fn all(&self) -> &[Chance] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_sums_to_one_or_does_not_exist() {
        assert!(Chances::new(&[0.25; 4]).is_ok());
        assert!(Chances::new(&[0.25; 3]).is_err());
        assert!(Chances::new(&[]).is_err());
        assert!(Chances::new(&[1.5, -0.5]).is_err());
        assert!(Chances::new(&[f64::NAN, 1.0]).is_err());
    }
}
