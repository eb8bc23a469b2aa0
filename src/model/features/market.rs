//! What past closing prices said about a dog. Never the prices of the race itself.
//!
//! A *look* is what the price of one past race said, on the scale of the ratings: the box and the
//! opposition are taken off. See [`crate::model::rating`].

use super::runs::{Weighted, count, each, flag, looks, races};
use crate::domain::{Entry, Filter, FormLine, Look, Snapshot, Strength};
use crate::model::rating::RatingSettings;

/// Variance at which a rating is worth half.
const HALF_SURE: f64 = 0.5;

/// Looks of which the best and the mean are taken.
const NEWEST: usize = 6;

/// Looks that a trend is drawn through, and looks without a trend that weigh as much as these.
const TREND_OF: usize = 8;
const TREND_SHRINK: f64 = 3.0;

/// Days of absence beyond which nothing more is forgotten, and days that count as one.
const AWAY_LIMIT: f64 = 120.0;
const AWAY_UNIT: f64 = 60.0;

/// Runs by which the weight of past company halves.
const COMPANY_HALF_LIFE: f64 = 4.0;

/// What a filter thinks of the runner at the start of this race; of a stranger, what strangers of
/// the class are worth.
pub(in crate::model) fn strength(snapshot: &Snapshot, entry: &Entry, filter: Filter) -> Strength {
    let settings = &RatingSettings::MEASURED.filters[filter.index()];
    let Some(rating) = entry.rating else {
        return Strength {
            mean: snapshot.race.prior[filter.index()],
            variance: settings.unknown,
        };
    };
    let Strength { mean, variance } = rating.of(filter);
    Strength {
        mean,
        variance: settings.grown(variance, rating.days),
    }
}

pub(super) fn even(snapshot: &Snapshot, out: &mut [f64]) {
    mean(snapshot, Filter::Even, out);
}

pub(super) fn slow(snapshot: &Snapshot, out: &mut [f64]) {
    mean(snapshot, Filter::Slow, out);
}

pub(super) fn quick(snapshot: &Snapshot, out: &mut [f64]) {
    mean(snapshot, Filter::Quick, out);
}

pub(super) fn place(snapshot: &Snapshot, out: &mut [f64]) {
    mean(snapshot, Filter::Place, out);
}

pub(super) fn even_sure(snapshot: &Snapshot, out: &mut [f64]) {
    sure(snapshot, Filter::Even, out);
}

pub(super) fn place_sure(snapshot: &Snapshot, out: &mut [f64]) {
    sure(snapshot, Filter::Place, out);
}

pub(super) fn doubt(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(strength(snapshot, entry, Filter::Even).variance)
    });
}

pub(super) fn quick_doubt(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let quick = strength(snapshot, entry, Filter::Quick);
        Some(beyond_class(snapshot, quick.mean, Filter::Quick) * quick.variance)
    });
}

pub(super) fn even_doubt(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let even = strength(snapshot, entry, Filter::Even);
        Some(beyond_class(snapshot, even.mean, Filter::Even) * even.variance)
    });
}

pub(super) fn away(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let even = strength(snapshot, entry, Filter::Even).mean;
        let days = entry.rating.map_or(0.0, |rating| rating.days);
        Some(beyond_class(snapshot, even, Filter::Even) * days.min(AWAY_LIMIT) / AWAY_UNIT)
    });
}

pub(super) fn last(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(looks(entry).next()?.win));
}

pub(super) fn second(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(looks(entry).nth(1)?.win));
}

pub(super) fn third(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(looks(entry).nth(2)?.win));
}

pub(super) fn best(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let newest = looks(entry).take(NEWEST).map(|look| look.win);
        newest.reduce(f64::max)
    });
}

pub(super) fn recent(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        mean_of(looks(entry).take(NEWEST).map(|look| look.win))
    });
}

pub(super) fn last_place(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(looks(entry).next()?.place));
}

pub(super) fn hindsight(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(in_hindsight(snapshot, entry)));
}

pub(super) fn hindsight_place(snapshot: &Snapshot, out: &mut [f64]) {
    let stranger = snapshot.race.prior[Filter::Place.index()];
    each(snapshot, out, |entry| {
        Some(
            entry
                .rating
                .map_or(stranger, |rating| rating.hindsight.place),
        )
    });
}

pub(super) fn last_hindsight(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| seen_now(entry).next());
}

pub(super) fn second_hindsight(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(seen_now(entry).nth(1)? - in_hindsight(snapshot, entry))
    });
}

pub(super) fn third_hindsight(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(seen_now(entry).nth(2)? - in_hindsight(snapshot, entry))
    });
}

pub(super) fn best_hindsight(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        seen_now(entry).take(NEWEST).reduce(f64::max)
    });
}

pub(super) fn recent_hindsight(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| mean_of(seen_now(entry).take(NEWEST)));
}

pub(super) fn last_place_hindsight(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let last = looks(entry).next()?;
        Some(last.place + last.hindsight.place)
    });
}

pub(super) fn last_beyond(snapshot: &Snapshot, out: &mut [f64]) {
    beyond_rating(snapshot, 0, out);
}

pub(super) fn second_beyond(snapshot: &Snapshot, out: &mut [f64]) {
    beyond_rating(snapshot, 1, out);
}

pub(super) fn third_beyond(snapshot: &Snapshot, out: &mut [f64]) {
    beyond_rating(snapshot, 2, out);
}

pub(super) fn trend(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let newest: Vec<f64> = looks(entry).take(TREND_OF).map(|look| look.win).collect();
        Some(rise(&newest))
    });
}

pub(super) fn company(snapshot: &Snapshot, out: &mut [f64]) {
    let company = |run: &FormLine| Some(run.look?.field);
    each(snapshot, out, |entry| {
        let rated = races(entry).filter(|run| run.look.is_some());
        Weighted::by_run(rated, COMPANY_HALF_LIFE, company).mean()
    });
}

pub(super) fn unrated(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(flag(entry.rating.is_none())));
}

pub(super) fn thin(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(1.0 / (1.0 + count(entry))));
}

/// The rating by the win price in hindsight; of a stranger, what strangers of the class are worth.
fn in_hindsight(snapshot: &Snapshot, entry: &Entry) -> f64 {
    let stranger = snapshot.race.prior[Filter::Even.index()];
    entry.rating.map_or(stranger, |rating| rating.hindsight.win)
}

/// What the looks at a dog say in hindsight, newest first.
fn seen_now(entry: &Entry) -> impl Iterator<Item = f64> {
    looks(entry).map(|look| look.win + look.hindsight.win)
}

fn mean_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    (n > 0.0).then(|| sum / n)
}

fn mean(snapshot: &Snapshot, filter: Filter, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(strength(snapshot, entry, filter).mean)
    });
}

fn sure(snapshot: &Snapshot, filter: Filter, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let Strength { mean, variance } = strength(snapshot, entry, filter);
        Some(mean * HALF_SURE / (HALF_SURE + variance))
    });
}

fn beyond_class(snapshot: &Snapshot, mean: f64, filter: Filter) -> f64 {
    mean - snapshot.race.prior[filter.index()]
}

/// A look less the rating; 0 where there was none, since then the rating is all that is known.
fn beyond_rating(snapshot: &Snapshot, nth: usize, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let even = strength(snapshot, entry, Filter::Even).mean;
        let beyond = |look: &Look| look.win - even;
        Some(looks(entry).nth(nth).map_or(0.0, beyond))
    });
}

/// The slope of the least-squares line through the looks, newest first, a race; shrunk to none.
fn rise(newest: &[f64]) -> f64 {
    let n = newest.len() as f64;
    if n < 3.0 {
        return 0.0;
    }
    let middle = (n - 1.0) / 2.0;
    let mean = newest.iter().sum::<f64>() / n;
    let (mut along, mut squares) = (0.0, 0.0);
    for (back, look) in (0_u32..).map(f64::from).zip(newest) {
        along += (back - middle) * (look - mean);
        squares += (back - middle).powi(2);
    }
    -along / squares * n / (n + TREND_SHRINK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dog_on_the_rise_has_a_trend_and_two_races_have_none() {
        assert!((rise(&[3.0, 2.0, 1.0]) - 0.5).abs() < 1e-12);
        assert!(rise(&[3.0, 2.0]).abs() < 1e-12);
        assert!(rise(&[1.0, 1.0, 1.0, 1.0]).abs() < 1e-12);
    }
}
