//! The sums as they come out of the facts alone, and where they differ from those that are kept.

use std::collections::BTreeMap;
use std::fmt::Debug;

use rusqlite::{Row, named_params};

use super::super::query::query;
use super::super::{Error, FromRow, Reader, Tx};
use super::field::{Field, Head};
use super::{Known, Month, Score, ScoreKey, Sums, TrackSum};
use crate::domain::{CircuitId, RaceId, TrackId};

/// Races that are read in one step, and dogs whose runs are.
const STEP: i64 = 5_000;

/// A count on its way through the facts, step by step. It holds a score of about 100 bytes for each
/// dog and trainer at each track.
#[derive(Debug, Default)]
pub struct Recount {
    sums: Sums,
    dog: i64,
    last_dog: Option<i64>,
    race: Option<RaceId>,
    done: bool,
}

/// Differences that are named.
const NAMED: usize = 20;

/// Where the sums that are kept are not what the facts come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Differences {
    /// How many sums differ.
    pub total: usize,
    /// The first of them.
    pub some: Vec<Difference>,
}

/// A sum that is kept and is not what the facts come to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Of what.
    pub what: String,
    /// What is kept.
    pub kept: String,
    /// What the facts come to.
    pub counted: String,
}

struct Counts {
    known: Known,
    last_dog: i64,
}

struct Runs {
    circuit: CircuitId,
    month: Month,
    standing: i64,
}

impl FromRow for Counts {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            known: Known::from_row(row)?,
            last_dog: row.get("last_dog")?,
        })
    }
}

impl FromRow for Runs {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            circuit: row.get("circuit_id")?,
            month: row.get("month")?,
            standing: row.get("runs")?,
        })
    }
}

impl Recount {
    /// The next step: who there is, then the form book, then the races.
    pub fn go_on(mut self, reader: &Reader<'_>) -> Result<Self, Error> {
        match self.last_dog {
            None => self.count(reader)?,
            Some(last) if self.dog < last => self.runs(reader)?,
            Some(_) => self.races(reader)?,
        }
        Ok(self)
    }

    /// Whether everything has been counted.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.done
    }

    /// What it came to.
    #[must_use]
    pub fn sums(self) -> Sums {
        self.sums
    }

    fn count(&mut self, reader: &Reader<'_>) -> Result<(), Error> {
        let counts: Counts = reader.one(query!("summary/counts"), [])?;
        self.sums.dogs = i64::try_from(counts.known.dogs).unwrap_or(i64::MAX);
        self.sums.trainers = i64::try_from(counts.known.trainers).unwrap_or(i64::MAX);
        self.last_dog = Some(counts.last_dog);
        Ok(())
    }

    fn runs(&mut self, reader: &Reader<'_>) -> Result<(), Error> {
        let params = named_params! { ":from_id": self.dog + 1, ":until_id": self.dog + STEP };
        let runs: Vec<Runs> = reader.all(query!("summary/runs"), params)?;
        for some in runs {
            self.sums.runs(some.circuit, some.month, some.standing);
        }
        self.dog += STEP;
        Ok(())
    }

    fn races(&mut self, reader: &Reader<'_>) -> Result<(), Error> {
        let after = self.race.map_or(0, RaceId::get);
        let params = named_params! { ":after_id": after, ":limit": STEP };
        let heads: Vec<Head> = reader.all(query!("summary/races_after"), params)?;
        for head in &heads {
            self.sums.race(head.track, head.day);
        }
        for field in Field::of_all(reader, &heads)? {
            self.sums.field(&field, 1);
        }
        self.race = heads.last().map(|head| head.id).or(self.race);
        self.done = i64::try_from(heads.len()).is_ok_and(|read| read < STEP);
        Ok(())
    }
}

/// Counts everything at once.
pub(super) fn of_all(reader: &Reader<'_>) -> Result<Sums, Error> {
    let mut recount = Recount::default();
    while !recount.is_done() {
        recount = recount.go_on(reader)?;
    }
    Ok(Sums {
        anew: true,
        ..recount.sums()
    })
}

/// Makes all sums anew; says where they were wrong.
pub fn rebuild(tx: &mut Tx<'_>) -> Result<Differences, Error> {
    let counted = of_all(tx)?;
    let found = stored(tx)?.differences(&counted);
    tx.note(|sums| *sums = counted);
    Ok(found)
}

/// The sums that are kept.
pub fn stored(reader: &Reader<'_>) -> Result<Sums, Error> {
    let known = super::known(reader)?;
    let tracks: Vec<(TrackId, TrackSum)> = reader.all(query!("summary/tracks"), [])?;
    let circuits: Vec<(CircuitId, i64)> = reader.all(query!("summary/circuits"), [])?;
    let months = super::months(reader)?;
    let scores: Vec<(ScoreKey, Score)> = reader.all(query!("summary/scores"), [])?;
    let amount = |amount: Option<u64>| i64::try_from(amount.unwrap_or(0)).unwrap_or(i64::MAX);
    Ok(Sums {
        anew: false,
        dogs: amount(known.map(|known| known.dogs)),
        trainers: amount(known.map(|known| known.trainers)),
        tracks: tracks.into_iter().collect(),
        circuits: circuits.into_iter().collect(),
        months: months.into_iter().collect(),
        scores: scores.into_iter().collect(),
    })
}

impl Sums {
    /// Where these, which are kept, are not what was counted. A sum of nothing is as good as none.
    #[must_use]
    pub fn differences(&self, counted: &Self) -> Differences {
        let mut found = Differences::default();
        let known = |sums: &Self| BTreeMap::from([((), (sums.dogs, sums.trainers))]);
        compare(&known(self), &known(counted), &mut found, |()| {
            "dogs and trainers".to_owned()
        });
        let tracks = |sums: &Self| -> BTreeMap<TrackId, Option<TrackSum>> {
            let tracks = sums.tracks.iter();
            tracks.map(|(track, sum)| (*track, Some(*sum))).collect()
        };
        compare(&tracks(self), &tracks(counted), &mut found, |track| {
            format!("races of track {track}")
        });
        compare(&self.circuits, &counted.circuits, &mut found, |circuit| {
            format!("runs of circuit {circuit}")
        });
        compare(&self.months, &counted.months, &mut found, Month::to_string);
        compare(&self.scores, &counted.scores, &mut found, |key| {
            format!(
                "{} {} at track {}",
                key.subject.as_str(),
                key.id,
                key.place()
            )
        });
        found
    }
}

fn compare<K: Ord, V: Default + PartialEq + Debug>(
    kept: &BTreeMap<K, V>,
    counted: &BTreeMap<K, V>,
    found: &mut Differences,
    name: impl Fn(&K) -> String,
) {
    let nothing = V::default();
    let gone = counted.keys().filter(|key| !kept.contains_key(key));
    for key in kept.keys().chain(gone) {
        let kept = kept.get(key).unwrap_or(&nothing);
        let counted = counted.get(key).unwrap_or(&nothing);
        if kept == counted {
            continue;
        }
        found.total += 1;
        if found.some.len() < NAMED {
            found.some.push(Difference {
                what: name(key),
                kept: format!("{kept:?}"),
                counted: format!("{counted:?}"),
            });
        }
    }
}

impl FromRow for (TrackId, TrackSum) {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let sum = TrackSum {
            races: row.get("races")?,
            first: row.get("first_day")?,
            last: row.get("last_day")?,
        };
        Ok((row.get("track_id")?, sum))
    }
}

impl FromRow for (CircuitId, i64) {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok((row.get("circuit_id")?, row.get("runs")?))
    }
}

impl FromRow for (ScoreKey, Score) {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let track: i64 = row.get("track_id")?;
        let key = ScoreKey {
            subject: row.get("subject")?,
            track: (track > 0).then(|| TrackId::new(track)),
            id: row.get("subject_id")?,
        };
        Ok((key, Score::from_row(row)?))
    }
}
