//! How strong the companies of the last weeks were, reckoned from all looks together.
//!
//! A dog's looks and the strength of its companies depend on each other through everybody who met:
//! given the companies each dog is smoothed for itself, given the dogs each company is a mean; taken
//! in turn a few times a day they settle, because yesterday's answer is where today's begins.

use std::collections::{BTreeMap, HashMap};

use super::RatingSettings;
use super::lens::Lens;
use crate::domain::{DogId, Look, RaceDay, RaceId, WinPlace};

/// Days that a look counts in hindsight.
pub const COMPANY_DAYS: i64 = 120;

/// Days that a company is still reckoned anew, and a dog is after its last race.
const OPEN_DAYS: i64 = 90;

/// Looks at one dog that count at most, the newest.
pub(super) const MOST_LOOKS: usize = 30;

/// How often dogs and companies take turns at the end of a day.
const TURNS: usize = 2;

/// A company that is seen this much differently is a fact, natural-log units; less is not worth a row.
const NOTICED: f64 = 0.05;

/// Parts of a natural-log unit that are kept, so that the order of a sum does not show.
const GRAIN: f64 = 1e6;

/// One look at one dog.
#[derive(Debug, Clone, Copy)]
struct Ran {
    /// Which of the companies.
    company: usize,
    day: RaceDay,
    look: Look,
}

/// Those who met in one race.
#[derive(Debug, Clone, Copy)]
struct Company {
    race: RaceId,
    day: RaceDay,
    seen: WinPlace,
}

/// What is summed over a race.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    total: f64,
    weight: f64,
}

/// Everybody who ran lately, and how their companies are seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Companies {
    dogs: BTreeMap<DogId, Vec<Ran>>,
    /// In the order of their days.
    met: Vec<Company>,
    of_race: HashMap<RaceId, usize>,
}

impl Lens {
    /// How the companies are seen after some turns, `open` the first that is reckoned.
    fn settle(self, companies: &Companies, open: usize, today: RaceDay) -> Vec<f64> {
        let known = companies.met.iter();
        let mut seen: Vec<f64> = known.map(|company| (self.of)(&company.seen)).collect();
        for _ in 0..TURNS {
            let sums = self.sums(companies, &seen, open, today);
            for (seen, sum) in seen.iter_mut().skip(open).zip(sums) {
                if sum.weight > 0.0 {
                    *seen = sum.total / sum.weight;
                }
            }
        }
        seen
    }

    /// By how much the dogs of each open company are stronger than their looks at it.
    fn sums(self, companies: &Companies, seen: &[f64], open: usize, today: RaceDay) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); seen.len() - open];
        for ran in companies.dogs.values() {
            let ran = lately(ran, today);
            let looks = ran.iter().map(|ran| (ran.day, ran.look, seen[ran.company]));
            let Some(smoothed) = self.smooth(looks) else {
                continue;
            };
            for (ran, at) in ran.iter().zip(smoothed.at) {
                if let Some(n) = ran.company.checked_sub(open) {
                    sums[n].total += (at - self.look(&ran.look)) / ran.look.noise;
                    sums[n].weight += 1.0 / ran.look.noise;
                }
            }
        }
        sums
    }
}

/// The looks that count of a dog, oldest first; none of a dog that has not run for long.
fn lately(ran: &[Ran], today: RaceDay) -> &[Ran] {
    if ran
        .last()
        .is_none_or(|last| last.day < today.plus(-OPEN_DAYS))
    {
        return &[];
    }
    let young = ran.partition_point(|ran| ran.day < today.plus(-COMPANY_DAYS));
    &ran[young.max(ran.len().saturating_sub(MOST_LOOKS))..]
}

impl Companies {
    /// Adds what a race said of a dog, in the order of days; of two races on one day the later one
    /// counts.
    pub(super) fn add(&mut self, dog: DogId, race: RaceId, day: RaceDay, look: Look) {
        let company = *self.of_race.entry(race).or_insert_with(|| {
            self.met.push(Company {
                race,
                day,
                seen: WinPlace::default(),
            });
            self.met.len() - 1
        });
        let ran = self.dogs.entry(dog).or_default();
        ran.retain(|ran| ran.day != day);
        ran.push(Ran { company, day, look });
    }

    /// Sets how a company is seen, if anybody is known who was there.
    pub(super) fn seed(&mut self, race: RaceId, hindsight: WinPlace) {
        if let Some(company) = self.of_race.get(&race) {
            self.met[*company].seen = hindsight;
        }
    }

    /// Reckons the companies anew at the end of a day, and says which are seen differently now.
    pub(super) fn close(
        &mut self,
        settings: &RatingSettings,
        today: RaceDay,
    ) -> Vec<(RaceId, WinPlace)> {
        self.forget(today);
        let first = today.plus(-OPEN_DAYS);
        let open = self.met.partition_point(|company| company.day < first);
        let [win, place] = Lens::both(settings);
        let (win, place) = std::thread::scope(|scope| {
            let beside = scope.spawn(|| win.settle(self, open, today));
            let place = place.settle(self, open, today);
            let win = beside.join();
            (
                win.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                place,
            )
        });
        let seen = win.into_iter().zip(place);
        let mut changed = Vec::new();
        for (company, (win, place)) in self.met.iter_mut().zip(seen).skip(open) {
            let now = WinPlace {
                win: (win * GRAIN).round() / GRAIN,
                place: (place * GRAIN).round() / GRAIN,
            };
            let moved = (now.win - company.seen.win).abs();
            if moved > NOTICED || (now.place - company.seen.place).abs() > NOTICED {
                company.seen = now;
                changed.push((company.race, now));
            }
        }
        changed
    }

    /// Lets go of the looks that do not count any more.
    fn forget(&mut self, today: RaceDay) {
        let first = today.plus(-COMPANY_DAYS);
        self.dogs.retain(|_, ran| {
            ran.retain(|ran| ran.day >= first);
            !ran.is_empty()
        });
    }
}
