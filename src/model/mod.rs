//! Who wins? Pure functions of what was known before a race.
//!
//! ```text
//! Snapshot ─ features ─▶ Matrix ─ logit ─▶ strengths ─ trees ─▶ strengths ─ softmax ─▶ Chances
//! ```
//!
//! [`rating`] walks through finished races and leaves ratings that the snapshots of later races
//! carry. [`Pipeline`] is fitted once and never changes; the same snapshot and the same pipeline
//! give the same bits. Live serving, training and backtest call the same [`Pipeline::chances`].
//! [`trees`] learn from races what a weighted sum of features cannot say. A model is [`Fitted`]: a
//! [`Part`] for each set of [`Rules`], with what a [`Rehearsal`] taught beside the chances to win.
//!
//! Beside it stands the money, which no chance depends on:
//!
//! ```text
//! prices ─ overround ─▶ Chances ─┐
//!                  model Chances ┴ blend ─▶ Chances ┬ placing, exotics ─▶ orders of finish
//!                                                   └ stake, slip ─ settlement ─ returns ─▶ a verdict
//! ```

mod about;
pub mod artifact;
pub mod blend;
pub mod bootstrap;
mod component;
mod difference;
pub mod discount;
mod example;
pub mod exotics;
pub mod features;
mod finished;
mod fitted;
#[cfg(test)]
mod fixture;
pub mod interval;
mod logit;
mod newton;
mod outlook;
pub mod overround;
mod part;
mod pipeline;
pub mod placing;
pub mod rating;
mod rehearsal;
pub mod reliability;
pub mod returns;
mod rules;
pub mod score;
pub mod settlement;
pub mod slip;
pub mod stake;
pub mod trees;

pub use about::{About, Ran};
pub use component::{Component, ComponentKind, components};
pub use difference::Difference;
pub use example::Example;
pub use finished::Finished;
pub use fitted::Fitted;
pub use logit::{Logit, LogitFit, LogitSettings};
pub use part::Part;
pub use pipeline::{GroupShare, Pipeline, PipelineFit, PipelineSettings};
pub use rehearsal::Rehearsal;
pub use rules::Rules;
