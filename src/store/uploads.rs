//! Files that were sent: where they lie, and what was wrong with their rows.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};
use serde_json::Value;

use super::bind::{instant, ms};
use super::jobs::json;
use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{JobId, JobState, UploadId};

/// Uploads that are counted at most.
const COUNTED: u32 = 100_000;
/// Files in the spool that are looked at in one go.
const SPOOLED: u32 = 100_000;

/// An upload.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    /// Identity; a later upload has a larger one.
    pub id: UploadId,
    /// The file's name, as the sender gave it.
    pub name: String,
    /// The file's name in the spool.
    pub spool: String,
    /// Whether the file still lies there.
    pub kept: bool,
    /// Bytes as sent.
    pub size_bytes: u64,
    /// SHA-256 of them.
    pub digest: [u8; 32],
    /// When it was whole.
    pub received_at: DateTime<Utc>,
    /// The public id of the key it came with; empty without keys.
    pub caller: String,
    /// The job that takes it in.
    pub job: JobId,
    /// How far that job has come; `None` when it has been forgotten.
    pub state: Option<JobState>,
    /// What came of it, or has so far.
    pub report: Option<Value>,
    /// What went wrong.
    pub error: Option<String>,
}

impl FromRow for Upload {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            spool: row.get("spool")?,
            kept: row.get("kept")?,
            size_bytes: row.get("size_bytes")?,
            digest: row.get("digest")?,
            received_at: instant(row, "received_at_ms")?,
            caller: row.get("caller")?,
            job: row.get("job_id")?,
            state: row.get("state")?,
            report: json(row, "report")?,
            error: row.get("error")?,
        })
    }
}

/// An upload to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpload {
    /// The file's name, as the sender gave it.
    pub name: String,
    /// The file's name in the spool.
    pub spool: String,
    /// Bytes as sent.
    pub size_bytes: u64,
    /// SHA-256 of them.
    pub digest: [u8; 32],
    /// The public id of the key it came with; empty without keys.
    pub caller: String,
}

/// One thing wrong with one row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFault {
    /// Its place in the list.
    pub seq: u64,
    /// Which file.
    pub file: String,
    /// Row as a spreadsheet shows it; 0 is the file itself.
    pub row: u64,
    /// Column heading, or the place inside the fact.
    pub column: String,
    /// What stood there.
    pub value: String,
    /// The rule it breaks.
    pub rule: String,
}

impl FromRow for UploadFault {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get("seq")?,
            file: row.get("file")?,
            row: row.get("row")?,
            column: row.get("col")?,
            value: row.get("value")?,
            rule: row.get("rule")?,
        })
    }
}

/// A file in the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Whose.
    pub upload: UploadId,
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// When it was whole.
    pub received_at: DateTime<Utc>,
    /// Nobody is going to read it by itself.
    pub over: bool,
}

impl FromRow for Spooled {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            upload: row.get("id")?,
            name: row.get("spool")?,
            size_bytes: row.get("size_bytes")?,
            received_at: instant(row, "received_at_ms")?,
            over: row.get("over")?,
        })
    }
}

struct Id(UploadId);

impl FromRow for Id {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("id").map(Self)
    }
}

struct Count(u32);

impl FromRow for Count {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("rows").map(Self)
    }
}

/// Adds an upload; its job is [`assign`]ed in the same transaction.
pub fn add(tx: &Tx<'_>, upload: &NewUpload, now: DateTime<Utc>) -> Result<UploadId, Error> {
    let params = named_params! {
        ":name": upload.name,
        ":spool": upload.spool,
        ":size_bytes": upload.size_bytes,
        ":digest": upload.digest,
        ":caller": upload.caller,
        ":now_ms": ms(now),
    };
    tx.insert(query!("upload/insert"), params)
        .map(UploadId::new)
}

/// Says which job takes an upload in.
pub fn assign(tx: &Tx<'_>, id: UploadId, job: JobId) -> Result<(), Error> {
    let params = named_params! { ":id": id, ":job_id": job };
    tx.change(query!("upload/assign"), params).map(drop)
}

/// One upload.
pub fn by_id(reader: &Reader<'_>, id: UploadId) -> Result<Option<Upload>, Error> {
    reader.maybe(query!("upload/by_id"), named_params! { ":id": id })
}

/// The upload that a job takes in.
pub fn of_job(reader: &Reader<'_>, job: JobId) -> Result<Option<UploadId>, Error> {
    let found: Option<Id> =
        reader.maybe(query!("upload/of_job"), named_params! { ":job_id": job })?;
    Ok(found.map(|id| id.0))
}

/// Uploads before the one numbered `after`, newest first, `skip` of them left out.
pub fn page(
    reader: &Reader<'_>,
    after: Option<i64>,
    skip: u32,
    limit: u32,
) -> Result<Vec<Upload>, Error> {
    let params = named_params! {
        ":after": after.unwrap_or(i64::MAX),
        ":skip": skip,
        ":limit": limit,
    };
    reader.all(query!("upload/page"), params)
}

/// How many uploads there are, counted to 100,000.
pub fn count(reader: &Reader<'_>) -> Result<u32, Error> {
    let count: Count = reader.one(query!("upload/count"), named_params! { ":most": COUNTED })?;
    Ok(count.0)
}

/// Keeps faults of an upload; the same place again is the same fault.
pub fn keep_faults(tx: &Tx<'_>, id: UploadId, faults: &[UploadFault]) -> Result<(), Error> {
    for fault in faults {
        let params = named_params! {
            ":upload_id": id,
            ":seq": fault.seq,
            ":file": fault.file,
            ":row": fault.row,
            ":col": fault.column,
            ":value": fault.value,
            ":rule": fault.rule,
        };
        tx.change(query!("upload/add_fault"), params)?;
    }
    Ok(())
}

/// Forgets the faults of an upload that is read from its beginning again.
pub fn forget_faults(tx: &Tx<'_>, id: UploadId) -> Result<(), Error> {
    let params = named_params! { ":upload_id": id };
    tx.change(query!("upload/forget_faults"), params).map(drop)
}

/// Faults of an upload after the one at `after`, in the order in which they were met.
pub fn faults(
    reader: &Reader<'_>,
    id: UploadId,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<UploadFault>, Error> {
    let params = named_params! {
        ":upload_id": id,
        ":after": after.unwrap_or(-1),
        ":limit": limit,
    };
    reader.all(query!("upload/faults"), params)
}

/// Files that lie in the spool, newest first.
pub fn spooled(reader: &Reader<'_>) -> Result<Vec<Spooled>, Error> {
    reader.all(
        query!("upload/spooled"),
        named_params! { ":limit": SPOOLED },
    )
}

/// Notes that a file has been taken out of the spool.
pub fn let_go(tx: &Tx<'_>, id: UploadId) -> Result<(), Error> {
    tx.change(query!("upload/let_go"), named_params! { ":id": id })
        .map(drop)
}
