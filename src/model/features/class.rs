//! Against whom, where and how far the dog has run, beside the race at hand.

use super::runs::{self, Weighted, each, flag, races};
use crate::domain::{Class, FormLine, Look, Snapshot, grade_class};

/// Runs by which the weight of a past class halves.
const CLASS_HALF_LIFE: f64 = 3.0;

/// Distances that are the same to a dog, metres either way.
const SAME_DISTANCE: f64 = 30.0;

/// Runs by which the liking for a course or distance is shrunk to none.
const SHRINK: f64 = 2.0;

/// Days by which the weight of a liking halves, where it is counted by days.
const LIKING_DAYS: f64 = 60.0;

/// Runs over which the usual distance is taken, and how firmly the slope is held at none.
const DISTANCE_HALF_LIFE: f64 = 8.0;
const SLOPE_SHRINK: f64 = 1.5;

pub(super) fn change(snapshot: &Snapshot, out: &mut [f64]) {
    let Some(today) = step(snapshot.race.class) else {
        return;
    };
    each(snapshot, out, |entry| {
        let past = |run: &FormLine| step(grade_class(run.grade.as_deref()?));
        let usual = Weighted::by_run(races(entry), CLASS_HALF_LIFE, past).mean()?;
        Some(today - usual)
    });
}

pub(super) fn distance_change(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let last = races(entry).next()?;
        Some((snapshot.race.distance?.get() - last.distance.get()) / 100.0)
    });
}

pub(super) fn distance_moved(snapshot: &Snapshot, out: &mut [f64]) {
    distance_change(snapshot, out);
    for change in out {
        *change = change.abs();
    }
}

pub(super) fn new_here(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let known = races(entry).next().is_some();
        Some(flag(
            known && !races(entry).any(|run| is_here(snapshot, run)),
        ))
    });
}

pub(super) fn here(snapshot: &Snapshot, out: &mut [f64]) {
    liking(snapshot, out, is_here, |look| look.place_surprise);
}

pub(super) fn at_distance(snapshot: &Snapshot, out: &mut [f64]) {
    liking(snapshot, out, is_near, |look| look.place_surprise);
}

pub(super) fn wins_here(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let runs = races(entry).filter(|run| is_here(snapshot, run));
        Some(Weighted::alike(runs, runs::win_surprise).shrunk(0.0, 1.0 + SHRINK))
    });
}

pub(super) fn course_lately(snapshot: &Snapshot, out: &mut [f64]) {
    liking_lately(snapshot, out, |run| run.circuit == snapshot.race.circuit);
}

pub(super) fn distance_lately(snapshot: &Snapshot, out: &mut [f64]) {
    liking_lately(snapshot, out, |run| is_near(snapshot, run));
}

pub(super) fn distance_slope(snapshot: &Snapshot, out: &mut [f64]) {
    let Some(distance) = snapshot.race.distance else {
        return;
    };
    each(snapshot, out, |entry| {
        let metres = |run: &FormLine| Some(run.distance.get());
        let usual = Weighted::by_run(races(entry), DISTANCE_HALF_LIFE, metres).mean()?;
        let (mut along, mut squares) = (0.0, SLOPE_SHRINK);
        for run in races(entry) {
            let off = (run.distance.get() - usual) / 100.0;
            along += off * run.look.map_or(0.0, |look| look.surprise);
            squares += off * off;
        }
        Some(along / squares * (distance.get() - usual) / 100.0)
    });
}

fn is_here(snapshot: &Snapshot, run: &FormLine) -> bool {
    run.circuit == snapshot.race.circuit && Some(run.distance) == snapshot.race.distance
}

fn is_near(snapshot: &Snapshot, run: &FormLine) -> bool {
    let distance = snapshot.race.distance;
    distance.is_some_and(|here| (run.distance.get() - here.get()).abs() <= SAME_DISTANCE)
}

/// What the looks of such runs said beyond the rating, shrunk to none.
fn liking(
    snapshot: &Snapshot,
    out: &mut [f64],
    such: impl Fn(&Snapshot, &FormLine) -> bool,
    said: impl Fn(&Look) -> f64,
) {
    each(snapshot, out, |entry| {
        let runs = races(entry).filter(|run| such(snapshot, run));
        let said = |run: &FormLine| run.look.as_ref().map(&said);
        Some(Weighted::alike(runs, said).shrunk(0.0, SHRINK))
    });
}

/// The same, fading by days.
fn liking_lately(snapshot: &Snapshot, out: &mut [f64], such: impl Fn(&FormLine) -> bool) {
    each(snapshot, out, |entry| {
        let runs = races(entry).filter(|run| such(run));
        let said = |run: &FormLine| run.look.map(|look| look.surprise);
        let faded = Weighted::by_day(runs, snapshot.race.day, LIKING_DAYS, said);
        Some(faded.shrunk(0.0, 1.0))
    });
}

/// The ladder of classes, 1 maiden to 7 open; `None` where the grade is unreadable.
fn step(class: Class) -> Option<f64> {
    (class != Class::Unknown).then(|| f64::from(class.code()))
}
