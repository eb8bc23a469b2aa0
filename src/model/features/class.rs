//! Against whom, where and how far the dog has run, beside the race at hand.

use super::runs::{self, Weighted, each, races};
use crate::domain::{Class, FormLine, Snapshot, grade_class};

/// Runs by which the weight of a past class halves.
const CLASS_HALF_LIFE: f64 = 3.0;

/// Distances that are the same to a dog, metres either way.
const SAME_DISTANCE: f64 = 30.0;

/// Runs by which the liking for a course or distance is shrunk to none.
const SHRINK: f64 = 2.0;

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

pub(super) fn here(snapshot: &Snapshot, out: &mut [f64]) {
    let race = &snapshot.race;
    each(snapshot, out, |entry| {
        let same =
            |run: &&FormLine| run.circuit == race.circuit && Some(run.distance) == race.distance;
        let runs = races(entry).filter(same);
        Some(Weighted::alike(runs, runs::place_surprise).shrunk(0.0, SHRINK))
    });
}

pub(super) fn at_distance(snapshot: &Snapshot, out: &mut [f64]) {
    let Some(distance) = snapshot.race.distance else {
        return;
    };
    each(snapshot, out, |entry| {
        let near = |run: &&FormLine| (run.distance.get() - distance.get()).abs() <= SAME_DISTANCE;
        let runs = races(entry).filter(near);
        Some(Weighted::alike(runs, runs::place_surprise).shrunk(0.0, SHRINK))
    });
}

/// The ladder of classes, 1 maiden to 7 open; `None` where the grade is unreadable.
fn step(class: Class) -> Option<f64> {
    (class != Class::Unknown).then(|| f64::from(class.code()))
}
