//! Before a model is fitted on all races, one is fitted on the earlier of them and says who wins the
//! later ones. What belongs to such chances, and cannot be learned from races that a fit has seen, is
//! learned here: the powers for places, and how much the market is to be listened to.
//!
//! The stand-in is fitted as the model is, trees and all: powers belong to chances of one sharpness.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::about::About;
use super::blend::{self, BlendFit, BlendRace};
use super::discount::DiscountsFit;
use super::example::Example;
use super::pipeline::{Pipeline, PipelineFit};
use super::rules::Rules;
use crate::domain::{Fault, RaceDay};

/// Share of the races that the stand-in is fitted on.
const SHARE: f64 = 0.8;
/// Days between those and the first that it speaks of, at least.
const GAP: i64 = 1;
/// Races that a stand-in is fitted on at least.
const LEARNED_NEEDED: usize = 200;
/// Races that it must speak of at least.
const SAID_NEEDED: usize = 40;
/// Races with closing prices that a blend is fitted on at least.
const PRICED_NEEDED: usize = 200;

/// What was learned from races that a stand-in had not seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsal {
    /// Races that the stand-in was fitted on.
    pub fitted_races: usize,
    /// First day that it spoke of.
    pub from: RaceDay,
    /// Last day that it spoke of.
    pub until: RaceDay,
    /// Races that it spoke of.
    pub races: usize,
    /// The powers for places.
    pub discounts: DiscountsFit,
    /// The powers of model and closing prices; `None` where too few races have such prices for the
    /// whole field, or they cannot be told from the model.
    pub blend: Option<BlendFit>,
}

/// What a stand-in learns from, and what it then speaks of.
struct Halves {
    learned: Range<usize>,
    said: Range<usize>,
    from: RaceDay,
    until: RaceDay,
}

impl Rehearsal {
    /// Rehearses on races in the order of time; `None` where they are too few.
    pub(super) fn on(
        examples: &[Example],
        abouts: &[About],
        fit: PipelineFit,
        rules: Rules,
    ) -> Result<Option<Self>, Fault> {
        let Some(halves) = Halves::of(abouts) else {
            return Ok(None);
        };
        let Halves { learned, said, .. } = halves;
        let fitted_races = learned.len();
        let stand_in = Pipeline::fit(&examples[learned], fit, halves.from.plus(-1 - GAP))?;
        let (mut finished, mut priced) = (Vec::new(), Vec::new());
        for (example, about) in examples[said.clone()].iter().zip(&abouts[said.clone()]) {
            let model = stand_in.chances_of(&example.features)?;
            if let Some(market) = about.closing_chances()? {
                priced.push(BlendRace {
                    model: model.clone(),
                    market,
                    won: example.won.clone(),
                });
            }
            finished.push(about.finished(model)?);
        }
        // What cannot be fitted is no blend: that is an answer, not a fault.
        let blend = if priced.len() < PRICED_NEEDED {
            None
        } else {
            blend::fit(&priced).ok()
        };
        Ok(Some(Self {
            fitted_races,
            from: halves.from,
            until: halves.until,
            races: said.len(),
            discounts: DiscountsFit::fit(&finished, rules)?,
            blend,
        }))
    }
}

impl Halves {
    /// Cut between days, so that no race of a day is learned from to speak of another.
    fn of(abouts: &[About]) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count"
        )]
        let at = (abouts.len() as f64 * SHARE) as usize;
        let from = abouts.get(at)?.day;
        let before = |day: RaceDay| abouts.partition_point(|about| about.day < day);
        let learned = 0..before(from.plus(-GAP));
        let said = before(from)..abouts.len();
        let enough = learned.len() >= LEARNED_NEEDED && said.len() >= SAID_NEEDED;
        enough.then_some(Self {
            learned,
            said,
            from,
            until: abouts.last()?.day,
        })
    }
}
