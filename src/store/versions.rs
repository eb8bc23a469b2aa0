//! What is known about the versions of a card or result from one source.

use chrono::{DateTime, Utc};
use rusqlite::Row;

use super::FromRow;
use super::bind::instant;

/// The first half of a SHA-256 over the content of a version.
pub type Digest = [u8; 16];

/// One stored version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its row.
    pub id: i64,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// What it says.
    pub digest: Digest,
}

impl FromRow for Version {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            known_at: instant(row, "known_at_ms")?,
            digest: row.get("digest")?,
        })
    }
}
