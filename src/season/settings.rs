//! How big a season is and when it happens.

use super::track::TRACKS;
use crate::domain::{Fault, RaceDay};

/// Days that a dog rests between two entries, at least.
pub(super) const REST_DAYS: i64 = 5;

/// What to generate. Checked by [`super::Season::generate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeasonSettings {
    /// The same seed gives the same season, byte for byte.
    pub seed: u64,
    /// The first race day.
    pub first_day: RaceDay,
    /// Race days, 2 to 400. The last one is still to come: cards, no results.
    pub days: u32,
    /// How many of the six tracks race, 1 to 6.
    pub tracks: usize,
    /// Meetings a day, at most one a track.
    pub meetings_per_day: usize,
    /// Races at a meeting, 1 to 15.
    pub races_per_meeting: usize,
    /// Kennels, 1 to 100.
    pub kennels: usize,
    /// Dogs in training in a kennel at any time, 1 to 60.
    pub dogs_per_kennel: usize,
}

impl SeasonSettings {
    /// 120 days to 20 November 2026, about 3,560 races and 25,500 runs of about 2,100 dogs.
    ///
    /// The seed was chosen for ordinary luck: now and then a whole season's winners happen to flatter
    /// the market, and it beats the truth, which makes a poor demonstration.
    pub fn demo() -> Result<Self, Fault> {
        Ok(Self {
            seed: 20_261_123,
            first_day: RaceDay::parse("2026-07-24")?,
            days: 120,
            tracks: 6,
            meetings_per_day: 3,
            races_per_meeting: 10,
            kennels: 42,
            dogs_per_kennel: 40,
        })
    }

    /// About 320 races of about 500 dogs at three tracks: for tests.
    pub fn small() -> Result<Self, Fault> {
        Ok(Self {
            seed: 7,
            first_day: RaceDay::parse("2026-10-12")?,
            days: 40,
            tracks: 3,
            meetings_per_day: 1,
            races_per_meeting: 8,
            kennels: 12,
            dogs_per_kennel: 40,
        })
    }

    /// The same season moved so that `day` is its last day, the one to come.
    #[must_use]
    pub fn ending(mut self, day: RaceDay) -> Self {
        self.first_day = day.plus(1 - i64::from(self.days));
        self
    }

    /// The last day, the one to come.
    #[must_use]
    pub fn last_day(&self) -> RaceDay {
        self.first_day.plus(i64::from(self.days) - 1)
    }

    /// Fails with the first setting that cannot be.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let rules = [
            (
                "days",
                (2..=400).contains(&self.days),
                "must be 2 to 400 days",
            ),
            (
                "tracks",
                (1..=TRACKS.len()).contains(&self.tracks),
                "must be 1 to 6 tracks",
            ),
            (
                "meetings_per_day",
                (1..=self.tracks).contains(&self.meetings_per_day),
                "must be 1 to as many meetings as tracks",
            ),
            (
                "races_per_meeting",
                (1..=15).contains(&self.races_per_meeting),
                "must be 1 to 15 races",
            ),
            (
                "kennels",
                (1..=100).contains(&self.kennels),
                "must be 1 to 100 kennels",
            ),
            (
                "dogs_per_kennel",
                (1..=60).contains(&self.dogs_per_kennel),
                "must be 1 to 60 dogs",
            ),
        ];
        for (place, holds, why) in rules {
            if !holds {
                return Err(Fault::new(why).under(place));
            }
        }
        self.enough_dogs()
    }

    /// A dog can start once in six days, and every race wants eight.
    fn enough_dogs(&self) -> Result<(), Fault> {
        let starts = self.meetings_per_day * self.races_per_meeting * 8;
        let dogs = self.kennels * self.dogs_per_kennel;
        if dogs < starts * 6 {
            let why = format!("must be enough for {} dogs in training", starts * 6);
            return Err(Fault::new(why).under("kennels"));
        }
        Ok(())
    }
}
