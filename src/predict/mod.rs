//! Who wins, with what chance? Cache, snapshot, pipeline.
//!
//! A prediction is a function of a snapshot and a model: the same race, model and `as_of` give the
//! same bits, today and after a restart.

mod blended;
mod exotics;
mod ledger;
mod live;
mod notes;
mod preflight;
mod quote;
mod why;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{BoxNo, DogId, Fault, Odds, RaceDay, RaceKey, Rug, Snapshot};
use crate::model::blend::Blend;
use crate::model::discount::Discount;
use crate::model::interval::{self, Interval};
use crate::model::{Fitted, Part, Rules, artifact, features, placing};
use crate::runtime::{Cache, CacheStats, Clock, Crew, Key, Lane, Refused};
use crate::store::prices::{self, Price};
use crate::store::races::Race;
use crate::store::runners::Runner;
use crate::store::{self, Reader, Store, Touched, races, runners, snapshots};
pub use exotics::{Combination, Exotics};
pub use ledger::Recorded;
use live::Live;
pub use preflight::{Checked, Preflight};
pub use quote::{Market, Quote, Terms};
pub use why::Reason;

/// The crew that computes.
pub const WORKERS: &str = "worker";
/// Predictions that are kept at most.
const KEPT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
/// How long one is kept: days since the last run and the like go on counting.
const TTL: Duration = Duration::from_mins(1);

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
    #[error("the model in force cannot be used: {0}")]
    BrokenModel(#[from] artifact::Error),
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
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Which race.
    pub race: RaceKey,
    /// From what was known then; `None` is now, or just before the jump when that has passed.
    pub as_of: Option<DateTime<Utc>>,
}

impl Key for Question {
    const CACHE: &'static str = "predictions";
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
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
}

/// One runner's chances.
#[derive(Debug, Clone, PartialEq)]
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

type Answers = Cache<Question, Prediction, Error>;

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Predictor {
    store: Store,
    workers: Crew<()>,
    clock: Clock,
    cache: Arc<Answers>,
    live: Live,
}

/// The part of the desk that must hear of every commit.
#[derive(Clone)]
pub struct Listener {
    cache: Arc<Answers>,
}

impl Listener {
    /// A listener, made before the store that will call it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            cache: Arc::new(Cache::new(KEPT, TTL)),
        }
    }

    /// Forgets what the commit may have changed. A result changes the history of dogs that are
    /// drawn elsewhere, so nothing survives a change of any race.
    pub fn hear(&self, touched: &Touched) {
        if !touched.races.is_empty() || touched.model || touched.ratings {
            self.cache.forget(|_question| true);
        }
    }
}

impl Default for Listener {
    fn default() -> Self {
        Self::new()
    }
}

/// What one read brings up from the store.
struct Known {
    race: Race,
    as_of: DateTime<Utc>,
    snapshot: Snapshot,
    field: Vec<Runner>,
    prices: Vec<Price>,
    model: Option<String>,
}

impl Predictor {
    /// Reads through `store`, computes on `workers`, forgets through `listener`.
    #[must_use]
    pub fn new(store: Store, workers: Crew<()>, clock: Clock, listener: &Listener) -> Self {
        Self {
            live: Live::new(store.clone()),
            store,
            workers,
            clock,
            cache: Arc::clone(&listener.cache),
        }
    }

    /// The chances in one race.
    pub async fn race(&self, question: Question) -> Result<Arc<Prediction>, Arc<Error>> {
        let asked = question.clone();
        self.cache
            .get_or(question, async || self.compute(asked).await)
            .await
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
        self.cache.stats()
    }

    async fn compute(&self, question: Question) -> Result<Prediction, Error> {
        let now = self.clock.now();
        let known = self
            .store
            .read(Lane::Live, move |reader| look(reader, question, now))
            .await?;
        let fitted = self.in_force(known.model.as_deref()).await?;
        self.workers
            .ask(Lane::Live, move |()| {
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
                Err(Error::BrokenModel(error)) => {
                    tracing::debug!(model = digest, %error, "a shadow cannot be read");
                }
                Err(error) => return Err(error),
            }
        }
        self.workers
            .ask(Lane::Live, move |()| {
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

fn look(reader: &Reader<'_>, question: Question, now: DateTime<Utc>) -> Result<Known, Error> {
    let race = races::by_key(reader, &question.race)?.ok_or(Error::UnknownRace(question.race))?;
    let as_of = question.as_of.unwrap_or_else(|| now.min(race.cutoff()));
    Ok(Known {
        snapshot: snapshots::load(reader, &race, as_of)?,
        field: runners::of_race(reader, race.id)?,
        prices: prices::known(reader, race.id, as_of)?,
        model: store::models::active_digest(reader)?,
        race,
        as_of,
    })
}

impl Known {
    /// What is in the way when nobody was known to run.
    fn no_field(&self) -> Option<Error> {
        self.snapshot.entries.is_empty().then(|| Error::NoField {
            race: self.race.key.clone(),
            as_of: self.as_of,
        })
    }
}

/// What the model with this digest says.
fn answer(fitted: &Fitted, model: Option<&str>, known: &Known) -> Result<Prediction, Error> {
    if let Some(error) = known.no_field() {
        return Err(error);
    }
    let rules = Rules::of(known.race.zone);
    let part = fitted.part(rules);
    let runners = runners_of(part, rules, known)?;
    Ok(Prediction {
        notes: notes::notes(&known.snapshot, Some((fitted, rules))),
        discount: part.discount(runners.len()),
        blend: part.blend(),
        race: known.race.key.clone(),
        as_of: known.as_of,
        model: model.unwrap_or_default().to_owned(),
        runners,
    })
}

fn runners_of(part: &Part, rules: Rules, known: &Known) -> Result<Vec<Predicted>, Error> {
    let pipeline = part.pipeline();
    let snapshot = &known.snapshot;
    let field = snapshot.entries.len();
    let features = features::matrix(snapshot);
    let chances = pipeline.chances_of(&features)?;
    let place = placing::place_chances(&chances, rules.paid_places(field), part.discount(field))?;
    let doubts = interval::doubts(snapshot, pipeline.races());
    let said = chances.all().iter().zip(place).zip(doubts);
    let runners = snapshot
        .entries
        .iter()
        .zip(said)
        .zip(why::reasons(pipeline, &features));
    let runners = runners.map(|((entry, ((win, place), doubt)), reasons)| Predicted {
        rug: entry.rug,
        box_no: entry.box_no,
        dog_id: entry.dog,
        dog: named(&known.field, entry.rug).and_then(|runner| runner.dog.clone()),
        win: win.get(),
        interval: Interval::around(win.get(), doubt),
        place: place.get(),
        runs: entry.history.runs.len(),
        market: quote::newest(&known.prices, entry.rug),
        reasons,
    });
    Ok(runners.collect())
}

fn named(field: &[Runner], rug: Rug) -> Option<&Runner> {
    field.iter().find(|runner| runner.rug == rug)
}
