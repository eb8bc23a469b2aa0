//! How fresh, how seasoned, how heavy the dog is.

use super::runs::{age, count, each, flag, races, timed, total};
use crate::domain::{FormLine, Snapshot};

/// Weight changes beyond this are misprints or another dog, kilograms.
const WEIGHT_LIMIT: f64 = 2.0;

/// Days that count as lately, and as very lately.
const LATELY: i64 = 30;
const VERY_LATELY: i64 = 14;

/// Days within which a dog is back soon, and beyond which it was long away.
const SOON: f64 = 4.0;
const LONG: f64 = 28.0;

pub(super) fn days(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let last = timed(entry).next()?;
        Some(age(snapshot.race.day, last).ln_1p())
    });
}

pub(super) fn soon(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let last = races(entry).next();
        Some(flag(
            last.is_some_and(|run| age(snapshot.race.day, run) <= SOON),
        ))
    });
}

pub(super) fn long(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let last = races(entry).next();
        Some(flag(
            last.is_some_and(|run| age(snapshot.race.day, run) > LONG),
        ))
    });
}

pub(super) fn gap(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let mut runs = races(entry);
        let last = runs.next()?.day;
        Some(age(last, runs.next()?).ln_1p())
    });
}

pub(super) fn runs_in_30_days(snapshot: &Snapshot, out: &mut [f64]) {
    runs_within(snapshot, LATELY, out);
}

pub(super) fn runs_in_14_days(snapshot: &Snapshot, out: &mut [f64]) {
    runs_within(snapshot, VERY_LATELY, out);
}

fn runs_within(snapshot: &Snapshot, days: i64, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let lately = |run: &&FormLine| snapshot.race.day.since(run.day) <= days;
        Some(total(races(entry).filter(lately)))
    });
}

pub(super) fn runs(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(count(entry).ln_1p()));
}

pub(super) fn debut(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(flag(races(entry).next().is_none()))
    });
}

pub(super) fn weight_change(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let last = timed(entry).find_map(|run| run.performance.weight)?;
        let change = entry.weight?.get() - last.get();
        (change.abs() <= WEIGHT_LIMIT).then_some(change)
    });
}
