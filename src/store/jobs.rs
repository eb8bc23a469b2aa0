//! Jobs: work that takes time, and how far it has come.
//!
//! A job is leased by whoever does it. A lease that the process did not give back, because it was
//! killed, is released when the store is next opened for work.

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Row, named_params};
use serde_json::Value;

use super::bind::{instant, maybe_instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tag, Tx};
use crate::domain::{Job, JobId, JobKind, JobState};

/// A job may be interrupted by the end of the daemon this often before it is held to be the cause.
const INTERRUPTIONS: u32 = 25;
/// Jobs that one pruning takes away at most.
const PRUNED: u32 = 10_000;

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredJob {
    /// Identity; a later job has a larger one.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// How far it has come.
    pub state: JobState,
    /// How often it has failed.
    pub attempt: u32,
    /// How often the daemon ended during it.
    pub interruptions: u32,
    /// Somebody wants it to end.
    pub cancelling: bool,
    /// Not before this.
    pub due_at: DateTime<Utc>,
    /// What is done of `total`.
    pub done: u64,
    /// How much there is to do, when that is known.
    pub total: Option<u64>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was first begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it goes on from.
    pub checkpoint: Option<Value>,
    /// What came of it.
    pub report: Option<Value>,
    /// What went wrong the last time.
    pub error: Option<String>,
}

impl FromRow for StoredJob {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let spec: String = row.get("spec")?;
        Ok(Self {
            id: row.get("id")?,
            job: serde_json::from_str(&spec).map_err(broken)?,
            state: row.get("state")?,
            attempt: row.get("attempt")?,
            interruptions: row.get("interruptions")?,
            cancelling: row.get("cancelling")?,
            due_at: instant(row, "due_at_ms")?,
            done: row.get("done")?,
            total: row.get("total")?,
            created_at: instant(row, "created_at_ms")?,
            started_at: maybe_instant(row, "started_at_ms")?,
            finished_at: maybe_instant(row, "finished_at_ms")?,
            checkpoint: json(row, "checkpoint")?,
            report: json(row, "report")?,
            error: row.get("error")?,
        })
    }
}

fn broken(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

/// JSON that may be missing.
pub(super) fn json(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Value>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(broken)
}

/// How many jobs there are by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct States {
    /// Wait now.
    pub queued: u64,
    /// Run now.
    pub running: u64,
    /// Ended well, of late.
    pub succeeded: u64,
    /// Ended badly, of late.
    pub failed: u64,
    /// Were cancelled, of late.
    pub cancelled: u64,
}

impl FromRow for States {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            queued: row.get("queued")?,
            running: row.get("running")?,
            succeeded: row.get("succeeded")?,
            failed: row.get("failed")?,
            cancelled: row.get("cancelled")?,
        })
    }
}

struct Id(JobId);

impl FromRow for Id {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("id").map(Self)
    }
}

struct Cancelling(bool);

impl FromRow for Cancelling {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("cancelling").map(Self)
    }
}

/// Asks for a job, not before `due_at`; says which one it is, and whether it is a new one: the same
/// is not asked for twice while it waits or runs.
pub fn enqueue(
    tx: &mut Tx<'_>,
    job: &Job,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(JobId, bool), Error> {
    let spec = serde_json::to_string(job).unwrap_or_default();
    let dedup_key = job.dedup_key();
    let params = named_params! {
        ":kind": job.kind(),
        ":spec": spec,
        ":dedup_key": dedup_key,
        ":due_at_ms": ms(due_at),
        ":now_ms": ms(now),
    };
    if tx.change(query!("job/enqueue"), params)? == 0 {
        let known: Id = tx.one(
            query!("job/by_dedup"),
            named_params! { ":dedup_key": dedup_key },
        )?;
        return Ok((known.0, false));
    }
    tx.touch(Tag::Jobs);
    Ok((JobId::new(tx.last_id()), true))
}

/// Takes the job of that kind that has waited longest, if one is due.
pub fn lease(
    tx: &Tx<'_>,
    kind: JobKind,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<StoredJob>, Error> {
    let params = named_params! {
        ":kind": kind,
        ":lease_until_ms": ms(until),
        ":now_ms": ms(now),
    };
    tx.maybe(query!("job/lease"), params)
}

/// How far a running job has come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Done so far.
    pub done: u64,
    /// How much there is, when that is known.
    pub total: Option<u64>,
    /// What it would go on from; `None` leaves the last one standing.
    pub checkpoint: Option<Value>,
}

/// Notes how far a running job has come, and holds on to it until `until`; whether somebody wants it
/// to end.
pub fn beat(
    tx: &Tx<'_>,
    id: JobId,
    progress: &Progress,
    until: DateTime<Utc>,
) -> Result<bool, Error> {
    let params = named_params! {
        ":id": id,
        ":lease_until_ms": ms(until),
        ":done": progress.done,
        ":total": progress.total,
        ":checkpoint": progress.checkpoint.as_ref().map(Value::to_string),
    };
    let wished: Option<Cancelling> = tx.maybe(query!("job/beat"), params)?;
    Ok(wished.is_some_and(|wished| wished.0))
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// One of the states that are over.
    pub state: JobState,
    /// What came of it.
    pub report: Option<Value>,
    /// What went wrong.
    pub error: Option<String>,
}

/// Ends a running job.
pub fn finish(
    tx: &Tx<'_>,
    id: JobId,
    end: &End,
    progress: &Progress,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":id": id,
        ":state": end.state,
        ":report": end.report.as_ref().map(Value::to_string),
        ":error": end.error,
        ":done": progress.done,
        ":total": progress.total,
        ":now_ms": ms(now),
    };
    tx.change(query!("job/finish"), params).map(drop)
}

/// Puts a running job that failed back, to be tried again at `due_at`.
pub fn again(tx: &mut Tx<'_>, id: JobId, error: &str, due_at: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! { ":id": id, ":error": error, ":due_at_ms": ms(due_at) };
    tx.change(query!("job/again"), params)?;
    tx.touch(Tag::Jobs);
    Ok(())
}

/// Gives a running job back unharmed, because the daemon stops.
pub fn give_back(tx: &Tx<'_>, id: JobId, now: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! { ":id": id, ":now_ms": ms(now) };
    tx.change(query!("job/give_back"), params).map(drop)
}

/// Releases every lease of a former process; says how many there were.
pub fn release(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<usize, Error> {
    let params = named_params! {
        ":most": INTERRUPTIONS,
        ":error": format!("the daemon ended {INTERRUPTIONS} times during it"),
        ":now_ms": ms(now),
    };
    let released = tx.change(query!("job/release"), params)?;
    if released > 0 {
        tx.touch(Tag::Jobs);
    }
    Ok(released)
}

/// Cancels a job: at once when it waits, as a wish when it runs. Whether there was anything to
/// cancel.
pub fn cancel(tx: &mut Tx<'_>, id: JobId, now: DateTime<Utc>) -> Result<bool, Error> {
    let waiting = named_params! { ":id": id, ":now_ms": ms(now) };
    let mut changed = tx.change(query!("job/cancel_queued"), waiting)?;
    changed += tx.change(query!("job/cancel_running"), named_params! { ":id": id })?;
    if changed > 0 {
        tx.touch(Tag::Jobs);
    }
    Ok(changed > 0)
}

/// Lets a job that failed or was cancelled run again from the beginning; `false` when it is neither
/// or when the same is waiting or running under another number.
pub fn retry(tx: &mut Tx<'_>, id: JobId, now: DateTime<Utc>) -> Result<bool, Error> {
    let params = named_params! { ":id": id, ":now_ms": ms(now) };
    let changed = tx.change(query!("job/retry"), params)? > 0;
    if changed {
        tx.touch(Tag::Jobs);
    }
    Ok(changed)
}

/// One job.
pub fn by_id(reader: &Reader<'_>, id: JobId) -> Result<Option<StoredJob>, Error> {
    reader.maybe(query!("job/by_id"), named_params! { ":id": id })
}

/// Which jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this kind.
    pub kind: Option<JobKind>,
    /// Only in this state.
    pub state: Option<JobState>,
}

/// Jobs before the one numbered `after`, newest first.
pub fn page(
    reader: &Reader<'_>,
    filter: Filter,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<StoredJob>, Error> {
    let params = named_params! {
        ":after": after.unwrap_or(i64::MAX),
        ":kind": filter.kind,
        ":state": filter.state,
        ":limit": limit,
    };
    reader.all(query!("job/page"), params)
}

/// How many jobs there are by state; of those that are over, since then.
pub fn states(reader: &Reader<'_>, since: DateTime<Utc>) -> Result<States, Error> {
    let params = named_params! { ":since_ms": ms(since) };
    reader.one(query!("job/states"), params)
}

/// Whether a job of that kind waits and is due.
pub fn is_due(reader: &Reader<'_>, kind: JobKind, now: DateTime<Utc>) -> Result<bool, Error> {
    let params = named_params! { ":kind": kind, ":now_ms": ms(now) };
    let found: Option<Id> = reader.maybe(query!("job/is_due"), params)?;
    Ok(found.is_some())
}

/// Forgets jobs that were over before `before`; those of uploads stay as long as these.
pub fn prune(tx: &Tx<'_>, before: DateTime<Utc>) -> Result<usize, Error> {
    let params = named_params! { ":before_ms": ms(before), ":limit": PRUNED };
    tx.change(query!("job/prune"), params)
}
