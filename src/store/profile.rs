//! How every named statement has done: how often, how long, how much of the database it walked.
//!
//! The slow log says the statement's name, its plan, rows, steps, wait and run time, and for which
//! request it ran. It never says parameter values.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::query::Query;
use crate::runtime::timing::Origin;
use crate::runtime::{Histogram, Times};

/// How many slow statements are kept for looking at.
const SLOW_KEPT: usize = 100;

/// What one execution cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cost {
    /// Time in SQLite and in reading the rows.
    pub took: Duration,
    /// How long the work had waited for its thread; zero but for the first statement of it.
    pub waited: Duration,
    /// Rows read or changed.
    pub rows: u64,
    /// Virtual-machine steps.
    pub steps: u64,
    /// Steps of full table scans.
    pub scanned: u64,
    /// Sorts for want of an index.
    pub sorts: u64,
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

/// The work that a statement is part of.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    /// How long it had waited for its thread.
    pub waited: Duration,
    /// For which request it is done; `None` for what nobody waits for.
    pub origin: Option<Origin>,
}

/// The sum over all executions of one statement.
#[derive(Debug, Default)]
struct Tally {
    sql: &'static str,
    took: Histogram,
    waited: Histogram,
    rows: AtomicU64,
    steps: AtomicU64,
    scanned: AtomicU64,
    sorts: AtomicU64,
    plan: Mutex<Plan>,
}

/// How SQLite went about a statement when it was slow.
#[derive(Debug, Default)]
struct Plan {
    last: Option<String>,
    change: Option<PlanChange>,
}

/// A slow statement was gone about in another way than the slow one before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PlanChange {
    /// The plan of the slow execution before.
    pub before: String,
    /// The plan of this one.
    pub after: String,
}

/// A copy of the sums of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryStats {
    /// The statement.
    pub name: &'static str,
    /// Executions.
    pub count: u64,
    /// How long they took.
    pub took: Times,
    /// How long the work had waited whose first statement this was.
    pub waited: Times,
    /// Rows read or changed.
    pub rows: u64,
    /// Virtual-machine steps.
    pub steps: u64,
    /// Steps of full table scans.
    pub full_scans: u64,
    /// Sorts for want of an index.
    pub sorts: u64,
    /// The last time that its plan changed between two slow executions.
    pub plan_change: Option<PlanChange>,
}

/// One slow execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowQuery {
    /// The statement.
    pub name: &'static str,
    /// As it is written, with the names of its parameters.
    pub sql: &'static str,
    /// For which request it ran; `None` for what nobody waits for.
    pub origin: Option<Origin>,
    /// When it was over.
    pub at: Instant,
    /// How SQLite went about it.
    pub plan: String,
    /// Set when that differs from the slow execution before.
    pub plan_changed: Option<PlanChange>,
    /// Rows read or changed.
    pub rows: u64,
    /// Virtual-machine steps.
    pub steps: u64,
    /// Steps of full table scans.
    pub full_scans: u64,
    /// How long the work waited for its thread.
    pub waited: Duration,
    /// How long it ran.
    pub took: Duration,
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

    /// Books one execution, which was part of that work. `plan` is asked for only when it was slow.
    pub(super) fn book(
        &self,
        query: Query,
        cost: Cost,
        work: &Work,
        plan: impl FnOnce() -> String,
    ) {
        let tally = self.tally(query);
        tally.took.book(cost.took);
        if !cost.waited.is_zero() {
            tally.waited.book(cost.waited);
        }
        tally.rows.fetch_add(cost.rows, Ordering::Relaxed);
        tally.steps.fetch_add(cost.steps, Ordering::Relaxed);
        tally.scanned.fetch_add(cost.scanned, Ordering::Relaxed);
        tally.sorts.fetch_add(cost.sorts, Ordering::Relaxed);
        if cost.took >= self.slow {
            let plan = plan();
            self.keep(SlowQuery {
                name: query.name,
                sql: query.sql,
                origin: work.origin.clone(),
                at: Instant::now(),
                plan_changed: tally.changes(query.name, &plan),
                plan,
                rows: cost.rows,
                steps: cost.steps,
                full_scans: cost.scanned,
                waited: work.waited,
                took: cost.took,
            });
        }
    }

    /// Every statement that has run, by name.
    #[must_use]
    pub fn queries(&self) -> Vec<QueryStats> {
        let tallies = self.tallies.read().unwrap_or_else(PoisonError::into_inner);
        tallies
            .iter()
            .map(|(name, tally)| tally.copy(name))
            .collect()
    }

    /// The latest slow executions, oldest first.
    #[must_use]
    pub fn slow_queries(&self) -> Vec<SlowQuery> {
        let slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        slowest.iter().cloned().collect()
    }

    /// The statements that have read whole tables or sorted, as they are written.
    pub(super) fn walkers(&self) -> Vec<Query> {
        let walk = |(name, tally): (&&'static str, &Arc<Tally>)| {
            tally.walks().then_some(Query {
                name,
                sql: tally.sql,
            })
        };
        let tallies = self.tallies.read().unwrap_or_else(PoisonError::into_inner);
        tallies.iter().filter_map(walk).collect()
    }

    fn keep(&self, slow: SlowQuery) {
        let origin = slow.origin.as_ref();
        tracing::warn!(
            query = slow.name,
            route = origin.map(|origin| origin.route),
            request.id = origin.map(|origin| &*origin.request_id),
            plan = slow.plan,
            rows = slow.rows,
            steps = slow.steps,
            scanned = slow.full_scans,
            wait_ms = slow.waited.as_millis(),
            run_ms = slow.took.as_millis(),
            "slow query"
        );
        let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        if slowest.len() == SLOW_KEPT {
            slowest.pop_front();
        }
        slowest.push_back(slow);
    }

    fn tally(&self, query: Query) -> Arc<Tally> {
        let known = self.tallies.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = known.get(query.name) {
            return Arc::clone(tally);
        }
        drop(known);
        let mut tallies = self.tallies.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Tally::of(query.sql));
        Arc::clone(tallies.entry(query.name).or_insert_with(new))
    }
}

impl Tally {
    fn of(sql: &'static str) -> Self {
        Self {
            sql,
            ..Self::default()
        }
    }

    fn walks(&self) -> bool {
        let counts = [&self.scanned, &self.sorts];
        counts.iter().any(|count| count.load(Ordering::Relaxed) > 0)
    }

    fn copy(&self, name: &'static str) -> QueryStats {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let plan_change = plan.change.clone();
        drop(plan);
        let took = self.took.times();
        QueryStats {
            name,
            count: took.count(),
            took,
            waited: self.waited.times(),
            rows: self.rows.load(Ordering::Relaxed),
            steps: self.steps.load(Ordering::Relaxed),
            full_scans: self.scanned.load(Ordering::Relaxed),
            sorts: self.sorts.load(Ordering::Relaxed),
            plan_change,
        }
    }

    /// Whether the plan is another than the last time; then it says so, once.
    fn changes(&self, name: &'static str, now: &str) -> Option<PlanChange> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let change = plan.turns(now)?;
        drop(plan);
        tracing::warn!(
            query = name,
            before = change.before,
            after = change.after,
            "the plan of a slow query changed"
        );
        Some(change)
    }
}

impl Plan {
    fn turns(&mut self, now: &str) -> Option<PlanChange> {
        let before = self.last.replace(now.to_owned())?;
        let after = now.to_owned();
        let change = (before != after).then_some(PlanChange { before, after })?;
        self.change = Some(change.clone());
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Query = Query {
        name: "race/page",
        sql: "",
    };

    fn cost(ms: u64) -> Cost {
        Cost {
            took: Duration::from_millis(ms),
            rows: 2,
            ..Cost::default()
        }
    }

    #[test]
    fn only_slow_statements_are_asked_for_their_plan() {
        let profile = Profile::new(Duration::from_millis(100));
        let by_id = Query {
            name: "race/by_id",
            sql: "",
        };

        profile.book(by_id, cost(99), &Work::default(), || unreachable!());
        let work = Work {
            waited: Duration::from_millis(7),
            origin: None,
        };
        profile.book(PAGE, cost(100), &work, || "SCAN race".to_owned());

        let slow = profile.slow_queries();
        assert_eq!(slow.len(), 1);
        assert_eq!(
            (slow[0].name, slow[0].waited, slow[0].took),
            (
                "race/page",
                Duration::from_millis(7),
                Duration::from_millis(100)
            )
        );
        assert_eq!(profile.queries()[0].rows, 2);
    }

    #[test]
    fn another_plan_is_noticed_once_and_kept() {
        let profile = Profile::new(Duration::ZERO);
        let slow = |plan: &str| profile.book(PAGE, cost(1), &Work::default(), || plan.to_owned());

        slow("SEARCH race");
        slow("SEARCH race");
        slow("SCAN race");
        slow("SCAN race");

        let change = PlanChange {
            before: "SEARCH race".to_owned(),
            after: "SCAN race".to_owned(),
        };
        let told = profile.slow_queries();
        let told: Vec<_> = told.into_iter().map(|slow| slow.plan_changed).collect();
        assert_eq!(told, [None, None, Some(change.clone()), None]);
        assert_eq!(profile.queries()[0].plan_change, Some(change));
    }

    #[test]
    fn times_and_waits_are_told_by_quantile() {
        let profile = Profile::new(Duration::from_secs(9));
        for ms in 1..=100 {
            let waited = Duration::from_millis(if ms == 50 { 400 } else { 0 });
            let cost = Cost { waited, ..cost(ms) };
            profile.book(PAGE, cost, &Work::default(), || unreachable!());
        }

        let stats = &profile.queries()[0];

        let p95 = stats.took.quantile(0.95).as_secs_f64() * 1_000.0;
        assert!((95.0..=100.0).contains(&p95), "{p95}");
        assert_eq!((stats.count, stats.waited.count()), (100, 1));
        assert_eq!(stats.waited.longest(), Duration::from_millis(400));
    }
}
