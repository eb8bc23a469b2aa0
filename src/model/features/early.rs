//! Who is in front at the first bend: first calls of past races, the box, and the company.

use super::runs::{Weighted, each, field_of, races};
use crate::domain::{BoxNo, Entry, FormLine, Snapshot};

/// Runs by which the weight of a first call halves.
const HALF_LIFE: f64 = 4.0;

/// First calls in the middle that weigh as much as the dog's own.
const SHRINK: f64 = 1.5;

/// The call of a dog nobody has seen, 0 first to 1 last.
const MIDDLE: f64 = 0.5;

/// How much a call from first to last says about leading next time, log units.
const CALL_WEIGHT: f64 = 3.0;

pub(super) fn position(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| called(entry).mean());
}

/// The share of the exponentials of the calls, as a logit would give it; the weight is by eye, the
/// model scales it.
pub(super) fn lead(snapshot: &Snapshot, out: &mut [f64]) {
    let calls: Vec<f64> = snapshot.entries.iter().map(call).collect();
    let sum: f64 = calls.iter().map(|call| (-CALL_WEIGHT * call).exp()).sum();
    for (out, call) in out.iter_mut().zip(&calls) {
        *out = -CALL_WEIGHT * call - sum.ln();
    }
}

pub(super) fn beside(snapshot: &Snapshot, out: &mut [f64]) {
    let calls: Vec<(Option<u8>, f64)> = snapshot
        .entries
        .iter()
        .map(|entry| (entry.box_no.map(BoxNo::get), call(entry)))
        .collect();
    each(snapshot, out, |entry| {
        let own = entry.box_no?.get();
        let beside =
            |(number, _): &&(Option<u8>, f64)| number.is_some_and(|n| n.abs_diff(own) == 1);
        let (sum, n) = calls
            .iter()
            .filter(beside)
            .fold((0.0, 0.0), |(sum, n), (_, call)| (sum + call, n + 1.0));
        (n > 0.0).then(|| call(entry) - sum / n)
    });
}

/// The call to expect, 0 first to 1 last.
fn call(entry: &Entry) -> f64 {
    called(entry).shrunk(MIDDLE, SHRINK)
}

fn called(entry: &Entry) -> Weighted {
    Weighted::by_run(races(entry), HALF_LIFE, first_call)
}

/// The first digit of the positions in running, 0 first to 1 last.
fn first_call(run: &FormLine) -> Option<f64> {
    let positions = run.performance.positions.as_deref()?;
    let place = u8::try_from(positions.chars().find_map(|c| c.to_digit(10))?).ok()?;
    let field = field_of(run).max(place);
    (place > 0 && field > 1).then(|| f64::from(place - 1) / f64::from(field - 1))
}
