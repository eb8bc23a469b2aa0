//! Features as small whole numbers: each column is cut into bins that hold about as many rows.

use super::cell::MISSING;
use super::races::Races;
use super::share::share;

/// The features of all rows, in bins.
pub(super) struct Binned {
    columns: Vec<Column>,
}

/// One feature.
#[derive(Default)]
pub(super) struct Column {
    /// The bin of each row.
    pub(super) bins: Vec<u8>,
    /// Where a bin ends and the next begins, rising; a value on the edge is below it.
    pub(super) edges: Vec<f64>,
    /// Is it missing in some row?
    holes: bool,
}

impl Binned {
    /// Cuts every column into `most` bins at most.
    pub(super) fn new(races: &Races<'_>, most: usize, threads: usize) -> Self {
        let mut columns: Vec<(usize, Column)> =
            (0..races.columns).map(|n| (n, Column::default())).collect();
        share(threads, &mut columns, |(n, column)| {
            let values = races.values.iter().skip(*n).step_by(races.columns);
            *column = Column::new(values.copied().collect(), most);
        });
        Self {
            columns: columns.into_iter().map(|(_, column)| column).collect(),
        }
    }

    /// One column.
    pub(super) fn column(&self, n: usize) -> &Column {
        &self.columns[n]
    }

    /// The columns that could tell rows apart.
    pub(super) fn telling(&self) -> Vec<usize> {
        let tells = |column: &Column| column.holes || !column.edges.is_empty();
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, c)| tells(c)).map(|(n, _)| n).collect()
    }
}

impl Column {
    fn new(values: Vec<f64>, most: usize) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let edges = edges(&sorted, most);
        let bin = |value: f64| match edges.partition_point(|edge| *edge < value) {
            _ if value.is_nan() => MISSING,
            below => u8::try_from(below).unwrap_or(MISSING - 1),
        };
        Self {
            bins: values.iter().map(|value| bin(*value)).collect(),
            holes: sorted.len() < values.len(),
            edges,
        }
    }

    /// The highest value of a bin, as far as rows go; the last bin has no end.
    pub(super) fn edge(&self, bin: usize) -> f64 {
        self.edges.get(bin).copied().unwrap_or(f64::MAX)
    }
}

/// Edges between bins of about the same number of values. Equal values stay together, and a value
/// that would fill a bin gets its own.
fn edges(sorted: &[f64], most: usize) -> Vec<f64> {
    let runs: Vec<&[f64]> = sorted.chunk_by(|left, right| left == right).collect();
    let mut edges = Vec::new();
    let (mut left, mut held) = (sorted.len(), 0);
    for pair in runs.windows(2) {
        held += pair[0].len();
        let bins = most - edges.len();
        let share = left.div_ceil(bins);
        let full = runs.len() <= most || held >= share || pair[1].len() >= share;
        if full && bins > 1 {
            edges.push(between(pair[0][0], pair[1][0]));
            left -= held;
            held = 0;
        }
    }
    edges
}

/// A number from `low` up to, but not, `high`.
fn between(low: f64, high: f64) -> f64 {
    let middle = low.midpoint(high);
    if middle < high { middle } else { low }
}
