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
    /// Is it missing in some rows and there in others?
    holes: bool,
}

impl Binned {
    /// Cuts every column into `most` bins at most.
    pub(super) fn new(races: &Races<'_>, most: usize, threads: usize) -> Self {
        let mut columns: Vec<(usize, Column)> =
            (0..races.columns).map(|n| (n, Column::default())).collect();
        share(threads, &mut columns, |(n, column)| {
            let values = races.values.iter().skip(*n).step_by(races.columns);
            *column = Column::new(&values.copied().collect::<Vec<_>>(), most);
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
    fn new(values: &[f64], most: usize) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let edges = edges(&sorted, most);
        let bin = |value: f64| match edges.partition_point(|edge| *edge < value) {
            _ if value.is_nan() => MISSING,
            below => u8::try_from(below).unwrap_or(MISSING - 1),
        };
        Self {
            bins: values.iter().map(|value| bin(*value)).collect(),
            holes: !sorted.is_empty() && sorted.len() < values.len(),
            edges,
        }
    }

    /// The highest value of a bin, as far as rows go; the last bin has no end.
    pub(super) fn edge(&self, bin: u8) -> f64 {
        self.edges
            .get(usize::from(bin))
            .copied()
            .unwrap_or(f64::MAX)
    }
}

/// Edges between bins of about the same number of values. Equal values stay together, and a value
/// that would fill a bin gets its own.
fn edges(sorted: &[f64], most: usize) -> Vec<f64> {
    let alike = |left: &f64, right: &f64| left >= right;
    let runs: Vec<&[f64]> = sorted.chunk_by(alike).collect();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_values_get_a_bin_each_and_what_is_missing_its_own() {
        let column = Column::new(&[3.0, f64::NAN, 1.0, 3.0, 2.0], 63);

        assert_eq!(column.edges, [1.5, 2.5]);
        assert_eq!(column.bins, [2, MISSING, 0, 2, 1]);
        assert!(column.holes);
    }

    #[test]
    fn a_value_that_would_fill_a_bin_is_alone_in_it() {
        let mut values = vec![5.0; 500];
        values.extend((0..1_000).map(f64::from));

        let column = Column::new(&values, 10);

        assert_eq!(&column.edges[..2], &[4.5, 5.5]);
        assert_eq!(column.edges.len(), 9);
    }

    #[test]
    fn a_column_that_is_the_same_for_all_tells_nothing() {
        let races = Races {
            columns: 4,
            values: &[7.0, 1.0, 7.0, f64::NAN, 7.0, 2.0, f64::NAN, f64::NAN],
            offsets: &[0, 2],
            labels: &[0.5; 2],
            base: &[0.0; 2],
        };

        assert_eq!(Binned::new(&races, 63, 1).telling(), [1, 2]);
    }

    #[test]
    fn bins_hold_about_as_many_rows_each() {
        let values: Vec<f64> = (0..6_300).map(|n| f64::from(n).sqrt()).collect();
        let mut held = [0; 63];

        for bin in Column::new(&values, 63).bins {
            held[usize::from(bin)] += 1;
        }

        assert_eq!(held, [100; 63]);
    }

    #[test]
    fn neighbours_without_a_number_between_them_are_told_apart() {
        // The middle is rounded down to the first of these, and up to the last.
        for low in [1.0_f64, 1.0_f64.next_up()] {
            let column = Column::new(&[low, low.next_up()], 63);
            assert_eq!(column.bins, [0, 1]);
        }
        assert!((f64::MIN..f64::MAX).contains(&between(f64::MIN, f64::MAX)));
    }

    proptest! {
        #[test]
        fn a_bin_and_its_edge_agree_on_every_value(
            values in prop::collection::vec((-40_i32..40).prop_map(f64::from), 0..300),
            most in 2_u8..=63,
        ) {
            let column = Column::new(&values, usize::from(most));

            prop_assert!(column.edges.len() < usize::from(most));
            prop_assert!(column.edges.is_sorted_by(|low, high| low < high));
            for (value, bin) in values.iter().zip(&column.bins) {
                for cut in 0..most {
                    prop_assert_eq!(*value <= column.edge(cut), *bin <= cut);
                }
            }
        }
    }
}
