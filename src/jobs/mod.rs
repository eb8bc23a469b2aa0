//! Door for time: work that takes long is asked for here, done by [`Runner`], and seen from here.
//!
//! A job is a row before it is anything else, so it survives the end of the daemon. What a newcomer
//! gets wrong: a job may be done twice. Whatever it does must come to the same the second time.

mod import;
mod predict;
mod runner;
mod schedule;
mod ticket;
mod work;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};

pub use runner::Runner;
pub use work::Desks;

use crate::domain::{Job, JobId, JobState};
use crate::runtime::{Clock, Lane};
use crate::store::jobs::{self, Filter, StoredJob};
use crate::store::{self, Class, Store, Tag, Touched};
use ticket::Ticket;

/// How often somebody who watches a job is told of it.
const GLANCE: Duration = Duration::from_millis(250);

/// Why nothing was done about a job.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such job.
    #[error("no job {0}")]
    Unknown(JobId),
    /// It is not in a state for that.
    #[error("job {id} is {state}: {why}")]
    State {
        /// Which.
        id: JobId,
        /// How far it has come.
        state: &'static str,
        /// Why that is in the way.
        why: &'static str,
    },
    /// Below.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A job, with what is known of it from memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// As it is stored.
    pub stored: StoredJob,
    /// What is done in a second, since this process began it.
    pub rate: Option<f64>,
    /// What `done` and `total` count.
    pub unit: &'static str,
}

/// The board where jobs hang. Cheap to clone.
#[derive(Clone)]
pub struct Board {
    store: Store,
    clock: Clock,
    bell: Bell,
    running: Arc<Mutex<BTreeMap<JobId, Arc<Ticket>>>>,
    closing: watch::Sender<bool>,
}

/// Rings when there is something to do. Made before the store whose commits ring it.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Rings when the commit touched a job.
    pub fn hear(&self, touched: &Touched) {
        if touched.has(Tag::Jobs) {
            self.ring();
        }
    }

    /// Rings: whoever does jobs looks for some.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

impl Board {
    /// The jobs of `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock, bell: &Bell) -> Self {
        Self {
            store,
            clock,
            bell: bell.clone(),
            running: Arc::default(),
            closing: watch::Sender::new(false),
        }
    }

    /// Asks for a job; says which it is, and whether it was not asked for before.
    pub async fn ask(&self, job: Job) -> Result<(JobId, bool), Error> {
        let now = self.clock.now();
        let asked = self
            .store
            .write(Class::Admin, move |tx| jobs::enqueue(tx, &job, now, now));
        asked.await.map_err(Error::Store)
    }

    /// One job.
    pub async fn show(&self, id: JobId) -> Result<Shown, Error> {
        let found = self
            .store
            .read(Lane::Live, move |reader| jobs::by_id(reader, id))
            .await;
        let stored = found.map_err(Error::Store)?.ok_or(Error::Unknown(id))?;
        Ok(self.shown(stored))
    }

    /// Jobs before the one numbered `after`, newest first.
    pub async fn list(
        &self,
        filter: Filter,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Shown>, Error> {
        let found = self
            .store
            .read(Lane::Live, move |reader| {
                jobs::page(reader, filter, after, limit)
            })
            .await;
        let found = found.map_err(Error::Store)?;
        Ok(found.into_iter().map(|stored| self.shown(stored)).collect())
    }

    fn shown(&self, mut stored: StoredJob) -> Shown {
        let ticket = self.running().get(&stored.id).cloned();
        let ticket = ticket.filter(|_| stored.state == JobState::Running);
        if let Some(ticket) = &ticket {
            let progress = ticket.progress();
            (stored.done, stored.total) = (progress.done, progress.total);
        }
        Shown {
            unit: work::unit(stored.job.kind()),
            rate: ticket.and_then(|ticket| ticket.rate()),
            stored,
        }
    }

    /// Cancels a job that waits or runs.
    pub async fn cancel(&self, id: JobId) -> Result<Shown, Error> {
        let now = self.clock.now();
        let cancelled = self
            .store
            .write(Class::Admin, move |tx| jobs::cancel(tx, id, now))
            .await
            .map_err(Error::Store)?;
        if let Some(ticket) = self.running().get(&id) {
            ticket.cancel();
        }
        let shown = self.show(id).await?;
        if !cancelled {
            return Err(Error::State {
                id,
                state: shown.stored.state.as_str(),
                why: "only one that waits or runs can be cancelled",
            });
        }
        Ok(shown)
    }

    /// Lets a job that failed or was cancelled run again from the beginning.
    pub async fn retry(&self, id: JobId) -> Result<Shown, Error> {
        let now = self.clock.now();
        let again = self
            .store
            .write(Class::Admin, move |tx| jobs::retry(tx, id, now))
            .await
            .map_err(Error::Store)?;
        let shown = self.show(id).await?;
        if !again {
            return Err(Error::State {
                id,
                state: shown.stored.state.as_str(),
                why: "only one that failed or was cancelled runs again, and not beside its like",
            });
        }
        Ok(shown)
    }

    /// Waits until a job shows another face than `last`, is over, or the house closes; what it
    /// looks like then.
    pub async fn glance(&self, id: JobId, last: Option<&Shown>) -> Result<Option<Shown>, Error> {
        loop {
            let shown = self.show(id).await?;
            if last.is_none_or(|last| last.differs(&shown)) {
                return Ok(Some(shown));
            }
            if shown.stored.state.is_over() || self.is_closing() {
                return Ok(None);
            }
            let mut closing = self.closing.subscribe();
            drop(tokio::time::timeout(GLANCE, closing.wait_for(|closing| *closing)).await);
        }
    }

    /// Waits until a job is over.
    pub async fn over(&self, id: JobId) -> Result<Shown, Error> {
        let mut last: Option<Shown> = None;
        loop {
            match self.glance(id, last.as_ref()).await? {
                Some(shown) if shown.stored.state.is_over() => return Ok(shown),
                Some(shown) => last = Some(shown),
                None => return self.show(id).await,
            }
        }
    }

    /// Lets go of everybody who watches, and of the jobs that run.
    pub fn close(&self) {
        self.closing.send_replace(true);
        self.bell.ring();
    }

    /// Whether [`Board::close`] was called.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<JobId, Arc<Ticket>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

impl Shown {
    fn differs(&self, other: &Self) -> bool {
        self.stored != other.stored
    }
}
