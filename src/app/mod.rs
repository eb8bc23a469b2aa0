//! Puts the house together; the only room that knows every other.

mod backtest;
mod bench;
pub mod cli;
mod collect;
mod config;
mod demo;
mod doctor;
mod explain;
mod import;
mod jobs;
mod key;
mod predict;
mod remote;
mod reparse;
mod serve;
mod sums;
mod telemetry;
mod train;

use std::num::NonZeroUsize;
use std::time::Instant;
use std::{io, thread};

use anyhow::Context;
use chrono::TimeDelta;

pub use config::{Config, Switches};

use crate::access::Access;
use crate::collect::{Collector, Keeping};
use crate::http::{self, Desks, Shelves, Vitals};
use crate::ingest::{Answers, Ingest};
use crate::jobs::{Bell, Board, Desks as Workplaces, Runner};
use crate::predict::{Predictor, Preload, Saving, WORKERS};
use crate::runtime::{Clock, Crew, Patience, Traffic};
use crate::store::Store;
use crate::train::Trainer;
use crate::upstream;
use crate::watch::Watch;

/// Where copies of what upstreams said lie, in the data folder.
const UPSTREAM: &str = "upstream";
/// Uploads of the largest size that the spool holds.
const SPOOLED: u64 = 4;
/// Workers that were stuck and given up, and still run, at most.
const ABANDONED: usize = 8;

/// The house: every desk, wired. Dropping it finishes what the writer has begun, checkpoints and
/// closes the database.
#[derive(Clone)]
pub struct App {
    /// Plain reads.
    pub store: Store,
    /// The door for facts.
    pub ingest: Ingest,
    /// Predictions.
    pub predictor: Predictor,
    /// Models.
    pub trainer: Trainer,
    /// API keys.
    pub access: Access,
    /// Other people's servers and folders.
    pub collector: Collector,
    /// Work that takes time.
    pub board: Board,
    /// The time.
    pub clock: Clock,
    /// Answers that are kept ready.
    pub shelves: Shelves,
    /// The threads that predict and train.
    pub workers: Crew<()>,
    /// What is asked of each route.
    pub traffic: Traffic,
    /// Who looks whether something is too much.
    pub watch: Watch,
    settings: http::Settings,
    saving: Saving,
    preload: Vec<Preload>,
    vitals: Vitals,
}

impl App {
    /// Opens for reading and writing; takes the data folder. It waits for the store, so it is not for
    /// the threads of a runtime.
    pub fn build(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let began = Instant::now();
        let bell = Bell::default();
        let hears = bell.clone();
        let store = Store::open(config.store.clone(), move |touched| hears.hear(touched))?;
        let app = Self::assemble(config, store, &bell, clock, began)?;
        let tidied = runtime()?.block_on(app.ingest.tidy_spool());
        tidied.context("could not clear the spool of what was half received")?;
        Ok(app)
    }

    /// Opens for reading; works beside a running daemon.
    pub fn build_to_read(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let began = Instant::now();
        let store = Store::open_to_read(config.store.clone())?;
        Self::assemble(config, store, &Bell::default(), clock, began)
    }

    fn assemble(
        config: &Config,
        store: Store,
        bell: &Bell,
        clock: Clock,
        began: Instant,
    ) -> anyhow::Result<Self> {
        let workers = workers(config).context("could not start the workers")?;
        let ingest = Ingest::start(store.clone(), clock.clone())
            .context("could not start the spool's thread")?;
        let collector = collector(config, &store, &ingest, &clock)?;
        let traffic = Traffic::default();
        let watch = Watch::start(
            config.alerts.clone(),
            store.clone(),
            collector.clone(),
            traffic.clone(),
            clock.clone(),
        );
        let watch = watch.context("could not start the thread of the webhook")?;
        let app = Self {
            ingest,
            collector,
            board: Board::new(store.clone(), clock.clone(), bell),
            predictor: Predictor::new(
                store.clone(),
                workers.clone(),
                clock.clone(),
                config.predictions,
                config.window,
            ),
            trainer: Trainer::new(store.clone(), workers.clone(), clock.clone()),
            workers,
            traffic,
            watch,
            access: Access::new(store.clone(), clock.clone()),
            shelves: Shelves::new(&config.http.shelves, &store),
            store,
            clock,
            settings: http::Settings {
                max_upload: config.collect.upload_bytes,
                ..config.http.clone()
            },
            saving: config.saving,
            preload: config.preload.clone(),
            vitals: Vitals {
                began,
                startup: began.elapsed(),
            },
        };
        app.turn(config.switches);
        Ok(app)
    }

    fn turn(&self, switches: Switches) {
        self.shelves.switch_all(switches.memory);
        self.predictor.switch_cache(switches.memory);
        self.collector.switch_copies(switches.upstream);
        self.predictor.set_lazy(switches.lazy);
    }

    /// What the http room needs of it.
    #[must_use]
    pub fn desks(&self) -> Desks {
        Desks {
            store: self.store.clone(),
            ingest: self.ingest.clone(),
            answers: Answers::new(self.store.clone(), self.clock.clone()),
            predictor: self.predictor.clone(),
            shelves: self.shelves.clone(),
            trainer: self.trainer.clone(),
            access: self.access.clone(),
            board: self.board.clone(),
            collector: self.collector.clone(),
            workers: self.workers.clone(),
            traffic: self.traffic.clone(),
            watch: self.watch.clone(),
            clock: self.clock.clone(),
            vitals: self.vitals,
            settings: self.settings.clone(),
        }
    }
}

impl App {
    /// Whoever does the jobs; to be run beside the server.
    #[must_use]
    pub fn runner(&self) -> Runner {
        let desks = Workplaces {
            ingest: self.ingest.clone(),
            collector: self.collector.clone(),
            trainer: self.trainer.clone(),
            predictor: self.predictor.clone(),
        };
        Runner::new(self.board.clone(), desks)
    }
}

fn workers(config: &Config) -> io::Result<Crew<()>> {
    let cores = thread::available_parallelism().map_or(2, NonZeroUsize::get);
    let patience = Patience {
        live: config.workers.stuck,
        abandoned: ABANDONED,
    };
    Crew::start_watched(WORKERS, config.workers.queue, cores.max(2), patience)
}

fn collector(
    config: &Config,
    store: &Store,
    ingest: &Ingest,
    clock: &Clock,
) -> anyhow::Result<Collector> {
    let agent = concat!("lurcher/", env!("CARGO_PKG_VERSION"));
    let settings = upstream::Settings::new(config.folder().join(UPSTREAM), agent);
    let client =
        upstream::Client::start(settings, clock.clone()).context("could not start the fetchers")?;
    let keeping = Keeping {
        age: TimeDelta::days(config.collect.payload_days.into()),
        bytes: config.collect.payload_bytes,
        spool_bytes: config.collect.upload_bytes.saturating_mul(SPOOLED),
    };
    Collector::start(
        store.clone(),
        ingest.clone(),
        client,
        clock.clone(),
        config.sources.clone(),
        keeping,
    )
    .context("could not start the collector's thread")
}

/// What a command waits on: one thread, because the work is done by crews.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .context("could not start the runtime")
}
