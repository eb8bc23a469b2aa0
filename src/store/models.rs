//! Fitted pipelines.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::ms;
use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{ModelId, RaceDay};

/// A stored model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredModel {
    /// Identity.
    pub id: ModelId,
    /// SHA-256 of the artifact, hex.
    pub digest: String,
    /// The last day it was fitted on.
    pub trained_until: RaceDay,
    /// The fitted pipeline.
    pub artifact: Vec<u8>,
    /// How it was judged, JSON.
    pub report: String,
}

impl FromRow for StoredModel {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            digest: row.get("digest")?,
            trained_until: row.get("trained_until")?,
            artifact: row.get("artifact")?,
            report: row.get("report")?,
        })
    }
}

struct ActiveDigest(String);

impl FromRow for ActiveDigest {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("digest").map(Self)
    }
}

/// Stores a model; the same artifact again only renews its report.
pub fn put(
    tx: &Tx<'_>,
    digest: &str,
    trained_until: RaceDay,
    artifact: &[u8],
    report: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":digest": digest,
        ":created_at_ms": ms(now),
        ":trained_until": trained_until,
        ":artifact": artifact,
        ":report": report,
    };
    tx.change(query!("model/insert"), params).map(drop)
}

/// Puts a stored model in force in place of the one before.
pub fn activate(tx: &mut Tx<'_>, digest: &str) -> Result<(), Error> {
    tx.change(query!("model/retire"), [])?;
    tx.change(
        query!("model/activate"),
        named_params! { ":digest": digest },
    )?;
    tx.touched().model = true;
    Ok(())
}

/// The model in force.
pub fn active(reader: &Reader<'_>) -> Result<Option<StoredModel>, Error> {
    reader.maybe(query!("model/active"), [])
}

/// The digest of the model in force.
pub fn active_digest(reader: &Reader<'_>) -> Result<Option<String>, Error> {
    let digest: Option<ActiveDigest> = reader.maybe(query!("model/active_digest"), [])?;
    Ok(digest.map(|digest| digest.0))
}
