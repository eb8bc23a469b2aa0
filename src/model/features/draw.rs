//! The box: what it does to anybody here, who is missing beside it, and whether it suits the dog.

use super::runs::{self, Weighted, each, flag, races};
use crate::domain::{BoxNo, FormLine, Rug, Snapshot};

/// Boxes of a start: eight in Australia, six in Britain and Ireland.
const STARTS: [u8; 2] = [6, 8];

/// Runs by which the liking for a box is shrunk to none.
const SHRINK: f64 = 3.0;

/// How firmly the slope over the boxes is held at none, and where it turns.
const SLOPE_SHRINK: f64 = 20.0;
const MIDDLE: f64 = 4.5;

/// The field in which the effect of a box counts once.
const USUAL_FIELD: f64 = 7.0;

pub(super) fn bias(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(entry.bias.effect));
}

pub(super) fn place_bias(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(entry.bias.place_effect));
}

pub(super) fn bias_in_crowd(snapshot: &Snapshot, out: &mut [f64]) {
    let crowd = snapshot.entries.len() as f64 - USUAL_FIELD;
    each(snapshot, out, |entry| Some(entry.bias.effect * crowd));
}

pub(super) fn vacant(snapshot: &Snapshot, out: &mut [f64]) {
    let free = free(snapshot);
    each(snapshot, out, |entry| {
        let own = entry.box_no?.get();
        Some(flag(free(own - 1)) + flag(free(own + 1)))
    });
}

pub(super) fn vacant_inside(snapshot: &Snapshot, out: &mut [f64]) {
    let free = free(snapshot);
    each(snapshot, out, |entry| {
        Some(flag(free(entry.box_no?.get() - 1)))
    });
}

/// Whether a box is one of the start, and nobody is in it.
fn free(snapshot: &Snapshot) -> impl Fn(u8) -> bool {
    let boxes = snapshot.entries.iter().filter_map(|entry| entry.box_no);
    let taken: Vec<u8> = boxes.map(BoxNo::get).collect();
    let last = taken.iter().copied().max().unwrap_or(0);
    let start = STARTS
        .into_iter()
        .find(|&start| last <= start)
        .unwrap_or(last);
    move |number| (1..=start).contains(&number) && !taken.contains(&number)
}

pub(super) fn side(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let own = side_of(entry.box_no?.get());
        let same = races(entry).filter(|run| run_box(run).map(side_of) == Some(own));
        let said = |run: &FormLine| run.look.map(|look| look.place_surprise);
        Some(Weighted::alike(same, said).shrunk(0.0, SHRINK))
    });
}

pub(super) fn slope(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let (mut along, mut squares) = (0.0, SLOPE_SHRINK);
        for run in races(entry) {
            let Some(then) = run_box(run) else { continue };
            let off = f64::from(then) - MIDDLE;
            along += off * run.look.map_or(0.0, |look| look.surprise);
            squares += off * off;
        }
        Some(along / squares * (f64::from(entry.box_no?.get()) - MIDDLE))
    });
}

pub(super) fn suits(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let own = entry.box_no?.get();
        let near =
            races(entry).filter(|run| run_box(run).is_some_and(|then| then.abs_diff(own) <= 1));
        Some(Weighted::alike(near, runs::win_surprise).shrunk(0.0, SHRINK))
    });
}

/// The box of a past run; the rug where nobody says otherwise.
fn run_box(run: &FormLine) -> Option<u8> {
    run.box_no.map(BoxNo::get).or(run.rug.map(Rug::get))
}

/// Rails, middle or wide.
const fn side_of(number: u8) -> u8 {
    match number {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}
