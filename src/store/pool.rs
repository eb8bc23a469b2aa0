//! How the readers and the writer are doing right now: who is at work, who waits, how long it was.

use std::fs;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::writer::{CLASSES, Writer};
use super::{DATABASE, Store};
use crate::runtime::{Histogram, Times};

/// The classes of changes, in the order in which the writer takes them.
pub const CLASS_NAMES: [&str; CLASSES] = ["admin", "result", "scratching", "price", "backfill"];

/// What the readers count.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    in_use: AtomicUsize,
    refused: AtomicU64,
    waited: Histogram,
    held: Histogram,
}

/// A reader at work; dropping it says that it is free again.
pub(super) struct Held<'g> {
    gauge: &'g Gauge,
    since: Instant,
}

/// The readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolStats {
    /// Connections, and threads that use them.
    pub readers: u32,
    /// At work now.
    pub in_use: usize,
    /// Questions that wait: live, and of jobs.
    pub waiting: (usize, usize),
    /// How long questions waited that had their turn.
    pub waited: Times,
    /// Questions that were turned away because their turn did not come in time.
    pub refused: u64,
    /// How long readers were held.
    pub held: Times,
}

/// The writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterStats {
    /// Changes that wait by class, in the order of [`CLASS_NAMES`].
    pub waiting: [usize; CLASSES],
    /// Changes of a class that may wait.
    pub queue: usize,
    /// Bytes of the write-ahead log; `None` when there is none.
    pub wal_bytes: Option<u64>,
}

impl PoolStats {
    /// The share of the readers that is at work.
    #[must_use]
    pub fn utilization_percent(&self) -> f64 {
        self.in_use as f64 / f64::from(self.readers.max(1)) * 100.0
    }
}

impl Gauge {
    /// Somebody has a reader, after so long.
    pub(super) fn hold(&self, waited: Duration) -> Held<'_> {
        self.waited.book(waited);
        self.in_use.fetch_add(1, Ordering::Relaxed);
        Held {
            gauge: self,
            since: Instant::now(),
        }
    }

    /// Somebody had none in time.
    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.gauge.held.book(self.since.elapsed());
        self.gauge.in_use.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Store {
    /// How the readers are doing.
    #[must_use]
    pub fn pool(&self) -> PoolStats {
        let gauge = &self.shared.gauge;
        PoolStats {
            readers: self.shared.settings.readers,
            in_use: gauge.in_use.load(Ordering::Relaxed),
            waiting: self.shared.readers.waiting_each(),
            waited: gauge.waited.times(),
            refused: gauge.refused.load(Ordering::Relaxed),
            held: gauge.held.times(),
        }
    }

    /// How the writer is doing.
    #[must_use]
    pub fn writer(&self) -> WriterStats {
        let waiting = self.shared.writer().as_ref().map(Writer::waiting_each);
        // Size by name only: opening the file would drop SQLite's locks on it.
        let wal = self.shared.settings.folder.join(format!("{DATABASE}-wal"));
        WriterStats {
            waiting: waiting.unwrap_or_default(),
            queue: self.shared.settings.queue,
            wal_bytes: fs::metadata(wal).ok().map(|meta| meta.len()),
        }
    }
}
