//! What was said, in a file, so that a restart does not begin cold.
//!
//! The file carries the mark of the facts that it was said from. It is taken up only when the database
//! still has that mark, so whatever was written to it meanwhile, by whomever, or whichever copy was put
//! in its place, nothing old is said. A file that is damaged, foreign or of another build is left
//! alone and written over.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Prediction, Predictor, Question};
use crate::model::features;
use crate::runtime::sealed::{self, Packing};
use crate::runtime::{Lane, Refused};
use crate::store::mark::{self, Mark};
use crate::store::{self, Class};

/// Its name in the data folder.
pub const FILE: &str = "predictions.saved";
/// What the file says of itself; the number grows with the shape of [`Saved`].
const WHAT: &str = "predictions 1";
/// Bytes of it, packed or not, at most.
const MOST: usize = 64 * 1_024 * 1_024;

/// How what was said is kept across restarts: in [`FILE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saving {
    /// How it is packed.
    pub packing: Packing,
    /// How often it is written when there is something new; nothing is never, not at the end either.
    pub every: Option<Duration>,
}

impl Default for Saving {
    fn default() -> Self {
        Self {
            packing: Packing::Zstd,
            every: Some(Duration::from_mins(5)),
        }
    }
}

/// How saving has gone since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaveStats {
    /// Files written.
    pub saves: u64,
    /// Files that could not be written.
    pub errors: u64,
    /// Whether the last one could not be.
    pub failing: bool,
    /// Size of the last one, bytes.
    pub bytes: usize,
    /// How long it took.
    pub took: Duration,
    /// Predictions that were taken up at the start.
    pub loaded: usize,
}

#[derive(Debug, Default)]
pub(super) struct Saves(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    stats: SaveStats,
    /// The turnover of the cache at the last save.
    turnover: u64,
    /// The facts that the file is of.
    mark: Option<Mark>,
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// The build that said it: another one might say something else.
    build: String,
    /// The facts that it was said from.
    mark: Mark,
    at: DateTime<Utc>,
    /// The one that was asked for last in front.
    said: Vec<Said>,
}

#[derive(Serialize, Deserialize)]
struct Said {
    question: Question,
    prediction: Arc<Prediction>,
    good_until: DateTime<Utc>,
}

/// Why a file could not be written or taken up.
#[derive(Debug, thiserror::Error)]
enum Unsaved {
    #[error(transparent)]
    File(#[from] io::Error),
    #[error("no predictions: {0}")]
    Content(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Workers(#[from] Refused),
}

impl Saves {
    fn note(&self, change: impl FnOnce(&mut Book)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, of: impl FnOnce(&Book) -> T) -> T {
        of(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Predictor {
    /// How saving has gone.
    #[must_use]
    pub fn save_stats(&self) -> SaveStats {
        self.saves.read(|book| book.stats)
    }

    /// Whether something was said since the last save.
    pub(super) fn is_dirty(&self) -> bool {
        self.saves.read(|book| book.turnover) != self.cache.turnover()
    }

    /// Takes up what was saved, if it still holds. Whatever is wrong with it costs warmth only.
    pub async fn take_up(&self, saving: Saving) {
        if saving.every.is_none() {
            return;
        }
        match self.try_taking_up().await {
            Ok(0) => {}
            Ok(loaded) => {
                self.saves.note(|book| book.stats.loaded = loaded);
                tracing::info!(loaded, "predictions taken up");
            }
            Err(error) => {
                tracing::warn!(%error, file = FILE, "saved predictions are of no use");
            }
        }
    }

    async fn try_taking_up(&self) -> Result<usize, Unsaved> {
        let since = self.store.changes().now();
        let mark = self.store.read(Lane::Batch, mark::read).await?;
        let file = self.saved_predictions();
        let read = self.workers.ask(Lane::Batch, move |()| read(&file));
        let Some(saved) = read.await?? else {
            return Ok(0);
        };
        let now = self.clock.now();
        if saved.build != build() || saved.mark != mark || saved.at > now {
            tracing::info!("saved predictions are of other facts or another build");
            return Ok(0);
        }
        let mut loaded = 0;
        // What is put in last stands in front.
        for said in saved.said.into_iter().rev() {
            if let Ok(left) = (said.good_until - now).to_std()
                && !left.is_zero()
            {
                self.cache.hold(said.question, said.prediction, since, left);
                loaded += 1;
            }
        }
        self.saves.note(|book| {
            book.turnover = self.cache.turnover();
            book.mark = Some(mark);
        });
        Ok(loaded)
    }

    /// Saves what is new, again and again.
    pub async fn save_now_and_then(self, saving: Saving) {
        let Some(every) = saving.every else {
            return;
        };
        loop {
            tokio::time::sleep(every).await;
            self.save(saving).await;
        }
    }

    /// Saves what was said, if anything is new, or the facts are: a file of older ones would not be
    /// taken up. A failure is told and counted, and tried again.
    pub async fn save(&self, saving: Saving) {
        if saving.every.is_none() {
            return;
        }
        let began = Instant::now();
        // Before the values are looked at: what is said meanwhile is new the next time.
        let turnover = self.cache.turnover();
        match self.try_saving(saving.packing).await {
            Ok(None) => {}
            Ok(Some((bytes, mark))) => self.saves.note(|book| {
                book.turnover = turnover;
                book.mark = Some(mark);
                book.stats = SaveStats {
                    saves: book.stats.saves + 1,
                    failing: false,
                    bytes,
                    took: began.elapsed(),
                    ..book.stats
                };
            }),
            Err(error) => {
                tracing::warn!(%error, file = FILE, "predictions could not be saved");
                self.saves.note(|book| {
                    book.stats.errors += 1;
                    book.stats.failing = true;
                });
            }
        }
    }

    /// Says how large the file is, and of which facts; nothing when it is as it should be.
    async fn try_saving(&self, packing: Packing) -> Result<Option<(usize, Mark)>, Unsaved> {
        let changes = self.store.changes();
        // On the thread that writes, so that every commit before it has been noted, and none after.
        let (mark, until) = self
            .store
            .write(Class::Admin, move |tx| {
                Ok::<_, store::Error>((mark::read(tx)?, changes.now()))
            })
            .await?;
        if !self.is_dirty() && self.saves.read(|book| book.mark) == Some(mark) {
            return Ok(None);
        }
        let now = self.clock.now();
        let held = self.cache.held(until).into_iter();
        let said = held.map(|(question, prediction, left)| Said {
            question,
            prediction,
            good_until: now + TimeDelta::from_std(left).unwrap_or_default(),
        });
        let saved = Saved {
            build: build(),
            mark,
            at: now,
            said: said.collect(),
        };
        let file = self.saved_predictions();
        let write = move |(): &mut ()| {
            let body = serde_json::to_vec(&saved)?;
            Ok(sealed::write(&file, WHAT, packing, &body)?)
        };
        let bytes: Result<usize, Unsaved> = self.workers.ask(Lane::Batch, write).await?;
        Ok(Some((bytes?, mark)))
    }

    fn saved_predictions(&self) -> PathBuf {
        self.store.folder().join(FILE)
    }
}

fn build() -> String {
    format!("{} {}", env!("CARGO_PKG_VERSION"), features::digest())
}

fn read(file: &Path) -> Result<Option<Saved>, Unsaved> {
    let body = sealed::read(file, WHAT, MOST)?;
    let saved = body.map(|body| serde_json::from_slice(&body));
    Ok(saved.transpose()?)
}
