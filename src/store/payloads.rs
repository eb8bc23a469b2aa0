//! What sources sent, as they sent it, packed: to be read again when a parser has been mended.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{RaceDay, Source};

/// Payloads that are looked at in one go.
const LOOKED_AT: u32 = 100_000;

/// A payload, without what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Identity; a later one has a larger one.
    pub id: i64,
    /// What it was asked by.
    pub name: String,
    /// The day that it was asked about, when it was about one.
    pub day: Option<RaceDay>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

impl FromRow for Payload {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            day: row.get("day")?,
            received_at: instant(row, "received_at_ms")?,
        })
    }
}

struct Newest(i64, [u8; 32]);

impl FromRow for Newest {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self(row.get("id")?, row.get("digest")?))
    }
}

struct Body(Vec<u8>);

impl FromRow for Body {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("body").map(Self)
    }
}

struct Size {
    id: i64,
    received_at: DateTime<Utc>,
    bytes: u64,
}

impl FromRow for Size {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            received_at: instant(row, "received_at_ms")?,
            bytes: row.get("bytes")?,
        })
    }
}

/// A payload to be.
#[derive(Debug)]
pub struct NewPayload<'a> {
    /// Who sent it.
    pub source: &'a Source,
    /// What it was asked by, without secrets.
    pub name: &'a str,
    /// SHA-256 of it unpacked.
    pub digest: [u8; 32],
    /// Bytes unpacked.
    pub size_bytes: u64,
    /// Packed.
    pub body: &'a [u8],
}

/// Keeps a payload; says under which number.
pub fn add(tx: &Tx<'_>, payload: &NewPayload<'_>, now: DateTime<Utc>) -> Result<i64, Error> {
    let params = named_params! {
        ":source": payload.source,
        ":name": payload.name,
        ":now_ms": ms(now),
        ":digest": payload.digest,
        ":size_bytes": payload.size_bytes,
        ":body": payload.body,
    };
    tx.insert(query!("payload/insert"), params)
}

/// The last payload of that name: its number and its digest.
pub fn newest(
    reader: &Reader<'_>,
    source: &Source,
    name: &str,
) -> Result<Option<(i64, [u8; 32])>, Error> {
    let params = named_params! { ":source": source, ":name": name };
    let newest: Option<Newest> = reader.maybe(query!("payload/newest"), params)?;
    Ok(newest.map(|newest| (newest.0, newest.1)))
}

/// Payloads of a source since an instant, after the one numbered `after`, in the order in which
/// they came.
pub fn since(
    reader: &Reader<'_>,
    source: &Source,
    since: DateTime<Utc>,
    after: i64,
    limit: u32,
) -> Result<Vec<Payload>, Error> {
    let params = named_params! {
        ":source": source,
        ":since_ms": ms(since),
        ":after": after,
        ":limit": limit,
    };
    reader.all(query!("payload/since"), params)
}

/// What a payload holds, packed; `None` when it has been forgotten.
pub fn body(reader: &Reader<'_>, id: i64) -> Result<Option<Vec<u8>>, Error> {
    let body: Option<Body> = reader.maybe(query!("payload/body"), named_params! { ":id": id })?;
    Ok(body.map(|body| body.0))
}

/// Forgets payloads that are older than `age`, and the oldest of those that are more than `bytes`
/// together; says how many went.
pub fn prune(tx: &Tx<'_>, age: TimeDelta, bytes: u64, now: DateTime<Utc>) -> Result<usize, Error> {
    let sizes: Vec<Size> = tx.all(
        query!("payload/sizes"),
        named_params! { ":limit": LOOKED_AT },
    )?;
    let mut total = 0_u64;
    let mut gone = 0;
    for size in sizes {
        total = total.saturating_add(size.bytes);
        if now - size.received_at > age || total > bytes {
            gone += tx.change(query!("payload/forget"), named_params! { ":id": size.id })?;
        }
    }
    Ok(gone)
}
