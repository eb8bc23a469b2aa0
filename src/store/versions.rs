//! What is known about the versions of a card or result from one source.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::Query;
use super::{Error, FromRow, Reader};
use crate::domain::{RaceId, Source};

/// The first half of a SHA-256 over the content of a version.
pub type Digest = [u8; 16];

/// One stored version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// What it says.
    pub digest: Digest,
}

impl FromRow for Version {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            known_at: instant(row, "known_at_ms")?,
            digest: row.get("digest")?,
        })
    }
}

/// The newest version of a race that a source has given, by a statement for cards or for results.
pub(super) fn newest(
    reader: &Reader<'_>,
    query: Query,
    race: RaceId,
    source: &Source,
) -> Result<Option<Version>, Error> {
    let params = named_params! { ":race_id": race, ":source": source };
    reader.maybe(query, params)
}

/// Whether exactly this was said before, to be known since that instant.
pub(super) fn said(
    reader: &Reader<'_>,
    query: Query,
    race: RaceId,
    source: &Source,
    known_at: DateTime<Utc>,
    digest: Digest,
) -> Result<bool, Error> {
    let params = named_params! {
        ":race_id": race,
        ":source": source,
        ":known_at_ms": ms(known_at),
        ":digest": digest,
    };
    let version: Option<Version> = reader.maybe(query, params)?;
    Ok(version.is_some())
}
