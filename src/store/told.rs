//! Everything that was ever told of a race, version by version, for showing.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::instant;
use super::query::query;
use super::runners::Runner;
use super::{Error, FromRow, Reader};
use crate::domain::{About, BoxNo, DogId, RaceId, RaceStatus, Rug, Source};

/// One thing that was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// When we were told.
    pub recorded_at: DateTime<Utc>,
    /// What.
    pub what: What,
}

/// What was told.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A field that is to race.
    Card(Version),
    /// That one is out.
    Scratching(Scratched),
    /// What happened.
    Result(Version),
}

/// A version of a card or result, without its runners.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    id: i64,
    /// Who says so.
    pub source: Source,
    /// Race facts.
    pub about: About,
    /// Prize money as written.
    pub prize: Option<String>,
    /// How final, of a result.
    pub status: Option<RaceStatus>,
}

/// A scratching told on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scratched {
    /// Who is out.
    pub rug: Rug,
    /// The dog that wears it as the race stands now.
    pub dog_id: Option<DogId>,
    /// Its name.
    pub dog: Option<String>,
    /// Who takes its place.
    pub replaced_by: Option<Rug>,
    /// From which box.
    pub box_no: Option<BoxNo>,
}

/// A version with its two clocks.
struct Clocked<T> {
    known_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    what: T,
}

impl<T: FromRow> FromRow for Clocked<T> {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            known_at: instant(row, "known_at_ms")?,
            recorded_at: instant(row, "recorded_at_ms")?,
            what: T::from_row(row)?,
        })
    }
}

impl FromRow for Version {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            source: row.get("source")?,
            about: About::from_row(row)?,
            prize: row.get("prize")?,
            status: row.get("status")?,
        })
    }
}

impl FromRow for Scratched {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            rug: row.get("rug")?,
            dog_id: row.get("dog_id")?,
            dog: row.get("dog")?,
            replaced_by: row.get("replaced_by_rug")?,
            box_no: row.get("box")?,
        })
    }
}

/// What was told of a race in the order in which we were told; at most 500 of a kind.
pub fn of_race(reader: &Reader<'_>, race: RaceId) -> Result<Vec<Told>, Error> {
    let params = named_params! { ":race_id": race };
    let cards: Vec<Clocked<Version>> = reader.all(query!("card/versions"), params)?;
    let scratchings: Vec<Clocked<Scratched>> = reader.all(query!("card/scratched"), params)?;
    let results: Vec<Clocked<Version>> = reader.all(query!("result/versions"), params)?;
    let cards = cards.into_iter().map(|card| told(card, What::Card));
    let scratchings = scratchings
        .into_iter()
        .map(|scratching| told(scratching, What::Scratching));
    let results = results.into_iter().map(|result| told(result, What::Result));
    let mut all: Vec<Told> = cards.chain(scratchings).chain(results).collect();
    // Stable: of two at one instant the card comes before the result.
    all.sort_by_key(|told| (told.recorded_at, told.known_at));
    Ok(all)
}

fn told<T>(clocked: Clocked<T>, what: fn(T) -> What) -> Told {
    Told {
        known_at: clocked.known_at,
        recorded_at: clocked.recorded_at,
        what: what(clocked.what),
    }
}

/// The runners that it names; none for a scratching, which names one itself.
pub fn field(reader: &Reader<'_>, told: &Told) -> Result<Vec<Runner>, Error> {
    match &told.what {
        What::Card(card) => reader.all(query!("card/field"), named_params! { ":card_id": card.id }),
        What::Result(result) => reader.all(
            query!("result/field"),
            named_params! { ":result_id": result.id },
        ),
        What::Scratching(_) => Ok(Vec::new()),
    }
}
