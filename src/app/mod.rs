//! Puts the house together; the only room that knows every other.

pub mod cli;
mod demo;
mod doctor;
mod import;
mod predict;
mod serve;
mod telemetry;
mod train;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::http::{self, Desks, Vitals};
use crate::ingest::Ingest;
use crate::predict::{Listener, Predictor};
use crate::runtime::{Clock, Crew};
use crate::store::{Settings, Store};
use crate::train::Trainer;

/// Questions that may wait for a worker, per lane.
const WORK_QUEUE: usize = 1_024;

/// How to put the house together.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder.
    pub folder: PathBuf,
    /// Statements that take this long are logged.
    pub slow: Duration,
}

impl Config {
    /// The defaults, in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            slow: Duration::from_millis(100),
        }
    }

    fn store(&self) -> Settings {
        Settings {
            slow: self.slow,
            ..Settings::new(&self.folder)
        }
    }
}

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
    /// The time.
    pub clock: Clock,
    vitals: Vitals,
}

impl App {
    /// Opens for reading and writing; takes the data folder.
    pub fn build(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let began = Instant::now();
        let listener = Listener::new();
        let store = Store::open(config.store(), {
            let listener = listener.clone();
            move |touched| listener.hear(touched)
        })?;
        Self::assemble(store, &listener, clock, began)
    }

    /// Opens for reading; works beside a running daemon.
    pub fn build_to_read(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let began = Instant::now();
        let store = Store::open_to_read(config.store())?;
        Self::assemble(store, &Listener::new(), clock, began)
    }

    fn assemble(
        store: Store,
        listener: &Listener,
        clock: Clock,
        began: Instant,
    ) -> anyhow::Result<Self> {
        let cores = thread::available_parallelism().map_or(2, NonZeroUsize::get);
        let members = vec![(); cores.max(2)];
        let workers =
            Crew::start("worker", WORK_QUEUE, members).context("could not start the workers")?;
        Ok(Self {
            ingest: Ingest::new(store.clone(), clock.clone()),
            predictor: Predictor::new(store.clone(), workers.clone(), clock.clone(), listener),
            trainer: Trainer::new(store.clone(), workers, clock.clone()),
            store,
            clock,
            vitals: Vitals {
                began,
                startup: began.elapsed(),
            },
        })
    }

    /// What the http room needs of it.
    #[must_use]
    pub fn desks(&self) -> Desks {
        Desks {
            store: self.store.clone(),
            predictor: self.predictor.clone(),
            vitals: self.vitals,
            settings: http::Settings::default(),
        }
    }
}

/// What a command waits on: one thread, because the work is done by crews.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .context("could not start the runtime")
}
