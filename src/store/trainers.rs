//! Trainers, for showing.

use rusqlite::{Row, named_params};

use super::query::query;
use super::{Error, FromRow, Reader};
use crate::domain::TrainerId;

/// The last character there is: what begins with a prefix stands before the prefix and this.
const LAST: char = char::MAX;

/// A trainer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trainer {
    /// Identity.
    pub id: TrainerId,
    /// As written.
    pub name: String,
    /// As compared.
    pub key: String,
}

impl FromRow for Trainer {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            key: row.get("name_key")?,
        })
    }
}

/// A name as it is compared: capitals, single spaces.
#[must_use]
pub fn key(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_uppercase()
}

/// Some trainers whose names begin with `prefix`, by name, after one of them.
pub fn page(
    reader: &Reader<'_>,
    prefix: &str,
    after: Option<&Trainer>,
    limit: u32,
) -> Result<Vec<Trainer>, Error> {
    let params = named_params! {
        ":after_key": after.map_or("", |trainer| &trainer.key),
        ":from_key": prefix,
        ":until_key": format!("{prefix}{LAST}"),
        ":limit": limit,
    };
    reader.all(query!("trainer/page"), params)
}

/// The trainer, if we know it.
pub fn by_id(reader: &Reader<'_>, id: TrainerId) -> Result<Option<Trainer>, Error> {
    reader.maybe(query!("trainer/by_id"), named_params! { ":id": id })
}

/// The trainer of that name.
pub fn by_name(reader: &Reader<'_>, name: &str) -> Result<Option<Trainer>, Error> {
    let params = named_params! { ":name_key": key(name) };
    reader.maybe(query!("trainer/of_name"), params)
}
