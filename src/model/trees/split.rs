//! The best place to cut a node in two.

use super::cell::{Cell, Histogram, MISSING};

/// A gain that is no more than noise of the arithmetic.
const NO_GAIN: f64 = 1e-9;

/// What a cut must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Rows of a leaf at least.
    pub(super) min_rows: i64,
    /// Penalty on squared leaf values.
    pub(super) l2: f64,
}

/// A cut of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    /// What it takes off the loss, times two.
    pub(super) gain: f64,
    /// The feature.
    pub(super) column: usize,
    /// The last bin on the left.
    pub(super) bin: u8,
    /// Does what is missing go left?
    pub(super) missing_left: bool,
    /// What the rows on the left sum to.
    pub(super) left: Cell,
}

impl Rules {
    /// The step that lowers the loss of these rows most.
    pub(super) fn step(self, cell: Cell) -> f64 {
        -cell.slope() / (cell.curvature() + self.l2)
    }

    /// What that step takes off the loss, times two.
    fn merit(self, cell: Cell) -> f64 {
        cell.slope() * cell.slope() / (cell.curvature() + self.l2)
    }

    /// The best cut of rows that sum to `total`, by one column of so many `bins`.
    pub(super) fn best(
        self,
        column: usize,
        histogram: &Histogram,
        bins: usize,
        total: Cell,
    ) -> Option<Split> {
        let missing = histogram[usize::from(MISSING)];
        let now = self.merit(total);
        let mut best: Option<Split> = None;
        for (missing_left, start) in [(false, Cell::default()), (true, missing)] {
            if missing_left && missing.rows() == 0 {
                break;
            }
            let mut left = start;
            for (bin, cell) in (0_u8..).zip(histogram.iter().take(bins)) {
                left = left.plus(*cell);
                let right = total.minus(left);
                if right.rows() < self.min_rows {
                    break;
                }
                if left.rows() < self.min_rows {
                    continue;
                }
                let gain = self.merit(left) + self.merit(right) - now;
                if gain > best.map_or(NO_GAIN, |best| best.gain) {
                    // Where nothing was missing, it goes the way of most rows.
                    let most_left = missing.rows() == 0 && left.rows() >= right.rows();
                    best = Some(Split {
                        gain,
                        column,
                        bin,
                        missing_left: missing_left || most_left,
                        left,
                    });
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::trees::cell::BINS;

    const RULES: Rules = Rules {
        min_rows: 2,
        l2: 1.0,
    };

    /// Rows of a bin that all have the same slope.
    fn filled(bins: &[(u8, usize, f64)]) -> (Histogram, Cell) {
        let mut histogram = [Cell::default(); BINS];
        for (bin, rows, slope) in bins {
            for _ in 0..*rows {
                let cell = &mut histogram[usize::from(*bin)];
                *cell = cell.plus(Cell::row(*slope, 0.25));
            }
        }
        let total = histogram.iter().copied().fold(Cell::default(), Cell::plus);
        (histogram, total)
    }

    #[test]
    fn the_cut_parts_what_differs_most() {
        let (histogram, total) = filled(&[(0, 4, 0.5), (1, 4, 0.5), (2, 4, -0.5), (3, 4, -0.5)]);

        let split = RULES.best(7, &histogram, 4, total).unwrap();

        // 2 · (8 · 0.5)² / (8 · 0.25 + 1), and nothing before the cut.
        assert!((split.gain - 32.0 / 3.0).abs() < 1e-4, "{}", split.gain);
        assert_eq!((split.column, split.bin, split.left.rows()), (7, 1, 8));
    }

    #[test]
    fn a_side_with_too_few_rows_is_no_side() {
        let (histogram, total) = filled(&[(0, 1, 0.9), (1, 8, 0.0), (2, 1, -0.9)]);

        let few = Rules {
            min_rows: 1,
            ..RULES
        };

        assert!(few.best(0, &histogram, 3, total).is_some());
        assert!(RULES.best(0, &histogram, 3, total).is_none());
    }

    #[test]
    fn what_is_missing_goes_where_it_fits() {
        for (slope, left) in [(0.5, true), (-0.5, false)] {
            let (histogram, total) = filled(&[(0, 3, 0.5), (1, 4, -0.5), (MISSING, 5, slope)]);

            let split = RULES.best(0, &histogram, 2, total).unwrap();

            assert_eq!((split.bin, split.missing_left), (0, left));
            assert_eq!(split.left.rows(), if left { 8 } else { 3 });
        }
    }

    #[test]
    fn what_was_never_missing_goes_the_way_of_most() {
        for (rows, left) in [(9, true), (2, false)] {
            let (histogram, total) = filled(&[(0, rows, 0.5), (1, 4, -0.5)]);

            let split = RULES.best(0, &histogram, 2, total).unwrap();

            assert_eq!(split.missing_left, left);
        }
    }

    #[test]
    fn to_be_missing_can_be_all_that_matters() {
        let (histogram, total) = filled(&[(0, 4, 0.5), (1, 4, 0.5), (MISSING, 4, -0.5)]);

        let split = RULES.best(0, &histogram, 2, total).unwrap();

        assert_eq!((split.bin, split.missing_left), (1, false));
    }

    #[test]
    fn rows_that_are_all_alike_are_not_cut() {
        let (histogram, total) = filled(&[(0, 4, 0.5), (1, 4, 0.5)]);
        let strict = Rules { l2: 1e-6, ..RULES };

        assert!(strict.best(0, &histogram, 2, total).is_none());
    }
}
