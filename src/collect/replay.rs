//! What a source sent is read again, as it was kept: after a parser has been mended.

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use super::fetch::{days, reading};
use super::name::called;
use super::{Collector, Error};
use crate::domain::{RaceDay, RaceKey, Source};
use crate::ingest::file::Report as Taken;
use crate::ingest::{Counts, Status};
use crate::runtime::Lane;
use crate::store::{self, payloads};

/// Payloads that are looked up at a time.
const PAGE: u32 = 100;
/// Races, and faults, that are named.
const NAMED: usize = 1_000;
/// The largest payload, unpacked; more was never taken from a source.
const UNPACKED: usize = 64 << 20;

/// What came, or would come, of reading again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Whether it was taken in.
    pub committed: bool,
    /// Payloads that were read.
    pub payloads: u64,
    /// Those that were too large to be kept and could not be read.
    pub too_large: u64,
    /// Rows or items in them.
    pub rows: u64,
    /// What became, or would become, of the facts. Where it is not taken in each fact is looked at
    /// alone, so one that stands in two payloads counts twice.
    #[serde(flatten)]
    pub counts: Counts,
    /// What is new or different; at most 1,000.
    pub changed: Vec<Changed>,
    /// What is wrong with rows; at most 1,000.
    pub faults: Vec<String>,
}

/// A race of which something new or different is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Changed {
    /// Which.
    pub race: RaceKey,
    /// `created` or `updated`.
    pub status: &'static str,
    /// What the payload was asked by.
    pub payload: String,
}

impl Collector {
    /// Reads again what a source sent since the beginning of a day (UTC), and takes it in when
    /// `commit` says so.
    pub async fn reparse(
        &self,
        name: &Source,
        since: RaceDay,
        commit: bool,
        told: impl Fn(u64, u64) + Send,
    ) -> Result<Replay, Error> {
        let source = self.source(name)?;
        let mut reading = reading(source)?;
        reading.rehearsal = !commit;
        let since = since.starts(chrono_tz::Tz::UTC);
        let mut replay = Replay {
            committed: commit,
            ..Replay::default()
        };
        let mut all = Vec::new();
        loop {
            let (name, after) = (
                name.clone(),
                all.last().map_or(0, |one: &payloads::Payload| one.id),
            );
            let page = self.store.read(Lane::Batch, move |reader| {
                payloads::since(reader, &name, since, after, PAGE)
            });
            let page = page.await.map_err(Error::Store)?;
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        for (payload, done) in all.into_iter().zip(0..) {
            told(done, total);
            let Some(body) = self.unpacked(payload.id).await? else {
                replay.too_large += 1;
                continue;
            };
            reading.days = Some(days(payload.day, payload.received_at));
            let taken = self
                .ingest
                .payload(&called(&payload.name), body, &reading)
                .await?;
            replay.add(&payload.name, taken);
        }
        told(total, total);
        Ok(replay)
    }

    /// A payload as it came; `None` when it was too large to be kept, or is kept no longer.
    async fn unpacked(&self, id: i64) -> Result<Option<Vec<u8>>, Error> {
        let body = self
            .store
            .read(Lane::Batch, move |reader| payloads::body(reader, id));
        let Some(packed) = body.await.map_err(Error::Store)? else {
            return Ok(None);
        };
        let unpacked = self.hands.ask(Lane::Batch, move |()| unpack(&packed));
        let body = unpacked
            .await
            .map_err(store::Error::Crew)?
            .map_err(crate::ingest::Error::Spool)?;
        Ok(Some(body).filter(|body| !body.is_empty()))
    }
}

fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(packed, UNPACKED)
}

impl Replay {
    fn add(&mut self, payload: &str, taken: Taken) {
        self.payloads += 1;
        self.rows += taken.rows;
        self.counts.extend(taken.counts);
        let changed: BTreeSet<_> = taken
            .races
            .into_iter()
            .filter_map(|(race, status)| {
                let status = match status {
                    Status::Created => "created",
                    Status::Updated => "updated",
                    Status::Unchanged => return None,
                };
                Some(Changed {
                    race,
                    status,
                    payload: payload.to_owned(),
                })
            })
            .collect();
        let room = NAMED.saturating_sub(self.changed.len());
        self.changed.extend(changed.into_iter().take(room));
        let room = NAMED.saturating_sub(self.faults.len());
        let faults = taken.faults.iter().take(room);
        self.faults.extend(faults.map(ToString::to_string));
    }
}
