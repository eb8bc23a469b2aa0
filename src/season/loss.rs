//! How hard the season is to predict: the benchmarks for a model trained on it.

use super::{Season, SeasonRace, SeasonRunner};

/// Mean log loss of the winner, in nats a race.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonLosses {
    /// Of giving every starter the same chance.
    pub uniform: f64,
    /// Of the true probabilities: no model can beat it but by luck.
    pub truth: f64,
    /// Of the Betfair starting prices, scaled to sum to one.
    pub bsp: f64,
}

impl Season {
    /// The benchmarks that a model trained on this season is measured against.
    #[must_use]
    pub fn losses(&self) -> SeasonLosses {
        let bsp = |runner: &SeasonRunner| runner.prices.map_or(0.0, |prices| 1.0 / prices.bsp);
        SeasonLosses {
            uniform: self.loss(|_| 1.0),
            truth: self.loss(|runner| runner.truth),
            bsp: self.loss(bsp),
        }
    }

    /// Mean log loss over the finished races of chances in proportion to `share`; a dead heat
    /// counts as the mean of its winners.
    pub fn loss(&self, share: impl Fn(&SeasonRunner) -> f64) -> f64 {
        let losses = self.finished().map(|race| race_loss(race, &share));
        let losses = losses.collect::<Vec<_>>();
        losses.iter().sum::<f64>() / losses.len() as f64
    }
}

fn race_loss(race: &SeasonRace, share: &impl Fn(&SeasonRunner) -> f64) -> f64 {
    let whole: f64 = race.starters().map(share).sum();
    let winners = race.starters().filter(|runner| runner.won());
    let losses = winners.map(|runner| -(share(runner) / whole).ln());
    let losses = losses.collect::<Vec<_>>();
    losses.iter().sum::<f64>() / losses.len() as f64
}
