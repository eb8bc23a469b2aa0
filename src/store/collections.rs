//! What was asked of sources, and what came of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bind::{broken, instant, maybe_instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{Fault, RaceDay, Source};

/// Rows that one pruning takes away at most.
const PRUNED: u32 = 10_000;

/// How one fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fetch {
    /// It brought something, which was taken in.
    Taken,
    /// It brought what it had brought before.
    Same,
    /// It brought a list of nothing.
    Empty,
    /// Only an old copy was to be had.
    Stale,
    /// Nothing was to be had.
    Failed,
}

const FETCHES: [(Fetch, &str); 5] = [
    (Fetch::Taken, "taken"),
    (Fetch::Same, "same"),
    (Fetch::Empty, "empty"),
    (Fetch::Stale, "stale"),
    (Fetch::Failed, "failed"),
];

impl Fetch {
    /// Whether the source did its part.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Taken | Self::Same | Self::Empty)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        FETCHES
            .iter()
            .find(|(fetch, _)| *fetch == self)
            .map_or("failed", |(_, name)| name)
    }
}

impl ToSql for Fetch {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for Fetch {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        FETCHES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(fetch, _)| *fetch)
            .ok_or_else(|| broken(Fault::new("must be taken, same, empty, stale or failed")))
    }
}

/// One fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collection {
    /// Its place: a later one has a larger one; 0 before it is stored.
    pub id: i64,
    /// Who was asked.
    pub source: Source,
    /// What it was asked by, without secrets.
    pub name: String,
    /// About which day, when it was about one.
    pub day: Option<RaceDay>,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Fetch,
    /// What went wrong.
    pub error: Option<String>,
    /// What it brought, as long as that is kept.
    pub payload: Option<i64>,
    /// Rows or items that it brought.
    pub rows: u64,
    /// New facts.
    pub created: u64,
    /// Newer versions.
    pub updated: u64,
    /// Known facts.
    pub unchanged: u64,
    /// Refused rows and facts.
    pub failed: u64,
    /// The names of its columns or keys.
    pub shape: BTreeSet<String>,
    /// The meetings that it told of.
    pub meetings: BTreeSet<String>,
    /// What was wrong with rows, the first of them.
    pub faults: Vec<String>,
}

impl FromRow for Collection {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            source: row.get("source")?,
            name: row.get("name")?,
            day: row.get("day")?,
            began_at: instant(row, "began_at_ms")?,
            ended_at: instant(row, "ended_at_ms")?,
            outcome: row.get("outcome")?,
            error: row.get("error")?,
            payload: row.get("payload_id")?,
            rows: row.get("rows")?,
            created: row.get("created")?,
            updated: row.get("updated")?,
            unchanged: row.get("unchanged")?,
            failed: row.get("failed")?,
            shape: list(row, "shape")?,
            meetings: list(row, "meetings")?,
            faults: list(row, "faults")?,
        })
    }
}

fn list<T: DeserializeOwned + Default>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_error| "[]".to_owned())
}

struct Fired(Option<DateTime<Utc>>);

impl FromRow for Fired {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        maybe_instant(row, "fired_at_ms").map(Self)
    }
}

/// Notes a fetch.
pub fn add(tx: &Tx<'_>, fetch: &Collection) -> Result<(), Error> {
    let params = named_params! {
        ":source": fetch.source,
        ":name": fetch.name,
        ":day": fetch.day,
        ":began_at_ms": ms(fetch.began_at),
        ":ended_at_ms": ms(fetch.ended_at),
        ":outcome": fetch.outcome,
        ":error": fetch.error,
        ":payload_id": fetch.payload,
        ":rows": fetch.rows,
        ":created": fetch.created,
        ":updated": fetch.updated,
        ":unchanged": fetch.unchanged,
        ":failed": fetch.failed,
        ":shape": json(&fetch.shape),
        ":meetings": json(&fetch.meetings),
        ":faults": json(&fetch.faults),
    };
    tx.change(query!("collection/insert"), params).map(drop)
}

/// Fetches from a source before the one numbered `after`, newest first.
pub fn of_source(
    reader: &Reader<'_>,
    source: &Source,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Collection>, Error> {
    let params = named_params! {
        ":source": source,
        ":after": after.unwrap_or(i64::MAX),
        ":limit": limit,
    };
    reader.all(query!("collection/of_source"), params)
}

/// The last fetch of that name that the source did its part in.
pub fn last_good(
    reader: &Reader<'_>,
    source: &Source,
    name: &str,
) -> Result<Option<Collection>, Error> {
    let params = named_params! { ":source": source, ":name": name };
    reader.maybe(query!("collection/last_good"), params)
}

/// Forgets fetches that were over before `before`.
pub fn prune(tx: &Tx<'_>, before: DateTime<Utc>) -> Result<usize, Error> {
    let params = named_params! { ":before_ms": ms(before), ":limit": PRUNED };
    tx.change(query!("collection/prune"), params)
}

/// When a source's schedule last fired, or was first seen.
pub fn fired(reader: &Reader<'_>, source: &Source) -> Result<Option<DateTime<Utc>>, Error> {
    let fired: Option<Fired> = reader.maybe(
        query!("schedule/fired"),
        named_params! { ":source": source },
    )?;
    Ok(fired.and_then(|fired| fired.0))
}

/// Notes that a source's schedule fired for that instant.
pub fn fire(tx: &Tx<'_>, source: &Source, at: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! { ":source": source, ":fired_at_ms": ms(at) };
    tx.change(query!("schedule/note"), params).map(drop)
}
