//! How fresh, how seasoned, how heavy the dog is.

use super::runs::{each, flag, races, timed};
use crate::domain::{FormLine, RaceDay, Snapshot};

/// Weight changes beyond this are misprints or another dog, kilograms.
const WEIGHT_LIMIT: f64 = 2.0;

/// Days that count as lately.
const LATELY: i64 = 30;

pub(super) fn days(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let last = timed(entry).next()?;
        Some(age(snapshot.race.day, last).ln_1p())
    });
}

pub(super) fn runs_in_30_days(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let lately = |run: &&FormLine| snapshot.race.day.since(run.day) <= LATELY;
        Some(count(races(entry).filter(lately)))
    });
}

pub(super) fn runs(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(count(races(entry)).ln_1p()));
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

fn age(day: RaceDay, run: &FormLine) -> f64 {
    u32::try_from(day.since(run.day)).map_or(0.0, f64::from)
}

fn count<'run>(runs: impl Iterator<Item = &'run FormLine>) -> f64 {
    runs.fold(0.0, |n, _run| n + 1.0)
}
