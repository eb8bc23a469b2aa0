//! Which desk does which job.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::ticket::Ticket;
use super::{import, predict};
use crate::collect::{self, Collector};
use crate::domain::{Fault, Job, JobKind};
use crate::ingest::{self, Ingest};
use crate::predict::Predictor;
use crate::store;
use crate::store::jobs::StoredJob;
use crate::train::{self, BacktestSpec, TrainSpec, Trainer};

/// The desks that do jobs.
#[derive(Clone)]
pub struct Desks {
    /// Takes files in.
    pub ingest: Ingest,
    /// Asks sources.
    pub collector: Collector,
    /// Rates and fits.
    pub trainer: Trainer,
    /// Says who wins.
    pub predictor: Predictor,
}

/// Why a job was not done.
#[derive(Debug)]
pub(super) struct Failure {
    /// For people.
    pub(super) why: String,
    /// It may go better the next time, and not before this if that is known.
    pub(super) again: Again,
    /// What came of it all the same.
    pub(super) report: Option<Value>,
}

/// Whether another try makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It would end the same way.
    Never,
    /// After a while.
    Later,
    /// When somebody said so.
    At(DateTime<Utc>),
}

impl Failure {
    /// One that would come again.
    pub(super) fn last(why: impl std::error::Error) -> Self {
        Self {
            why: why.to_string(),
            again: Again::Never,
            report: None,
        }
    }

    /// One that may pass.
    pub(super) fn passing(why: impl std::error::Error) -> Self {
        Self {
            again: Again::Later,
            ..Self::last(why)
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::passing(error)
    }
}

impl From<ingest::Error> for Failure {
    fn from(error: ingest::Error) -> Self {
        match error {
            ingest::Error::Store(error) => error.into(),
            ingest::Error::Crowded(_) | ingest::Error::Spool(_) => Self::passing(error),
            ingest::Error::File { .. } => Self::last(error),
        }
    }
}

impl From<train::Error> for Failure {
    fn from(error: train::Error) -> Self {
        match error {
            train::Error::Store(error) => error.into(),
            train::Error::Workers(error) => Self::passing(error),
            error => Self::last(error),
        }
    }
}

impl From<collect::Error> for Failure {
    fn from(error: collect::Error) -> Self {
        let again = match error.retry_at() {
            _ if error.is_final() => Again::Never,
            Some(at) => Again::At(at),
            None => Again::Later,
        };
        let report = error
            .report()
            .and_then(|report| serde_json::to_value(report).ok());
        Self {
            why: error.to_string(),
            again,
            report,
        }
    }
}

/// How many jobs of a kind run at a time.
pub(super) const fn most(kind: JobKind) -> usize {
    match kind {
        JobKind::Import
        | JobKind::Reparse
        | JobKind::Rate
        | JobKind::Train
        | JobKind::Warm
        | JobKind::Backtest => 1,
        JobKind::Collect => 2,
        JobKind::Predict => 4,
    }
}

/// How often a job of a kind is tried.
pub(super) const fn attempts(kind: JobKind) -> u32 {
    match kind {
        JobKind::Import | JobKind::Rate => 5,
        JobKind::Collect | JobKind::Predict => 3,
        JobKind::Reparse | JobKind::Train | JobKind::Warm | JobKind::Backtest => 2,
    }
}

/// How long a job of a kind that is cancelled may take to say what it has done by then.
pub(super) const fn grace(kind: JobKind) -> Duration {
    match kind {
        JobKind::Import => Duration::from_secs(3),
        JobKind::Collect
        | JobKind::Reparse
        | JobKind::Rate
        | JobKind::Predict
        | JobKind::Train
        | JobKind::Warm
        | JobKind::Backtest => Duration::ZERO,
    }
}

/// What the progress of a kind counts.
pub(super) const fn unit(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Import => "bytes",
        JobKind::Collect => "fetches",
        JobKind::Reparse => "payloads",
        JobKind::Rate => "days",
        JobKind::Predict | JobKind::Train | JobKind::Warm => "races",
        JobKind::Backtest => "folds",
    }
}

/// Does a job; the report is for whoever asked.
pub(super) async fn perform(
    desks: &Desks,
    job: &StoredJob,
    ticket: &Ticket,
) -> Result<Value, Failure> {
    match &job.job {
        Job::Import { upload } => {
            import::perform(desks, *upload, job.checkpoint.as_ref(), ticket).await
        }
        Job::Collect { source, day } => {
            let told = |done, total| ticket.tell(done, Some(total));
            let report = desks.collector.collect(source, *day, told).await?;
            json(&report)
        }
        Job::Reparse {
            source,
            since,
            commit,
        } => {
            let told = |done, total| ticket.tell(done, Some(total));
            let report = desks
                .collector
                .reparse(source, *since, *commit, told)
                .await?;
            json(&report)
        }
        Job::Rate => {
            let days = desks.trainer.rate().await?;
            ticket.tell(u64::from(days), Some(u64::from(days)));
            json(&serde_json::json!({ "days": days }))
        }
        Job::Predict { race } => predict::perform(desks, race).await,
        Job::Warm(wish) => {
            let told = |done, total| ticket.tell(done, Some(total));
            let warmed = desks.predictor.warm(wish, told).await;
            json(&warmed.map_err(Failure::passing)?)
        }
        Job::Train { until, activate } => {
            let spec = TrainSpec {
                until: *until,
                activate: *activate,
            };
            json(&desks.trainer.train(spec).await?)
        }
        Job::Backtest {
            from,
            to,
            step_days,
            gap_days,
            commission,
            edge,
        } => {
            let spec = BacktestSpec {
                from: *from,
                until: *to,
                step_days: *step_days,
                gap_days: *gap_days,
                commission: *commission,
                edge: *edge,
            };
            let plan = spec.check().map_err(|faults| {
                let fault = faults.into_iter().next();
                Failure::last(fault.unwrap_or_else(|| Fault::new("cannot be backtested")))
            })?;
            let told = |done, total| ticket.tell(done, Some(total));
            json(&desks.trainer.backtest(plan, told).await?)
        }
    }
}

pub(super) fn json(report: &impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(report).map_err(Failure::last)
}
