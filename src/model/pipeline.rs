//! A fitted model: features, logit, chances.
//!
//! A pipeline is immutable. It refuses an empty field and never invents a chance: what it returns
//! is finite and sums to 1.

use super::example::Example;
use super::features::{self, Group, Matrix};
use super::logit::{Logit, LogitFit, LogitSettings, softmax};
use crate::domain::{Chances, Fault, RaceDay, Snapshot};

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    pub(super) settings: LogitSettings,
    pub(super) logit: Logit,
    pub(super) trained_until: RaceDay,
    pub(super) races: usize,
}

/// What one group of features says for or against a runner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupShare {
    /// The group.
    pub group: Group,
    /// Natural-log units against the average of the field; positive speaks for the runner.
    pub log_units: f64,
}

impl Pipeline {
    /// Fits on finished races up to and including `trained_until`.
    pub fn fit(examples: &[Example], fit: LogitFit, trained_until: RaceDay) -> Result<Self, Fault> {
        Ok(Self {
            settings: fit.settings(),
            logit: fit.run(examples)?,
            trained_until,
            races: examples.len(),
        })
    }

    /// The win chances of the field, in the order of its entries. An empty field is a fault; a
    /// runner alone is certain to win.
    pub fn chances(&self, snapshot: &Snapshot) -> Result<Chances, Fault> {
        self.chances_of(&features::matrix(snapshot))
    }

    /// The same from features that were computed before, so that a backtest computes them once.
    pub fn chances_of(&self, features: &Matrix) -> Result<Chances, Fault> {
        if features.is_empty() {
            return Err(Fault::new("must have a runner").under("field"));
        }
        Chances::new(&softmax(&self.logit.strengths(features)))
    }

    /// Why: for every runner the share of every group, in the order of [`Group::ALL`]. The shares
    /// of a runner sum to its strength.
    #[must_use]
    pub fn contributions(&self, snapshot: &Snapshot) -> Vec<Vec<GroupShare>> {
        let matrix = features::matrix(snapshot);
        matrix.rows().map(|row| self.shares(row)).collect()
    }

    fn shares(&self, row: &[f64]) -> Vec<GroupShare> {
        let share = |group| {
            let terms = features::TABLE.iter().zip(row);
            let terms = terms.zip(self.logit.scales.iter().zip(&self.logit.weights));
            terms
                .filter(|((feature, _), _)| feature.group == group)
                .map(|((_, x), (scale, weight))| x / scale * weight)
                .sum()
        };
        Group::ALL
            .iter()
            .map(|&group| GroupShare {
                group,
                log_units: share(group),
            })
            .collect()
    }

    /// The fitted logit, its columns in the order of [`features::TABLE`].
    #[must_use]
    pub const fn logit(&self) -> &Logit {
        &self.logit
    }

    /// How it was fitted.
    #[must_use]
    pub const fn settings(&self) -> LogitSettings {
        self.settings
    }

    /// The last day it has learned from.
    #[must_use]
    pub const fn trained_until(&self) -> RaceDay {
        self.trained_until
    }

    /// How many races it has learned from.
    #[must_use]
    pub const fn races(&self) -> usize {
        self.races
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::fixture::{any_snapshot, day, snapshot, some_snapshots};

    fn pipeline() -> Pipeline {
        let example = |snapshot: &Snapshot| {
            let features = features::matrix(snapshot);
            let mut won = vec![0.0; features.len()];
            won[features.len() / 2] = 1.0;
            Example {
                features,
                won,
                market: None,
            }
        };
        let examples: Vec<Example> = some_snapshots(40).iter().map(example).collect();
        let fit = LogitSettings::default().check().unwrap();
        Pipeline::fit(&examples, fit, day()).unwrap()
    }

    #[test]
    fn nobody_cannot_win_and_a_runner_alone_must() {
        let pipeline = pipeline();
        let mut alone = some_snapshots(1).remove(0);
        alone.entries.truncate(1);

        let chances = pipeline.chances(&alone).unwrap();

        assert!((chances.all()[0].get() - 1.0).abs() < 1e-12);
        assert_eq!(
            pipeline.chances(&snapshot(Vec::new())).unwrap_err().at,
            "field"
        );
    }

    #[test]
    fn a_field_of_strangers_gets_chances() {
        let mut strangers = some_snapshots(1).remove(0);
        for entry in &mut strangers.entries {
            entry.history.runs.clear();
            entry.rating = None;
            entry.box_no = None;
        }

        assert!(pipeline().chances(&strangers).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn shuffling_the_field_shuffles_the_chances(field in any_snapshot(), turn in 0_usize..8) {
            let pipeline = pipeline();
            let turn = turn % field.entries.len();
            let mut turned = field.clone();
            turned.entries.rotate_left(turn);
            let mut expected = pipeline.chances(&field).unwrap().all().to_vec();
            expected.rotate_left(turn);

            let found = pipeline.chances(&turned).unwrap();

            let pairs = found.all().iter().zip(&expected);
            prop_assert!(pairs.into_iter().all(|(l, r)| (l.get() - r.get()).abs() < 1e-9));
        }

        #[test]
        fn the_groups_of_a_runner_sum_to_its_strength(field in any_snapshot()) {
            let pipeline = pipeline();
            let strengths = pipeline.logit().strengths(&features::matrix(&field));

            for (shares, strength) in pipeline.contributions(&field).iter().zip(strengths) {
                let sum: f64 = shares.iter().map(|share| share.log_units).sum();
                prop_assert!((sum - strength).abs() < 1e-9);
            }
        }
    }
}
