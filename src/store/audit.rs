//! Who did what to the house: written in the transaction of the act, so that neither stands
//! without the other.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tx};

/// Acts that are kept at most; older ones go.
const KEPT: i64 = 100_000;

/// Who acts: the bearer of a key, or the house itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The public id of the key; `None` is the house.
    pub key: Option<String>,
    /// The request it came with.
    pub request_id: Option<String>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its place in the log: a later act has a larger one.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The public id of a key, or `house`.
    pub actor: String,
    /// What, for example `key.revoke`.
    pub action: String,
    /// To what: for a key its public id.
    pub subject: String,
    /// The request it came with.
    pub request_id: Option<String>,
}

impl FromRow for Act {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            at: instant(row, "at_ms")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            subject: row.get("subject")?,
            request_id: row.get("request_id")?,
        })
    }
}

/// Records an act.
pub fn record(
    tx: &Tx<'_>,
    by: &Actor,
    action: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":at_ms": ms(now),
        ":actor": by.key.as_deref().unwrap_or("house"),
        ":action": action,
        ":subject": subject,
        ":request_id": by.request_id,
    };
    let id = tx.insert(query!("audit/insert"), params)?;
    // Rows are numbered without gaps, so the number alone says how many there are.
    if id > KEPT {
        let last = named_params! { ":last": id - KEPT };
        tx.change(query!("audit/trim"), last)?;
    }
    Ok(())
}

/// Acts before the one numbered `after`, newest first.
pub fn page(reader: &Reader<'_>, after: Option<i64>, limit: u32) -> Result<Vec<Act>, Error> {
    let params = named_params! { ":after": after.unwrap_or(i64::MAX), ":limit": limit };
    reader.all(query!("audit/page"), params)
}
