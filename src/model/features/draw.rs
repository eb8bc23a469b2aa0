//! The box: what it does to anybody here, who is missing beside it, and whether it suits the dog.

use super::runs::{self, Weighted, each, races};
use crate::domain::{BoxNo, Rug, Snapshot};

/// Boxes of a start: eight in Australia, six in Britain and Ireland.
const STARTS: [u8; 2] = [6, 8];

/// Runs by which the liking for a box is shrunk to none.
const SHRINK: f64 = 3.0;

pub(super) fn bias(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(entry.bias.effect));
}

pub(super) fn vacant(snapshot: &Snapshot, out: &mut [f64]) {
    let boxes = snapshot.entries.iter().filter_map(|entry| entry.box_no);
    let taken: Vec<u8> = boxes.map(BoxNo::get).collect();
    let last = taken.iter().copied().max().unwrap_or(0);
    let start = STARTS
        .into_iter()
        .find(|&start| last <= start)
        .unwrap_or(last);
    each(snapshot, out, |entry| {
        let own = entry.box_no?.get();
        let beside = [own - 1, own + 1].into_iter();
        let empty = |beside: &u8| (1..=start).contains(beside) && !taken.contains(beside);
        Some(f64::from(
            u8::try_from(beside.filter(empty).count()).unwrap_or(0),
        ))
    });
}

pub(super) fn suits(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let own = entry.box_no?.get();
        let near = races(entry).filter(|run| {
            let then = run.box_no.map(BoxNo::get).or(run.rug.map(Rug::get));
            then.is_some_and(|then| then.abs_diff(own) <= 1)
        });
        Some(Weighted::alike(near, runs::win_surprise).shrunk(0.0, SHRINK))
    });
}
