//! Fitted pipelines.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tag, Tx};
use crate::domain::{ModelId, RaceDay};

/// How many models that are not in force say silently what they think.
const SHADOWS: u32 = 2;

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

/// A stored model without its artifact, for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Identity.
    pub id: ModelId,
    /// SHA-256 of the artifact, hex.
    pub digest: String,
    /// When it was first stored.
    pub created_at: DateTime<Utc>,
    /// The last day it was fitted on.
    pub trained_until: RaceDay,
    /// Whether it is in force.
    pub active: bool,
    /// Size of the artifact.
    pub bytes: u64,
    /// How it was judged, JSON.
    pub report: String,
}

impl FromRow for ModelRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            digest: row.get("digest")?,
            created_at: instant(row, "created_at_ms")?,
            trained_until: row.get("trained_until")?,
            active: row.get("active")?,
            bytes: row.get("bytes")?,
            report: row.get("report")?,
        })
    }
}

struct DigestOnly(String);

impl FromRow for DigestOnly {
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
    tx.touch(Tag::Model);
    Ok(())
}

/// The model in force.
pub fn active(reader: &Reader<'_>) -> Result<Option<StoredModel>, Error> {
    reader.maybe(query!("model/active"), [])
}

/// The digest of the model in force.
pub fn active_digest(reader: &Reader<'_>) -> Result<Option<String>, Error> {
    let digest: Option<DigestOnly> = reader.maybe(query!("model/active_digest"), [])?;
    Ok(digest.map(|digest| digest.0))
}

/// The model of that digest.
pub fn by_digest(reader: &Reader<'_>, digest: &str) -> Result<Option<StoredModel>, Error> {
    reader.maybe(
        query!("model/by_digest"),
        named_params! { ":digest": digest },
    )
}

/// The models whose digests begin like this: two are enough to know it is not one.
pub fn by_prefix(reader: &Reader<'_>, prefix: &str) -> Result<Vec<ModelRow>, Error> {
    reader.all(
        query!("model/by_prefix"),
        named_params! { ":prefix": prefix },
    )
}

/// Models, newest first, before the one of that id.
pub fn page(reader: &Reader<'_>, after: Option<i64>, limit: u32) -> Result<Vec<ModelRow>, Error> {
    let params = named_params! { ":after": after.unwrap_or(i64::MAX), ":limit": limit };
    reader.all(query!("model/page"), params)
}

/// The digests of the newest models that are not in force, which say silently what they think.
pub fn shadows(reader: &Reader<'_>) -> Result<Vec<String>, Error> {
    let params = named_params! { ":limit": SHADOWS };
    let digests: Vec<DigestOnly> = reader.all(query!("model/shadows"), params)?;
    Ok(digests.into_iter().map(|digest| digest.0).collect())
}
