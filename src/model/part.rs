//! What is fitted on the races of one set of rules: the chances to win, and what belongs to them.

use super::about::About;
use super::blend::Blend;
use super::discount::{Discount, Discounts};
use super::example::Example;
use super::pipeline::{Pipeline, PipelineFit};
use super::rehearsal::Rehearsal;
use super::rules::Rules;
use crate::domain::{Fault, RaceDay};

/// A pipeline with its powers for places and for the market.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub(super) rules: Rules,
    pub(super) pipeline: Pipeline,
    pub(super) rehearsal: Option<Rehearsal>,
}

impl Part {
    /// Rehearses and fits on finished races under these rules, in the order of time, up to and
    /// including `trained_until`. Fails when there is not one `about` an example.
    pub fn fit(
        rules: Rules,
        examples: &[Example],
        abouts: &[About],
        fit: PipelineFit,
        trained_until: RaceDay,
    ) -> Result<Self, Fault> {
        if examples.len() != abouts.len() {
            return Err(Fault::new("must be one an example").under("abouts"));
        }
        Ok(Self {
            rules,
            rehearsal: Rehearsal::on(examples, abouts, fit, rules)?,
            pipeline: Pipeline::fit(examples, fit, trained_until)?,
        })
    }

    /// Whose races it was fitted on.
    #[must_use]
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// The chances to win.
    #[must_use]
    pub const fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// What was learned beside them; `None` for a training that was too short for it.
    #[must_use]
    pub const fn rehearsal(&self) -> Option<&Rehearsal> {
        self.rehearsal.as_ref()
    }

    /// The powers for the places in a field of so many: those of its own chances, or for want of
    /// them those that were measured on other chances.
    #[must_use]
    pub fn discount(&self, field: usize) -> Discount {
        let own = self.rehearsal.as_ref();
        let powers = own.map_or(Discounts::measured(self.rules), |own| {
            own.discounts.discounts()
        });
        powers.of(field)
    }

    /// The powers of its chances and the market's.
    #[must_use]
    pub fn blend(&self) -> Option<Blend> {
        self.rehearsal.as_ref()?.blend.as_ref().map(|fit| fit.blend)
    }
}
