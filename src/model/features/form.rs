//! What the dog did in its races: wins, places, margins. Trials do not count.

use super::runs::{self, Weighted, each, races};
use crate::domain::{FormLine, Outcome, Snapshot};

/// Win rate of a runner nobody knows.
const WIN_BASE: f64 = 0.14;

/// Place rate of a runner nobody knows.
const PLACE_BASE: f64 = 0.4;

/// The most that one run may be behind, percent of the winner's time.
const BEATEN_LIMIT: f64 = 5.0;

/// Winners of an unknown field size beat this many.
const USUAL_FIELD: u8 = 8;

pub(super) fn wins(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), 8.0, runs::won).shrunk(WIN_BASE, 2.0))
    });
}

pub(super) fn wins_recent(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), 3.0, runs::won).shrunk(WIN_BASE, 1.0))
    });
}

pub(super) fn places(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), 8.0, runs::placed).shrunk(PLACE_BASE, 2.0))
    });
}

pub(super) fn places_recent(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), 3.0, runs::placed).shrunk(PLACE_BASE, 1.0))
    });
}

pub(super) fn win_surprise(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), 6.0, runs::win_surprise).shrunk(0.0, 1.0))
    });
}

pub(super) fn place_surprise(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Some(Weighted::by_run(races(entry), 4.0, runs::place_surprise).shrunk(0.0, 1.0))
    });
}

pub(super) fn finish(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Weighted::by_run(races(entry), 5.0, finish_of).mean()
    });
}

pub(super) fn beaten(snapshot: &Snapshot, out: &mut [f64]) {
    let seconds_per_length = snapshot.race.seconds_per_length;
    each(snapshot, out, |entry| {
        Weighted::by_run(races(entry), 4.0, |run| beaten_of(run, seconds_per_length)).mean()
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
    let field = run.field_size.unwrap_or(USUAL_FIELD).max(place.get());
    if field < 2 {
        return None;
    }
    Some(f64::from(field - place.get()) / f64::from(field - 1))
}

/// Percent of the winner's time behind the winner, 0 to 5; 0 for the winner.
fn beaten_of(run: &FormLine, seconds_per_length: f64) -> Option<f64> {
    let winner = run.performance.winner_time?.get();
    let behind = match (runs::won(run), run.performance.run_time) {
        (Some(won), _) if won > 0.0 => 0.0,
        (_, Some(own)) => own.get() - winner,
        (_, None) => run.performance.margin?.get() * seconds_per_length,
    };
    Some((100.0 * behind / winner).clamp(0.0, BEATEN_LIMIT))
}
