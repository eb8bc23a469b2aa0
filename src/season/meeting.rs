//! A meeting on paper: who meets whom over which distance, from which box, with what true chance.

use super::dog::SeasonDog;
use super::luck::{Luck, whole};
use super::race::{SeasonDetail, SeasonGrade, SeasonRace, SeasonRunner};
use super::stable::Stable;
use super::track::{SeasonDistance, SeasonTrack};
use crate::domain::{BoxNo, Fault, Grams, Metres, RaceDay, Rug};

/// Seconds at 500 m that one unit of Gumbel noise is worth: the difficulty of the game.
pub(super) const TEMPERATURE: f64 = 0.177;
/// Chance that a runner is withdrawn.
const SCRATCHED: f64 = 0.025;
/// Boxes that stay empty, the usual ones more often.
const EMPTY: [f64; 8] = [0.5, 1.0, 2.0, 1.0, 2.0, 2.0, 1.0, 0.7];

/// When and where a meeting is.
#[derive(Clone, Copy)]
pub(super) struct Occasion<'a> {
    pub(super) day: RaceDay,
    /// Whether the results are still to come: then nobody is withdrawn yet.
    pub(super) to_come: bool,
    pub(super) index: usize,
    pub(super) track: &'a SeasonTrack,
}

/// A race being made up: its size, reserves and dogs.
struct Field {
    distance: SeasonDistance,
    starters: usize,
    reserves: usize,
    dogs: Vec<usize>,
}

/// The programme of a meeting from the dogs that would run, the weakest race first.
///
/// Takes as many dogs as it has use for from the front of `fit` and leaves the others.
pub(super) fn programme(
    occasion: Occasion<'_>,
    races: usize,
    fit: &mut Vec<usize>,
    stable: &Stable,
    luck: &mut Luck,
) -> Result<Vec<SeasonRace>, Fault> {
    let mut fields = sizes(occasion, races.min(fit.len() / 10), luck);
    let wanted = fields.iter().map(|field| field.starters + field.reserves);
    let mut entered = fit.drain(..wanted.sum::<usize>().min(fit.len()));
    let mut dogs = entered.by_ref().collect::<Vec<_>>();
    drop(entered);
    sort_by(&mut dogs, |dog| stable.dogs[dog].stay + 0.7 * luck.normal());
    share_out(&mut fields, dogs, stable, luck);
    let mut graded = fields
        .into_iter()
        .map(|field| (grade(&field.dogs, stable), field))
        .collect::<Vec<_>>();
    graded.sort_by_key(|(grade, _)| *grade);
    graded
        .into_iter()
        .zip(1..)
        .map(|((grade, field), number)| draw(occasion, number, grade, &field, stable, luck))
        .collect()
}

/// The distances and sizes of the races, shortest first.
fn sizes(occasion: Occasion<'_>, races: usize, luck: &mut Luck) -> Vec<Field> {
    let distances = occasion.track.distances;
    let shares = distances.iter().map(|d| d.share).collect::<Vec<_>>();
    let mut picks = (0..races)
        .map(|_| luck.weighted(&shares))
        .collect::<Vec<_>>();
    picks.sort_unstable();
    let field = |pick: usize| {
        let starters = 8 - luck.weighted(&[0.58, 0.22, 0.15, 0.05]);
        let reserved = starters == 8 && !occasion.to_come && luck.happens(0.15);
        Field {
            distance: distances[pick],
            starters,
            reserves: usize::from(reserved) * (1 + usize::from(luck.happens(0.3))),
            dogs: Vec::new(),
        }
    };
    picks.into_iter().map(field).collect()
}

/// Fills the races of each distance with its dogs, the weak with the weak.
fn share_out(fields: &mut [Field], mut dogs: Vec<usize>, stable: &Stable, luck: &mut Luck) {
    for group in fields.chunk_by_mut(|one, two| one.distance.metres == two.distance.metres) {
        let wanted: usize = group.iter().map(|f| f.starters + f.reserves).sum();
        let mut here = dogs.drain(..wanted.min(dogs.len())).collect::<Vec<_>>();
        sort_by(&mut here, |dog| {
            let unproven = if stable.states[dog].wins == 0 {
                1.0
            } else {
                0.0
            };
            stable.dogs[dog].class() + 0.1 * luck.normal() - unproven
        });
        for field in group {
            let size = (field.starters + field.reserves).min(here.len());
            field.dogs = here.drain(..size).collect();
            luck.shuffle(&mut field.dogs);
        }
    }
}

/// Sorts by a key that is drawn once for each dog.
fn sort_by(dogs: &mut Vec<usize>, mut key: impl FnMut(usize) -> f64) {
    let mut keyed = dogs
        .drain(..)
        .map(|dog| (key(dog), dog))
        .collect::<Vec<_>>();
    keyed.sort_by(|one, two| one.0.total_cmp(&two.0));
    dogs.extend(keyed.into_iter().map(|(_, dog)| dog));
}

fn grade(dogs: &[usize], stable: &Stable) -> SeasonGrade {
    if dogs.iter().all(|&dog| stable.states[dog].wins == 0) {
        return SeasonGrade::Maiden;
    }
    let sum: f64 = dogs.iter().map(|&dog| stable.dogs[dog].class()).sum();
    match sum / dogs.len() as f64 {
        mean if mean < -0.30 => SeasonGrade::Seven,
        mean if mean < -0.20 => SeasonGrade::SixSeven,
        mean if mean < -0.10 => SeasonGrade::Six,
        mean if mean < 0.15 => SeasonGrade::Five,
        mean if mean < 0.27 => SeasonGrade::FourFive,
        mean if mean < 0.40 => SeasonGrade::Four,
        _ => SeasonGrade::Open,
    }
}

/// Draws boxes, withdraws some, starts reserves, and works out the truth.
fn draw(
    occasion: Occasion<'_>,
    number: u8,
    grade: SeasonGrade,
    field: &Field,
    stable: &Stable,
    luck: &mut Luck,
) -> Result<SeasonRace, Fault> {
    let starters = field.starters.min(field.dogs.len());
    let (first, reserves) = field.dogs.split_at(starters);
    let mut runners = Vec::new();
    for (stall, &dog) in boxes(starters, luck).into_iter().zip(first) {
        runners.push(runner(stall, Some(stall), &stable.dogs[dog], dog, luck)?);
    }
    for (stall, &dog) in (8..).zip(reserves) {
        runners.push(runner(stall, None, &stable.dogs[dog], dog, luck)?);
    }
    if !occasion.to_come {
        withdraw(&mut runners, luck);
    }
    let track = occasion.track;
    for runner in runners.iter_mut().filter(|runner| !runner.scratched) {
        let stall = runner
            .box_no
            .map_or(0, |stall| usize::from(stall.get()) - 1);
        let form = stable.states[runner.dog].form;
        runner.strength = stable.dogs[runner.dog].strength(form, track, &field.distance, stall);
    }
    tell_truth(&mut runners);
    Ok(SeasonRace {
        id: String::new(),
        day: occasion.day,
        track: occasion.index,
        number,
        metres: Metres::new(f64::from(field.distance.metres))?,
        grade,
        runners,
        winner_time: None,
        best_of_night: None,
        detail: match luck.weighted(&[0.86, 0.06, 0.08]) {
            0 => SeasonDetail::Official,
            1 => SeasonDetail::Derived,
            _ => SeasonDetail::Bare,
        },
        distance: field.distance,
    })
}

/// The stalls in use, counted from 0, in order.
fn boxes(starters: usize, luck: &mut Luck) -> Vec<usize> {
    let mut weights = EMPTY;
    for _ in starters..8 {
        weights[luck.weighted(&weights)] = 0.0;
    }
    let used = |stall: &usize| weights[*stall] > 0.0;
    (0..8).filter(used).collect()
}

fn runner(
    rug: usize,
    stall: Option<usize>,
    dog: &SeasonDog,
    index: usize,
    luck: &mut Luck,
) -> Result<SeasonRunner, Fault> {
    let number = |index: usize| i64::try_from(index + 1).unwrap_or(0);
    let tenths = whole((dog.weight + 0.2 * luck.normal()) * 10.0 + 0.5);
    Ok(SeasonRunner {
        rug: Rug::new(number(rug))?,
        box_no: stall.map(number).map(BoxNo::new).transpose()?,
        dog: index,
        weight: Grams::from_raw(i64::from(tenths) * 100)?,
        scratched: stall.is_none(),
        truth: 0.0,
        run: None,
        prices: None,
        strength: 0.0,
    })
}

/// Withdraws a few, never to fewer than five starters; reserves take the empty boxes.
fn withdraw(runners: &mut [SeasonRunner], luck: &mut Luck) {
    let (drawn, reserves): (Vec<_>, Vec<_>) =
        runners.iter_mut().partition(|runner| !runner.scratched);
    let mut standing = drawn.len();
    let mut reserves = reserves.into_iter();
    for runner in drawn {
        if standing <= 5 || !luck.happens(SCRATCHED) {
            continue;
        }
        runner.scratched = true;
        if let Some(reserve) = reserves.next() {
            reserve.scratched = false;
            reserve.box_no = runner.box_no;
            continue;
        }
        standing -= 1;
    }
}

/// Win probabilities of the Plackett-Luce race: the softmax of the strengths over the temperature.
fn tell_truth(runners: &mut [SeasonRunner]) {
    let starting = |runner: &&mut SeasonRunner| !runner.scratched;
    let mut sum = 0.0;
    for runner in runners.iter_mut().filter(starting) {
        runner.truth = (runner.strength / TEMPERATURE).exp();
        sum += runner.truth;
    }
    for runner in runners.iter_mut().filter(starting) {
        runner.truth /= sum;
    }
}
