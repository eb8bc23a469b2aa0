//! The table of features: everything the model looks at, in one place.
//!
//! A feature sees the whole snapshot and fills one number per runner; `NaN` is missing. Afterwards
//! [`matrix`] subtracts the mean of the field from every column and puts 0 where a number is
//! missing, so a missing number means "like the rest of the field". A feature whose meaning
//! changes gets a new name: models know their features by the digest of the names.

mod class;
mod draw;
mod form;
mod market;
mod rest;
mod runs;
mod speed;

use super::artifact;
use crate::domain::Snapshot;

/// One column of the matrix.
#[derive(Debug)]
pub struct Feature {
    /// Unique, stable.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// What it measures, with its unit.
    pub about: &'static str,
    /// Fills one number per entry; `NaN` where it cannot be known.
    compute: fn(&Snapshot, &mut [f64]),
}

/// What a feature is about; the reasons of a prediction are told by group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// What past closing prices said.
    Market,
    /// Wins, places and margins.
    Form,
    /// Times.
    Speed,
    /// The box.
    Draw,
    /// Absence, experience, weight.
    Rest,
    /// The class of races, the course and the distance.
    Class,
}

impl Group {
    /// Every group, in the order they are told.
    pub const ALL: [Self; 6] = [
        Self::Market,
        Self::Form,
        Self::Speed,
        Self::Draw,
        Self::Rest,
        Self::Class,
    ];
}

const fn feature(
    name: &'static str,
    group: Group,
    about: &'static str,
    compute: fn(&Snapshot, &mut [f64]),
) -> Feature {
    Feature {
        name,
        group,
        about,
        compute,
    }
}

/// Every feature; the order is the order of columns.
#[rustfmt::skip]
pub static TABLE: &[Feature] = &[
    feature("market.rating", Group::Market, "market rating, log units", market::rating),
    feature("market.rating_sure", Group::Market, "market rating times its certainty, log units", market::rating_sure),
    feature("market.last", Group::Market, "last look of the market, class-adjusted, log units", market::last),
    feature("market.starting_price", Group::Market, "recent starting prices, log chance", market::starting_price),
    feature("market.last_price", Group::Market, "price of the last run, log chance", market::last_price),
    feature("market.unrated", Group::Market, "1 when no race of the dog was ever rated", market::unrated),
    feature("form.wins", Group::Form, "win rate, half-life 8 runs, shrunk", form::wins),
    feature("form.wins_recent", Group::Form, "win rate, half-life 3 runs, shrunk", form::wins_recent),
    feature("form.places", Group::Form, "place rate, half-life 8 runs, shrunk", form::places),
    feature("form.places_recent", Group::Form, "place rate, half-life 3 runs, shrunk", form::places_recent),
    feature("form.win_surprise", Group::Form, "wins beyond the price, half-life 6 runs, shrunk", form::win_surprise),
    feature("form.place_surprise", Group::Form, "places beyond the place price, half-life 4 runs, shrunk", form::place_surprise),
    feature("form.finish", Group::Form, "finishing position, 0 last to 1 first, half-life 5 runs", form::finish),
    feature("form.beaten", Group::Form, "time behind the winner, % of the winner's, half-life 4 runs", form::beaten),
    feature("speed.best", Group::Speed, "best figure of the last 6 timed runs, % of par", speed::best),
    feature("speed.mean", Group::Speed, "recent figures, % of par", speed::mean),
    feature("speed.night", Group::Speed, "recent figures less the night's variant, % of par", speed::night),
    feature("speed.here", Group::Speed, "recent times over this course and distance, log %", speed::here),
    feature("speed.early", Group::Speed, "recent first sectionals over this course and distance, log %", speed::early),
    feature("draw.bias", Group::Draw, "effect of the box at this course and distance, log units", draw::bias),
    feature("draw.vacant", Group::Draw, "empty boxes beside the runner, 0 to 2", draw::vacant),
    feature("draw.suits", Group::Draw, "wins beyond the price from boxes within one of this, shrunk", draw::suits),
    feature("rest.days", Group::Rest, "ln(1 + days since the last run)", rest::days),
    feature("rest.runs_30", Group::Rest, "runs in the last 30 days", rest::runs_in_30_days),
    feature("rest.runs", Group::Rest, "ln(1 + runs known)", rest::runs),
    feature("rest.debut", Group::Rest, "1 when no run is known", rest::debut),
    feature("rest.weight_change", Group::Rest, "weight less that of the last run, kg, within 2", rest::weight_change),
    feature("class.change", Group::Class, "class of the race less that of the recent runs, steps", class::change),
    feature("class.distance_change", Group::Class, "distance less that of the last run, 100 m", class::distance_change),
    feature("class.here", Group::Class, "places beyond the place price over this course and distance, shrunk", class::here),
    feature("class.distance", Group::Class, "places beyond the place price at distances within 30 m, shrunk", class::at_distance),
];

/// The features of one field, centred: one row per runner, one column per feature of [`TABLE`].
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// From rows one after the other; the length must be a multiple of `columns`, which is not 0.
    #[must_use]
    pub fn new(columns: usize, values: Vec<f64>) -> Option<Self> {
        let whole = columns > 0 && values.len().is_multiple_of(columns);
        whole.then_some(Self { columns, values })
    }

    /// One row per runner, in field order.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns)
    }

    /// How many features.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// How many runners.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Nobody runs.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The centred features of a field.
#[must_use]
pub fn matrix(snapshot: &Snapshot) -> Matrix {
    let columns = TABLE.len();
    let field = snapshot.entries.len();
    let mut values = vec![0.0; columns * field];
    let mut column = vec![f64::NAN; field];
    for (n, feature) in TABLE.iter().enumerate() {
        column.fill(f64::NAN);
        (feature.compute)(snapshot, &mut column);
        centre(&mut column);
        for (row, value) in values.chunks_exact_mut(columns).zip(&column) {
            row[n] = *value;
        }
    }
    Matrix { columns, values }
}

/// SHA-256 over the names in order, one a line; lower-case hex.
#[must_use]
pub fn digest() -> String {
    let names: Vec<&str> = TABLE.iter().map(|feature| feature.name).collect();
    artifact::digest(names.join("\n").as_bytes())
}

/// Subtracts the mean of what is there and puts 0 where nothing is.
fn centre(column: &mut [f64]) {
    let there = column.iter().filter(|value| value.is_finite());
    let (sum, n) = there.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    for value in column {
        *value = if value.is_finite() {
            *value - sum / n
        } else {
            0.0
        };
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::model::fixture::{any_snapshot, snapshot, some_snapshots};

    fn rows(snapshot: &Snapshot) -> Vec<Vec<f64>> {
        matrix(snapshot).rows().map(<[f64]>::to_vec).collect()
    }

    fn close(left: &[Vec<f64>], right: &[Vec<f64>]) -> bool {
        let pairs = left.iter().flatten().zip(right.iter().flatten());
        left.len() == right.len() && pairs.into_iter().all(|(l, r)| (l - r).abs() < 1e-9)
    }

    #[test]
    fn every_feature_has_its_own_name_and_says_its_group() {
        let names: HashSet<_> = TABLE.iter().map(|feature| feature.name).collect();

        assert_eq!(names.len(), TABLE.len());
        for feature in TABLE {
            let group = format!("{:?}", feature.group).to_lowercase();
            assert_eq!(feature.name.split('.').next(), Some(group.as_str()));
        }
    }

    #[test]
    fn every_feature_tells_some_runners_apart() {
        let fields: Vec<_> = some_snapshots(50).iter().map(rows).collect();

        for (n, feature) in TABLE.iter().enumerate() {
            let tells = fields.iter().flatten().any(|row| row[n].abs() > 1e-9);
            assert!(tells, "{}", feature.name);
        }
    }

    #[test]
    fn a_missing_number_is_the_mean_of_the_field() {
        let mut column = [1.0, f64::NAN, 3.0, f64::INFINITY];

        centre(&mut column);

        assert!(
            column
                .iter()
                .zip([-1.0, 0.0, 1.0, 0.0])
                .all(|(l, r)| (l - r).abs() < 1e-12)
        );
    }

    #[test]
    fn a_column_that_nobody_knows_is_zero() {
        let mut column = [f64::NAN; 3];

        centre(&mut column);

        assert!(column.iter().all(|value| value.abs() < 1e-12));
    }

    #[test]
    fn nobody_makes_an_empty_matrix() {
        assert!(matrix(&snapshot(Vec::new())).is_empty());
        assert_eq!(Matrix::new(0, Vec::new()), None);
        assert_eq!(Matrix::new(2, vec![0.0; 3]), None);
    }

    proptest! {
        #[test]
        fn shuffling_the_field_shuffles_the_rows(field in any_snapshot(), turn in 0_usize..8) {
            let turn = turn % field.entries.len();
            let mut turned = field.clone();
            turned.entries.rotate_left(turn);
            let mut expected = rows(&field);
            expected.rotate_left(turn);

            prop_assert!(close(&rows(&turned), &expected));
        }

        #[test]
        fn every_column_is_finite_and_sums_to_zero(field in any_snapshot()) {
            let rows = rows(&field);

            for n in 0..TABLE.len() {
                let sum: f64 = rows.iter().map(|row| row[n]).sum();
                prop_assert!(sum.abs() < 1e-9, "{}", TABLE[n].name);
            }
        }

        #[test]
        fn a_trial_says_nothing_about_form(field in any_snapshot()) {
            let mut without = field.clone();
            for entry in &mut without.entries {
                entry.history.runs.retain(|run| !run.trial);
            }
            let form = |field: &Snapshot| -> Vec<Vec<f64>> {
                let columns = |row: Vec<f64>| {
                    let named = TABLE.iter().zip(row);
                    named.filter(|(f, _)| f.group == Group::Form).map(|(_, x)| x).collect()
                };
                rows(field).into_iter().map(columns).collect()
            };

            prop_assert!(close(&form(&field), &form(&without)));
        }
    }
}
