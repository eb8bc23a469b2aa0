//! Who wins, with what chance? Cache, snapshot, pipeline.
//!
//! A prediction is a function of a snapshot and a model: the same race, model and `as_of` give the
//! same bits, today and after a restart.

mod blended;
mod exotics;
mod ledger;
mod live;
mod many;
mod notes;
mod pipeline;
mod preflight;
mod quote;
mod saved;
mod warm;
mod why;
mod window;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{BoxNo, DogId, Fault, Odds, RaceDay, RaceKey, Rug};
use crate::model::artifact;
use crate::model::blend::Blend;
use crate::model::discount::Discount;
use crate::model::interval::Interval;
use crate::runtime::{Cache, CacheStats, Cached, Clock, Crew, Lane, Limits, Refused, Subject};
use crate::store::{self, Store, Tag, races};
pub use exotics::{Combination, Exotics};
pub use ledger::Recorded;
use live::Live;
pub use live::{Loaded, Preload};
use pipeline::{answer, look};
pub use preflight::{Checked, Preflight};
pub use quote::{Market, Quote, Terms};
use saved::Saves;
pub use saved::{FILE as SAVED, SaveStats, Saving};
pub use warm::Warmed;
pub use why::Reason;
use window::Window;

/// The crew that computes.
pub const WORKERS: &str = "worker";
/// What of them is kept unless the configuration says otherwise.
pub const KEPT: Limits = Limits {
    entries: NonZeroUsize::new(1_000).unwrap(),
    bytes: 16 * 1_024 * 1_024,
    ttl: Duration::from_mins(10),
};
/// Lives of a prediction that fit into the time to its jump, so that the last ones are short.
const LIVES: u32 = 40;
/// The shortest of them.
const SHORTEST: Duration = Duration::from_secs(15);

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody has told of such a race.
    #[error("no race {0}")]
    UnknownRace(RaceKey),
    /// No model has been trained.
    #[error("no model yet: run `lurcher train`")]
    NoModel,
    /// The model in force cannot be used.
    #[error("the model {model} cannot be used: {error}")]
    BrokenModel {
        /// SHA-256 of it.
        model: String,
        /// What is wrong with it.
        error: artifact::Error,
    },
    /// Nobody was known to run.
    #[error("nobody was known to run in {race} at {as_of}")]
    NoField {
        /// The race.
        race: RaceKey,
        /// The instant.
        as_of: DateTime<Utc>,
    },
    /// The arithmetic refused.
    #[error("the model refused: {0}")]
    Model(#[from] Fault),
    /// Below.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Below.
    #[error(transparent)]
    Workers(#[from] Refused),
    /// None of those who asked within the same moment was answered.
    #[error(transparent)]
    Together(Arc<Self>),
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Question {
    /// Which race.
    pub race: RaceKey,
    /// From what was known then; `None` is now, or just before the jump when that has passed.
    pub as_of: Option<DateTime<Utc>>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The race.
    pub race: RaceKey,
    /// From what was known then.
    pub as_of: DateTime<Utc>,
    /// SHA-256 of the model.
    pub model: String,
    /// The field, in the order of rugs; `win` sums to 1.
    pub runners: Vec<Predicted>,
    /// How much less a favourite is one for the places behind the winner.
    pub discount: Discount,
    /// The powers of the model's chances and the market's; `None` where they were not fitted.
    pub blend: Option<Blend>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// How long there was to go to the jump, where that is known and was not over.
    pub until_jump: Option<Duration>,
    /// What it hangs on: it is good as long as none of it is touched.
    pub tags: Vec<Tag>,
}

/// One runner's chances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// Rug.
    pub rug: Rug,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// Dog.
    pub dog_id: Option<DogId>,
    /// The dog's name.
    pub dog: Option<String>,
    /// Chance to win.
    pub win: f64,
    /// Where that chance is to be found four times in five.
    pub interval: Interval,
    /// Chance of a paid place.
    pub place: f64,
    /// Past runs that were known.
    pub runs: usize,
    /// The newest price to win that was known; no chance depends on it.
    pub market: Option<Odds>,
    /// What speaks for and against it, the weightiest first.
    pub reasons: Vec<Reason>,
}

impl Cached for Prediction {
    type Tag = Tag;

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let runner = |runner: &Predicted| {
            size_of::<Predicted>() + text(&runner.dog) + size_of_val(runner.reasons.as_slice())
        };
        let runners: usize = self.runners.iter().map(runner).sum();
        let notes: usize = self
            .notes
            .iter()
            .map(|note| size_of::<String>() + note.len())
            .sum();
        size_of::<Self>() + self.model.len() + runners + notes + size_of_val(self.tags.as_slice())
    }

    /// A quiet hour before the jump is longer than a quiet minute.
    fn life(&self, usual: Duration) -> Duration {
        let fitting = self.until_jump.map(|until| until / LIVES);
        fitting.map_or(usual, |fitting| fitting.max(SHORTEST).min(usual))
    }
}

type Answers = Cache<Question, Prediction, Error>;

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Predictor {
    store: Store,
    workers: Crew<()>,
    clock: Clock,
    cache: Arc<Answers>,
    saves: Arc<Saves>,
    live: Live,
    window: Window,
}

impl Predictor {
    /// Reads through `store`, computes on `workers`, keeps what it has said within `limits`. Whoever
    /// asks waits for others for as long as the `window` is open.
    #[must_use]
    pub fn new(
        store: Store,
        workers: Crew<()>,
        clock: Clock,
        limits: Limits,
        window: Duration,
    ) -> Self {
        let cache = Cache::new("predictions", limits, store.changes());
        Self {
            live: Live::new(store.clone(), workers.clone(), clock.clone()),
            store,
            workers,
            clock,
            cache: Arc::new(cache),
            saves: Arc::default(),
            window: Window::new(window),
        }
    }

    /// The chances in one race.
    pub async fn race(&self, question: Question) -> Result<Arc<Prediction>, Arc<Error>> {
        let (predictor, asked) = (self.clone(), question.clone());
        let compute = || async move { predictor.compute(asked).await };
        self.cache.get_or(question, compute).await
    }

    /// The races of a day, in the order of their jumps.
    pub async fn day(&self, day: RaceDay) -> Result<Vec<RaceKey>, Error> {
        let races = self
            .store
            .read(Lane::Live, move |reader| races::of_day(reader, day))
            .await?;
        Ok(races.into_iter().map(|race| race.key).collect())
    }

    /// How the cache has done.
    #[must_use]
    pub fn cache_stats(&self) -> CacheStats {
        CacheStats {
            dirty: self.is_dirty(),
            ..self.cache.stats()
        }
    }

    /// Drops what was said; says how much that was.
    #[must_use]
    pub fn clear_cache(&self) -> usize {
        self.cache.clear()
    }

    /// Switches the cache on or off.
    pub fn switch_cache(&self, on: bool) {
        self.cache.switch(on);
    }

    async fn compute(&self, question: Question) -> Result<Prediction, Error> {
        if !self.window.is_shut() {
            return self.compute_together(question).await;
        }
        let now = self.clock.now();
        let known = self
            .store
            .read(Lane::Live, move |reader| look(reader, question, now))
            .await?;
        let fitted = self.in_force(known.model.as_deref()).await?;
        let about = Subject::of(&known.race.key);
        self.workers
            .ask_about(about, Lane::Live, move |()| {
                answer(&fitted, known.model.as_deref(), &known)
            })
            .await?
    }

    /// The answer, and beside it what the newest models that are not in force say of the same.
    async fn compute_with_shadows(
        &self,
        question: Question,
    ) -> Result<(Prediction, Vec<Prediction>), Error> {
        let now = self.clock.now();
        let (known, digests) = self
            .store
            .read(Lane::Live, move |reader| {
                let digests = store::models::shadows(reader)?;
                Ok::<_, Error>((look(reader, question, now)?, digests))
            })
            .await?;
        let fitted = self.in_force(known.model.as_deref()).await?;
        let mut shadows = Vec::new();
        for digest in digests {
            match self.live.model(&digest).await {
                Ok(shadow) => shadows.push((shadow, digest)),
                // Fitted by another build: it has nothing to say here.
                Err(error @ Error::BrokenModel { .. }) => {
                    tracing::debug!(%error, "a shadow cannot be read");
                }
                Err(error) => return Err(error),
            }
        }
        let about = Subject::of(&known.race.key);
        self.workers
            .ask_about(about, Lane::Live, move |()| {
                let said = answer(&fitted, known.model.as_deref(), &known)?;
                let shadows = shadows.into_iter();
                let silent = shadows.filter_map(|(shadow, digest)| {
                    let said = answer(&shadow, Some(&digest), &known);
                    said.inspect_err(|error| tracing::debug!(%error, "a shadow is silent"))
                        .ok()
                });
                Ok((said, silent.collect()))
            })
            .await?
    }
}
