//! A made-up racing season whose true win probabilities are known.
//!
//! [`Season::generate`] breeds dogs, grades races and runs them, the same for the same seed;
//! [`Season::write`] puts it into the files that lurcher imports. The last day is still to come: its
//! races have cards and a truth, and no result. Nothing here resembles a real dog; the tracks are.

mod dog;
mod files;
mod form_file;
mod loss;
mod luck;
mod market;
mod meeting;
mod names;
mod race;
mod result_file;
mod run;
mod settings;
mod stable;
mod track;

pub use dog::{Kennel, SeasonDog};
pub use files::SeasonFiles;
pub use loss::SeasonLosses;
pub use race::{SeasonDetail, SeasonGrade, SeasonPrices, SeasonRace, SeasonRun, SeasonRunner};
pub use settings::SeasonSettings;
pub use track::{SeasonDistance, SeasonTrack};

use luck::Luck;
use meeting::Occasion;
use run::Tonight;
use stable::Stable;

use crate::domain::{Chances, Fault, Millis};

/// How slow a track can be on a night, standard deviation in seconds at 500 m.
const VARIANT: f64 = 0.1;

/// A generated season.
#[derive(Debug, Clone, PartialEq)]
pub struct Season {
    /// What it was generated from.
    pub settings: SeasonSettings,
    /// Its tracks.
    pub tracks: Vec<SeasonTrack>,
    /// Its kennels.
    pub kennels: Vec<Kennel>,
    /// Its dogs, in the order in which they came into training.
    pub dogs: Vec<SeasonDog>,
    /// Its races, by day, meeting and number.
    pub races: Vec<SeasonRace>,
}

impl Season {
    /// Breeds, grades and races. Fails when a setting is out of range or the names run out.
    pub fn generate(settings: &SeasonSettings) -> Result<Self, Fault> {
        settings.check()?;
        let mut luck = Luck::new(settings.seed);
        let tracks = track::TRACKS[..settings.tracks].to_vec();
        let mut stable = Stable::found(settings, &mut luck)?;
        let mut races = Vec::new();
        for day in 0..i64::from(settings.days) {
            if day > 0 {
                stable.wake(day, &mut luck)?;
            }
            hold_day(settings, &tracks, day, &mut stable, &mut races, &mut luck)?;
        }
        for (race, number) in races.iter_mut().zip(1..) {
            race.id = format!("sim{number:06}");
        }
        Ok(Self {
            settings: *settings,
            tracks,
            kennels: stable.kennels,
            dogs: stable.dogs,
            races,
        })
    }

    /// The true win probabilities of a race, in the order of [`SeasonRace::starters`]; `None` when
    /// there is no such race.
    #[must_use]
    pub fn truth(&self, race: usize) -> Option<Chances> {
        let race = self.races.get(race)?;
        let raw = race.starters().map(|runner| runner.truth);
        Chances::new(&raw.collect::<Vec<_>>()).ok()
    }

    /// The races that are over, in order.
    pub fn finished(&self) -> impl Iterator<Item = &SeasonRace> {
        self.races.iter().filter(|race| race.is_over())
    }

    /// The races still to come, in order.
    pub fn to_come(&self) -> impl Iterator<Item = &SeasonRace> {
        self.races.iter().filter(|race| !race.is_over())
    }
}

fn hold_day(
    settings: &SeasonSettings,
    tracks: &[SeasonTrack],
    day: i64,
    stable: &mut Stable,
    races: &mut Vec<SeasonRace>,
    luck: &mut Luck,
) -> Result<(), Fault> {
    let mut meetings = (0..tracks.len()).collect::<Vec<_>>();
    luck.shuffle(&mut meetings);
    meetings.truncate(settings.meetings_per_day);
    meetings.sort_unstable();
    let fit = stable.fit(day, tracks, &meetings, luck);
    for (index, mut fit) in meetings.into_iter().zip(fit) {
        let occasion = Occasion {
            day: settings.first_day.plus(day),
            to_come: day + 1 == i64::from(settings.days),
            index,
            track: &tracks[index],
        };
        let count = settings.races_per_meeting;
        let mut programme = meeting::programme(occasion, count, &mut fit, stable, luck)?;
        if !occasion.to_come {
            hold(&mut programme, occasion.track, stable, luck)?;
        }
        stable.remember(day, &programme);
        races.extend(programme);
    }
    Ok(())
}

/// Runs the races of a meeting.
fn hold(
    programme: &mut [SeasonRace],
    track: &SeasonTrack,
    stable: &Stable,
    luck: &mut Luck,
) -> Result<(), Fault> {
    let variant = VARIANT * luck.normal();
    let tonight = Tonight { track, variant };
    for race in programme.iter_mut() {
        market::price(race, luck);
        run::run(race, &stable.dogs, tonight, luck)?;
    }
    let times = programme.iter().map(|race| (race.metres, race.winner_time));
    let times = times.collect::<Vec<_>>();
    for race in programme {
        let here = times.iter().filter(|(metres, _)| *metres == race.metres);
        race.best_of_night = here
            .filter_map(|(_, time)| *time)
            .min_by_key(|t: &Millis| t.raw());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::domain::DogName;

    fn small() -> Season {
        Season::generate(&SeasonSettings::small().unwrap()).unwrap()
    }

    fn demo() -> Season {
        Season::generate(&SeasonSettings::demo().unwrap()).unwrap()
    }

    #[test]
    fn the_same_seed_writes_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let settings = SeasonSettings::small().unwrap();
        let read = |name: &str| {
            let season = Season::generate(&settings).unwrap();
            let files = season.write(&folder.path().join(name), 3, Some("2026-10"));
            let files = files.unwrap();
            let paths = files
                .cards
                .into_iter()
                .chain([files.runs])
                .chain(files.model);
            paths
                .map(|path| std::fs::read(path).unwrap())
                .collect::<Vec<_>>()
        };

        let (once, again) = (read("once"), read("again"));

        assert!(once.len() > 20, "{}", once.len());
        assert_eq!(once, again);
    }

    #[test]
    fn another_seed_is_another_season() {
        let mut settings = SeasonSettings::small().unwrap();
        settings.seed += 1;

        let other = Season::generate(&settings).unwrap();

        assert_ne!(other.runs_csv(0), small().runs_csv(0));
    }

    #[test]
    fn the_truths_of_a_race_sum_to_one() {
        let season = small();

        for index in 0..season.races.len() {
            assert!(season.truth(index).is_some(), "{index}");
        }
        assert!(season.truth(season.races.len()).is_none());
    }

    #[test]
    fn dogs_win_as_often_as_the_truth_says() {
        let season = demo();
        let mut bins: BTreeMap<u32, (f64, f64, f64)> = BTreeMap::new();

        for race in season.finished() {
            let winners = race.starters().filter(|runner| runner.won()).count() as f64;
            for runner in race.starters() {
                let bin = bins.entry(luck::whole(runner.truth * 10.0)).or_default();
                bin.0 += runner.truth;
                bin.1 += if runner.won() { 1.0 / winners } else { 0.0 };
                bin.2 += runner.truth * (1.0 - runner.truth);
            }
        }

        for (bin, (expected, won, variance)) in bins {
            let deviations = (won - expected) / variance.sqrt();
            assert!(deviations.abs() < 4.0, "bin {bin}: {won} for {expected}");
        }
    }

    #[test]
    fn the_truth_costs_its_own_entropy() {
        let season = demo();
        let mut entropy = 0.0;
        let mut variance = 0.0;

        for race in season.finished() {
            let surprises = race
                .starters()
                .map(|runner| (runner.truth, -runner.truth.ln()));
            let surprises = surprises.collect::<Vec<_>>();
            let mean: f64 = surprises.iter().map(|(p, nats)| p * nats).sum();
            entropy += mean;
            variance += surprises
                .iter()
                .map(|(p, nats)| p * (nats - mean).powi(2))
                .sum::<f64>();
        }

        let paid = season.losses().truth * season.finished().count() as f64;
        let deviations = (paid - entropy) / variance.sqrt();
        assert!(deviations.abs() < 4.0, "{paid} for {entropy}");
    }

    #[test]
    fn the_truth_beats_the_market_and_the_market_beats_nobody_knows() {
        let losses = demo().losses();

        assert!((1.92..2.02).contains(&losses.uniform), "{losses:?}");
        assert!((1.45..1.55).contains(&losses.truth), "{losses:?}");
        assert!(losses.bsp > losses.truth, "{losses:?}");
        assert!(losses.bsp < losses.truth + 0.02, "{losses:?}");
    }

    #[test]
    fn a_demo_is_as_big_as_promised() {
        let season = demo();

        let runs: usize = season.finished().map(|race| race.starters().count()).sum();

        assert!(
            (3_500..=3_600).contains(&season.races.len()),
            "{}",
            season.races.len()
        );
        assert!((24_000..29_000).contains(&runs), "{runs}");
        assert!(season.to_come().count() >= 20);
        assert!(
            season
                .to_come()
                .all(|race| race.day == season.settings.last_day())
        );
    }

    #[test]
    fn every_dog_rests_and_has_its_own_name() {
        let season = demo();
        let keys = season
            .dogs
            .iter()
            .map(|dog| DogName::new(&dog.name).unwrap().key());
        let mut entered = BTreeMap::new();

        assert_eq!(keys.collect::<BTreeSet<_>>().len(), season.dogs.len());
        for race in &season.races {
            for runner in &race.runners {
                let before = entered.insert(runner.dog, race.day);
                let rest = before.map_or(99, |before| race.day.since(before));
                assert!(
                    rest >= settings::REST_DAYS,
                    "{}",
                    season.dogs[runner.dog].name
                );
                let dog = &season.dogs[runner.dog];
                assert!(dog.debut <= race.day && dog.retired.is_none_or(|day| day >= race.day));
            }
        }
    }

    #[test]
    fn rugs_and_boxes_are_held_once() {
        for race in &small().races {
            let rugs = race
                .runners
                .iter()
                .map(|runner| runner.rug)
                .collect::<Vec<_>>();
            let boxes = race
                .starters()
                .map(|runner| runner.box_no)
                .collect::<Vec<_>>();

            assert!(rugs.is_sorted_by(|one, two| one < two), "{}", race.id);
            assert!(boxes.iter().all(Option::is_some), "{}", race.id);
            assert_eq!(boxes.iter().collect::<BTreeSet<_>>().len(), boxes.len());
            assert!((5..=8).contains(&boxes.len()), "{}", race.id);
        }
    }

    #[test]
    fn places_times_margins_and_positions_agree() {
        let season = demo();
        for race in season.finished() {
            let track = &season.tracks[race.track];
            let winner = race.winner_time.unwrap();
            let mut finishers = race
                .starters()
                .filter(|r| r.place().is_some())
                .collect::<Vec<_>>();
            finishers.sort_by_key(|runner| runner.place());
            let mut ahead: Option<&SeasonRunner> = None;
            for (runner, position) in finishers.iter().zip(1..) {
                let run = runner.run.as_ref().unwrap();
                let (place, time) = (run.place.unwrap().get(), run.time.unwrap());
                let before = ahead.and_then(|ahead| ahead.run.as_ref());
                let level = before.is_some_and(|before| before.time == run.time);
                let shared = before.is_some_and(|before| before.place == run.place);
                assert_eq!(level, shared, "{}", race.id);
                assert!(
                    before.is_none_or(|before| before.time <= run.time),
                    "{}",
                    race.id
                );
                assert_eq!(place, position - u8::from(shared), "{}", race.id);
                assert!(run.positions.ends_with(&place.to_string()), "{}", race.id);
                assert_eq!(time.raw() % track.step_millis(), 0, "{}", race.id);
                if place > 1 {
                    let gap = track.margin(time.raw() - winner.raw());
                    assert_eq!(
                        run.margin.map(f64::to_bits),
                        Some(gap.to_bits()),
                        "{}",
                        race.id
                    );
                }
                ahead = Some(runner);
            }
            assert!(race.best_of_night.unwrap() <= winner, "{}", race.id);
        }
    }

    #[test]
    fn a_season_that_cannot_be_names_the_setting() {
        let mut settings = SeasonSettings::small().unwrap();
        settings.meetings_per_day = 4;

        let fault = Season::generate(&settings).unwrap_err();

        assert_eq!(fault.at, "meetings_per_day");
    }

    #[test]
    fn a_season_can_end_today() {
        let today = crate::domain::RaceDay::parse("2027-01-02").unwrap();

        let settings = SeasonSettings::demo().unwrap().ending(today);

        assert_eq!(settings.last_day(), today);
    }
}
