//! What is the same for the whole field: nothing to a weighted sum, since it drops out of the shares,
//! but the trees ask for it before they ask for the rest.

use super::market::strength;
use super::runs::{count, flag, races};
use crate::domain::{Entry, Filter, Snapshot};

pub(super) fn field(snapshot: &Snapshot, out: &mut [f64]) {
    out.fill(snapshot.entries.len() as f64);
}

pub(super) fn distance(snapshot: &Snapshot, out: &mut [f64]) {
    if let Some(distance) = snapshot.race.distance {
        out.fill(distance.get());
    }
}

pub(super) fn class(snapshot: &Snapshot, out: &mut [f64]) {
    out.fill(f64::from(snapshot.race.class.code()));
}

pub(super) fn doubt(snapshot: &Snapshot, out: &mut [f64]) {
    out.fill(mean(snapshot, |entry| {
        strength(snapshot, entry, Filter::Even).variance
    }));
}

pub(super) fn seasoned(snapshot: &Snapshot, out: &mut [f64]) {
    out.fill(mean(snapshot, count));
}

pub(super) fn least_seasoned(snapshot: &Snapshot, out: &mut [f64]) {
    out.fill(
        snapshot
            .entries
            .iter()
            .map(count)
            .fold(f64::INFINITY, f64::min),
    );
}

pub(super) fn timed(snapshot: &Snapshot, out: &mut [f64]) {
    let is_timed = |entry: &Entry| {
        let timed = races(entry).any(|run| run.performance.run_time.is_some());
        flag(timed)
    };
    out.fill(mean(snapshot, is_timed));
}

fn mean(snapshot: &Snapshot, value: impl Fn(&Entry) -> f64) -> f64 {
    let sum: f64 = snapshot.entries.iter().map(value).sum();
    sum / snapshot.entries.len() as f64
}
