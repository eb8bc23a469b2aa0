//! The race itself: order, times, margins, positions in running.
//!
//! Performance is strength plus Gumbel noise, so the order is Plackett-Luce and the winner is drawn
//! with exactly the true probabilities. Times follow the order, never the other way round; a dog
//! that does not finish is taken from the last, so that chance of winning is not touched.

use super::dog::SeasonDog;
use super::luck::{Luck, whole};
use super::meeting::TEMPERATURE;
use super::race::{SeasonRace, SeasonRun, SeasonRunner};
use super::track::SeasonTrack;
use crate::domain::{Fault, Millis, Outcome, Place};

/// What a winner's performance is on average, seconds at 500 m: par is a winner's time.
const WINNER: f64 = 0.62;
/// Chance that two neighbours finish level.
const LEVEL: f64 = 0.012;
/// Chance that one of the last two does not finish.
const LOST: f64 = 0.012;
/// Share of the runs with a published sectional.
const SECTIONALS: f64 = 0.72;

/// One dog on its way: index of the runner, performance, time.
struct Going {
    runner: usize,
    performance: f64,
    millis: u32,
    sectional: u32,
    place: u8,
}

/// The track, and the seconds at 500 m that it is slow by tonight.
#[derive(Clone, Copy)]
pub(super) struct Tonight<'a> {
    pub(super) track: &'a SeasonTrack,
    pub(super) variant: f64,
}

/// Runs the race.
pub(super) fn run(
    race: &mut SeasonRace,
    dogs: &[SeasonDog],
    Tonight { track, variant }: Tonight<'_>,
    luck: &mut Luck,
) -> Result<(), Fault> {
    let mut order = performances(race, luck);
    order.sort_by(|one, two| two.performance.total_cmp(&one.performance));
    let lost = luck.happens(LOST).then(|| luck.below(2));
    let lost = lost.map(|back| order.remove(order.len() - 1 - back));
    time(&mut order, race, track, variant);
    first_marks(&mut order, race, dogs, track.step_millis(), luck);
    if luck.happens(LEVEL) {
        level(&mut order, luck);
    }
    let paths = positions(&order, track.calls, luck);
    let winner = order.first().map_or(0, |going| going.millis);
    let second = order.get(1).map_or(winner, |going| going.millis);
    race.winner_time = Some(millis(winner)?);
    for (going, path) in order.iter().zip(paths) {
        let gap = match (going.place, second == winner) {
            (1, true) => None,
            (1, false) => Some(second - winner),
            _ => Some(going.millis - winner),
        };
        race.runners[going.runner].run = Some(SeasonRun {
            place: Some(Place::new(i64::from(going.place))?),
            outcome: None,
            time: Some(millis(going.millis)?),
            sectional: sectional(going, luck)?,
            margin: gap.map(|gap| track.margin(gap)),
            positions: path,
        });
    }
    if let Some(going) = lost {
        race.runners[going.runner].run = Some(unfinished());
    }
    Ok(())
}

fn millis(raw: u32) -> Result<Millis, Fault> {
    Millis::from_raw(i64::from(raw))
}

fn sectional(going: &Going, luck: &mut Luck) -> Result<Option<Millis>, Fault> {
    let published = luck.happens(SECTIONALS);
    published.then(|| millis(going.sectional)).transpose()
}

fn unfinished() -> SeasonRun {
    SeasonRun {
        place: None,
        outcome: Some(Outcome::DidNotFinish),
        time: None,
        sectional: None,
        margin: None,
        positions: String::new(),
    }
}

fn performances(race: &SeasonRace, luck: &mut Luck) -> Vec<Going> {
    let starting = |(_, runner): &(usize, &SeasonRunner)| !runner.scratched;
    let starters = race.runners.iter().enumerate().filter(starting);
    starters
        .map(|(index, runner)| Going {
            runner: index,
            performance: runner.strength + TEMPERATURE * luck.gumbel(),
            millis: 0,
            sectional: 0,
            place: 0,
        })
        .collect()
}

/// Times from performances, in the track's steps, each later than the one before.
fn time(order: &mut [Going], race: &SeasonRace, track: &SeasonTrack, variant: f64) {
    let scale = f64::from(race.distance.metres) / 500.0;
    let step = track.step_millis();
    let mut before = 0;
    for (going, place) in order.iter_mut().zip(1..) {
        let seconds = race.distance.par + scale * (WINNER + variant - going.performance);
        let steps = whole(seconds * 1_000.0 / f64::from(step) + 0.5);
        going.millis = (steps * step).max(before + step);
        going.place = place;
        before = going.millis;
    }
}

/// Lets a random pair of neighbours finish in a dead heat.
fn level(order: &mut [Going], luck: &mut Luck) {
    let first = luck.below(order.len().saturating_sub(1));
    let Some([one, two, ..]) = order.get_mut(first..) else {
        return;
    };
    two.millis = one.millis;
    two.place = one.place;
}

/// Times to the first mark: early speed shows, and a little of how the race went.
fn first_marks(
    order: &mut [Going],
    race: &SeasonRace,
    dogs: &[SeasonDog],
    step: u32,
    luck: &mut Luck,
) {
    for going in order {
        let runner = &race.runners[going.runner];
        let went = going.performance - runner.strength;
        let quick = dogs[runner.dog].early + 0.15 * went - 0.05 * luck.normal();
        let steps = (race.distance.section - quick) * 1_000.0 / f64::from(step);
        going.sectional = whole(steps + 0.5) * step;
    }
}

/// The position of each dog at each call; the last is its place.
fn positions(order: &[Going], calls: usize, luck: &mut Luck) -> Vec<String> {
    let mut paths = vec![String::new(); order.len()];
    let early = ranks(order.iter().map(|going| f64::from(going.sectional)));
    for call in 0..calls.saturating_sub(1) {
        let done = call as f64 / (calls - 1) as f64;
        let blend = order.iter().zip(&early).map(|(going, &early)| {
            let now = (1.0 - done) * early as f64 + done * f64::from(going.place);
            now + if call == 0 { 0.0 } else { 0.5 * luck.normal() }
        });
        for (path, rank) in paths.iter_mut().zip(ranks(blend)) {
            path.push_str(&rank.to_string());
        }
    }
    for (path, going) in paths.iter_mut().zip(order) {
        path.push_str(&going.place.to_string());
    }
    paths
}

/// The rank of each value, from 1, the smallest first.
fn ranks(values: impl Iterator<Item = f64>) -> Vec<usize> {
    let values = values.collect::<Vec<_>>();
    let mut order = (0..values.len()).collect::<Vec<_>>();
    order.sort_by(|&one, &two| values[one].total_cmp(&values[two]));
    let mut ranks = vec![0; values.len()];
    for (rank, index) in (1..).zip(order) {
        ranks[index] = rank;
    }
    ranks
}
