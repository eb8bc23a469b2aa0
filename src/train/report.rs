//! What a training tells.

use serde::Serialize;

use super::judge::Assessment;
use crate::domain::RaceDay;
use crate::model::score::Score;
use crate::model::{Rehearsal, Rules};

/// How a training went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainReport {
    /// SHA-256 of the artifact.
    pub model: String,
    /// First day that was fitted on.
    pub trained_from: RaceDay,
    /// Last day that was fitted on.
    pub trained_until: RaceDay,
    /// Races that were fitted on.
    pub races: usize,
    /// The judgement on later days; `None` when there are none.
    pub judged: Option<Box<Judgement>>,
    /// The same at length.
    pub assessment: Option<Box<Assessment>>,
    /// The same by whose rules the races were run under.
    pub parts: Vec<PartReport>,
    /// Whether the model is now in force.
    pub activated: bool,
}

/// How the training on the races of one set of rules went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartReport {
    /// Whose rules.
    pub rules: Rules,
    /// Whose part answers for them: their own, or for want of races the one of the most.
    pub answered_by: Rules,
    /// First day of their races that could be fitted on.
    pub trained_from: RaceDay,
    /// Last day.
    pub trained_until: RaceDay,
    /// Their races on these days.
    pub races: usize,
    /// What the answering part learned beside its chances: powers for places and for the market, with
    /// standard errors; `None` when its races were too few for a rehearsal.
    pub rehearsal: Option<Rehearsal>,
    /// The judgement on their later days.
    pub judged: Option<Judgement>,
    /// Judged races whose closing prices are BSP; those of the others are starting prices.
    pub closed_by_bsp: usize,
}

/// A model, the market and the former model on the same unseen races.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judgement {
    /// First unseen day.
    pub from: RaceDay,
    /// Last unseen day.
    pub until: RaceDay,
    /// The model; its `uniform` is the guess that knows nothing.
    pub model: Score,
    /// The model before the trees are added.
    pub by_logit: Option<Score>,
    /// The closing price (BSP, else SP) of those of the races where every runner has one.
    pub market: Option<Score>,
    /// The model on the same races as `market`.
    pub beside_market: Option<Score>,
    /// The model that was in force before, on those of the races that came after its own training.
    pub former: Option<Score>,
    /// The model on the same races as `former`.
    pub beside_former: Option<Score>,
    /// Whether it beats the former model by log loss on days that neither has seen. A former model
    /// that this build cannot read is no rival.
    pub better: bool,
}
