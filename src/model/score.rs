//! How good were the chances? Proper scores of a set of judged races, beside the uniform guess.
//!
//! A lower log loss, Brier score and calibration error is better; a higher strike rate and pseudo
//! R² is better. Scores of different sets of races are not comparable: fields differ.

use super::bootstrap::Interval;
use super::reliability::{bins, calibration_error};

/// How many bins of equal mass the calibration error uses.
const BINS: usize = 20;

/// The smallest chance that is charged for: a winner given less costs 34.5, not infinity.
const CHANCE_FLOOR: f64 = 1e-15;

/// One race with the chances that were given and what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Chances, summing to 1.
    pub chances: Vec<f64>,
    /// 1 for the winner, 1/k for each of k in a dead heat; as long as `chances`.
    pub won: Vec<f64>,
}

/// The scores of a set of races.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Score {
    /// Races behind it.
    pub races: usize,
    /// Mean of `−ln p` of the winner, nats (Good 1952, logarithmic score).
    pub log_loss: f64,
    /// Standard error of that mean; 0 for one race.
    pub log_loss_se: f64,
    /// Where the mean lies with 95 % confidence, races being independent.
    pub log_loss_interval: Interval,
    /// Log loss of equal chances: mean of `ln n`.
    pub uniform: f64,
    /// Mean of `Σ (p − won)²` over the field, 0 to 2 (Brier 1950, several outcomes).
    pub brier: f64,
    /// Mean over runners of |mean chance − win rate| within bins of equal mass, 0 to 1
    /// (Naeini, Cooper & Hauskrecht 2015, with bins of equal mass).
    pub calibration_error: f64,
    /// Share of races that the runner with the highest chance won; shared picks count in part.
    pub strike_rate: f64,
    /// `1 − log_loss / uniform` (McFadden 1974); 0 is the uniform guess.
    pub pseudo_r2: f64,
}

impl Judged {
    /// `−ln p` of the winner; the mean over the winners of a dead heat.
    #[must_use]
    pub fn log_loss(&self) -> f64 {
        let terms = self.chances.iter().zip(&self.won);
        terms
            .filter(|(_, won)| **won > 0.0)
            .map(|(p, won)| -won * p.max(CHANCE_FLOOR).ln())
            .sum()
    }

    fn brier(&self) -> f64 {
        let terms = self.chances.iter().zip(&self.won);
        terms.map(|(p, won)| (p - won).powi(2)).sum()
    }

    fn strike(&self) -> f64 {
        let top = self.chances.iter().copied().fold(0.0, f64::max);
        let picks = self.chances.iter().zip(&self.won);
        let picks: Vec<f64> = picks
            .filter(|(p, _)| **p >= top)
            .map(|(_, won)| *won)
            .collect();
        mean(&picks)
    }
}

/// Scores a set of races; `None` when it is empty.
#[must_use]
pub fn score(races: &[Judged]) -> Option<Score> {
    if races.is_empty() {
        return None;
    }
    let losses: Vec<f64> = races.iter().map(Judged::log_loss).collect();
    let over = |value: fn(&Judged) -> f64| mean(&races.iter().map(value).collect::<Vec<_>>());
    let log_loss = mean(&losses);
    let error = standard_error(&losses, log_loss);
    let uniform = over(|race| (race.chances.len() as f64).ln());
    Some(Score {
        races: races.len(),
        log_loss,
        log_loss_se: error,
        log_loss_interval: Interval::around(log_loss, error),
        uniform,
        brier: over(Judged::brier),
        calibration_error: calibration_error(&bins(races, BINS)),
        strike_rate: over(Judged::strike),
        pseudo_r2: if uniform > 0.0 {
            1.0 - log_loss / uniform
        } else {
            0.0
        },
    })
}

/// Ranked probability score of one runner's place, 0 to 1 (Epstein 1969): the mean squared distance
/// of the cumulated chances of ordered outcomes from what happened. To be nearly right costs less.
/// `chances` are of first, second, …, unplaced and sum to 1; `None` when there are fewer than two or
/// `happened` is not among them.
#[must_use]
pub fn ranked(chances: &[f64], happened: usize) -> Option<f64> {
    if chances.len() < 2 || happened >= chances.len() {
        return None;
    }
    let steps = chances.len() - 1;
    let mut cumulated = 0.0;
    let mut sum = 0.0;
    for (n, chance) in chances.iter().enumerate().take(steps) {
        cumulated += chance;
        sum += (cumulated - f64::from(u8::from(happened <= n))).powi(2);
    }
    Some(sum / steps as f64)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn standard_error(values: &[f64], mean: f64) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let n = values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (n - 1.0) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(chances: &[f64], won: &[f64]) -> Judged {
        Judged {
            chances: chances.to_vec(),
            won: won.to_vec(),
        }
    }

    #[test]
    fn the_uniform_guess_scores_ln_n() {
        let score = score(&[judged(&[0.125; 8], &[0., 1., 0., 0., 0., 0., 0., 0.])]).unwrap();

        assert!((score.log_loss - 2.079_441_541_679_836).abs() < 1e-12);
        assert!((score.brier - 0.875).abs() < 1e-12);
        assert!((score.strike_rate - 0.125).abs() < 1e-12);
        assert!(score.pseudo_r2.abs() < 1e-12);
    }

    #[test]
    fn a_dead_heat_costs_the_mean_of_both() {
        let race = judged(&[0.5, 0.25, 0.25], &[0.5, 0.5, 0.0]);

        assert!((race.log_loss() - 1.5 * 2.0_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_certain_truth_is_perfect_and_nothing_is_no_score() {
        let best = score(&vec![judged(&[1.0, 0.0], &[1.0, 0.0]); 3]).unwrap();

        assert!(best.log_loss.abs() < 1e-12 && best.calibration_error.abs() < 1e-12);
        assert!((best.pseudo_r2 - 1.0).abs() < 1e-12);
        assert_eq!(score(&[]), None);
    }

    #[test]
    fn an_impossible_winner_costs_much_but_not_everything() {
        assert!(judged(&[1.0, 0.0], &[0.0, 1.0]).log_loss().is_finite());
    }

    #[test]
    fn the_interval_lies_two_standard_errors_about_the_mean() {
        let races = [
            judged(&[0.5, 0.5], &[1.0, 0.0]),
            judged(&[0.25, 0.75], &[1.0, 0.0]),
        ];

        let score = score(&races).unwrap();

        let error = 0.5 * 2.0_f64.ln();
        assert!((score.log_loss_se - error).abs() < 1e-12, "{score:?}");
        let half = score.log_loss_interval.high - score.log_loss;
        assert!((half - 1.959_963_985 * score.log_loss_se).abs() < 1e-9);
        assert!((score.log_loss - score.log_loss_interval.low - half).abs() < 1e-12);
    }

    #[test]
    fn to_be_nearly_right_costs_less_than_to_be_far_off() {
        let said = [0.7, 0.2, 0.1];

        let costs = [0, 1, 2].map(|place| ranked(&said, place).unwrap());

        assert!((costs[0] - 0.05).abs() < 1e-12, "{costs:?}");
        assert!((costs[1] - 0.25).abs() < 1e-12);
        assert!((costs[2] - 0.65).abs() < 1e-12);
        assert_eq!(ranked(&said, 3), None);
        assert_eq!(ranked(&[1.0], 0), None);
    }

    proptest! {
        #[test]
        fn of_places_too_the_truth_is_the_best_opinion(
            raw in prop::collection::vec((0.01_f64..1.0, 0.01_f64..1.0), 2..5),
        ) {
            let shares = |of: fn(&(f64, f64)) -> f64| -> Vec<f64> {
                let sum: f64 = raw.iter().map(of).sum();
                raw.iter().map(|pair| of(pair) / sum).collect()
            };
            let (truth, other) = (shares(|pair| pair.0), shares(|pair| pair.1));
            let cost = |said: &[f64]| -> f64 {
                let places = truth.iter().enumerate();
                places.map(|(n, p)| p * ranked(said, n).unwrap()).sum()
            };

            prop_assert!(cost(&truth) <= cost(&other) + 1e-12);
        }

        #[test]
        fn the_truth_beats_every_other_opinion(p in 0.05_f64..0.95, q in 0.05_f64..0.95) {
            let cost = |said: f64| {
                p * judged(&[said, 1.0 - said], &[1.0, 0.0]).log_loss()
                    + (1.0 - p) * judged(&[said, 1.0 - said], &[0.0, 1.0]).log_loss()
            };

            prop_assert!(cost(p) <= cost(q) + 1e-12);
        }
    }
}
