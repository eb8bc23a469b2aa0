//! A race as it stands, as far as it is added up.

use rusqlite::{Row, named_params};

use super::super::query::query;
use super::super::{Error, FromRow, Reader};
use super::{Score, ScoreKey, Subject};
use crate::domain::{
    DogId, Odds, Outcome, Place, RaceDay, RaceId, RaceStatus, Standing, StandingRunner, TrackId,
    TrainerId,
};

/// The race.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Head {
    pub(super) id: RaceId,
    pub(super) track: TrackId,
    pub(super) day: RaceDay,
    status: RaceStatus,
    complete: bool,
}

/// See the module.
#[derive(Debug, Clone)]
pub(in crate::store) struct Field {
    track: TrackId,
    pub(super) day: RaceDay,
    status: RaceStatus,
    complete: bool,
    runners: Vec<Ran>,
}

/// A runner.
#[derive(Debug, Clone, Copy)]
struct Ran {
    dog: Option<DogId>,
    trainer: Option<TrainerId>,
    scratched: bool,
    /// The result says what became of it.
    told: bool,
    won: bool,
    /// The starting price, or the exchange's where there is none.
    price: Option<Odds>,
}

impl FromRow for Head {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            track: row.get("track_id")?,
            day: row.get("day")?,
            status: row.get("status")?,
            complete: row.get("complete")?,
        })
    }
}

impl FromRow for Ran {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let won: Option<bool> = row.get("won")?;
        let place: Option<Place> = row.get("place")?;
        let outcome: Option<Outcome> = row.get("outcome")?;
        let sp: Option<Odds> = row.get("sp_price")?;
        Ok(Self {
            dog: row.get("dog_id")?,
            trainer: row.get("trainer_id")?,
            scratched: row.get("scratched")?,
            told: won.is_some() || place.is_some() || outcome.is_some(),
            won: won == Some(true),
            price: match sp {
                Some(sp) => Some(sp),
                None => row.get("bsp_price")?,
            },
        })
    }
}

/// A runner, and in which race.
struct RanIn {
    race: RaceId,
    ran: Ran,
}

impl FromRow for RanIn {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: row.get("race_id")?,
            ran: Ran::from_row(row)?,
        })
    }
}

impl Ran {
    fn of(runner: &StandingRunner) -> Self {
        let did = &runner.claimed.performance;
        Self {
            dog: runner.claimed.dog,
            trainer: runner.claimed.trainer,
            scratched: runner.scratched,
            told: did.won.is_some() || did.place.is_some() || did.outcome.is_some(),
            won: did.won == Some(true),
            price: did.sp.or(did.bsp),
        }
    }
}

impl Field {
    /// The field of a race as the tables have it. Nobody runs yet in one that is `fresh`, so its
    /// runners are not asked for.
    pub(in crate::store) fn of_race(
        reader: &Reader<'_>,
        race: RaceId,
        fresh: bool,
    ) -> Result<Self, Error> {
        let head: Head = reader.one(query!("summary/race"), named_params! { ":race_id": race })?;
        if fresh {
            return Ok(Self::of(&head, Vec::new()));
        }
        Self::under(reader, &head)
    }

    /// The same for a race whose head is known.
    pub(in crate::store) fn under(reader: &Reader<'_>, head: &Head) -> Result<Self, Error> {
        let params = named_params! { ":race_id": head.id };
        let runners = reader.all(query!("summary/runners"), params)?;
        Ok(Self::of(head, runners))
    }

    /// The fields of races that nothing stands between, in the order of their ids.
    pub(super) fn of_all(reader: &Reader<'_>, heads: &[Head]) -> Result<Vec<Self>, Error> {
        let (Some(first), Some(last)) = (heads.first(), heads.last()) else {
            return Ok(Vec::new());
        };
        let params = named_params! { ":from_id": first.id, ":until_id": last.id };
        let ran: Vec<RanIn> = reader.all(query!("summary/runners_between"), params)?;
        let mut rest = ran.as_slice();
        let fields = heads.iter().map(|head| {
            let ends = rest.partition_point(|one| one.race <= head.id);
            let (of_race, later) = rest.split_at(ends);
            rest = later;
            Self::of(head, of_race.iter().map(|one| one.ran).collect())
        });
        Ok(fields.collect())
    }

    const fn of(head: &Head, runners: Vec<Ran>) -> Self {
        Self {
            track: head.track,
            day: head.day,
            status: head.status,
            complete: head.complete,
            runners,
        }
    }

    /// The same race as it stands from now on.
    pub(in crate::store) fn now(&self, standing: &Standing) -> Self {
        Self {
            track: self.track,
            day: self.day,
            status: standing.status,
            complete: standing.complete,
            runners: standing.runners.iter().map(Ran::of).collect(),
        }
    }

    /// Somebody runs, and there is neither a final result nor was it called off.
    pub(super) fn is_pending(&self) -> bool {
        let open = matches!(self.status, RaceStatus::Open | RaceStatus::Interim);
        open && self.runners.iter().any(|runner| !runner.scratched)
    }

    /// What each start adds, to everybody whose start it is.
    pub(super) fn each_score(&self, mut add: impl FnMut(ScoreKey, Score)) {
        let winners = self.starters().filter(|runner| runner.won).count();
        let shared = u32::try_from(winners).unwrap_or(1);
        for runner in self.starters() {
            let score = Score::of_start(runner.won, runner.price.map(Odds::get), shared);
            let dog = runner.dog.map(|dog| (Subject::Dogs, dog.get()));
            let trainer = runner.trainer.map(|one| (Subject::Trainers, one.get()));
            let track = Some((Subject::Tracks, self.track.get()));
            for (subject, id) in [dog, trainer, track].into_iter().flatten() {
                for track in [None, Some(self.track)] {
                    add(ScoreKey { subject, track, id }, score);
                }
            }
        }
    }

    /// Who started in a race with a final result, as far as the result accounts for them.
    fn starters(&self) -> impl Iterator<Item = &Ran> {
        let counts = self.status.is_final();
        let runners = self.runners.iter().filter(move |_runner| counts);
        runners.filter(|runner| !runner.scratched && (self.complete || runner.told))
    }
}
