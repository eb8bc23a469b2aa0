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
        let mut best: Option<Split> = None;
        let mut floor = self.merit(total) + NO_GAIN;
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
                let merit = self.merit(left) + self.merit(right);
                if merit > floor {
                    floor = merit;
                    best = Some(Split {
                        gain: merit - self.merit(total),
                        column,
                        bin,
                        missing_left: if missing.rows() == 0 {
                            left.rows() >= right.rows()
                        } else {
                            missing_left
                        },
                        left,
                    });
                }
            }
        }
        best
    }
}
