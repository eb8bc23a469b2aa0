//! By how much do two opinions differ on the same races?
//!
//! The difference is taken race by race, so that what makes a race hard for both cancels: the error
//! of the mean is that of the differences, far below that of either side.

use serde::Serialize;

use super::bootstrap::Interval;

/// The mean of differences that belong to single races.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Races behind it.
    pub races: usize,
    /// The mean.
    pub mean: f64,
    /// Standard error of that mean, races being independent; 0 for one race.
    pub se: f64,
    /// Where the mean lies with 95 % confidence.
    pub interval: Interval,
}

impl Difference {
    /// Of one difference a race; `None` when there are none.
    #[must_use]
    pub fn of(differences: &[f64]) -> Option<Self> {
        let races = differences.len();
        if races == 0 {
            return None;
        }
        let n = races as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let squares: f64 = differences.iter().map(|one| (one - mean).powi(2)).sum();
        let se = if races > 1 {
            (squares / (n - 1.0) / n).sqrt()
        } else {
            0.0
        };
        Some(Self {
            races,
            mean,
            se,
            interval: Interval::around(mean, se),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_share_does_not_blur_the_difference() {
        let hard = [0.1, 2.0, 5.0, 1.0];
        let better: Vec<f64> = hard.iter().map(|loss| loss + 0.01 - loss).collect();

        let difference = Difference::of(&better).unwrap();

        assert!((difference.mean - 0.01).abs() < 1e-12);
        assert!(difference.se < 1e-12 && difference.interval.low > 0.0);
    }

    #[test]
    fn the_error_is_that_of_a_mean() {
        let difference = Difference::of(&[1.0, 3.0]).unwrap();

        assert!((difference.mean - 2.0).abs() < 1e-12);
        assert!((difference.se - 1.0).abs() < 1e-12, "{difference:?}");
        assert_eq!(Difference::of(&[]), None);
    }
}
