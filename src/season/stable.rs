//! All dogs in training, day by day: form, retirement, debuts, and who is fit to enter.

use super::dog::{Kennel, SeasonDog};
use super::luck::Luck;
use super::names::Names;
use super::race::SeasonRace;
use super::settings::{REST_DAYS, SeasonSettings};
use super::track::SeasonTrack;
use crate::domain::{Fault, RaceDay, Sex};

/// Share of the dogs that retires on a day.
const RETIRE: f64 = 1.0 / 450.0;
/// What a day leaves of yesterday's form.
const FORM_KEPT: f64 = 0.985;
/// How much form moves in a day, seconds.
const FORM_STEP: f64 = 0.022;
/// How far form is from its mean on the first day, seconds.
const FORM_SPREAD: f64 = 0.12;
/// Days before the end from which no unraced dog enters: a form guide cannot show one.
const NO_DEBUT: i64 = 14;

/// What changes about a dog.
pub(super) struct State {
    /// Passing form, seconds at 500 m pace.
    pub(super) form: f64,
    /// Day of its latest entry, counted from the first of the season.
    pub(super) entered: i64,
    /// Races finished in the season.
    pub(super) runs: u32,
    /// Races won, with those before the season.
    pub(super) wins: u32,
}

/// The dogs, those in training and those retired.
pub(super) struct Stable {
    pub(super) dogs: Vec<SeasonDog>,
    pub(super) states: Vec<State>,
    pub(super) kennels: Vec<Kennel>,
    names: Names,
    sires: Vec<String>,
    dams: Vec<String>,
    skill: Vec<f64>,
    active: Vec<usize>,
    first_day: RaceDay,
    days: i64,
}

impl Stable {
    /// The kennels on the first day, full.
    pub(super) fn found(settings: &SeasonSettings, luck: &mut Luck) -> Result<Self, Fault> {
        let mut people = Names::of_people(luck);
        let kennel = |index: usize| {
            people.give().map(|trainer| Kennel {
                trainer,
                home: index % settings.tracks,
            })
        };
        let kennels = (0..settings.kennels)
            .map(kennel)
            .collect::<Result<Vec<_>, _>>()?;
        let mut names = Names::of_dogs(luck);
        let mut parents = |count: usize| (0..count).map(|_| names.give()).collect();
        let (sires, dams): (Result<Vec<_>, _>, Result<Vec<_>, _>) = (parents(40), parents(160));
        let mut stable = Self {
            dogs: Vec::new(),
            states: Vec::new(),
            skill: kennels.iter().map(|_| luck.normal() * 0.08).collect(),
            kennels,
            names,
            sires: sires?,
            dams: dams?,
            active: Vec::new(),
            first_day: settings.first_day,
            days: i64::from(settings.days),
        };
        for kennel in 0..settings.kennels {
            for _ in 0..settings.dogs_per_kennel {
                stable.join(kennel, 0, luck)?;
            }
        }
        Ok(stable)
    }

    /// A new day: form drifts, some retire, and a young dog takes each empty place.
    pub(super) fn wake(&mut self, day: i64, luck: &mut Luck) -> Result<(), Fault> {
        let today = self.first_day.plus(day);
        let mut leaving = Vec::new();
        for &dog in &self.active {
            let state = &mut self.states[dog];
            state.form = FORM_KEPT * state.form + FORM_STEP * luck.normal();
            if luck.happens(RETIRE) {
                leaving.push(dog);
            }
        }
        for dog in leaving {
            self.dogs[dog].retired = Some(today);
            self.active.retain(|&other| other != dog);
            self.join(self.dogs[dog].kennel, day, luck)?;
        }
        Ok(())
    }

    fn join(&mut self, kennel: usize, day: i64, luck: &mut Luck) -> Result<(), Fault> {
        let dog = self.whelp(kennel, day, luck)?;
        let raced = day == 0 && luck.happens(0.75);
        let wins = if raced { 1 + luck.below(4) } else { 0 };
        self.active.push(self.dogs.len());
        self.states.push(State {
            form: FORM_SPREAD * luck.normal(),
            entered: day - i64::try_from(luck.below(8)).unwrap_or(0),
            runs: 0,
            wins: u32::try_from(wins).unwrap_or(0),
        });
        self.dogs.push(dog);
        Ok(())
    }

    fn whelp(&mut self, kennel: usize, day: i64, luck: &mut Luck) -> Result<SeasonDog, Fault> {
        let male = luck.happens(0.55);
        let usual = if male { 32.0 } else { 27.3 };
        Ok(SeasonDog {
            name: self.names.give()?,
            sex: if male { Sex::Dog } else { Sex::Bitch },
            sire: self.sires[luck.below(self.sires.len())].clone(),
            dam: self.dams[luck.below(self.dams.len())].clone(),
            kennel,
            weight: usual + 1.6 * luck.normal(),
            ability: self.skill[kennel] + 0.26 * luck.normal(),
            early: 0.14 * luck.normal(),
            rail: (0.5 * luck.normal()).clamp(-1.0, 1.0),
            stay: luck.normal(),
            debut: self.first_day.plus(day),
            retired: None,
        })
    }

    /// Notes who entered, ran and won.
    pub(super) fn remember(&mut self, day: i64, races: &[SeasonRace]) {
        for runner in races.iter().flat_map(|race| &race.runners) {
            let state = &mut self.states[runner.dog];
            state.entered = day;
            state.runs += u32::from(runner.place().is_some());
            state.wins += u32::from(runner.won());
        }
    }

    /// Those who would race today, for each meeting its own list with the most eager first.
    ///
    /// A dog is on one list at most, and mostly on that of a track near its kennel.
    pub(super) fn fit(
        &self,
        day: i64,
        tracks: &[SeasonTrack],
        meetings: &[usize],
        luck: &mut Luck,
    ) -> Vec<Vec<usize>> {
        let mut lists = vec![Vec::new(); meetings.len()];
        for &dog in &self.active {
            let state = &self.states[dog];
            let rest = day - state.entered;
            let unraced = state.runs == 0;
            if rest < REST_DAYS || (unraced && day + NO_DEBUT.min(self.days / 3) >= self.days) {
                continue;
            }
            let home = self.kennels[self.dogs[dog].kennel].home;
            let near = |&track: &usize| nearness(tracks, home, track);
            let meeting = luck.weighted(&meetings.iter().map(near).collect::<Vec<_>>());
            let eager = luck.unit() + 0.2 * f64::from(i32::try_from(rest).unwrap_or(0));
            lists[meeting].push((eager, dog));
        }
        for list in &mut lists {
            list.sort_by(|one, two| two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)));
        }
        let dogs = |list: Vec<(f64, usize)>| list.into_iter().map(|(_, dog)| dog).collect();
        lists.into_iter().map(dogs).collect()
    }
}

fn nearness(tracks: &[SeasonTrack], home: usize, track: usize) -> f64 {
    let state = |index: usize| tracks.get(index).map(|track| track.state);
    match (home == track, state(home) == state(track)) {
        (true, _) => 1.0,
        (false, true) => 0.4,
        (false, false) => 0.01,
    }
}
