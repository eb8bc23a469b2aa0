//! Asks sources what is new and hands it to ingest.
//!
//! What came is kept as it came, and every fetch leaves a line: what it brought, or why it brought
//! nothing. What a newcomer gets wrong: a fetch that failed is an error and never an empty day, and
//! an answer that is the same as last time is not read again.

mod doctor;
mod error;
mod fetch;
mod list;
mod name;
mod replay;
mod report;
mod round;
mod shape;

use std::io;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

pub use doctor::{Completeness, Drift, Health, Today, meeting_name, parse_meeting};
pub use error::Error;
pub use replay::{Changed, Replay};
pub use report::Report;

use crate::domain::{RaceDay, Source};
use crate::ingest::Ingest;
use crate::ingest::upload::Keeping as SpoolKeeping;
use crate::runtime::{Clock, Crew, Lane};
use crate::store::collections::{self, Collection};
use crate::store::{self, Class, Store, payloads};
use crate::upstream::{Circuit, Client, SourceSpec, Tally};

/// Files and packings that wait for the one thread that does them.
const HANDS_QUEUE: usize = 64;

/// How long and how much of what came is kept as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// For how long.
    pub age: TimeDelta,
    /// How many bytes, packed.
    pub bytes: u64,
    /// How many bytes of files that were uploaded.
    pub spool_bytes: u64,
}

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Collector {
    store: Store,
    ingest: Ingest,
    client: Client,
    clock: Clock,
    sources: Arc<Vec<SourceSpec>>,
    keeping: Keeping,
    hands: Crew<()>,
}

impl Collector {
    /// Asks `sources` by `client` and hands what they say to `ingest`.
    pub fn start(
        store: Store,
        ingest: Ingest,
        client: Client,
        clock: Clock,
        sources: Vec<SourceSpec>,
        keeping: Keeping,
    ) -> io::Result<Self> {
        Ok(Self {
            store,
            ingest,
            client,
            clock,
            sources: Arc::new(sources),
            keeping,
            hands: Crew::start("collect", HANDS_QUEUE, vec![()])?,
        })
    }

    /// Who can be asked.
    #[must_use]
    pub fn sources(&self) -> &[SourceSpec] {
        &self.sources
    }

    /// The source of that name.
    pub fn source(&self, name: &Source) -> Result<&SourceSpec, Error> {
        let known = self.sources.iter().find(|source| source.name == *name);
        known.ok_or_else(|| Error::Unknown(name.clone()))
    }

    /// The source of that name, if it may be asked.
    pub fn enabled(&self, name: &Source) -> Result<&SourceSpec, Error> {
        let source = self.source(name)?;
        if source.enabled {
            return Ok(source);
        }
        Err(Error::Off(name.clone()))
    }

    /// Asks a source about one day, or about the days that it is usually asked about.
    ///
    /// Every address is tried; when one of them brought nothing the whole is an error, which has
    /// the report with it.
    pub async fn collect(
        &self,
        name: &Source,
        day: Option<RaceDay>,
        told: impl Fn(u64, u64) + Send,
    ) -> Result<Report, Error> {
        let source = self.enabled(name)?;
        let days = match day {
            Some(day) => vec![day],
            None => source.days(self.clock.now()),
        };
        let report = self.ask(source, &days, told).await?;
        tracing::info!(
            source = %name,
            fetches = report.fetches.len(),
            created = report.counts.created,
            updated = report.counts.updated,
            unchanged = report.counts.unchanged,
            failed = report.counts.failed,
            "collected"
        );
        if report.broken() > 0 {
            return Err(Error::Broken(Box::new(report)));
        }
        Ok(report)
    }

    /// Fetches from a source before the one numbered `after`, newest first.
    pub async fn fetches(
        &self,
        name: &Source,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Collection>, Error> {
        let name = name.clone();
        let found = self.store.read(Lane::Live, move |reader| {
            collections::of_source(reader, &name, after, limit)
        });
        found.await.map_err(Error::Store)
    }

    /// How it stands with every host.
    #[must_use]
    pub fn circuits(&self) -> Vec<Circuit> {
        self.client.circuits()
    }

    /// What was fetched for whom since the start.
    #[must_use]
    pub fn tallies(&self) -> Vec<(Source, Tally)> {
        self.client.tallies()
    }

    /// Whether a copy that is young enough is taken for what the source would say.
    #[must_use]
    pub fn copies_on(&self) -> bool {
        self.client.copies_on()
    }

    /// Switches that on or off; off, every collection asks the source.
    pub fn switch_copies(&self, on: bool) {
        self.client.switch_copies(on);
    }

    /// Forgets payloads, and files in the spool, that are older or more than is kept.
    pub async fn sweep(&self) -> Result<(), Error> {
        let (keeping, now) = (self.keeping, self.clock.now());
        let swept = self.store.write(Class::Backfill, move |tx| {
            payloads::prune(tx, keeping.age, keeping.bytes, now)
        });
        let payloads: usize = swept.await.map_err(Error::Store)?;
        let spool = SpoolKeeping {
            age: keeping.age,
            bytes: keeping.spool_bytes,
        };
        let uploads = self.ingest.prune_spool(spool).await?;
        if payloads + uploads > 0 {
            tracing::info!(payloads, uploads, "swept");
        }
        Ok(())
    }

    /// Ends every fetch that waits.
    pub fn stop(&self) {
        self.client.stop();
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    async fn note(&self, fetch: Collection) -> Result<(), store::Error> {
        self.store
            .write(Class::Backfill, move |tx| collections::add(tx, &fetch))
            .await
    }
}
