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
mod settings;
mod share;
mod split;
mod tree;

use std::ops::ControlFlow;

use crate::domain::Fault;

use bins::Binned;
use cell::Cell;
pub use cell::ROWS;
use dice::Dice;
use grow::{Growth, Plan};
pub use races::{COLUMNS, Races};
pub use settings::{TreeSettings, TreesFit};
use split::Rules;
pub use tree::{Tree, Trees};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::logit::softmax;

    const COUNT: usize = 6;

    /// Races that own their parts.
    #[derive(Clone)]
    struct Season {
        values: Vec<f64>,
        offsets: Vec<usize>,
        labels: Vec<f64>,
        base: Vec<f64>,
    }

    impl Season {
        /// Races of 5 to 7. The first two features help when they agree, what is missing of the
        /// third helps, the fourth is the same for all, the others are noise.
        fn new(races: usize, seed: u64) -> Self {
            let mut dice = Dice::new(seed);
            let mut season = Self {
                values: Vec::new(),
                offsets: vec![0],
                labels: Vec::new(),
                base: Vec::new(),
            };
            for race in 0..races {
                let mut strengths = Vec::new();
                for _ in 0..5 + race % 3 {
                    let mut row = [0.0; COUNT].map(|_: f64| 2.0 * dice.unit() - 1.0);
                    row[3] = 4.0;
                    strengths.push(if row[0] * row[1] > 0.0 { 1.5 } else { 0.0 });
                    if dice.unit() < 0.3 {
                        row[2] = f64::NAN;
                        *strengths.last_mut().unwrap() += 1.0;
                    }
                    season.values.extend(row);
                }
                season.base.extend(vec![0.0; strengths.len()]);
                season.labels.extend(softmax(&strengths));
                season.offsets.push(season.labels.len());
            }
            season
        }

        fn races(&self) -> Races<'_> {
            Races {
                columns: COUNT,
                values: &self.values,
                offsets: &self.offsets,
                labels: &self.labels,
                base: &self.base,
            }
        }

        fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
            self.values.chunks_exact(COUNT)
        }

        /// Mean log loss, a race.
        fn loss(&self, trees: &Trees) -> f64 {
            let strengths: Vec<f64> = self.rows().map(|row| trees.add_to(row)).collect();
            let race = |field: std::ops::Range<usize>| -> f64 {
                let chances = softmax(&strengths[field.clone()]);
                let terms = chances.iter().zip(&self.labels[field]);
                terms.map(|(p, label)| -label * p.ln()).sum()
            };
            let races = self.offsets.len() - 1;
            self.races().fields().map(race).sum::<f64>() / races as f64
        }

        /// The same races with every field in reverse.
        fn reversed(&self) -> Self {
            let mut reversed = self.clone();
            for field in self.races().fields() {
                reversed.labels[field.clone()].reverse();
                let values = field.start * COUNT..field.end * COUNT;
                let rows = self.values[values.clone()].chunks_exact(COUNT).rev();
                reversed.values[values].copy_from_slice(&rows.collect::<Vec<_>>().concat());
            }
            reversed
        }
    }

    const SMALL: TreeSettings = TreeSettings {
        rounds: 40,
        rate: 0.2,
        leaves: 8,
        min_rows: 40,
        features: 0.7,
        l2: 5.0,
        threads: 1,
        ..TreeSettings::MEASURED
    };

    fn go_on(_: usize, _: &Trees) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn grown(settings: TreeSettings, season: &Season) -> Trees {
        let fit = settings.check().unwrap();
        fit.run(&season.races(), go_on).unwrap()
    }

    #[test]
    fn trees_learn_what_no_weighted_sum_can_say() {
        let (past, future) = (Season::new(600, 1), Season::new(200, 2));
        let none = Trees {
            columns: COUNT,
            trees: Vec::new(),
        };
        let labels = future.labels.iter().map(|label| -label * label.ln());
        let best = labels.sum::<f64>() / 200.0;

        let trees = grown(SMALL, &past);

        let (before, after) = (future.loss(&none) - best, future.loss(&trees) - best);
        assert!(after < 0.1 * before, "{before} to {after}");
        assert_eq!(trees.check(COUNT), Ok(()));
    }

    #[test]
    fn trees_add_to_what_is_known_already() {
        let mut past = Season::new(200, 1);
        past.base = past.labels.iter().map(|label| label.ln()).collect();

        let trees = grown(SMALL, &past);

        let most = past.rows().map(|row| trees.add_to(row).abs());
        assert!(most.fold(0.0, f64::max) < 1e-6);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
        let past = Season::new(1_500, 1);
        let bytes = |threads, seed| {
            let settings = TreeSettings {
                rounds: 10,
                threads,
                seed,
                ..SMALL
            };
            serde_json::to_string(&grown(settings, &past)).unwrap()
        };
        let one = bytes(1, 1);

        assert_eq!(one, bytes(1, 1));
        assert_eq!(one, bytes(2, 1));
        assert_eq!(one, bytes(5, 1));
        assert_ne!(one, bytes(1, 2));
    }

    #[test]
    fn no_leaf_is_smaller_than_asked_for() {
        let past = Season::new(200, 1);
        let settings = TreeSettings {
            rounds: 5,
            races: 1.0,
            leaves: 256,
            l2: 1e-3,
            ..SMALL
        };

        let trees = grown(settings, &past);

        let mut most = 0;
        for tree in &trees.trees {
            let mut held = std::collections::BTreeMap::<u64, u32>::new();
            for row in past.rows() {
                *held.entry(tree.value(row).to_bits()).or_default() += 1;
            }
            assert!(held.values().all(|rows| *rows >= 40), "{held:?}");
            most = most.max(held.len());
        }
        assert!(most > 15, "{most}");
    }

    #[test]
    fn there_are_as_many_leaves_as_asked_for_at_most() {
        let trees = grown(SMALL, &Season::new(300, 1));

        let most = trees.trees.iter().map(|tree| tree.nodes.len()).max();
        assert_eq!(most, Some(2 * 8 - 1));
    }

    #[test]
    fn the_order_of_runners_in_a_race_changes_nothing() {
        let past = Season::new(300, 1);

        let (trees, reversed) = (grown(SMALL, &past), grown(SMALL, &past.reversed()));

        for row in past.rows() {
            assert!((trees.add_to(row) - reversed.add_to(row)).abs() < 1e-6);
        }
    }

    #[test]
    fn what_is_the_same_for_all_is_never_asked_for() {
        let past = Season::new(300, 1);

        let trees = grown(SMALL, &past);

        let asked = |feature| {
            let nodes = trees.trees.iter().flat_map(|tree| &tree.nodes);
            nodes.filter(|n| n.left > 0 && n.feature == feature).count()
        };
        assert_eq!(asked(3), 0);
        assert!(asked(0) > 0 && asked(1) > 0 && asked(2) > 0);
    }

    #[test]
    fn nothing_to_tell_runners_apart_leaves_all_alike() {
        let mut past = Season::new(20, 1);
        past.values.fill(1.0);

        let trees = grown(SMALL, &past);

        assert!(trees.trees.iter().all(|tree| tree.nodes.len() == 1));
        assert!(trees.add_to(&[1.0; COUNT]).abs() < 1e-9);
    }

    #[test]
    fn to_be_missing_counts() {
        let trees = grown(SMALL, &Season::new(600, 1));

        let at = |third| trees.add_to(&[0.5, 0.5, third, 4.0, 0.0, 0.0]);

        for there in [-0.9, 0.0, 0.9] {
            let more = at(f64::NAN) - at(there);
            assert!((more - 1.0).abs() < 0.35, "{more}");
        }
    }

    #[test]
    fn contributions_sum_to_the_strength() {
        let past = Season::new(300, 1);
        let trees = grown(SMALL, &past);
        let mut parts = [0.0; COUNT];

        for row in past.rows() {
            trees.contributions(row, &mut parts);

            let sum = trees.bias() + parts.iter().sum::<f64>();
            assert!((sum - trees.add_to(row)).abs() < 1e-9);
            assert!(parts[3].abs() < 1e-12);
        }
    }

    #[test]
    fn the_bias_is_the_mean_of_the_rows_that_were_learned_from() {
        let past = Season::new(100, 1);
        let settings = TreeSettings {
            races: 1.0,
            ..SMALL
        };

        let trees = grown(settings, &past);

        let sum: f64 = past.rows().map(|row| trees.add_to(row)).sum();
        assert!((sum / past.labels.len() as f64 - trees.bias()).abs() < 1e-9);
    }

    #[test]
    fn whoever_watches_sees_every_round_and_may_break_off() {
        let past = Season::new(100, 1);
        let mut seen = Vec::new();

        let fit = SMALL.check().unwrap();
        let trees = fit.run(&past.races(), |round, trees| {
            seen.push((round, trees.trees.len()));
            match round {
                3 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        });

        assert_eq!(seen, [(1, 1), (2, 2), (3, 3)]);
        let first: Vec<Tree> = grown(SMALL, &past).trees.drain(..3).collect();
        assert_eq!(trees.unwrap().trees, first);
    }

    #[test]
    fn races_that_make_no_sense_are_refused() {
        let mut bad = Season::new(20, 1);
        bad.labels[0] += 0.1;
        let fit = SMALL.check().unwrap();
        assert_eq!(fit.run(&bad.races(), go_on).unwrap_err().at, "races[0]");
    }
}
