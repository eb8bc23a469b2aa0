//! What is known, added up, so that no question has to count.
//!
//! Every change notes in its [`Sums`] by how much it changes what is added up. The writer puts the
//! notes of all changes of a commit into the `summary` tables as the last thing before that commit.
//! [`Recount`] comes to the same from the facts alone: what a race adds is worked out by
//! `Sums::field` and nowhere else.

mod field;
mod month;
mod put;
mod recount;
mod score;

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::conn::{Reader, Tx};
use super::profile::Profile;
use super::query::query;
use super::{Error, FromRow};
use crate::domain::{CircuitId, RaceDay, TrackId};

pub(super) use field::{Field, Head};
pub use month::Month;
pub(super) use put::put;
pub use recount::{Difference, Differences, Recount, rebuild, stored};
pub(super) use score::ScoreKey;
pub use score::{Score, Subject};

/// What is added up, or by how much a change changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// These are the sums themselves and no differences: what was added up before is forgotten.
    anew: bool,
    dogs: i64,
    trainers: i64,
    tracks: BTreeMap<TrackId, TrackSum>,
    circuits: BTreeMap<CircuitId, i64>,
    months: BTreeMap<Month, MonthSum>,
    scores: BTreeMap<ScoreKey, Score>,
}

/// The races of a track. A race is never taken away, so its days only spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TrackSum {
    races: i64,
    first: RaceDay,
    last: RaceDay,
}

/// A month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct MonthSum {
    races: i64,
    runs: i64,
    results_pending: i64,
}

impl Sums {
    /// A dog that nobody had heard of.
    pub(super) const fn dog(&mut self) {
        self.dogs += 1;
    }

    /// A trainer that nobody had heard of.
    pub(super) const fn trainer(&mut self) {
        self.trainers += 1;
    }

    /// A race that nobody had heard of.
    pub(super) fn race(&mut self, track: TrackId, day: RaceDay) {
        let one = TrackSum {
            races: 1,
            first: day,
            last: day,
        };
        self.track(track, one);
        self.months.entry(Month::of(day)).or_default().races += 1;
    }

    /// `by` runs more, or fewer, stand in the form book.
    pub(super) fn runs(&mut self, circuit: CircuitId, month: Month, by: i64) {
        *self.circuits.entry(circuit).or_default() += by;
        self.months.entry(month).or_default().runs += by;
    }

    /// Adds what a race as it stands adds (`by` 1), or takes it away (`by` -1).
    pub(super) fn field(&mut self, field: &Field, by: i64) {
        if field.is_pending() {
            let month = self.months.entry(Month::of(field.day)).or_default();
            month.results_pending += by;
        }
        field.each_score(|key, score| {
            self.scores.entry(key).or_default().add(score, by);
        });
    }

    /// Adds what another change noted.
    pub(super) fn extend(&mut self, other: Self) {
        if other.anew {
            *self = other;
            return;
        }
        self.dogs += other.dogs;
        self.trainers += other.trainers;
        for (track, sum) in other.tracks {
            self.track(track, sum);
        }
        for (circuit, runs) in other.circuits {
            *self.circuits.entry(circuit).or_default() += runs;
        }
        for (month, sum) in other.months {
            let known = self.months.entry(month).or_default();
            known.races += sum.races;
            known.runs += sum.runs;
            known.results_pending += sum.results_pending;
        }
        for (key, score) in other.scores {
            self.scores.entry(key).or_default().add(score, 1);
        }
    }

    fn track(&mut self, track: TrackId, sum: TrackSum) {
        let add = |known: &mut TrackSum| {
            known.races += sum.races;
            known.first = known.first.min(sum.first);
            known.last = known.last.max(sum.last);
        };
        self.tracks.entry(track).and_modify(add).or_insert(sum);
    }

    /// The scores at a track, or anywhere.
    pub(super) fn scores_of(
        self,
        subject: Subject,
        track: Option<TrackId>,
    ) -> impl Iterator<Item = (i64, Score)> {
        let scores = self.scores.into_iter();
        let asked = scores.filter(move |(key, _)| key.subject == subject && key.track == track);
        asked.map(|(key, score)| (key.id, score))
    }

    /// How many races there are.
    #[must_use]
    pub fn races(&self) -> i64 {
        self.tracks.values().map(|sum| sum.races).sum()
    }

    /// How many runs stand in the form book.
    #[must_use]
    pub fn runs_standing(&self) -> i64 {
        self.circuits.values().sum()
    }
}

/// How many dogs and trainers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Dogs.
    pub dogs: u64,
    /// Trainers.
    pub trainers: u64,
}

/// What is added up of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfTrack {
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Races.
    pub races: u64,
    /// Runs that stand in the form book.
    pub runs: u64,
    /// The first day with a race, and the last.
    pub days: Option<(RaceDay, RaceDay)>,
}

/// What is added up of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfMonth {
    /// Which.
    pub month: Month,
    /// Races.
    pub races: u64,
    /// Runs that stand in the form book.
    pub runs: u64,
    /// Races with a field, and neither called off nor with a final result.
    pub results_pending: u64,
}

impl FromRow for Known {
    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            dogs: amount(row, "dogs")?,
            trainers: amount(row, "trainers")?,
        })
    }
}

impl FromRow for OfTrack {
    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let first: Option<RaceDay> = row.get("first_day")?;
        Ok(Self {
            slug: row.get("slug")?,
            name: row.get("name")?,
            races: amount(row, "races")?,
            runs: amount(row, "runs")?,
            days: first.zip(row.get("last_day")?),
        })
    }
}

impl FromRow for (Month, MonthSum) {
    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let sum = MonthSum {
            races: row.get("races")?,
            runs: row.get("runs")?,
            results_pending: row.get("results_pending")?,
        };
        Ok((row.get("month")?, sum))
    }
}

fn amount(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(at_least_none(row.get(column)?))
}

/// Sums that somebody has spoiled may be below nothing.
fn at_least_none(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or(0)
}

/// How many dogs and trainers there are; `None` where nothing has been added up yet.
pub fn known(reader: &Reader<'_>) -> Result<Option<Known>, Error> {
    reader.maybe(query!("summary/known"), [])
}

/// The tracks that have a race or a run, by slug.
pub fn by_track(reader: &Reader<'_>) -> Result<Vec<OfTrack>, Error> {
    let mut tracks: Vec<OfTrack> = reader.all(query!("summary/by_track"), [])?;
    tracks.retain(|track| track.races > 0 || track.runs > 0);
    Ok(tracks)
}

/// The months that have a race or a run, oldest first.
pub fn by_month(reader: &Reader<'_>) -> Result<Vec<OfMonth>, Error> {
    let months = months(reader)?.into_iter().map(|(month, sum)| OfMonth {
        month,
        races: at_least_none(sum.races),
        runs: at_least_none(sum.runs),
        results_pending: at_least_none(sum.results_pending),
    });
    Ok(months
        .filter(|month| month.races > 0 || month.runs > 0)
        .collect())
}

fn months(reader: &Reader<'_>) -> Result<Vec<(Month, MonthSum)>, Error> {
    reader.all(query!("summary/months"), [])
}

/// Adds up what is there, in a database that was made before there were sums.
pub(super) fn fill(conn: &mut Connection, profile: &Profile) -> Result<(), Error> {
    let transaction = conn.transaction()?;
    let tx = Tx::of(&transaction, profile);
    if known(&tx)?.is_none() {
        put(&tx, &recount::of_all(&tx)?)?;
    }
    drop(tx);
    Ok(transaction.commit()?)
}
