//! API keys: who may do what. Only digests are stored.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, maybe_instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tag, Tx};
use crate::domain::{Fault, Scope};

/// Keys that are kept at most, revoked ones among them.
pub const MOST: u32 = 1_000;

/// A key as it is shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its place in lists: a later key has a larger one.
    pub row: i64,
    /// The public part.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What was granted.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it opens nothing; `None` is never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it last opened something, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl FromRow for ApiKey {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: row.get("id")?,
            id: row.get("public_id")?,
            name: row.get("name")?,
            scopes: scopes(row)?,
            created_at: instant(row, "created_at_ms")?,
            expires_at: maybe_instant(row, "expires_at_ms")?,
            last_used_at: maybe_instant(row, "last_used_at_ms")?,
            revoked_at: maybe_instant(row, "revoked_at_ms")?,
        })
    }
}

/// A key that is not revoked, as it is needed for recognising its bearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The public part.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What was granted.
    pub scopes: Vec<Scope>,
    /// SHA-256 of the whole key.
    pub digest: [u8; 32],
    /// From when on it opens nothing.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it last opened something.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl FromRow for InForce {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("public_id")?,
            name: row.get("name")?,
            scopes: scopes(row)?,
            digest: row.get("digest")?,
            expires_at: maybe_instant(row, "expires_at_ms")?,
            last_used_at: maybe_instant(row, "last_used_at_ms")?,
        })
    }
}

/// Scopes are stored by their names, with spaces between.
fn scopes(row: &Row<'_>) -> rusqlite::Result<Vec<Scope>> {
    let names: String = row.get("scopes")?;
    let scopes: Result<_, Fault> = names.split_whitespace().map(Scope::parse).collect();
    scopes.map_err(|fault| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(fault))
    })
}

struct Count(u32);

impl FromRow for Count {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("keys").map(Self)
    }
}

struct PublicId;

impl FromRow for PublicId {
    fn from_row(_row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self)
    }
}

/// A key to be.
#[derive(Debug)]
pub struct NewKey<'a> {
    /// The public part.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// What is granted.
    pub scopes: &'a [Scope],
    /// SHA-256 of the whole key.
    pub digest: [u8; 32],
    /// From when on it opens nothing.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Adds a key. When there are [`MOST`], the one that was made first of those revoked makes room;
/// `false` when none is revoked.
pub fn add(tx: &mut Tx<'_>, key: &NewKey<'_>, now: DateTime<Utc>) -> Result<bool, Error> {
    let count: Count = tx.one(query!("key/count"), [])?;
    if count.0 >= MOST && tx.change(query!("key/forget_oldest_revoked"), [])? == 0 {
        return Ok(false);
    }
    let names: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let params = named_params! {
        ":public_id": key.id,
        ":name": key.name,
        ":scopes": names.join(" "),
        ":digest": key.digest,
        ":created_at_ms": ms(now),
        ":expires_at_ms": key.expires_at.map(ms),
    };
    tx.change(query!("key/insert"), params)?;
    tx.touch(Tag::Keys);
    Ok(true)
}

/// Revokes a key that is not revoked yet; whether there was one.
pub fn revoke(tx: &mut Tx<'_>, id: &str, now: DateTime<Utc>) -> Result<bool, Error> {
    let params = named_params! { ":public_id": id, ":at_ms": ms(now) };
    let revoked = tx.change(query!("key/revoke"), params)? > 0;
    if revoked {
        tx.touch(Tag::Keys);
    }
    Ok(revoked)
}

/// Whether there is a key of that id, revoked or not.
pub fn stands(reader: &Reader<'_>, id: &str) -> Result<bool, Error> {
    let params = named_params! { ":public_id": id };
    let found: Option<PublicId> = reader.maybe(query!("key/stands"), params)?;
    Ok(found.is_some())
}

/// Notes that a key opened something.
pub fn used(tx: &Tx<'_>, id: &str, at: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! { ":public_id": id, ":at_ms": ms(at) };
    tx.change(query!("key/used"), params).map(drop)
}

/// Every key that is not revoked.
pub fn in_force(reader: &Reader<'_>) -> Result<Vec<InForce>, Error> {
    reader.all(query!("key/in_force"), named_params! { ":limit": MOST })
}

/// Keys made before the one in row `after`, newest first.
pub fn page(reader: &Reader<'_>, after: Option<i64>, limit: u32) -> Result<Vec<ApiKey>, Error> {
    let params = named_params! { ":after": after.unwrap_or(i64::MAX), ":limit": limit };
    reader.all(query!("key/page"), params)
}
