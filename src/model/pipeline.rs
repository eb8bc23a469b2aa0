//! A fitted model: features, logit, trees on top of it, chances.
//!
//! A pipeline is immutable. It refuses an empty field and never invents a chance: what it returns
//! is finite and sums to 1.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::example::Example;
use super::features::{self, Group, Matrix, TABLE};
use super::logit::{Logit, LogitFit, LogitSettings, softmax};
use super::outlook;
use super::trees::{Races, TreeSettings, Trees, TreesFit};
use crate::domain::{Chances, Fault, RaceDay, Snapshot};

/// Races behind each tree at least: a few races carry few trees.
const RACES_PER_TREE: usize = 40;

/// How to fit, as written; [`PipelineSettings::check`] says whether it makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PipelineSettings {
    /// The logit.
    pub logit: LogitSettings,
    /// The trees on top of it.
    pub trees: TreeSettings,
    /// Share of the trees' label that the market gives instead of the winner, 0 to 1.
    pub trees_soft: f64,
}

impl Default for PipelineSettings {
    fn default() -> Self {
        Self {
            logit: LogitSettings::default(),
            trees: TreeSettings::MEASURED,
            trees_soft: 0.9,
        }
    }
}

impl PipelineSettings {
    /// A fit that may start, or what is wrong with the settings.
    pub fn check(self) -> Result<PipelineFit, Fault> {
        if !(0.0..=1.0).contains(&self.trees_soft) {
            return Err(Fault::new("must be 0 to 1").under("trees_soft"));
        }
        Ok(PipelineFit {
            logit: self.logit.check().map_err(|fault| fault.under("logit"))?,
            trees: self.trees.check().map_err(|fault| fault.under("trees"))?,
            settings: self,
        })
    }
}

/// Settings that were checked, ready to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PipelineFit {
    settings: PipelineSettings,
    logit: LogitFit,
    trees: TreesFit,
}

impl PipelineFit {
    /// The settings.
    #[must_use]
    pub const fn settings(self) -> PipelineSettings {
        self.settings
    }

    fn trees(self, examples: &[Example], logit: &Logit) -> Result<Trees, Fault> {
        let (mut values, mut labels, mut base) = (Vec::new(), Vec::new(), Vec::new());
        let mut offsets = vec![0];
        for example in examples {
            let strengths = logit.strengths(&example.features);
            outlook::extend(&mut values, &example.features, &strengths);
            labels.extend(example.label(self.settings.trees_soft));
            base.extend(strengths);
            offsets.push(labels.len());
        }
        let races = Races {
            columns: outlook::COLUMNS,
            values: &values,
            offsets: &offsets,
            labels: &labels,
            base: &base,
        };
        let enough = examples.len() / RACES_PER_TREE;
        self.trees.run(&races, |round, _trees| {
            if round < enough {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
    }
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    pub(super) settings: PipelineSettings,
    pub(super) logit: Logit,
    pub(super) trees: Trees,
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
    pub fn fit(
        examples: &[Example],
        fit: PipelineFit,
        trained_until: RaceDay,
    ) -> Result<Self, Fault> {
        let logit = fit.logit.run(examples)?;
        Ok(Self {
            settings: fit.settings(),
            trees: fit.trees(examples, &logit)?,
            logit,
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
        Chances::new(&softmax(&self.strengths(features)))
    }

    /// The chances by the logit alone, for seeing what the trees add.
    pub fn chances_by_logit(&self, features: &Matrix) -> Result<Chances, Fault> {
        Chances::new(&softmax(&self.logit.strengths(features)))
    }

    /// Each runner's strength, natural-log units, in field order.
    fn strengths(&self, features: &Matrix) -> Vec<f64> {
        let mut strengths = self.logit.strengths(features);
        let mut rows = Vec::with_capacity(outlook::COLUMNS * features.len());
        outlook::extend(&mut rows, features, &strengths);
        let rows = rows.chunks_exact(outlook::COLUMNS);
        for (strength, row) in strengths.iter_mut().zip(rows) {
            *strength += self.trees.add_to(row);
        }
        strengths
    }

    /// Why: for every runner the share of every group, in the order of [`Group::ALL`]. The shares
    /// of a runner sum to its strength less the mean strength of the field.
    #[must_use]
    pub fn contributions(&self, features: &Matrix) -> Vec<Vec<GroupShare>> {
        let strengths = self.logit.strengths(features);
        let mut rows = Vec::with_capacity(outlook::COLUMNS * features.len());
        outlook::extend(&mut rows, features, &strengths);
        let mut field: Vec<[f64; GROUPS]> = features
            .rows()
            .zip(rows.chunks_exact(outlook::COLUMNS))
            .map(|(row, seen)| self.shares(row, seen))
            .collect();
        centre(&mut field);
        let told = |shares: [f64; GROUPS]| {
            let pairs = Group::ALL.into_iter().zip(shares);
            pairs
                .map(|(group, log_units)| GroupShare { group, log_units })
                .collect()
        };
        field.into_iter().map(told).collect()
    }

    /// The logit's terms and the trees' steps by group. What the trees say of the runner's standing
    /// in the field goes to the groups that put it there.
    fn shares(&self, row: &[f64], seen: &[f64]) -> [f64; GROUPS] {
        let mut shares = [0.0; GROUPS];
        let terms = row
            .iter()
            .zip(self.logit.scales.iter().zip(&self.logit.weights));
        for (feature, (x, (scale, weight))) in TABLE.iter().zip(terms) {
            shares[feature.group.index()] += x / scale * weight;
        }
        let mut steps = vec![0.0; outlook::COLUMNS];
        self.trees.contributions(seen, &mut steps);
        let standing: f64 = steps.iter().take(outlook::STANDING).sum();
        let whole: f64 = shares.iter().map(|share| share.abs()).sum();
        if whole > 0.0 {
            for share in &mut shares {
                *share += standing * share.abs() / whole;
            }
        } else {
            shares[Group::Market.index()] += standing;
        }
        for (column, step) in steps.iter().enumerate() {
            if let Some(feature) = outlook::feature(column) {
                shares[TABLE[feature].group.index()] += step;
            }
        }
        shares
    }

    /// The fitted logit, its columns in the order of [`features::TABLE`].
    #[must_use]
    pub const fn logit(&self) -> &Logit {
        &self.logit
    }

    /// How it was fitted.
    #[must_use]
    pub const fn settings(&self) -> PipelineSettings {
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

/// How many groups there are.
const GROUPS: usize = Group::ALL.len();

/// Takes the mean of the field off every group.
fn centre(field: &mut [[f64; GROUPS]]) {
    let n = field.len() as f64;
    for group in 0..GROUPS {
        let mean = field.iter().map(|shares| shares[group]).sum::<f64>() / n;
        for shares in field.iter_mut() {
            shares[group] -= mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::model::fixture::{any_snapshot, day, snapshot, some_snapshots};

    /// Fitted once for all tests.
    fn pipeline() -> &'static Pipeline {
        static FITTED: LazyLock<Pipeline> = LazyLock::new(fitted);
        &FITTED
    }

    fn fitted() -> Pipeline {
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
        let examples: Vec<Example> = some_snapshots(200).iter().map(example).collect();
        let fit = PipelineSettings::default().check().unwrap();
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
            let features = features::matrix(&field);
            let strengths = pipeline.strengths(&features);
            let mean = strengths.iter().sum::<f64>() / strengths.len() as f64;
            for (shares, strength) in pipeline.contributions(&features).iter().zip(strengths) {
                let sum: f64 = shares.iter().map(|share| share.log_units).sum();
                prop_assert!((sum - (strength - mean)).abs() < 1e-9);
            }
        }
    }
}
