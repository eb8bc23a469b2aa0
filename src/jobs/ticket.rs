//! What whoever does a job holds: how far it has come, and whether it is still wanted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;
use tokio::sync::watch;

use crate::store::jobs::{Progress, StoredJob};

/// Nobody knows how much there is.
const UNKNOWN: u64 = u64::MAX;

/// The ticket of one attempt.
#[derive(Debug)]
pub(super) struct Ticket {
    began: Instant,
    done_before: AtomicU64,
    done: AtomicU64,
    total: AtomicU64,
    checkpoint: Mutex<Option<Value>>,
    cancelled: watch::Sender<bool>,
}

impl Ticket {
    /// Of a job that was just leased.
    pub(super) fn of(job: &StoredJob) -> Self {
        Self {
            began: Instant::now(),
            done_before: AtomicU64::new(job.done),
            done: AtomicU64::new(job.done),
            total: AtomicU64::new(job.total.unwrap_or(UNKNOWN)),
            checkpoint: Mutex::default(),
            cancelled: watch::Sender::new(job.cancelling),
        }
    }

    /// Says how far it has come.
    pub(super) fn tell(&self, done: u64, total: Option<u64>) {
        self.done.store(done, Ordering::Relaxed);
        self.total
            .store(total.unwrap_or(UNKNOWN), Ordering::Relaxed);
    }

    /// Says what could be gone on from.
    pub(super) fn checkpoint(&self, checkpoint: Value) {
        let mut slot = self
            .checkpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *slot = Some(checkpoint);
    }

    /// How far it has come; a checkpoint is handed out once.
    pub(super) fn take_progress(&self) -> Progress {
        let mut slot = self
            .checkpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Progress {
            checkpoint: slot.take(),
            ..self.progress()
        }
    }

    /// How far it has come, without a checkpoint.
    pub(super) fn progress(&self) -> Progress {
        let total = self.total.load(Ordering::Relaxed);
        Progress {
            done: self.done.load(Ordering::Relaxed),
            total: Some(total).filter(|total| *total != UNKNOWN),
            checkpoint: None,
        }
    }

    /// What is done in a second; `None` until something is.
    pub(super) fn rate(&self) -> Option<f64> {
        let before = self.done_before.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed).saturating_sub(before);
        let seconds = self.began.elapsed().as_secs_f64();
        (done > 0 && seconds > 0.0).then(|| done as f64 / seconds)
    }

    /// It is not wanted any more.
    pub(super) fn cancel(&self) {
        self.cancelled.send_replace(true);
    }

    /// Waits until it is not wanted any more.
    pub(super) async fn cancelled(&self) {
        let mut cancelled = self.cancelled.subscribe();
        // The sender lives as long as this.
        drop(cancelled.wait_for(|cancelled| *cancelled).await);
    }
}
