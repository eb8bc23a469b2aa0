//! Everything that the daemon can read off itself, for the pages that show it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Desks, Shelves, Vitals};
use crate::access::Access;
use crate::collect::Collector;
use crate::predict::{Loaded, Predictor, SaveStats};
use crate::runtime::machine::{self, Machine};
use crate::runtime::{CacheStats, Clock, Crew, Lane, RouteStats, Traffic};
use crate::store::{self, Store, jobs, models};

/// How far back jobs are counted that are over.
const JOBS: TimeDelta = TimeDelta::days(1);

/// The instruments. Cheap to clone.
#[derive(Clone)]
pub(super) struct Gauges {
    pub(super) store: Store,
    pub(super) workers: Crew<()>,
    pub(super) machine: Arc<Machine>,
    pub(super) vitals: Vitals,
    pub(super) predictor: Predictor,
    pub(super) shelves: Shelves,
    pub(super) access: Access,
    pub(super) collector: Collector,
    traffic: Traffic,
    clock: Clock,
}

/// How a cache has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lookups {
    /// Which.
    pub(super) name: &'static str,
    /// Answered from memory.
    pub(super) hits: u64,
    /// Computed or fetched, or waited for another's.
    pub(super) misses: u64,
    /// Values that it holds; nothing where that is not counted.
    pub(super) size: Option<usize>,
}

/// How many jobs there are by state.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = JobCounts)]
pub(super) struct JobsView {
    pub(super) queued: u64,
    pub(super) running: u64,
    /// Within the last day, as the two that follow.
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
}

/// The machine and this process.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = System)]
pub(super) struct SystemView {
    /// How busy all processors are, by whomever.
    pub(super) cpu_percent: Option<f64>,
    /// What this process takes of all processors.
    pub(super) process_cpu_percent: Option<f64>,
    /// Memory of the machine that is in use, by whomever.
    pub(super) memory_percent: Option<f64>,
    /// How full the disk under the data folder is.
    pub(super) disk_percent: Option<f64>,
    /// Memory of this process, MiB.
    pub(super) rss_mb: Option<f64>,
    /// Files and sockets that this process has open.
    pub(super) open_files: Option<usize>,
    pub(super) uptime_s: f64,
}

impl Gauges {
    pub(super) fn of(desks: &Desks) -> Self {
        Self {
            store: desks.store.clone(),
            workers: desks.workers.clone(),
            machine: Arc::default(),
            vitals: desks.vitals,
            predictor: desks.predictor.clone(),
            shelves: desks.shelves.clone(),
            access: desks.access.clone(),
            collector: desks.collector.clone(),
            traffic: desks.traffic.clone(),
            clock: desks.clock.clone(),
        }
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// What was asked of each route.
    pub(super) fn routes(&self) -> Vec<RouteStats> {
        self.traffic.stats()
    }

    /// Each cache in memory.
    pub(super) fn caches(&self) -> Vec<CacheStats> {
        let mut all = self.shelves.stats();
        all.extend([self.predictor.cache_stats(), self.access.cache_stats()]);
        all
    }

    /// How each cache is looked up, and the copies of what others said last.
    pub(super) fn lookups(&self) -> Vec<Lookups> {
        let caches = self.caches();
        let mut all: Vec<Lookups> = caches.iter().map(Lookups::of).collect();
        all.push(self.upstream());
        all
    }

    /// What was asked of all shelves of answers together. The caches below are asked only by those
    /// who found no answer there, and by every request for its key.
    pub(super) fn answers(&self) -> Lookups {
        let caches = self.shelves.stats();
        Lookups {
            name: "answers",
            hits: caches.iter().map(|cache| cache.hits).sum(),
            misses: caches
                .iter()
                .map(|cache| cache.misses + cache.coalesced)
                .sum(),
            size: Some(caches.iter().map(|cache| cache.size).sum()),
        }
    }

    /// The models in memory.
    pub(super) fn models(&self) -> Vec<Loaded> {
        self.predictor.loaded()
    }

    /// How predictions are kept for the next start.
    pub(super) fn saves(&self) -> SaveStats {
        self.predictor.save_stats()
    }

    /// The copies of what others said.
    pub(super) fn upstream(&self) -> Lookups {
        let upstream = self.collector.tallies();
        let tallies = upstream.iter().map(|(_, tally)| tally);
        Lookups {
            name: "upstream",
            hits: tallies.clone().map(|tally| tally.hits + tally.stale).sum(),
            misses: tallies.map(|tally| tally.misses).sum(),
            size: None,
        }
    }

    /// Jobs by state, and the digest of the model in force.
    pub(super) async fn work(&self) -> Result<(JobsView, Option<String>), store::Error> {
        let since = self.now() - JOBS;
        let read = self.store.read(Lane::Live, move |reader| {
            let states = jobs::states(reader, since)?;
            Ok::<_, store::Error>((states, models::active_digest(reader)?))
        });
        let (states, model) = read.await?;
        let jobs = JobsView {
            queued: states.queued,
            running: states.running,
            succeeded: states.succeeded,
            failed: states.failed,
            cancelled: states.cancelled,
        };
        Ok((jobs, model))
    }

    /// The machine and this process.
    pub(super) fn system(&self) -> SystemView {
        let shares = self.machine.shares();
        SystemView {
            cpu_percent: shares.machine.map(rounded),
            process_cpu_percent: shares.own.map(rounded),
            memory_percent: machine::memory().map(|memory| rounded(memory.used_percent)),
            disk_percent: machine::disk_percent(self.store.folder()).map(rounded),
            rss_mb: machine::resident().map(mib),
            open_files: machine::open_files(),
            uptime_s: self.vitals.began.elapsed().as_secs_f64(),
        }
    }
}

impl Lookups {
    fn of(cache: &CacheStats) -> Self {
        Self {
            name: cache.name,
            hits: cache.hits,
            misses: cache.misses + cache.coalesced,
            size: Some(cache.size),
        }
    }

    /// Both together.
    pub(super) const fn asked(&self) -> u64 {
        self.hits + self.misses
    }

    /// The share of hits; nothing when nobody asked.
    pub(super) fn ratio(&self) -> Option<f64> {
        let asked = self.asked();
        (asked > 0).then(|| self.hits as f64 / asked as f64)
    }
}

/// Milliseconds, to the microsecond.
pub(super) fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// MiB, to a hundredth.
pub(super) fn mib(bytes: u64) -> f64 {
    rounded(bytes as f64 / 1_048_576.0)
}

/// To a hundredth.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
