//! Rate, fit, judge, publish.
//!
//! Ratings are walked forward through time first; then the races of the training days become
//! examples through the same snapshots that serving uses; the fit is judged on later days only.
//! A first model is put in force; a later one only when it is better on days that neither has seen,
//! or when told to. `backtest` walks the same forward through the past, `registry` knows the models
//! there are, `live` holds what they said against what happened.

mod backtest;
mod dataset;
mod judge;
mod live;
mod ratings;
mod registry;

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use tokio::sync::Mutex;

pub use backtest::{BacktestPlan, BacktestReport, BacktestSpec, Fold};
pub use judge::{Assessment, BesideMarket, Terms};
pub use live::{Drift, DriftState, Live};
pub use registry::{Evaluation, Model};

use crate::domain::{Chances, Fault, RaceDay};
use crate::model::features::Matrix;
use crate::model::score::{self, Judged, Score};
use crate::model::{About, Example, Pipeline, PipelineSettings, artifact};
use crate::runtime::{Clock, Crew, Lane, Refused};
use crate::store::{self, Class, Store, models, races};

/// Finished races with a whole field that a fit needs at least.
const RACES_NEEDED: usize = 200;
/// Days before the last training day that are fitted on at most: racing changes, and tracks of
/// another country years ago are no warm-up for this season.
const WINDOW_DAYS: i64 = 365;
/// Days at the start whose races only feed the ratings: a rating that has seen one race teaches
/// the fit to distrust ratings.
const WARM_UP_DAYS: i64 = 45;
/// A season shorter than this many warm-ups gives up a third of its days to it instead.
const SHORT_SEASON: i64 = 3;
/// Days that judge a fit when nobody says until when to train.
const JUDGE_DAYS: i64 = 28;
/// The longest time after training that judges a fit; a model is meant to be fitted anew by then.
const JUDGE_DAYS_MOST: i64 = 31;

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
    /// Nothing to learn from.
    #[error("training needs {needed} races with a whole field and one winner, there are {found}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
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

/// How a training went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainReport {
    /// SHA-256 of the artifact.
    pub model: String,
    /// First day that was fitted on.
    pub trained_from: RaceDay,
    /// Last day that was fitted on.
    pub trained_until: RaceDay,
    /// Races that were fitted on.
    pub races: usize,
    /// The judgement on later days; `None` when there are none.
    pub judged: Option<Box<Judgement>>,
    /// The same at length.
    pub assessment: Option<Box<Assessment>>,
    /// Whether the model is now in force.
    pub activated: bool,
}

/// A model, the market and the former model on the same unseen races.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judgement {
    /// First unseen day.
    pub from: RaceDay,
    /// Last unseen day.
    pub until: RaceDay,
    /// The model; its `uniform` is the guess that knows nothing.
    pub model: Score,
    /// The model before the trees are added.
    pub by_logit: Option<Score>,
    /// The closing price (BSP, else SP) of those of the races where every runner has one.
    pub market: Option<Score>,
    /// The model on the same races as `market`.
    pub beside_market: Option<Score>,
    /// The model that was in force before, on those of the races that came after its own training.
    pub former: Option<Score>,
    /// The model on the same races as `former`.
    pub beside_former: Option<Score>,
    /// Whether it beats the former model by log loss on days that neither has seen. A former model
    /// that this build cannot read is no rival.
    pub better: bool,
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
    pipeline: Pipeline,
    days: Days,
    races: usize,
    judged: Option<Box<Judgement>>,
    assessment: Option<Box<Assessment>>,
}

/// The days of a training.
#[derive(Clone, Copy)]
struct Days {
    from: RaceDay,
    until: RaceDay,
    judge_until: RaceDay,
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
        let days = self.days(spec.until).await?;
        let examples = self.examples(days.from, days.until).await?;
        if examples.len() < RACES_NEEDED {
            return Err(Error::TooFew {
                found: examples.len(),
                needed: RACES_NEEDED,
            });
        }
        let unseen = self.studied(days.until.plus(1), days.judge_until).await?;
        let fit = PipelineSettings::default().check()?;
        let races = examples.len();
        let began = Instant::now();
        let pipeline = self
            .workers
            .ask(Lane::Batch, move |()| {
                Pipeline::fit(&examples, fit, days.until)
            })
            .await??;
        tracing::info!(races, ms = began.elapsed().as_millis(), "fitted");
        let began = Instant::now();
        let judged = self.judge(&pipeline, days, &unseen).await?;
        let assessed = unseen.len();
        let assessment = self.assess(&pipeline, days, unseen).await?;
        let ms = began.elapsed().as_millis();
        tracing::info!(races = assessed, ms, "judged");
        let made = Made {
            pipeline,
            days,
            races,
            judged,
            assessment: assessment.map(Box::new),
        };
        self.publish(made, spec.activate).await
    }

    async fn days(&self, until: Option<RaceDay>) -> Result<Days, Error> {
        let span = self
            .store
            .read(Lane::Batch, races::span)
            .await
            .map_err(Error::Store)?;
        let (Some(first), Some(last)) = (span.first, span.last) else {
            return Err(Error::Nothing);
        };
        let until = until.unwrap_or_else(|| last.plus(-JUDGE_DAYS));
        if until < first || until > last {
            return Err(Error::Outside { until, first, last });
        }
        let window = until.plus(-WINDOW_DAYS);
        let begins = self
            .store
            .read(Lane::Batch, move |reader| {
                races::first_final_from(reader, window)
            })
            .await
            .map_err(Error::Store)?
            .unwrap_or(first);
        let season = until.since(begins);
        let warm_up = WARM_UP_DAYS.min(season / SHORT_SEASON);
        Ok(Days {
            from: begins.plus(warm_up),
            until,
            judge_until: last.min(until.plus(JUDGE_DAYS_MOST)),
        })
    }

    async fn judge(
        &self,
        pipeline: &Pipeline,
        days: Days,
        unseen: &[(Example, About)],
    ) -> Result<Option<Box<Judgement>>, Error> {
        let some = |wanted: &dyn Fn(&Example, &About) -> bool| -> Vec<&Example> {
            let races = unseen
                .iter()
                .filter(|(example, about)| wanted(example, about));
            races.map(|(example, _)| example).collect()
        };
        let Some(model) = scored(pipeline, &some(&|_, _| true))? else {
            return Ok(None);
        };
        let former = self.former().await?;
        // What the former model has learned from proves nothing for it.
        let apart = match &former {
            Some(former) => some(&|_, about| about.day > former.trained_until()),
            None => Vec::new(),
        };
        let rival = former.is_some();
        let former = former.map_or(Ok(None), |former| scored(&former, &apart))?;
        let beside_former = scored(pipeline, &apart)?;
        let better = match beside_former.zip(former) {
            Some((model, former)) => model.log_loss < former.log_loss,
            None => !rival,
        };
        let priced = some(&|example, _| example.market.is_some());
        Ok(Some(Box::new(Judgement {
            from: days.until.plus(1),
            until: days.judge_until,
            model,
            by_logit: scored_by(&some(&|_, _| true), |features| {
                pipeline.chances_by_logit(features)
            })?,
            market: score::score(&at_closing_prices(&priced)),
            beside_market: scored(pipeline, &priced)?,
            former,
            beside_former,
            better,
        })))
    }

    /// The judgement at length. What is fitted to judge with learns from the first half of the days.
    async fn assess(
        &self,
        pipeline: &Pipeline,
        days: Days,
        unseen: Vec<(Example, About)>,
    ) -> Result<Option<Assessment>, Error> {
        let half = days.until.plus(days.judge_until.since(days.until) / 2);
        let pipeline = pipeline.clone();
        let assessed = self.workers.ask(Lane::Batch, move |()| {
            let said = unseen.iter().map(|(example, about)| {
                let part = usize::from(about.day > half);
                backtest::foresee(&pipeline, example, about, part)
            });
            let said: Vec<_> = said.collect::<Result<_, _>>()?;
            judge::assess(&said, Terms::usual()?)
        });
        Ok(assessed.await??)
    }

    /// The model in force; one that this build cannot read is no rival.
    async fn former(&self) -> Result<Option<Pipeline>, Error> {
        let stored = self
            .store
            .read(Lane::Batch, models::active)
            .await
            .map_err(Error::Store)?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        match artifact::read(&stored.artifact) {
            Ok(pipeline) => Ok(Some(pipeline)),
            Err(error) => {
                tracing::warn!(model = stored.digest, %error, "the former model cannot be read");
                Ok(None)
            }
        }
    }

    async fn publish(&self, made: Made, told_to: bool) -> Result<TrainReport, Error> {
        let bytes = artifact::write(&made.pipeline)?;
        let days = made.days;
        let first = self
            .store
            .read(Lane::Batch, models::active_digest)
            .await
            .map_err(Error::Store)?
            .is_none();
        let better = made.judged.as_deref().is_some_and(|judged| judged.better);
        let report = TrainReport {
            model: artifact::digest(&bytes),
            trained_from: days.from,
            trained_until: days.until,
            races: made.races,
            judged: made.judged,
            assessment: made.assessment,
            activated: first || told_to || better,
        };
        let text = serde_json::to_string(&report).map_err(artifact::Error::Unreadable)?;
        let (digest, activate) = (report.model.clone(), report.activated);
        let now = self.clock.now();
        self.store
            .write(Class::Backfill, move |tx| {
                models::put(tx, &digest, days.until, &bytes, &text, now)?;
                if activate {
                    models::activate(tx, &digest)?;
                }
                Ok::<(), Error>(())
            })
            .await?;
        Ok(report)
    }
}

fn at_closing_prices(priced: &[&Example]) -> Vec<Judged> {
    let judged = priced.iter().filter_map(|example| {
        Some(Judged {
            chances: example.market.clone()?,
            won: example.won.clone(),
        })
    });
    judged.collect()
}

fn scored(pipeline: &Pipeline, unseen: &[&Example]) -> Result<Option<Score>, Error> {
    scored_by(unseen, |features| pipeline.chances_of(features))
}

fn scored_by(
    unseen: &[&Example],
    chances: impl Fn(&Matrix) -> Result<Chances, Fault>,
) -> Result<Option<Score>, Error> {
    let mut judged = Vec::with_capacity(unseen.len());
    for example in unseen {
        let chances = chances(&example.features)?;
        judged.push(Judged {
            chances: chances.all().iter().map(|chance| chance.get()).collect(),
            won: example.won.clone(),
        });
    }
    Ok(score::score(&judged))
}
