//! Do things happen as often as they are said to? Runners sorted by their chance, in bins of equal
//! mass.
//!
//! Bröcker & Smith 2007 (reliability diagrams); Naeini, Cooper & Hauskrecht 2015 (the calibration
//! error, here with bins of equal mass: nine runners in ten have less than one chance in three).

use serde::Serialize;

use super::score::Judged;

/// Runners with much the same chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Runners in it.
    pub runners: usize,
    /// Their mean chance.
    pub mean_chance: f64,
    /// How many of them won, as a share.
    pub win_rate: f64,
    /// Standard error of that share if the chances are right: `√Σ p(1 − p) / n`.
    pub expected_error: f64,
}

/// The bins, from the smallest chances up; as many as asked for, or one a runner.
#[must_use]
pub fn bins(races: &[Judged], count: usize) -> Vec<Bin> {
    let mut runners: Vec<(f64, f64)> = races
        .iter()
        .flat_map(|race| race.chances.iter().copied().zip(race.won.iter().copied()))
        .collect();
    runners.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let total = runners.len();
    let parts = (0..count).map(|n| n * total / count..(n + 1) * total / count);
    parts
        .filter_map(|part| Bin::of(runners.get(part)?))
        .collect()
}

/// Mean over runners of |mean chance − win rate| of their bin, 0 to 1.
#[must_use]
pub fn calibration_error(bins: &[Bin]) -> f64 {
    let total: usize = bins.iter().map(|bin| bin.runners).sum();
    let gaps = bins
        .iter()
        .map(|bin| bin.runners as f64 * (bin.mean_chance - bin.win_rate).abs());
    gaps.sum::<f64>() / total.max(1) as f64
}

impl Bin {
    fn of(runners: &[(f64, f64)]) -> Option<Self> {
        if runners.is_empty() {
            return None;
        }
        let n = runners.len() as f64;
        let sum = |value: fn(&(f64, f64)) -> f64| runners.iter().map(value).sum::<f64>();
        Some(Self {
            runners: runners.len(),
            mean_chance: sum(|runner| runner.0) / n,
            win_rate: sum(|runner| runner.1) / n,
            expected_error: sum(|runner| runner.0 * (1.0 - runner.0)).max(0.0).sqrt() / n,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(chances: &[f64], won: &[f64]) -> Judged {
        Judged {
            chances: chances.to_vec(),
            won: won.to_vec(),
        }
    }

    #[test]
    fn runners_of_like_chance_are_together() {
        let races = [
            judged(&[0.8, 0.2], &[1.0, 0.0]),
            judged(&[0.6, 0.4], &[0.0, 1.0]),
        ];

        let bins = bins(&races, 2);

        assert_eq!(bins.len(), 2);
        assert_eq!((bins[0].runners, bins[1].runners), (2, 2));
        assert!((bins[0].mean_chance - 0.3).abs() < 1e-12);
        assert!((bins[1].mean_chance - 0.7).abs() < 1e-12);
        assert!((bins[0].win_rate - 0.5).abs() < 1e-12);
        assert!((bins[0].expected_error - 0.4_f64.sqrt() / 2.0).abs() < 1e-12);
        assert!((calibration_error(&bins) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn fewer_runners_than_bins_have_one_each_and_nobody_has_none() {
        assert_eq!(bins(&[judged(&[0.8, 0.2], &[1.0, 0.0])], 20).len(), 2);
        assert_eq!(bins(&[], 20), []);
        assert_eq!(bins(&[judged(&[1.0], &[1.0])], 0), []);
        assert!(calibration_error(&[]).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn every_runner_is_in_one_bin(
            chances in prop::collection::vec(0.0_f64..1.0, 1..200),
            count in 1_usize..30,
        ) {
            let won = vec![0.0; chances.len()];
            let sum: f64 = chances.iter().sum();

            let bins = bins(&[judged(&chances, &won)], count);

            let runners: usize = bins.iter().map(|bin| bin.runners).sum();
            let mass: f64 = bins.iter().map(|bin| bin.runners as f64 * bin.mean_chance).sum();
            prop_assert_eq!(runners, chances.len());
            prop_assert!((mass - sum).abs() < 1e-9);
            prop_assert!(bins.windows(2).all(|two| two[0].mean_chance <= two[1].mean_chance));
        }
    }
}
