//! The ledger: what was said of a race before it jumped, kept for judging later.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Row, named_params};

use super::bind::ms;
use super::query::query;
use super::races::key;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{ModelId, RaceDay, RaceId, RaceKey};

/// Races that are named in one go.
const DUE: u32 = 500;

struct Due(RaceKey);

impl FromRow for Due {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        key(row).map(Self)
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPrediction {
    /// Of which race.
    pub race: RaceId,
    /// SHA-256 of the model.
    pub model: String,
    /// From what was known then.
    pub as_of: DateTime<Utc>,
    /// The chances, JSON.
    pub chances: String,
    /// Whether the model was not in force: for judging, never the answer.
    pub shadow: bool,
}

/// The last thing that a model said of a race before it jumped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWord {
    /// Of which race.
    pub race: RaceId,
    /// Its day.
    pub day: RaceDay,
    /// The chances, JSON.
    pub chances: String,
}

impl FromRow for LastWord {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: row.get("race_id")?,
            day: row.get("day")?,
            chances: row.get("chances")?,
        })
    }
}

/// Adds a line; the same again is one. Whether it is new.
pub fn add(tx: &Tx<'_>, line: &NewPrediction, now: DateTime<Utc>) -> Result<bool, Error> {
    let params = named_params! {
        ":race_id": line.race,
        ":model": line.model,
        ":as_of_ms": ms(line.as_of),
        ":now_ms": ms(now),
        ":chances": line.chances,
        ":shadow": line.shadow,
    };
    Ok(tx.change(query!("prediction/insert"), params)? > 0)
}

/// Carded races that jump within `lead` and of which nothing has been said in that time that knew
/// the race as it stands; the soonest first.
pub fn due(
    reader: &Reader<'_>,
    now: DateTime<Utc>,
    lead: TimeDelta,
) -> Result<Vec<RaceKey>, Error> {
    let params = named_params! {
        ":now_ms": ms(now),
        ":lead_ms": lead.num_milliseconds(),
        ":limit": DUE,
    };
    let due: Vec<Due> = reader.all(query!("prediction/due"), params)?;
    Ok(due.into_iter().map(|race| race.0).collect())
}

/// The same of races of those days whose jump nobody has told.
pub fn due_without_jump(
    reader: &Reader<'_>,
    (from, until): (RaceDay, RaceDay),
) -> Result<Vec<RaceKey>, Error> {
    let params = named_params! { ":from": from, ":until": until, ":limit": DUE };
    let due: Vec<Due> = reader.all(query!("prediction/due_without_jump"), params)?;
    Ok(due.into_iter().map(|race| race.0).collect())
}

/// What a model last said of finished races of those days; the newest of them, at most `limit`.
pub fn last_words(
    reader: &Reader<'_>,
    model: ModelId,
    (from, until): (RaceDay, RaceDay),
    limit: u32,
) -> Result<Vec<LastWord>, Error> {
    let params = named_params! {
        ":model_id": model,
        ":from": from,
        ":until": until,
        ":limit": limit,
    };
    reader.all(query!("prediction/last_words"), params)
}
