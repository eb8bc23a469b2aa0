//! Answers to posts, by the key that the caller gave.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::ms;
use super::query::query;
use super::{Error, FromRow, Reader, Tx};

/// Which post.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    /// Public id of the caller's key; empty without keys.
    pub caller: String,
    /// Where it was posted.
    pub path: String,
    /// What the caller named it.
    pub key: String,
}

/// An answer as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub media: String,
    /// Body.
    pub body: Vec<u8>,
}

struct Kept {
    digest: [u8; 32],
    answer: Answer,
}

impl FromRow for Kept {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            digest: row.get("digest")?,
            answer: Answer {
                status: row.get("status")?,
                media: row.get("media")?,
                body: row.get("body")?,
            },
        })
    }
}

/// The answer that was given after `since`, and the digest of the body it was given to.
pub fn find(
    reader: &Reader<'_>,
    asked: &Asked,
    since: DateTime<Utc>,
) -> Result<Option<([u8; 32], Answer)>, Error> {
    let params = named_params! {
        ":caller": asked.caller,
        ":path": asked.path,
        ":key": asked.key,
        ":since_ms": ms(since),
    };
    let kept: Option<Kept> = reader.maybe(query!("answer/find"), params)?;
    Ok(kept.map(|kept| (kept.digest, kept.answer)))
}

/// Keeps an answer; an older one of the same name gives way.
pub fn keep(
    tx: &Tx<'_>,
    asked: &Asked,
    digest: [u8; 32],
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":caller": asked.caller,
        ":path": asked.path,
        ":key": asked.key,
        ":digest": digest,
        ":status": answer.status,
        ":media": answer.media,
        ":body": answer.body,
        ":at_ms": ms(now),
    };
    tx.change(query!("answer/keep"), params)?;
    Ok(())
}

/// Forgets some of the answers that are older than `before`, and what is over the limit.
pub fn forget(tx: &Tx<'_>, before: DateTime<Utc>) -> Result<(), Error> {
    tx.change(
        query!("answer/forget"),
        named_params! { ":before_ms": ms(before) },
    )?;
    tx.change(query!("answer/forget_most"), [])?;
    Ok(())
}
