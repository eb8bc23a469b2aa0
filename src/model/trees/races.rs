//! The races to learn from.

use std::ops::Range;

use super::cell::{Cell, ROWS};
use super::share::share;
use crate::domain::Fault;

/// Features at most.
pub const COLUMNS: usize = 1_000;
/// How far labels may be from summing to one.
const TOLERANCE: f64 = 1e-6;
/// Curvature of a row at least: a sure thing must not make a leaf jump.
const FLAT: f64 = 0.001;
/// Races that one thread takes at a time.
const BLOCK: usize = 512;

/// Races to learn from, their runners one after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Races<'a> {
    /// Features of a runner, 1 to [`COLUMNS`].
    pub columns: usize,
    /// Features, runner by runner; NaN is missing.
    pub values: &'a [f64],
    /// Where each race begins, and at last the number of runners.
    pub offsets: &'a [usize],
    /// What the chances should have been; sums to 1 in a race.
    pub labels: &'a [f64],
    /// Strengths that the trees add to, natural-log units.
    pub base: &'a [f64],
}

impl Races<'_> {
    /// Runners of all races.
    pub(super) const fn rows(&self) -> usize {
        self.labels.len()
    }

    /// The runners of each race.
    pub(super) fn fields(&self) -> impl Iterator<Item = Range<usize>> {
        self.offsets.windows(2).map(|ends| ends[0]..ends[1])
    }

    /// Fails on parts that do not fit together, and on labels that are no distribution.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let rows = self.rows();
        let ordered = self.offsets.first() == Some(&0)
            && self.offsets.last() == Some(&rows)
            && self.offsets.is_sorted_by(|here, next| here < next);
        let fits = self.values.len() == rows * self.columns;
        let rules = [
            (
                (1..=ROWS).contains(&rows),
                "labels",
                "must be of 1 to 4194303 runners",
            ),
            (
                (1..=COLUMNS).contains(&self.columns),
                "columns",
                "must be 1 to 1000",
            ),
            (fits, "values", "must be one row for each label"),
            (
                self.base.len() == rows,
                "base",
                "must be one for each label",
            ),
            (
                ordered,
                "offsets",
                "must rise from 0 to the number of labels",
            ),
            (
                self.base.iter().all(|x| x.is_finite()),
                "base",
                "must be finite",
            ),
            (
                !self.values.iter().any(|x| x.is_infinite()),
                "values",
                "must be finite, or NaN for missing",
            ),
        ];
        if let Some((_, at, why)) = rules.into_iter().find(|(kept, ..)| !kept) {
            return Err(Fault::new(why).under(at));
        }
        match self
            .fields()
            .position(|field| !is_distribution(&self.labels[field]))
        {
            Some(n) => {
                Err(Fault::new("must sum to 1 over the field").under(&format!("races[{n}]")))
            }
            None => Ok(()),
        }
    }

    /// Slope and curvature of the log loss by each runner's strength.
    pub(super) fn slopes(&self, strengths: &[f64], cells: &mut [Cell], threads: usize) {
        let races = self.offsets.len() - 1;
        let mut left = cells;
        let mut blocks = Vec::new();
        for first in (0..races).step_by(BLOCK) {
            let offsets = &self.offsets[first..=races.min(first + BLOCK)];
            let rows = offsets[offsets.len() - 1] - offsets[0];
            let (block, rest) = left.split_at_mut(rows);
            left = rest;
            blocks.push((offsets, block));
        }
        share(threads, &mut blocks, |(offsets, block)| {
            for ends in offsets.windows(2) {
                let field = ends[0]..ends[1];
                let cells = &mut block[ends[0] - offsets[0]..ends[1] - offsets[0]];
                race(&strengths[field.clone()], &self.labels[field], cells);
            }
        });
    }
}

fn is_distribution(label: &[f64]) -> bool {
    let sum: f64 = label.iter().sum();
    label.iter().all(|p| (0.0..=1.0).contains(p)) && (sum - 1.0).abs() < TOLERANCE
}

/// `p − label` and `p (1 − p)` of one race.
fn race(strengths: &[f64], labels: &[f64], cells: &mut [Cell]) {
    let top = strengths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = strengths.iter().map(|s| (s - top).exp()).sum();
    for ((cell, strength), label) in cells.iter_mut().zip(strengths).zip(labels) {
        let p = (strength - top).exp() / sum;
        *cell = Cell::row(p - label, (p * (1.0 - p)).max(FLAT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RACES: Races<'static> = Races {
        columns: 2,
        values: &[1.0, f64::NAN, 2.0, 0.0, 3.0, 0.0, 4.0, 0.0, 5.0, 0.0],
        offsets: &[0, 2, 5],
        labels: &[0.5, 0.5, 0.2, 0.2, 0.6],
        base: &[0.0; 5],
    };

    #[test]
    fn parts_that_do_not_fit_together_are_faults() {
        let at = |races: Races<'_>| races.check().unwrap_err().at;
        let infinite = [f64::INFINITY; 10];

        assert_eq!(RACES.check(), Ok(()));
        let none = Races {
            values: &[],
            offsets: &[0],
            labels: &[],
            base: &[],
            ..RACES
        };
        assert_eq!(at(none), "labels");
        assert_eq!(
            at(Races {
                columns: 0,
                ..RACES
            }),
            "columns"
        );
        assert_eq!(
            at(Races {
                columns: 3,
                ..RACES
            }),
            "values"
        );
        assert_eq!(
            at(Races {
                values: &infinite,
                ..RACES
            }),
            "values"
        );
        assert_eq!(
            at(Races {
                base: &[0.0; 4],
                ..RACES
            }),
            "base"
        );
        assert_eq!(
            at(Races {
                base: &[f64::NAN; 5],
                ..RACES
            }),
            "base"
        );
        for offsets in [&[][..], &[0, 2], &[1, 5], &[0, 2, 2, 5], &[0, 3, 2, 5]] {
            assert_eq!(at(Races { offsets, ..RACES }), "offsets", "{offsets:?}");
        }
        let labels = &[0.5, 0.5, 0.2, 0.2, 0.5];
        assert_eq!(at(Races { labels, ..RACES }), "races[1]");
        let labels = &[1.5, -0.5, 0.2, 0.2, 0.6];
        assert_eq!(at(Races { labels, ..RACES }), "races[0]");
    }

    #[test]
    fn slopes_agree_with_small_differences_of_the_log_loss() {
        const STEP: f64 = 1e-4;
        let strengths = [0.3, -0.2, 1.0, 0.5, -0.4];
        let loss = |strengths: &[f64]| -> f64 {
            let race = |field: Range<usize>| {
                let sum: f64 = strengths[field.clone()].iter().map(|s| s.exp()).sum();
                let chances = strengths[field.clone()].iter().map(|s| s.exp() / sum);
                let terms = chances.zip(&RACES.labels[field]).map(|(p, l)| -l * p.ln());
                terms.sum::<f64>()
            };
            RACES.fields().map(race).sum()
        };
        let mut cells = [Cell::default(); 5];

        RACES.slopes(&strengths, &mut cells, 2);

        for (n, cell) in cells.iter().enumerate() {
            let moved = |by: f64| {
                let mut moved = strengths;
                moved[n] += by;
                loss(&moved)
            };
            let (up, down, here) = (moved(STEP), moved(-STEP), moved(0.0));
            assert!(((up - down) / (2.0 * STEP) - cell.slope()).abs() < 1e-6);
            let second = (up + down - 2.0 * here) / (STEP * STEP);
            assert!((second - cell.curvature()).abs() < 1e-5, "{second}");
        }
    }

    #[test]
    fn a_sure_thing_is_not_flat() {
        let mut cells = [Cell::default(); 5];

        RACES.slopes(&[900.0, -900.0, 0.0, 0.0, 0.0], &mut cells, 1);

        assert!((cells[0].curvature() - FLAT).abs() < 1e-6);
        assert!((cells[0].slope() - 0.5).abs() < 1e-9);
    }
}
