//! The mark of the facts: it is another one after every commit that changes what is said of races.
//!
//! It is random, so a database that was put back from a copy and went on from there never has the mark
//! of the one that it replaced.

use rusqlite::Row;

use super::query::query;
use super::{Error, FromRow, Reader, Touched, Tx};

/// A state of the facts, ratings and models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Mark(i64);

impl FromRow for Mark {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("mark").map(Self)
    }
}

/// The mark of what is read.
pub fn read(reader: &Reader<'_>) -> Result<Mark, Error> {
    reader.one(query!("mark/read"), [])
}

/// A new one, when the commit touched anything that a prediction may hang on.
pub(super) fn renew(tx: &Tx<'_>, touched: &Touched) -> Result<(), Error> {
    if touched.tags().any(|tag| !tag.is_of_the_house()) {
        tx.change(query!("mark/renew"), [])?;
    }
    Ok(())
}
