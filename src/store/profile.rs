//! How every named statement has done: how often, how long, how much of the database it walked.
//!
//! The slow log says the statement's name, its plan, rows, steps, and wait and run time. It never
//! says parameter values.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// How many slow statements are kept for looking at.
const SLOW_KEPT: usize = 100;

/// What one execution cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cost {
    /// Time in SQLite and in reading the rows.
    pub took: Duration,
    /// Rows read or changed.
    pub rows: u64,
    /// Virtual-machine steps.
    pub steps: u64,
    /// Steps of full table scans.
    pub scanned: u64,
}

impl Cost {
    /// Of something that is no statement and reads no rows.
    pub(super) fn of(took: Duration) -> Self {
        Self {
            took,
            ..Self::default()
        }
    }
}

/// The sum over all executions of one statement.
#[derive(Debug, Default)]
struct Tally {
    count: AtomicU64,
    total_ns: AtomicU64,
    max_ns: AtomicU64,
    rows: AtomicU64,
    steps: AtomicU64,
    scanned: AtomicU64,
}

/// A copy of the sums of one statement.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct QueryStats {
    /// The statement.
    pub name: &'static str,
    /// Executions.
    pub count: u64,
    /// Time of all together, microseconds.
    pub total_us: u64,
    /// Time of the slowest, microseconds.
    pub max_us: u64,
    /// Rows read or changed.
    pub rows: u64,
    /// Virtual-machine steps.
    pub steps: u64,
    /// Steps of full table scans.
    pub full_scans: u64,
}

/// One slow execution.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SlowQuery {
    /// The statement.
    pub name: &'static str,
    /// How SQLite went about it.
    pub plan: String,
    /// Rows read or changed.
    pub rows: u64,
    /// Virtual-machine steps.
    pub steps: u64,
    /// Steps of full table scans.
    pub full_scans: u64,
    /// How long the work waited for its thread, milliseconds.
    pub wait_ms: u64,
    /// How long it ran, milliseconds.
    pub run_ms: u64,
}

/// The book of all statements.
#[derive(Debug)]
pub struct Profile {
    slow: Duration,
    tallies: RwLock<BTreeMap<&'static str, Arc<Tally>>>,
    slowest: Mutex<VecDeque<SlowQuery>>,
}

impl Profile {
    /// Executions that take `slow` or longer are logged.
    #[must_use]
    pub fn new(slow: Duration) -> Self {
        Self {
            slow,
            tallies: RwLock::default(),
            slowest: Mutex::default(),
        }
    }

    /// Books one execution. `plan` is asked for only when it was slow.
    pub(super) fn book(
        &self,
        name: &'static str,
        cost: Cost,
        wait: Duration,
        plan: impl FnOnce() -> String,
    ) {
        let tally = self.tally(name);
        let took_ns = nanos(cost.took);
        tally.count.fetch_add(1, Ordering::Relaxed);
        tally.total_ns.fetch_add(took_ns, Ordering::Relaxed);
        tally.max_ns.fetch_max(took_ns, Ordering::Relaxed);
        tally.rows.fetch_add(cost.rows, Ordering::Relaxed);
        tally.steps.fetch_add(cost.steps, Ordering::Relaxed);
        tally.scanned.fetch_add(cost.scanned, Ordering::Relaxed);
        if cost.took >= self.slow {
            self.keep(SlowQuery {
                name,
                plan: plan(),
                rows: cost.rows,
                steps: cost.steps,
                full_scans: cost.scanned,
                wait_ms: nanos(wait) / 1_000_000,
                run_ms: took_ns / 1_000_000,
            });
        }
    }

    /// Every statement that has run, by name.
    #[must_use]
    pub fn queries(&self) -> Vec<QueryStats> {
        let tallies = self.tallies.read().unwrap_or_else(PoisonError::into_inner);
        let copy = |(name, tally): (&&'static str, &Arc<Tally>)| QueryStats {
            name,
            count: tally.count.load(Ordering::Relaxed),
            total_us: tally.total_ns.load(Ordering::Relaxed) / 1_000,
            max_us: tally.max_ns.load(Ordering::Relaxed) / 1_000,
            rows: tally.rows.load(Ordering::Relaxed),
            steps: tally.steps.load(Ordering::Relaxed),
            full_scans: tally.scanned.load(Ordering::Relaxed),
        };
        tallies.iter().map(copy).collect()
    }

    /// The latest slow executions, oldest first.
    #[must_use]
    pub fn slow_queries(&self) -> Vec<SlowQuery> {
        let slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        slowest.iter().cloned().collect()
    }

    fn keep(&self, slow: SlowQuery) {
        tracing::warn!(
            query = slow.name,
            plan = slow.plan,
            rows = slow.rows,
            steps = slow.steps,
            scanned = slow.full_scans,
            wait_ms = slow.wait_ms,
            run_ms = slow.run_ms,
            "slow query"
        );
        let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        if slowest.len() == SLOW_KEPT {
            slowest.pop_front();
        }
        slowest.push_back(slow);
    }

    fn tally(&self, name: &'static str) -> Arc<Tally> {
        let known = self.tallies.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = known.get(name) {
            return Arc::clone(tally);
        }
        drop(known);
        let mut tallies = self.tallies.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tallies.entry(name).or_default())
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slow_statements_are_asked_for_their_plan() {
        let profile = Profile::new(Duration::from_millis(100));
        let cost = |ms| Cost {
            took: Duration::from_millis(ms),
            rows: 2,
            ..Cost::default()
        };

        profile.book("race/by_id", cost(99), Duration::ZERO, || unreachable!());
        profile.book("race/page", cost(100), Duration::from_millis(7), || {
            "SCAN race".to_owned()
        });

        let slow = profile.slow_queries();
        assert_eq!(slow.len(), 1);
        assert_eq!(
            (slow[0].name, slow[0].wait_ms, slow[0].run_ms),
            ("race/page", 7, 100)
        );
        assert_eq!(profile.queries()[0].rows, 2);
    }
}
