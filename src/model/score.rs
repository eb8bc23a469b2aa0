//! How good were the chances? Proper scores of a set of judged races, beside the uniform guess.
//!
//! A lower log loss, Brier score and calibration error is better; a higher strike rate and pseudo
//! R² is better. Scores of different sets of races are not comparable: fields differ.

/// How many bins the calibration error uses.
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
    let uniform = over(|race| (race.chances.len() as f64).ln());
    Some(Score {
        races: races.len(),
        log_loss,
        log_loss_se: standard_error(&losses, log_loss),
        uniform,
        brier: over(Judged::brier),
        calibration_error: calibration_error(races),
        strike_rate: over(Judged::strike),
        pseudo_r2: if uniform > 0.0 {
            1.0 - log_loss / uniform
        } else {
            0.0
        },
    })
}

fn calibration_error(races: &[Judged]) -> f64 {
    let mut runners: Vec<(f64, f64)> = races
        .iter()
        .flat_map(|race| race.chances.iter().copied().zip(race.won.iter().copied()))
        .collect();
    runners.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let total = runners.len();
    let gaps = (0..BINS).map(|bin| {
        let inside = &runners[bin * total / BINS..(bin + 1) * total / BINS];
        let gap: f64 = inside.iter().map(|(p, won)| p - won).sum();
        gap.abs()
    });
    gaps.sum::<f64>() / total as f64
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

    proptest! {
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
