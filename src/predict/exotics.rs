//! The likeliest orders of finish of one race.

use std::sync::Arc;

use super::{Error, Prediction, Predictor, Question};
use crate::domain::{Chance, Chances, Fault, Rug};
use crate::model::exotics::Exotic;
use crate::model::placing::Order;
use crate::runtime::{Lane, Subject};

/// The combinations of a race, bet by bet.
#[derive(Debug, Clone, PartialEq)]
pub struct Exotics {
    /// What they are made of.
    pub prediction: Arc<Prediction>,
    /// The first two in either order.
    pub quinella: Vec<Combination>,
    /// The first two in order.
    pub exacta: Vec<Combination>,
    /// The first three in order.
    pub trifecta: Vec<Combination>,
    /// The first three in any order.
    pub box_trifecta: Vec<Combination>,
    /// The first four in order.
    pub first_four: Vec<Combination>,
}

/// Runners in their order, with the chance of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Combination {
    /// Ascending where the order does not matter.
    pub rugs: Vec<Rug>,
    /// That the bet wins.
    pub chance: Chance,
}

impl Predictor {
    /// The likeliest combinations of every bet, at most `limit` of each; none of a bet that the
    /// field is too small for.
    pub async fn exotics(&self, question: Question, limit: usize) -> Result<Exotics, Arc<Error>> {
        let prediction = self.race(question).await?;
        let about = Subject::of(&prediction.race);
        self.workers
            .ask_about(about, Lane::Live, move |()| Exotics::of(prediction, limit))
            .await
            .map_err(|refused| Arc::new(refused.into()))?
            .map_err(|fault| Arc::new(fault.into()))
    }
}

impl Exotics {
    fn of(prediction: Arc<Prediction>, limit: usize) -> Result<Self, Fault> {
        let runners = &prediction.runners;
        let win: Vec<f64> = runners.iter().map(|runner| runner.win).collect();
        let order = Order::new(&Chances::new(&win)?, prediction.discount);
        let best = |exotic: Exotic| -> Result<Vec<Combination>, Fault> {
            let best = exotic.best(&order, limit)?.into_iter();
            let named = best.map(|found| Combination {
                rugs: found.runners.iter().map(|&n| runners[n].rug).collect(),
                chance: found.chance,
            });
            Ok(named.collect())
        };
        Ok(Self {
            quinella: best(Exotic::Quinella)?,
            exacta: best(Exotic::Exacta)?,
            trifecta: best(Exotic::Trifecta)?,
            box_trifecta: best(Exotic::BoxTrifecta)?,
            first_four: best(Exotic::FirstFour)?,
            prediction,
        })
    }
}
