//! Sums over rows, in whole numbers.
//!
//! Whole numbers come to the same sum in any order, and a part taken away leaves exactly the rest:
//! neither threads nor the order of rows can change a tree.

/// Rows of a training set at most: as many as a cell of a histogram can count.
pub const ROWS: usize = (1 << ROW_BITS) - 1;

/// Bins of a column, with the last one for what is missing.
pub(super) const BINS: usize = 64;

/// The bin of what is missing.
pub(super) const MISSING: u8 = 63;

/// The lowest bits of [`Cell::weight`] count rows.
const ROW_BITS: u32 = 22;
/// Steps of a slope from 0 to 1.
const SLOPE: f64 = (1_u64 << 32) as f64;
/// Steps of a curvature from 0 to 1; it is a quarter at most, so the sum needs 40 bits.
const CURVATURE: f64 = (1_u64 << 20) as f64;

/// What rows sum to: slopes, curvatures, and how many they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    slope: i64,
    /// Curvature above [`ROW_BITS`], rows below: two additions a row, not three.
    weight: i64,
}

/// A column's cells, by bin.
pub(super) type Histogram = [Cell; BINS];

impl Cell {
    /// One row.
    pub(super) fn row(slope: f64, curvature: f64) -> Self {
        Self {
            slope: whole(slope * SLOPE),
            weight: (whole(curvature * CURVATURE) << ROW_BITS) | 1,
        }
    }

    // [`ROWS`] keeps every sum in its bits: nothing can wrap.

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            slope: self.slope.wrapping_add(other.slope),
            weight: self.weight.wrapping_add(other.weight),
        }
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self {
            slope: self.slope.wrapping_sub(other.slope),
            weight: self.weight.wrapping_sub(other.weight),
        }
    }

    pub(super) fn slope(self) -> f64 {
        self.slope as f64 / SLOPE
    }

    pub(super) fn curvature(self) -> f64 {
        (self.weight >> ROW_BITS) as f64 / CURVATURE
    }

    pub(super) fn rows(self) -> i64 {
        self.weight & ((1 << ROW_BITS) - 1)
    }
}

/// The nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "slopes and curvatures are within 1, so the product is within 33 bits"
)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// Adds rows to their bins. `cells` belong to `rows`.
pub(super) fn fill(into: &mut Histogram, column: &[u8], rows: &[u32], cells: &[Cell]) {
    for (&row, &cell) in rows.iter().zip(cells) {
        let bin = column[row as usize] & MISSING;
        let sum = &mut into[usize::from(bin)];
        *sum = sum.plus(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_training_set_fits() {
        let mut sum = Cell::default();
        let mut doubled = Cell::row(-1.0, 0.25);
        for _ in 0..ROW_BITS {
            sum = sum.plus(doubled);
            doubled = doubled.plus(doubled);
        }

        assert_eq!(usize::try_from(sum.rows()), Ok(ROWS));
        assert!((sum.slope() + ROWS as f64).abs() < 1e-6);
        assert!((sum.curvature() - 0.25 * ROWS as f64).abs() < 1e-6);
    }

    #[test]
    fn what_is_taken_away_leaves_exactly_the_rest() {
        let (one, other) = (Cell::row(0.1, 0.07), Cell::row(-0.3, 0.001));

        assert_eq!(one.plus(other).minus(one), other);
        assert!((one.plus(other).slope() + 0.2).abs() < 1e-9);
        assert!((one.plus(other).curvature() - 0.071).abs() < 1e-6);
    }
}
