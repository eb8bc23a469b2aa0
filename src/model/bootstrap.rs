//! How sure is a ratio of sums? Efron's bootstrap over whole races.
//!
//! Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (percentile interval). The
//! runners and bets of one race hang together, so a race is drawn with all that belongs to it. The
//! seed is a setting: the same data and settings give the same bits.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::Serialize;

use crate::domain::Fault;

/// How much is left outside of an interval, both ends together.
const OUTSIDE: f64 = 0.05;

/// Standard errors on each side of an estimate that hold 95 % of a normal distribution.
pub const NORMAL_95: f64 = 1.959_963_984_540_054;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    draws: u32,
    seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            draws: 1_000,
            seed: 1,
        }
    }
}

/// Where a number lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// From an estimate and its standard error, which may be taken as normal.
    #[must_use]
    pub fn around(estimate: f64, error: f64) -> Self {
        Self {
            low: estimate - NORMAL_95 * error,
            high: estimate + NORMAL_95 * error,
        }
    }
}

impl Bootstrap {
    /// Fails on fewer than 100 draws and on more than 10,000.
    pub fn new(draws: u32, seed: u64) -> Result<Self, Fault> {
        if !(100..=10_000).contains(&draws) {
            return Err(Fault::new("must be 100 to 10000").under("draws"));
        }
        Ok(Self { draws, seed })
    }

    /// The interval of `Σ top / Σ bottom` over the races that the pairs stand for. `None` for fewer
    /// than two races, and when nothing is at the bottom.
    #[must_use]
    pub fn ratio(self, races: &[(f64, f64)]) -> Option<Interval> {
        if races.len() < 2 {
            return None;
        }
        let mut random = Pcg64::seed_from_u64(self.seed);
        let mut ratios: Vec<f64> = (0..self.draws)
            .map(|_| {
                let drawn = (0..races.len()).map(|_| races[random.random_range(0..races.len())]);
                let (top, bottom) =
                    drawn.fold((0.0, 0.0), |sum, race| (sum.0 + race.0, sum.1 + race.1));
                top / bottom
            })
            .filter(|ratio| ratio.is_finite())
            .collect();
        ratios.sort_by(f64::total_cmp);
        Some(Interval {
            low: quantile(&ratios, OUTSIDE / 2.0)?,
            high: quantile(&ratios, 1.0 - OUTSIDE / 2.0)?,
        })
    }
}

/// The value below which a share of the sorted values lies; between two values on the line.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the length of a slice"
    )]
    let below = at.floor() as usize;
    let low = *sorted.get(below)?;
    let high = *sorted.get(last.min(below + 1))?;
    Some(low + (at - below as f64) * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs whose ratio is around a half.
    fn races(n: u32) -> Vec<(f64, f64)> {
        let top = |k: u32| f64::from(k * 7919 % 101) / 100.0;
        (0..n).map(|k| (top(k), 1.0)).collect()
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_standard_error() {
        let races = races(1_000);
        let mean = races.iter().map(|race| race.0).sum::<f64>() / 1_000.0;
        let squares: f64 = races.iter().map(|race| (race.0 - mean).powi(2)).sum();
        let normal = Interval::around(mean, (squares / 999.0 / 1_000.0).sqrt());

        let drawn = Bootstrap::default().ratio(&races).unwrap();

        assert!((drawn.low - normal.low).abs() < 3e-3, "{drawn:?}");
        assert!((drawn.high - normal.high).abs() < 3e-3, "{normal:?}");
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let seeded = |seed| Bootstrap::new(200, seed).unwrap().ratio(&races(50));

        assert_eq!(seeded(7), seeded(7));
        assert_ne!(seeded(7), seeded(8));
    }

    #[test]
    fn quantiles_lie_between_values() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 1.0), Some(4.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn one_race_and_no_stakes_say_nothing() {
        assert_eq!(Bootstrap::default().ratio(&races(1)), None);
        assert_eq!(Bootstrap::default().ratio(&[(0.0, 0.0); 5]), None);
        assert!(Bootstrap::new(99, 1).is_err() && Bootstrap::new(10_001, 1).is_err());
    }
}
