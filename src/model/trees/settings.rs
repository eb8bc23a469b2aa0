//! How to grow trees.

use std::thread;

use serde::{Deserialize, Serialize};

use crate::domain::Fault;

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
        rounds: 350,
        rate: 0.05,
        leaves: 16,
        min_rows: 250,
        features: 0.3,
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

    /// How many threads that are.
    pub(super) fn threads(self) -> usize {
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
pub struct TreesFit(pub(super) TreeSettings);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_make_no_sense_are_refused() {
        let at = |change: fn(&mut TreeSettings)| {
            let mut settings = TreeSettings::default();
            change(&mut settings);
            settings.check().unwrap_err().at
        };

        assert_eq!(at(|s| s.rounds = 0), "rounds");
        assert_eq!(at(|s| s.rate = 0.0), "rate");
        assert_eq!(at(|s| s.rate = f64::NAN), "rate");
        assert_eq!(at(|s| s.leaves = 1), "leaves");
        assert_eq!(at(|s| s.min_rows = 0), "min_rows");
        assert_eq!(at(|s| s.features = 1.1), "features");
        assert_eq!(at(|s| s.races = -0.1), "races");
        assert_eq!(at(|s| s.l2 = 0.0), "l2");
        assert_eq!(at(|s| s.bins = 64), "bins");
        assert_eq!(at(|s| s.threads = 65), "threads");
        assert!(TreeSettings::default().check().is_ok());
        assert!(TreeSettings::default().threads() > 0);
    }
}
