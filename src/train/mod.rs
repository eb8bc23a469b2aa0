//! Rate, fit, judge, publish.
//!
//! Ratings are walked forward through time first; then the races of the training days become
//! examples through the same snapshots that serving uses; each set of rules gets a part fitted on its
//! own races (`window`), judged on later days only (`unseen`).
//! A first model is put in force; a later one only when it is better on days that neither has seen,
//! or when told to. `backtest` walks the same forward through the past, `registry` knows the models
//! there are, `live` holds what they said against what happened.

mod backtest;
mod dataset;
mod judge;
mod live;
mod ratings;
mod registry;
mod report;
mod unseen;
mod window;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

pub use backtest::{BacktestPlan, BacktestReport, BacktestSpec, Fold};
pub use judge::{Assessment, BesideMarket, Terms};
pub use live::{Drift, DriftState, Live};
pub use registry::{Evaluation, Model};
pub use report::{Judgement, PartReport, TrainReport};
use unseen::Unseen;
use window::Window;

use crate::domain::{Fault, RaceDay};
use crate::model::{About, Example, Fitted, Part, PipelineSettings, artifact};
use crate::runtime::{Clock, Crew, Lane, Refused};
use crate::store::{self, Class, Store, models};

/// Finished races with a whole field that a fit needs at least.
const RACES_NEEDED: usize = 200;
/// Why there is no new model.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Below.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Below.
    #[error(transparent)]
    Workers(#[from] Refused),
    /// Below.
    #[error(transparent)]
    Artifact(#[from] artifact::Error),
    /// A model that is stored cannot be used.
    #[error("the model {model} cannot be used: {error}")]
    Broken {
        /// SHA-256 of it.
        model: String,
        /// What is wrong with it.
        error: artifact::Error,
    },
    /// Nothing to learn from.
    #[error("training needs {needed} races with a whole field and one winner, there are {found}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// The model was fitted and has nothing to say about.
    #[error("no race with a whole field and one winner was run from {from} to {until}")]
    NothingToJudge {
        /// First day that was to be predicted.
        from: RaceDay,
        /// Last.
        until: RaceDay,
    },
    /// There is no finished race at all.
    #[error("training needs results, there are none")]
    Nothing,
    /// The days asked for do not fit the data.
    #[error("cannot train until {until}: results reach from {first} to {last}")]
    Outside {
        /// As asked.
        until: RaceDay,
        /// First day with a result.
        first: RaceDay,
        /// Last day with a result.
        last: RaceDay,
    },
    /// There is no such model.
    #[error("no model {0}: a name is 8 to 64 digits of its digest, and of one model only")]
    UnknownModel(String),
    /// The data make no sense to the model.
    #[error("the model refused the data: {0}")]
    Model(#[from] Fault),
}

/// What to train.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrainSpec {
    /// The last day to fit on; the days after it judge. `None` keeps the last 28 days for that.
    pub until: Option<RaceDay>,
    /// Put the model in force whatever the judgement.
    pub activate: bool,
}

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Trainer {
    store: Store,
    workers: Crew<()>,
    clock: Clock,
    /// Held by whoever walks: two walks would write over each other.
    walking: Arc<Mutex<()>>,
}

/// What a training made.
struct Made {
    fitted: Fitted,
    judged: Option<Judgement>,
    assessment: Option<Assessment>,
    parts: Vec<PartReport>,
}

impl Trainer {
    /// Reads and writes through `store`, computes on `workers`.
    #[must_use]
    pub fn new(store: Store, workers: Crew<()>, clock: Clock) -> Self {
        Self {
            store,
            workers,
            clock,
            walking: Arc::default(),
        }
    }

    /// Brings ratings up to date, fits, judges and stores a model.
    pub async fn train(&self, spec: TrainSpec) -> Result<TrainReport, Error> {
        self.rate().await?;
        let windows = self.windows(spec.until).await?;
        let mut learned = Vec::with_capacity(windows.len());
        let mut parts = Vec::with_capacity(windows.len());
        for window in &windows {
            let races = self
                .studied(window.rules, window.from, window.until)
                .await?;
            learned.push(races.len());
            if races.len() >= RACES_NEEDED {
                parts.push(self.fit(*window, races).await?);
            }
        }
        if parts.is_empty() {
            return Err(Error::TooFew {
                found: learned.into_iter().max().unwrap_or(0),
                needed: RACES_NEEDED,
            });
        }
        let fitted = Fitted::new(parts)?;
        let mut unseen = Vec::with_capacity(windows.len());
        for window in windows {
            let races = self
                .studied(window.rules, window.until.plus(1), window.judge_until)
                .await?;
            unseen.push(Unseen { window, races });
        }
        let made = self.judge(fitted, unseen, &learned).await?;
        self.publish(made, spec.activate).await
    }

    async fn fit(&self, window: Window, races: Vec<(Example, About)>) -> Result<Part, Error> {
        let fit = PipelineSettings::default().check()?;
        let (examples, abouts): (Vec<Example>, Vec<About>) = races.into_iter().unzip();
        let Window { rules, until, .. } = window;
        let (began, races) = (Instant::now(), examples.len());
        let part = self
            .workers
            .ask(Lane::Batch, move |()| {
                Part::fit(rules, &examples, &abouts, fit, until)
            })
            .await??;
        let (ms, rules) = (began.elapsed().as_millis(), rules.as_str());
        tracing::info!(rules, races, ms, "rehearsed and fitted");
        Ok(part)
    }

    /// All together and each by itself; `learned` tells how many races of each there were to fit on.
    async fn judge(
        &self,
        fitted: Fitted,
        unseen: Vec<Unseen>,
        learned: &[usize],
    ) -> Result<Made, Error> {
        let began = Instant::now();
        let former = self.former().await?;
        let former = former.as_ref();
        let all: Vec<_> = unseen.iter().flat_map(|unseen| &unseen.races).collect();
        let (judged, races) = (unseen::judged(&fitted, former, &all)?, all.len());
        let mut parts = Vec::with_capacity(unseen.len());
        for (of, races) in unseen.iter().zip(learned) {
            let Window {
                rules, from, until, ..
            } = of.window;
            let part = fitted.part(rules);
            parts.push(PartReport {
                rules,
                answered_by: part.rules(),
                trained_from: from,
                trained_until: until,
                races: *races,
                rehearsal: part.rehearsal().copied(),
                judged: of.judged(&fitted, former)?,
                closed_by_bsp: of.closed_by_bsp(),
            });
        }
        let assessment = self.assess(&fitted, unseen).await?;
        let ms = began.elapsed().as_millis();
        tracing::info!(races, ms, "judged");
        Ok(Made {
            fitted,
            judged,
            assessment,
            parts,
        })
    }

    async fn publish(&self, made: Made, told_to: bool) -> Result<TrainReport, Error> {
        let bytes = artifact::write(&made.fitted)?;
        let first = self
            .store
            .read(Lane::Batch, models::active_digest)
            .await
            .map_err(Error::Store)?
            .is_none();
        let better = made.judged.is_some_and(|judged| judged.better);
        let own = || {
            made.parts
                .iter()
                .filter(|part| part.answered_by == part.rules)
        };
        let days = own().map(|part| part.trained_from).min();
        let (Some(from), Some(until)) = (days, own().map(|part| part.trained_until).max()) else {
            return Err(Error::Nothing);
        };
        let report = TrainReport {
            model: artifact::digest(&bytes),
            trained_from: from,
            trained_until: until,
            races: own().map(|part| part.races).sum(),
            judged: made.judged.map(Box::new),
            assessment: made.assessment.map(Box::new),
            parts: made.parts,
            activated: first || told_to || better,
        };
        let text = serde_json::to_string(&report).map_err(artifact::Error::Unreadable)?;
        let (digest, activate) = (report.model.clone(), report.activated);
        let now = self.clock.now();
        self.store
            .write(Class::Backfill, move |tx| {
                models::put(tx, &digest, until, &bytes, &text, now)?;
                if activate {
                    models::activate(tx, &digest)?;
                }
                Ok::<(), Error>(())
            })
            .await?;
        Ok(report)
    }
}
