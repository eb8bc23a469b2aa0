//! Gradient-boosted regression trees over races: what a weighted sum of features cannot say.
//!
//! Each tree takes a step down the log loss of `p_i = exp(s_i) / Σ_j exp(s_j)` from where the trees
//! before it left the strengths `s` (Friedman, Annals of Statistics 29(5) 2001, 1189–1232), with
//! second derivatives and a penalty on the leaves (Chen & Guestrin, KDD 2016, 785–794), over
//! features in bins and growing the best leaf first (Ke et al., NIPS 2017, 3146–54). Sums are of
//! whole numbers: the same data and the same seed give the same bits, on any number of threads.

mod bins;
mod cell;
mod dice;
mod grow;
mod races;
mod share;
mod split;
mod tree;

use std::ops::ControlFlow;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::domain::Fault;

use bins::Binned;
use cell::Cell;
pub use cell::ROWS;
use dice::Dice;
use grow::{Growth, Plan};
pub use races::{COLUMNS, Races};
use split::Rules;
pub use tree::{Tree, Trees};

/// Threads at most.
const THREADS: u32 = 64;

/// How to grow trees, as written; [`TreeSettings::check`] says whether it makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TreeSettings {
    /// Trees, 1 to 5,000.
    pub rounds: u32,
    /// Share of each step that is taken; above 0, at most 1.
    pub rate: f64,
    /// Leaves of a tree at most, 2 to 256.
    pub leaves: u32,
    /// Rows of a leaf at least, 1 to 1,000,000.
    pub min_rows: u32,
    /// Share of the features that a tree may ask for; above 0, at most 1.
    pub features: f64,
    /// Share of the races that a tree learns from; above 0, at most 1.
    pub races: f64,
    /// Penalty on squared leaf values; above 0, at most 1,000,000.
    pub l2: f64,
    /// Bins of a feature at most, 2 to 63; what is missing has its own.
    pub bins: u32,
    /// Which races and features the trees see.
    pub seed: u64,
    /// Threads, up to 64; 0 for as many as the machine runs at once. They change the time only.
    pub threads: u32,
}

impl TreeSettings {
    /// What did best on races that were kept aside.
    pub const MEASURED: Self = Self {
        rounds: 270,
        rate: 0.07,
        leaves: 24,
        min_rows: 300,
        features: 0.4,
        races: 0.8,
        l2: 20.0,
        bins: 63,
        seed: 1,
        threads: 0,
    };

    /// A fit that may start, or what is wrong with the settings.
    pub fn check(self) -> Result<TreesFit, Fault> {
        let share = |share: f64| share > 0.0 && share <= 1.0;
        let part = "must be above 0 and at most 1";
        let rules = [
            (
                (1..=5_000).contains(&self.rounds),
                "rounds",
                "must be 1 to 5000",
            ),
            (share(self.rate), "rate", part),
            (
                (2..=256).contains(&self.leaves),
                "leaves",
                "must be 2 to 256",
            ),
            (
                (1..=1_000_000).contains(&self.min_rows),
                "min_rows",
                "must be 1 to 1000000",
            ),
            (share(self.features), "features", part),
            (share(self.races), "races", part),
            (
                self.l2 > 0.0 && self.l2 <= 1e6,
                "l2",
                "must be above 0 and at most 1000000",
            ),
            ((2..=63).contains(&self.bins), "bins", "must be 2 to 63"),
            (self.threads <= THREADS, "threads", "must be 0 to 64"),
        ];
        match rules.into_iter().find(|(kept, ..)| !kept) {
            Some((_, at, why)) => Err(Fault::new(why).under(at)),
            None => Ok(TreesFit(self)),
        }
    }

    fn threads(self) -> usize {
        match self.threads {
            0 => thread::available_parallelism().map_or(1, usize::from),
            threads => threads as usize,
        }
    }
}

impl Default for TreeSettings {
    fn default() -> Self {
        Self::MEASURED
    }
}

/// Settings that were checked, ready to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreesFit(TreeSettings);

impl TreesFit {
    /// The settings.
    #[must_use]
    pub const fn settings(self) -> TreeSettings {
        self.0
    }

    /// Grows the trees. After each, `watch` is told how many there are and may look at them, or
    /// break off. Fails on races whose parts do not fit together.
    pub fn run(
        self,
        races: &Races<'_>,
        mut watch: impl FnMut(usize, &Trees) -> ControlFlow<()>,
    ) -> Result<Trees, Fault> {
        races.check()?;
        let settings = self.0;
        let threads = settings.threads();
        let binned = Binned::new(races, settings.bins as usize, threads);
        let telling = binned.telling();
        let mut dice = Dice::new(settings.seed);
        let mut strengths = races.base.to_vec();
        let mut cells = vec![Cell::default(); races.rows()];
        let mut trees = Trees {
            columns: races.columns,
            trees: Vec::new(),
        };
        for round in 1..=settings.rounds as usize {
            races.slopes(&strengths, &mut cells, threads);
            let (inside, outside) = dice.races(races, settings.races);
            let columns = dice.columns(&telling, settings.features);
            let plan = Plan {
                binned: &binned,
                columns: &columns,
                rules: Rules {
                    min_rows: settings.min_rows.into(),
                    l2: settings.l2,
                },
                leaves: settings.leaves as usize,
                rate: settings.rate,
                threads,
            };
            let growth = Growth::run(plan, &cells, inside);
            growth.add_to(&mut strengths, &outside);
            trees.trees.push(growth.done());
            if watch(round, &trees).is_break() {
                break;
            }
        }
        Ok(trees)
    }
}
