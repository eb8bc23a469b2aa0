//! Does the jobs: leases one, has it done, and writes down how it ended.
//!
//! It listens for the bell before it looks, so nothing that is asked for meanwhile is missed. Work
//! that is not wanted any more is dropped where it waits next; what was committed stays.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::{JoinError, JoinSet};
use tracing::Instrument;

use super::schedule::Schedule;
use super::ticket::Ticket;
use super::work::{self, Again, Desks, Failure};
use super::{Board, Error};
use crate::domain::{Job, JobId, JobKind, JobState};
use crate::store::jobs::{self, End, StoredJob};
use crate::store::{self, Class};

/// How long a lease lasts when nobody renews it.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// How often a lease is renewed and the progress stored.
const BEAT: Duration = Duration::from_secs(1);
/// How often it is looked whether something is due, when no bell rings.
const TICK: Duration = Duration::from_secs(1);
/// How long until the first repetition of a failed job; then twice as long each time.
const BACK_OFF: TimeDelta = TimeDelta::minutes(1);
/// The longest wait before a repetition.
const BACK_OFF_MOST: TimeDelta = TimeDelta::hours(6);

/// Whoever does the jobs of a board; there is one for each.
pub struct Runner {
    board: Board,
    desks: Desks,
    schedule: Schedule,
}

/// What the work itself says.
type Done = Result<serde_json::Value, Failure>;

/// How an attempt ended.
enum Ended {
    Done(Done),
    Panicked(JoinError),
    /// With what was done by then, where it could say so.
    Cancelled(Option<serde_json::Value>),
}

impl Runner {
    /// For the jobs of `board`.
    #[must_use]
    pub fn new(board: Board, desks: Desks) -> Self {
        let schedule = Schedule::new(&board, &desks);
        Self {
            board,
            desks,
            schedule,
        }
    }

    /// Does jobs until the board is closed; then gives back those that run.
    pub async fn run(mut self) {
        let released = self.write(jobs::release).await;
        match released {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "jobs of a former process go on"),
            Err(error) => tracing::error!(%error, "could not release the jobs of a former process"),
        }
        let mut attempts: JoinSet<(JobId, JobKind)> = JoinSet::new();
        let mut busy: BTreeMap<JobKind, usize> = BTreeMap::new();
        let mut closing = self.board.closing.subscribe();
        while !*closing.borrow() {
            self.schedule.ask_for_what_is_due().await;
            self.begin(&mut attempts, &mut busy).await;
            tokio::select! {
                () = self.board.bell.0.notified() => {}
                Some(ended) = attempts.join_next() => {
                    if let Ok((_id, kind)) = ended
                        && let Some(count) = busy.get_mut(&kind)
                    {
                        *count = count.saturating_sub(1);
                    }
                }
                _closing = closing.wait_for(|closing| *closing) => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
        attempts.shutdown().await;
        self.give_back().await;
    }

    /// Leases as many jobs of each kind as may run, and has them done.
    async fn begin(
        &self,
        attempts: &mut JoinSet<(JobId, JobKind)>,
        busy: &mut BTreeMap<JobKind, usize>,
    ) {
        for kind in JobKind::ALL.iter().copied() {
            let count = busy.entry(kind).or_default();
            while *count < work::most(kind) {
                let leased = self.lease(kind).await;
                let job = match leased {
                    Ok(Some(job)) => job,
                    Ok(None) => break,
                    Err(error) => {
                        tracing::warn!(%error, job.kind = kind.as_str(), "could not lease a job");
                        break;
                    }
                };
                *count += 1;
                let attempt = Attempt {
                    board: self.board.clone(),
                    ticket: Arc::new(Ticket::of(&job)),
                    job,
                };
                let span = tracing::info_span!(
                    "job",
                    job.id = attempt.job.id.get(),
                    job.kind = kind.as_str()
                );
                let (desks, job) = (self.desks.clone(), attempt.job.clone());
                let ticket = Arc::clone(&attempt.ticket);
                let work = async move { work::perform(&desks, &job, &ticket).await };
                attempts.spawn(attempt.run(work).instrument(span));
            }
        }
    }

    /// Looks before it writes: most of the time there is nothing to lease.
    async fn lease(&self, kind: JobKind) -> Result<Option<StoredJob>, store::Error> {
        let now = self.board.now();
        let due = self
            .board
            .store
            .read(crate::runtime::Lane::Live, move |reader| {
                jobs::is_due(reader, kind, now)
            })
            .await?;
        if !due {
            return Ok(None);
        }
        self.board
            .store
            .write(Class::Admin, move |tx| {
                jobs::lease(tx, kind, now + LEASE, now)
            })
            .await
    }

    async fn give_back(&self) {
        let ids: Vec<_> = self.board.running().keys().copied().collect();
        self.board.running().clear();
        for id in ids {
            let given = self
                .write(move |tx, now| jobs::give_back(tx, id, now))
                .await;
            if let Err(error) = given {
                tracing::warn!(%error, job.id = id.get(), "could not give a job back");
            }
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut store::Tx<'_>, DateTime<Utc>) -> Result<T, store::Error>
        + Send
        + 'static,
    ) -> Result<T, store::Error> {
        let now = self.board.now();
        self.board
            .store
            .write(Class::Admin, move |tx| change(tx, now))
            .await
    }
}

/// One attempt at one job.
struct Attempt {
    board: Board,
    job: StoredJob,
    ticket: Arc<Ticket>,
}

impl Attempt {
    async fn run(self, work: impl Future<Output = Done> + Send + 'static) -> (JobId, JobKind) {
        let (id, kind) = (self.job.id, self.job.job.kind());
        self.board.running().insert(id, Arc::clone(&self.ticket));
        let ended = self.attempt(work).await;
        if let Err(error) = self.conclude(ended).await {
            // Its lease lasts until the next start, which releases it.
            tracing::error!(%error, "could not write down how a job ended");
        }
        self.board.running().remove(&id);
        (id, kind)
    }

    async fn attempt(&self, begun: impl Future<Output = Done> + Send + 'static) -> Ended {
        // A set, because what is dropped must also stop.
        let mut work = JoinSet::new();
        work.spawn(begun.in_current_span());
        loop {
            tokio::select! {
                Some(done) = work.join_next() => {
                    return done.map_or_else(Ended::Panicked, Ended::Done);
                }
                () = self.ticket.cancelled() => {
                    let grace = work::grace(self.job.job.kind());
                    let last = tokio::time::timeout(grace, work.join_next()).await;
                    work.shutdown().await;
                    return Ended::Cancelled(match last {
                        Ok(Some(Ok(Ok(report)))) => Some(report),
                        _ => None,
                    });
                }
                () = tokio::time::sleep(BEAT) => self.beat().await,
            }
        }
    }

    async fn beat(&self) {
        let (id, progress) = (self.job.id, self.ticket.take_progress());
        let until = self.board.now() + LEASE;
        let beaten = self
            .board
            .store
            .write(Class::Admin, move |tx| jobs::beat(tx, id, &progress, until));
        match beaten.await {
            // Somebody cancelled it between its lease and its ticket.
            Ok(true) => self.ticket.cancel(),
            Ok(false) => {}
            Err(error) => {
                let error: store::Error = error;
                tracing::warn!(%error, "could not say how far a job has come");
            }
        }
    }

    async fn conclude(&self, ended: Ended) -> Result<(), Error> {
        let failure = match ended {
            Ended::Done(Ok(report)) => {
                tracing::info!("the job is done");
                self.finish(JobState::Succeeded, Some(report), None).await?;
                return self.go_on().await;
            }
            Ended::Cancelled(report) => {
                tracing::info!("the job was cancelled");
                return self.finish(JobState::Cancelled, report, None).await;
            }
            Ended::Panicked(error) => Failure::last(error),
            Ended::Done(Err(failure)) => failure,
        };
        let attempt = self.job.attempt + 1;
        let last = failure.again == Again::Never || attempt >= work::attempts(self.job.job.kind());
        if last {
            tracing::error!(error = failure.why, attempt, "the job failed");
            return self
                .finish(JobState::Failed, failure.report, Some(failure.why))
                .await;
        }
        let due_at = self.board.now() + wait(self.job.attempt);
        let due_at = match failure.again {
            Again::At(at) => due_at.max(at),
            Again::Never | Again::Later => due_at,
        };
        tracing::warn!(error = failure.why, attempt, %due_at, "the job failed and is tried again");
        let id = self.job.id;
        let again = self.board.store.write(Class::Admin, move |tx| {
            jobs::again(tx, id, &failure.why, due_at)
        });
        again.await.map_err(Error::Store)
    }

    /// Facts that came change ratings.
    async fn go_on(&self) -> Result<(), Error> {
        match self.job.job.kind() {
            JobKind::Import | JobKind::Collect | JobKind::Reparse => {
                self.board.ask(Job::Rate).await.map(drop)
            }
            JobKind::Rate
            | JobKind::Predict
            | JobKind::Train
            | JobKind::Warm
            | JobKind::Backtest => Ok(()),
        }
    }

    async fn finish(
        &self,
        state: JobState,
        report: Option<serde_json::Value>,
        error: Option<String>,
    ) -> Result<(), Error> {
        let (id, progress, now) = (self.job.id, self.ticket.progress(), self.board.now());
        let end = End {
            state,
            report,
            error,
        };
        let finished = self.board.store.write(Class::Admin, move |tx| {
            jobs::finish(tx, id, &end, &progress, now)
        });
        finished.await.map_err(Error::Store)
    }
}

/// How long after a failure a job is tried again, when so many had gone before it.
fn wait(failures: u32) -> TimeDelta {
    let factor = 2_i32.saturating_pow(failures.min(16));
    (BACK_OFF * factor).min(BACK_OFF_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UploadId;
    use crate::jobs::Bell;
    use crate::runtime::Clock;
    use crate::store::{Settings, Store};

    /// One leased job, and the board it hangs on.
    async fn leased(folder: &std::path::Path) -> Attempt {
        let store = Store::open(Settings::new(folder), |_touched| {}).unwrap();
        let board = Board::new(store.clone(), Clock::system(), &Bell::default());
        let upload = UploadId::new(1);
        board.ask(Job::Import { upload }).await.unwrap();
        let now = board.now();
        let job = store.write(Class::Admin, move |tx| {
            jobs::lease(tx, JobKind::Import, now + LEASE, now)
        });
        let job: StoredJob = job.await.unwrap().unwrap();
        Attempt {
            ticket: Arc::new(Ticket::of(&job)),
            board,
            job,
        }
    }

    #[tokio::test]
    async fn a_job_that_panics_fails_and_its_runner_lives() {
        let folder = tempfile::tempdir().unwrap();
        let attempt = leased(folder.path()).await;
        let (board, id) = (attempt.board.clone(), attempt.job.id);

        let ended = tokio::spawn(attempt.run(async { panic!("boom") })).await;

        assert_eq!(ended.unwrap(), (id, JobKind::Import));
        let job = board.show(id).await.unwrap().stored;
        assert_eq!(job.state, JobState::Failed);
        assert!(job.error.unwrap().contains("boom"));
    }

    #[tokio::test]
    async fn a_job_that_is_cancelled_before_its_ticket_hangs_ends_with_the_next_beat() {
        let folder = tempfile::tempdir().unwrap();
        let attempt = leased(folder.path()).await;
        let (board, id) = (attempt.board.clone(), attempt.job.id);
        board.cancel(id).await.unwrap();

        let run = attempt.run(std::future::pending());
        let ended = tokio::time::timeout(BEAT * 5, run).await;

        assert!(ended.is_ok(), "it still runs");
        let job = board.show(id).await.unwrap().stored;
        assert_eq!(job.state, JobState::Cancelled);
    }

    #[test]
    fn each_failure_doubles_the_wait_up_to_six_hours() {
        assert_eq!(wait(0), TimeDelta::minutes(1));
        assert_eq!(wait(3), TimeDelta::minutes(8));
        assert_eq!(wait(9), TimeDelta::hours(6));
        assert_eq!(wait(u32::MAX), TimeDelta::hours(6));
    }
}
