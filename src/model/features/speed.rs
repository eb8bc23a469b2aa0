//! How fast the dog ran. A figure is 100 · (par − time) / par: percent faster than the average
//! winner at that circuit and distance. Trials count here.

use super::runs::{Weighted, each, timed};
use crate::domain::{Entry, FormLine, Millis, RaceDay, Snapshot};

/// Timed runs that are looked at.
const NEWEST: usize = 8;

/// Timed runs among which the best is sought.
const BEST_OF: usize = 6;

/// Weight that every newer run takes from an older one.
const FADE_PER_RUN: f64 = 0.75;

/// Days by which the weight of a time halves.
const HALF_LIFE_DAYS: f64 = 120.0;

/// Winners that a par needs before it is believed.
const PAR_NEEDS: f64 = 3.0;

/// Figures further from par than this are falls, easings and misprints, percent.
const FIGURE_LIMIT: f64 = 6.0;

/// How much of the night's best figure is the track and not the dog.
const NIGHT_SHARE: f64 = 0.6;

pub(super) fn best(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let figures = timed(entry).filter_map(own_figure).take(BEST_OF);
        figures.reduce(f64::max)
    });
}

pub(super) fn mean(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        faded(snapshot.race.day, entry, own_figure).mean()
    });
}

pub(super) fn night(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        faded(snapshot.race.day, entry, night_figure).mean()
    });
}

pub(super) fn here(snapshot: &Snapshot, out: &mut [f64]) {
    over_this_course(snapshot, out, |run| run.performance.run_time);
}

pub(super) fn early(snapshot: &Snapshot, out: &mut [f64]) {
    over_this_course(snapshot, out, |run| run.performance.sectional);
}

/// Times over one course and distance need no par: the mean of the field is taken off later.
fn over_this_course(
    snapshot: &Snapshot,
    out: &mut [f64],
    time: impl Fn(&FormLine) -> Option<Millis>,
) {
    let race = &snapshot.race;
    let Some(distance) = race.distance else {
        return;
    };
    each(snapshot, out, |entry| {
        let speed = |run: &FormLine| {
            let same = run.circuit == race.circuit && run.distance == distance;
            let time = time(run).filter(|_| same)?;
            Some(-100.0 * time.get().ln())
        };
        faded(race.day, entry, speed).mean()
    });
}

/// The newest values, weighted by their number and their age.
fn faded(day: RaceDay, entry: &Entry, value: impl Fn(&FormLine) -> Option<f64>) -> Weighted {
    let mut total = Weighted::default();
    let mut weight = 1.0;
    let known = timed(entry).filter_map(|run| Some((run, value(run)?)));
    for (run, value) in known.take(NEWEST) {
        let age = u32::try_from(day.since(run.day)).map_or(0.0, f64::from);
        total.add(Some(value), weight * 0.5_f64.powf(age / HALF_LIFE_DAYS));
        weight *= FADE_PER_RUN;
    }
    total
}

fn own_figure(run: &FormLine) -> Option<f64> {
    figure(run, run.performance.run_time)
}

/// The figure less a share of what the best of that night did against par.
fn night_figure(run: &FormLine) -> Option<f64> {
    let fastest = run
        .performance
        .best_of_night
        .or(run.performance.winner_time);
    Some(own_figure(run)? - NIGHT_SHARE * figure(run, fastest)?)
}

fn figure(run: &FormLine, time: Option<Millis>) -> Option<f64> {
    let par = run.par.filter(|par| par.races >= PAR_NEEDS)?;
    let figure = 100.0 * (par.time_s - time?.get()) / par.time_s;
    (figure.abs() <= FIGURE_LIMIT).then_some(figure)
}
