//! The models in use: the one in force and its shadows; loaded on first use, swapped whole.
//!
//! A model is read from the store, and made of its bytes by a worker, once, however many ask for it
//! meanwhile. A model that is broken names itself and takes nothing away from those that are held.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{Error, Predictor};
use crate::model::{Component, Fitted, artifact, components};
use crate::runtime::{Clock, Crew, Lane};
use crate::store::{self, Store, models};

/// Models that are kept: the one in force, its shadows, and one that was just replaced.
const KEPT: usize = 4;

/// How often it is looked whether another model is in use, where they are not loaded lazily.
const LOOK: Duration = Duration::from_secs(5);

/// What is loaded at the start, before anybody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preload {
    /// The model in force.
    Win,
    /// Those that are scored silently.
    Shadows,
}

/// A model that is in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// SHA-256 of its artifact.
    pub digest: String,
    /// Size of the artifact, bytes.
    pub bytes: usize,
    /// Since when.
    pub since: DateTime<Utc>,
    /// How long it took to read and to make.
    pub took: Duration,
    /// What it is made of.
    pub components: Vec<Component>,
}

/// Keeps the models whose digests were asked for last.
#[derive(Clone)]
pub(super) struct Live {
    store: Store,
    workers: Crew<()>,
    clock: Clock,
    held: Arc<Mutex<VecDeque<Held>>>,
    /// Whoever has it loads; the others wait, and find what was loaded.
    loading: Arc<tokio::sync::Mutex<()>>,
    lazy: Arc<AtomicBool>,
}

struct Held {
    loaded: Loaded,
    fitted: Arc<Fitted>,
}

impl Live {
    pub(super) fn new(store: Store, workers: Crew<()>, clock: Clock) -> Self {
        Self {
            store,
            workers,
            clock,
            held: Arc::default(),
            loading: Arc::default(),
            lazy: Arc::new(AtomicBool::new(true)),
        }
    }

    /// The model of that digest.
    pub(super) async fn model(&self, digest: &str) -> Result<Arc<Fitted>, Error> {
        if let Some(fitted) = self.find(digest) {
            return Ok(fitted);
        }
        let _loading = self.loading.lock().await;
        match self.find(digest) {
            Some(fitted) => Ok(fitted),
            None => self.load(digest.to_owned()).await,
        }
    }

    async fn load(&self, digest: String) -> Result<Arc<Fitted>, Error> {
        let began = Instant::now();
        let wanted = digest.clone();
        let stored = self
            .store
            .read(Lane::Live, move |reader| models::by_digest(reader, &wanted))
            .await?;
        let stored = stored.ok_or(Error::NoModel)?;
        let bytes = stored.artifact.len();
        let make = move |(): &mut ()| {
            let fitted = artifact::read(&stored.artifact)?;
            let components = components(&fitted)?;
            Ok::<_, artifact::Error>((Arc::new(fitted), components))
        };
        let made = self.workers.ask(Lane::Live, make).await?;
        let (fitted, components) = made.map_err(|error| Error::BrokenModel {
            model: digest.clone(),
            error,
        })?;
        let loaded = Loaded {
            digest,
            bytes,
            since: self.clock.now(),
            took: began.elapsed(),
            components,
        };
        tracing::info!(model = loaded.digest, took = ?loaded.took, "model loaded");
        let mut held = self.lock();
        held.push_front(Held {
            loaded,
            fitted: Arc::clone(&fitted),
        });
        held.truncate(KEPT);
        drop(held);
        Ok(fitted)
    }

    fn find(&self, digest: &str) -> Option<Arc<Fitted>> {
        let mut held = self.lock();
        let at = held.iter().position(|held| held.loaded.digest == digest)?;
        // The one asked for last stands in front.
        held.rotate_left(at);
        held.front().map(|held| Arc::clone(&held.fitted))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Predictor {
    /// The models in memory, the one asked for last in front.
    #[must_use]
    pub fn loaded(&self) -> Vec<Loaded> {
        let held = self.live.lock();
        held.iter().map(|held| held.loaded.clone()).collect()
    }

    /// Whether models wait until somebody asks for them.
    #[must_use]
    pub fn is_lazy(&self) -> bool {
        self.live.lazy.load(Ordering::Relaxed)
    }

    /// Says whether they shall.
    pub fn set_lazy(&self, lazy: bool) {
        self.live.lazy.store(lazy, Ordering::Relaxed);
    }

    /// Loads whatever is in use as long as models are not lazy, for as long as the runtime lives.
    pub async fn keep_loaded(self) {
        let mut look = tokio::time::interval(LOOK);
        loop {
            look.tick().await;
            if !self.is_lazy() {
                self.preload(&[Preload::Win, Preload::Shadows]).await;
            }
        }
    }

    /// Loads models before anybody asks. One that cannot be loaded is told of, and left for whoever
    /// asks for it.
    pub async fn preload(&self, what: &[Preload]) {
        let win = what.contains(&Preload::Win);
        let shadows = what.contains(&Preload::Shadows);
        let digests = self
            .store
            .read(Lane::Batch, move |reader| {
                let mut digests = Vec::new();
                if win {
                    digests.extend(models::active_digest(reader)?);
                }
                if shadows {
                    digests.extend(models::shadows(reader)?);
                }
                Ok::<_, store::Error>(digests)
            })
            .await;
        match digests {
            Ok(digests) => {
                for digest in digests {
                    if let Err(error) = self.live.model(&digest).await {
                        tracing::warn!(model = digest, %error, "a model could not be loaded");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "no model could be loaded"),
        }
    }
}
