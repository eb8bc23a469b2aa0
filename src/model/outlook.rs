//! What the trees see of a runner: where the logit puts it in the field, and its features, beside
//! the field's and as they are.

use super::features::{Matrix, TABLE};
use super::logit::softmax;

/// Columns that tell where the logit puts the runner.
pub(super) const STANDING: usize = 6;

/// Columns of a runner.
pub(super) const COLUMNS: usize = STANDING + 2 * TABLE.len();

/// Appends a row per runner, in field order.
pub(super) fn extend(rows: &mut Vec<f64>, features: &Matrix, strengths: &[f64]) {
    let chances = softmax(strengths);
    let mut sorted = strengths.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let best = sorted.first().copied().unwrap_or_default();
    let margin = best - sorted.get(1).copied().unwrap_or(best);
    let concentration: f64 = chances.iter().map(|p| p * p).sum();
    let both = features.rows().zip(features.raw_rows());
    for ((strength, chance), (centred, raw)) in strengths.iter().zip(&chances).zip(both) {
        let ahead = strengths.iter().filter(|other| *other > strength).count();
        let standing: [f64; STANDING] = [
            *strength,
            strength - best,
            *chance,
            concentration,
            ahead as f64,
            margin,
        ];
        rows.extend_from_slice(&standing);
        rows.extend_from_slice(centred);
        rows.extend_from_slice(raw);
    }
}

/// The feature that a column shows; `None` for where the logit puts the runner.
pub(super) fn feature(column: usize) -> Option<usize> {
    let at = column.checked_sub(STANDING)?;
    Some(at % TABLE.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::features;
    use crate::model::fixture::some_snapshots;

    #[test]
    fn a_row_is_as_wide_as_it_says_and_knows_its_features() {
        let snapshot = some_snapshots(1).remove(0);
        let matrix = features::matrix(&snapshot);
        let mut rows = Vec::new();

        extend(&mut rows, &matrix, &vec![0.5; matrix.len()]);

        assert_eq!(rows.len(), COLUMNS * matrix.len());
        assert_eq!(feature(STANDING - 1), None);
        assert_eq!(feature(STANDING + TABLE.len()), Some(0));
        assert_eq!(feature(COLUMNS - 1), Some(TABLE.len() - 1));
    }
}
