//! What was fetched for whom since the start.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::Source;

/// Sources that are counted, at most. They come from the configuration, so this is never reached.
const SOURCES: usize = 1_024;

/// The counts of one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Asks that were answered or refused, whatever came of them.
    pub asks: u64,
    /// Requests that went out, redirects and retries included.
    pub requests: u64,
    /// Bytes of bodies, decoded.
    pub bytes: u64,
    /// Answered by a copy that was good.
    pub hits: u64,
    /// The server was asked.
    pub misses: u64,
    /// The server said that our copy is still good.
    pub revalidated: u64,
    /// Answered by an old copy, because nothing better was to be had.
    pub stale: u64,
    /// Waited for somebody else's fetch of the same thing.
    pub shared: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Asks that we refused ourselves: address, URL, redirect, queue.
    pub refused: u64,
    /// Asks that ended in an error, the refused included.
    pub failed: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Tallies(Mutex<BTreeMap<Source, Tally>>);

impl Tallies {
    /// Counts something.
    pub(super) fn count(&self, source: &Source, count: impl FnOnce(&mut Tally)) {
        let mut tallies = self.lock();
        if let Some(tally) = tallies.get_mut(source) {
            count(tally);
        } else if tallies.len() < SOURCES {
            count(tallies.entry(source.clone()).or_default());
        }
    }

    /// Every source that ever asked.
    pub(super) fn all(&self) -> Vec<(Source, Tally)> {
        let tallies = self.lock();
        tallies
            .iter()
            .map(|(source, tally)| (source.clone(), *tally))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Source, Tally>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
