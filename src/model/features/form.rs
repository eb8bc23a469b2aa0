//! What the dog did in its races: wins, places, margins. Trials do not count.

use super::runs::{self, Weighted, each, races};
use crate::domain::{FormLine, Outcome, Snapshot};

/// Win rate of a runner nobody knows.
const WIN_BASE: f64 = 0.14;

/// Place rate of a runner nobody knows.
const PLACE_BASE: f64 = 0.4;

/// Days by which the weight of a surprise halves, where it is counted by days.
const SURPRISE_DAYS: f64 = 30.0;

/// The most that a win and a defeat may be by, lengths.
const LEAD_LIMIT: f64 = 8.0;
const BEATEN_LIMIT: f64 = 12.0;

/// The lead that a closing price makes one expect, lengths, and what each unit of log chance adds:
/// least squares over 35,290 Australian runs, January to June 2025.
const LEAD_BASE: f64 = -0.8;
/// Lengths of lead that a unit of log chance adds: the slope of the same line.
pub const LEAD_PER_LOG: f64 = 1.79;

pub(super) fn wins(snapshot: &Snapshot, out: &mut [f64]) {
    faded(snapshot, out, 10.0, runs::won, WIN_BASE);
}

pub(super) fn places_recent(snapshot: &Snapshot, out: &mut [f64]) {
    faded(snapshot, out, 3.0, runs::placed, PLACE_BASE);
}

pub(super) fn places(snapshot: &Snapshot, out: &mut [f64]) {
    faded(snapshot, out, 10.0, runs::placed, PLACE_BASE);
}

pub(super) fn win_surprise(snapshot: &Snapshot, out: &mut [f64]) {
    faded(snapshot, out, 6.0, runs::win_surprise, 0.0);
}

pub(super) fn win_surprise_recent(snapshot: &Snapshot, out: &mut [f64]) {
    faded(snapshot, out, 2.0, runs::win_surprise, 0.0);
}

pub(super) fn place_surprise(snapshot: &Snapshot, out: &mut [f64]) {
    faded(snapshot, out, 6.0, runs::place_surprise, 0.0);
}

pub(super) fn place_surprise_recent(snapshot: &Snapshot, out: &mut [f64]) {
    faded(snapshot, out, 2.0, runs::place_surprise, 0.0);
}

pub(super) fn win_surprise_lately(snapshot: &Snapshot, out: &mut [f64]) {
    lately(snapshot, out, runs::win_surprise);
}

pub(super) fn place_surprise_lately(snapshot: &Snapshot, out: &mut [f64]) {
    lately(snapshot, out, runs::place_surprise);
}

pub(super) fn lead(snapshot: &Snapshot, out: &mut [f64]) {
    let seconds_per_length = snapshot.race.seconds_per_length;
    each(snapshot, out, |entry| {
        Weighted::by_run(races(entry), 3.0, |run| lead_of(run, seconds_per_length)).mean()
    });
}

pub(super) fn lead_surprise(snapshot: &Snapshot, out: &mut [f64]) {
    lead_beyond(snapshot, out, 8.0);
}

pub(super) fn lead_surprise_recent(snapshot: &Snapshot, out: &mut [f64]) {
    lead_beyond(snapshot, out, 1.0);
}

pub(super) fn finish(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Weighted::by_run(races(entry), 5.0, finish_of).mean()
    });
}

/// Recent values, fading by runs, shrunk by one run of `base`.
fn faded(
    snapshot: &Snapshot,
    out: &mut [f64],
    half_life: f64,
    value: fn(&FormLine) -> Option<f64>,
    base: f64,
) {
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), half_life, value).shrunk(base, 1.0))
    });
}

/// Recent values, fading by days, shrunk by one run of none.
fn lately(snapshot: &Snapshot, out: &mut [f64], value: fn(&FormLine) -> Option<f64>) {
    let day = snapshot.race.day;
    each(snapshot, out, |entry| {
        Some(Weighted::by_day(races(entry), day, SURPRISE_DAYS, value).shrunk(0.0, 1.0))
    });
}

fn lead_beyond(snapshot: &Snapshot, out: &mut [f64], half_life: f64) {
    let seconds_per_length = snapshot.race.seconds_per_length;
    let beyond = |run: &FormLine| {
        let expected = LEAD_BASE + LEAD_PER_LOG * runs::log_chance(run)?;
        Some(lead_of(run, seconds_per_length)? - expected)
    };
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), half_life, beyond).shrunk(0.0, 0.7))
    });
}

/// 1 for the winner, 0 for the last and for who did not finish.
fn finish_of(run: &FormLine) -> Option<f64> {
    let unfinished = [
        Outcome::DidNotFinish,
        Outcome::Fell,
        Outcome::BroughtDown,
        Outcome::TailedOff,
    ];
    let Some(place) = run.performance.place else {
        let failed = run
            .performance
            .outcome
            .is_some_and(|o| unfinished.contains(&o));
        return failed.then_some(0.0);
    };
    let field = runs::field_of(run).max(place.get());
    if field < 2 {
        return None;
    }
    Some(f64::from(field - place.get()) / f64::from(field - 1))
}

/// Lengths before the second for a winner, lengths behind the winner, negative, for a loser.
fn lead_of(run: &FormLine, seconds_per_length: f64) -> Option<f64> {
    let done = &run.performance;
    if runs::won(run)? > 0.0 {
        return Some(done.margin?.get().min(LEAD_LIMIT));
    }
    let behind = match (done.run_time, done.winner_time) {
        (Some(own), Some(winner)) => (own.get() - winner.get()) / seconds_per_length,
        _ => done.margin?.get(),
    };
    Some(-behind.clamp(0.0, BEATEN_LIMIT))
}
