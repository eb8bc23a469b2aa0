//! The table of features: everything the model looks at, in one place.
//!
//! A feature sees the whole snapshot and fills one number per runner; `NaN` is missing. For the
//! logit [`matrix`] subtracts the mean of the field from every column and puts 0 where a number is
//! missing, so a missing number means "like the rest of the field"; the trees see it as it is, too. A feature whose meaning
//! changes gets a new name: models know their features by the digest of the names.

mod class;
mod draw;
mod early;
mod form;
mod market;
mod race;
mod rest;
mod runs;
mod speed;

use super::{artifact, rating};
use crate::domain::Snapshot;
pub use form::LEAD_PER_LOG;
pub(super) use market::strength;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// What past closing prices said.
    Market,
    /// Wins, places and margins.
    Form,
    /// Times.
    Speed,
    /// Who is in front at the first bend.
    Early,
    /// The box.
    Draw,
    /// Absence, experience, weight.
    Rest,
    /// The class of races, the course and the distance.
    Class,
    /// What is the same for the whole field.
    Race,
}

impl Group {
    /// Every group, in the order they are told.
    pub const ALL: [Self; 8] = [
        Self::Market,
        Self::Form,
        Self::Speed,
        Self::Early,
        Self::Draw,
        Self::Rest,
        Self::Class,
        Self::Race,
    ];

    /// Where it stands in [`Group::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Market => 0,
            Self::Form => 1,
            Self::Speed => 2,
            Self::Early => 3,
            Self::Draw => 4,
            Self::Rest => 5,
            Self::Class => 6,
            Self::Race => 7,
        }
    }
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
    feature("market.even", Group::Market, "even rating, log units", market::even),
    feature("market.slow", Group::Market, "slow rating, log units", market::slow),
    feature("market.quick", Group::Market, "quick rating, log units", market::quick),
    feature("market.place", Group::Market, "place rating, log odds of a place", market::place),
    feature("market.even_sure", Group::Market, "even rating times its certainty, log units", market::even_sure),
    feature("market.place_sure", Group::Market, "place rating times its certainty, log odds", market::place_sure),
    feature("market.doubt", Group::Market, "variance of the even rating", market::doubt),
    feature("market.even_doubt", Group::Market, "even rating beyond the class times its variance", market::even_doubt),
    feature("market.quick_doubt", Group::Market, "quick rating beyond the class times its variance", market::quick_doubt),
    feature("market.away", Group::Market, "even rating beyond the class times months of absence, at most 4", market::away),
    feature("market.last", Group::Market, "last look, log units", market::last),
    feature("market.second", Group::Market, "last look but one, log units", market::second),
    feature("market.third", Group::Market, "last look but two, log units", market::third),
    feature("market.best", Group::Market, "best of the last 6 looks, log units", market::best),
    feature("market.recent", Group::Market, "mean of the last 6 looks, log units", market::recent),
    feature("market.last_place", Group::Market, "last look of the place price, log odds", market::last_place),
    feature("market.last_beyond", Group::Market, "last look less the even rating; 0 where there is none", market::last_beyond),
    feature("market.second_beyond", Group::Market, "last look but one less the even rating; 0 where there is none", market::second_beyond),
    feature("market.third_beyond", Group::Market, "last look but two less the even rating; 0 where there is none", market::third_beyond),
    feature("market.trend", Group::Market, "slope of the last 8 looks, log units a race, shrunk", market::trend),
    feature("market.company", Group::Market, "looks of the fields it ran in, log units, half-life 4 runs", market::company),
    feature("market.hindsight", Group::Market, "rating by the win price in hindsight, log units", market::hindsight),
    feature("market.hindsight_place", Group::Market, "rating by the place price in hindsight, log odds", market::hindsight_place),
    feature("market.last_hindsight", Group::Market, "last look in hindsight, log units", market::last_hindsight),
    feature("market.second_hindsight", Group::Market, "last look but one in hindsight less the rating in hindsight", market::second_hindsight),
    feature("market.third_hindsight", Group::Market, "last look but two in hindsight less the rating in hindsight", market::third_hindsight),
    feature("market.best_hindsight", Group::Market, "best of the last 6 looks in hindsight, log units", market::best_hindsight),
    feature("market.recent_hindsight", Group::Market, "mean of the last 6 looks in hindsight, log units", market::recent_hindsight),
    feature("market.last_place_hindsight", Group::Market, "last look of the place price in hindsight, log odds", market::last_place_hindsight),
    feature("market.unrated", Group::Market, "1 when no race of the dog was ever rated", market::unrated),
    feature("market.thin", Group::Market, "1 / (1 + runs known)", market::thin),
    feature("form.wins", Group::Form, "win rate, half-life 10 runs, shrunk", form::wins),
    feature("form.places", Group::Form, "place rate, half-life 10 runs, shrunk", form::places),
    feature("form.places_recent", Group::Form, "place rate, half-life 3 runs, shrunk", form::places_recent),
    feature("form.win_surprise", Group::Form, "wins beyond the price, half-life 6 runs, shrunk", form::win_surprise),
    feature("form.win_surprise_recent", Group::Form, "wins beyond the price, half-life 2 runs, shrunk", form::win_surprise_recent),
    feature("form.win_surprise_lately", Group::Form, "wins beyond the price, half-life 30 days, shrunk", form::win_surprise_lately),
    feature("form.place_surprise", Group::Form, "places beyond the place price, half-life 6 runs, shrunk", form::place_surprise),
    feature("form.place_surprise_recent", Group::Form, "places beyond the place price, half-life 2 runs, shrunk", form::place_surprise_recent),
    feature("form.place_surprise_lately", Group::Form, "places beyond the place price, half-life 30 days, shrunk", form::place_surprise_lately),
    feature("form.lead", Group::Form, "lengths ahead of the second or, negative, behind the winner, half-life 3 runs", form::lead),
    feature("form.lead_surprise", Group::Form, "the same beyond what the price expects, half-life 8 runs, shrunk", form::lead_surprise),
    feature("form.lead_surprise_recent", Group::Form, "the same, half-life 1 run, shrunk", form::lead_surprise_recent),
    feature("form.finish", Group::Form, "finishing position, 0 last to 1 first, half-life 5 runs", form::finish),
    feature("speed.best", Group::Speed, "best figure of the last 6 timed runs, % of par", speed::best),
    feature("speed.mean", Group::Speed, "recent figures, % of par", speed::mean),
    feature("speed.night", Group::Speed, "recent figures less the night's variant, % of par", speed::night),
    feature("speed.here", Group::Speed, "recent times over this course and distance, log %", speed::here),
    feature("early.split", Group::Early, "recent first sectionals over this course and distance, log %", speed::early),
    feature("early.position", Group::Early, "position at the first call, 0 first to 1 last, half-life 4 runs", early::position),
    feature("early.lead", Group::Early, "chance to lead at the first bend, log units, from first calls and box", early::lead),
    feature("early.beside", Group::Early, "first-call position less that of the neighbours'", early::beside),
    feature("draw.bias", Group::Draw, "effect of the box at this course and distance, log units", draw::bias),
    feature("draw.place_bias", Group::Draw, "the same on the odds of a place", draw::place_bias),
    feature("draw.bias_in_crowd", Group::Draw, "effect of the box times runners beyond 7", draw::bias_in_crowd),
    feature("draw.vacant", Group::Draw, "empty boxes beside the runner, 0 to 2", draw::vacant),
    feature("draw.vacant_inside", Group::Draw, "1 when the box inside is empty", draw::vacant_inside),
    feature("draw.suits", Group::Draw, "wins beyond the price from boxes within one of this, shrunk", draw::suits),
    feature("draw.side", Group::Draw, "place looks beyond the rating from this side of the start, shrunk", draw::side),
    feature("draw.slope", Group::Draw, "liking for outer boxes times how far out this is, shrunk", draw::slope),
    feature("rest.days", Group::Rest, "ln(1 + days since the last run)", rest::days),
    feature("rest.soon", Group::Rest, "1 when the last run was at most 4 days ago", rest::soon),
    feature("rest.long", Group::Rest, "1 when the last run was over 28 days ago", rest::long),
    feature("rest.gap", Group::Rest, "ln(1 + days between the last two runs)", rest::gap),
    feature("rest.runs_14", Group::Rest, "runs in the last 14 days", rest::runs_in_14_days),
    feature("rest.runs_30", Group::Rest, "runs in the last 30 days", rest::runs_in_30_days),
    feature("rest.runs", Group::Rest, "ln(1 + runs known)", rest::runs),
    feature("rest.debut", Group::Rest, "1 when no run is known", rest::debut),
    feature("rest.weight_change", Group::Rest, "weight less that of the last run, kg, within 2", rest::weight_change),
    feature("class.change", Group::Class, "class of the race less that of the recent runs, steps", class::change),
    feature("class.distance_change", Group::Class, "distance less that of the last run, 100 m", class::distance_change),
    feature("class.distance_moved", Group::Class, "the same whichever way", class::distance_moved),
    feature("class.new_here", Group::Class, "1 when it has run, but never over this course and distance", class::new_here),
    feature("class.here", Group::Class, "place looks beyond the rating over this course and distance, shrunk", class::here),
    feature("class.distance", Group::Class, "place looks beyond the rating at distances within 30 m, shrunk", class::at_distance),
    feature("class.wins_here", Group::Class, "wins beyond the price over this course and distance, shrunk", class::wins_here),
    feature("class.course_lately", Group::Class, "looks beyond the rating on this course, half-life 60 days, shrunk", class::course_lately),
    feature("class.distance_lately", Group::Class, "looks beyond the rating at distances within 30 m, half-life 60 days, shrunk", class::distance_lately),
    feature("class.distance_slope", Group::Class, "liking for longer races times how much longer this is than usual", class::distance_slope),
    feature("race.field", Group::Race, "runners", race::field),
    feature("race.distance", Group::Race, "metres", race::distance),
    feature("race.class", Group::Race, "class, 1 maiden to 7 open, 0 unreadable", race::class),
    feature("race.doubt", Group::Race, "mean variance of the even ratings", race::doubt),
    feature("race.seasoned", Group::Race, "mean number of runs known", race::seasoned),
    feature("race.least_seasoned", Group::Race, "fewest runs known of a runner", race::least_seasoned),
    feature("race.timed", Group::Race, "share of the field with a timed race", race::timed),
];

/// The features of one field: one row per runner, one column per feature of [`TABLE`].
#[derive(Debug, Clone)]
pub struct Matrix {
    columns: usize,
    /// Centred on the field; 0 where a number is missing.
    values: Vec<f64>,
    /// As computed; NaN where a number is missing.
    raw: Vec<f64>,
}

impl Matrix {
    /// From rows one after the other, which are centred here; the length must be a multiple of
    /// `columns`, which is not 0.
    #[must_use]
    pub fn new(columns: usize, raw: Vec<f64>) -> Option<Self> {
        let whole = columns > 0 && raw.len().is_multiple_of(columns);
        whole.then(|| Self {
            columns,
            values: centred(columns, &raw),
            raw,
        })
    }

    /// One row per runner, in field order: centred, 0 where a number is missing.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns)
    }

    /// The same as computed; NaN where a number is missing.
    pub fn raw_rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.raw.chunks_exact(self.columns)
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

/// The features of a field.
#[must_use]
pub fn matrix(snapshot: &Snapshot) -> Matrix {
    let snapshot = &rating::reviewed(snapshot);
    let columns = TABLE.len();
    let field = snapshot.entries.len();
    let mut raw = vec![f64::NAN; columns * field];
    let mut column = vec![f64::NAN; field];
    for (n, feature) in TABLE.iter().enumerate() {
        column.fill(f64::NAN);
        (feature.compute)(snapshot, &mut column);
        for (row, value) in raw.chunks_exact_mut(columns).zip(&column) {
            row[n] = if value.is_finite() { *value } else { f64::NAN };
        }
    }
    Matrix {
        columns,
        values: centred(columns, &raw),
        raw,
    }
}

/// SHA-256 over the names in order, one a line; lower-case hex.
#[must_use]
pub fn digest() -> String {
    let names: Vec<&str> = TABLE.iter().map(|feature| feature.name).collect();
    artifact::digest(names.join("\n").as_bytes())
}

/// What is nearer to the mean than this part of it is the mean: a fit would scale rounding up until
/// it looks like knowledge.
const ROUNDING: f64 = 1e-12;

/// Subtracts the mean of what is there from every column and puts 0 where nothing is.
fn centred(columns: usize, raw: &[f64]) -> Vec<f64> {
    let mut values = raw.to_vec();
    for n in 0..columns {
        let column = || raw.iter().skip(n).step_by(columns);
        let there = column().filter(|value| value.is_finite());
        let (sum, count) = there.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
        let mean = sum / count;
        for value in values.iter_mut().skip(n).step_by(columns) {
            *value = if value.is_finite() && (*value - mean).abs() > ROUNDING * mean.abs() {
                *value - mean
            } else {
                0.0
            };
        }
    }
    values
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

        let told = |(_, feature): &(usize, &Feature)| feature.group != Group::Race;
        for (n, feature) in TABLE.iter().enumerate().filter(told) {
            let tells = fields.iter().flatten().any(|row| row[n].abs() > 1e-9);
            assert!(tells, "{}", feature.name);
        }
    }

    #[test]
    fn a_missing_number_is_the_mean_of_the_field() {
        let column = centred(1, &[1.0, f64::NAN, 3.0, f64::INFINITY]);

        assert!(
            column
                .iter()
                .zip([-1.0, 0.0, 1.0, 0.0])
                .all(|(l, r)| (l - r).abs() < 1e-12)
        );
    }

    #[test]
    fn what_is_the_same_for_all_is_zero_to_the_last_bit() {
        let column = centred(1, &[0.1 + 0.2, 0.3, 0.3, 0.3, 0.3]);

        assert!(column.iter().all(|value| value.to_bits() == 0));
    }

    #[test]
    fn a_column_that_nobody_knows_is_zero() {
        let column = centred(1, &[f64::NAN; 3]);

        assert!(column.iter().all(|value| value.abs() < 1e-12));
    }

    #[test]
    fn nobody_makes_an_empty_matrix() {
        assert!(matrix(&snapshot(Vec::new())).is_empty());
        assert!(Matrix::new(0, Vec::new()).is_none());
        assert!(Matrix::new(2, vec![0.0; 3]).is_none());
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
