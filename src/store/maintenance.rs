//! The database looking at itself.

use rusqlite::Row;

use super::query::query;
use super::{Error, FromRow, Reader, migrate, open};

struct Number(u32);

impl FromRow for Number {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("user_version").map(Self)
    }
}

struct Answer(String);

impl FromRow for Answer {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("answer").map(Self)
    }
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Races.
    pub races: u64,
    /// Rows of the form book.
    pub runs: u64,
    /// Dogs.
    pub dogs: u64,
    /// Models.
    pub models: u64,
}

impl FromRow for Counts {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let count = |column: &str| {
            let count: i64 = row.get(column)?;
            Ok::<_, rusqlite::Error>(u64::try_from(count).unwrap_or(0))
        };
        Ok(Self {
            races: count("races")?,
            runs: count("runs")?,
            dogs: count("dogs")?,
            models: count("models")?,
        })
    }
}

/// The schema of the database; fails when it is not the one this build knows.
pub fn schema_version(reader: &Reader<'_>) -> Result<u32, Error> {
    let version: Number = reader.one(query!("maintenance/schema_version"), [])?;
    if version.0 == migrate::newest() {
        return Ok(version.0);
    }
    Err(Error::Newer {
        found: version.0,
        known: migrate::newest(),
    })
}

/// What is structurally wrong with the file; empty when nothing is. Reads all of it.
pub fn quick_check(reader: &Reader<'_>) -> Result<Vec<String>, Error> {
    let answers: Vec<Answer> = reader.all(query!("maintenance/quick_check"), [])?;
    let answers = answers.into_iter().map(|answer| answer.0);
    Ok(answers.filter(|answer| answer != "ok").collect())
}

/// How much there is. Counts rows, so it takes time on a large database.
pub fn counts(reader: &Reader<'_>) -> Result<Counts, Error> {
    reader.one(query!("maintenance/counts"), [])
}

/// The SQLite that is linked in.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Whether the linked SQLite is safe to use.
#[must_use]
pub fn sqlite_is_safe() -> bool {
    open::gate().is_ok()
}
