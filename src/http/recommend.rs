//! What somebody should look at, in sentences with figures. Rules, not guesses: what fires names
//! its numbers, and what cannot be judged yet says nothing.

use super::gauges::{Lookups, mib, ms};
use super::grades::Grade;
use crate::store::{PoolStats, QueryStats, WriterStats};

/// Lookups before a share of hits says anything.
const LOOKUPS: u64 = 100;
/// The share of hits that a cache should have.
const HITS: f64 = 0.85;
/// How long a question may wait for a reader, milliseconds, 95 of 100 times.
const WAIT_MS: f64 = 50.0;
/// The log is cut back at 32 MiB; twice that means that it could not be.
const WAL_BYTES: u64 = 64 * 1_024 * 1_024;
/// Steps of reading whole tables that are worth a look.
const SCANNED: u64 = 1_000_000;
/// Statements that are named, at most.
const NAMED: usize = 3;

/// What there is to look at.
pub(super) struct Seen<'s> {
    pub(super) caches: &'s [Lookups],
    pub(super) pool: &'s PoolStats,
    pub(super) writer: &'s WriterStats,
    pub(super) queries: &'s [QueryStats],
    pub(super) grades: &'s [Grade],
}

/// What somebody should look at.
pub(super) fn all(seen: &Seen<'_>) -> Vec<String> {
    let caches = seen.caches.iter().filter_map(cache);
    let grades = seen.grades.iter().filter_map(Grade::complaint);
    caches
        .chain(pool(seen.pool))
        .chain(refused(seen.pool))
        .chain(wal(seen.writer))
        .chain(scans(seen.queries))
        .chain(plans(seen.queries))
        .chain(grades)
        .collect()
}

fn cache(cache: &Lookups) -> Option<String> {
    let ratio = cache.ratio().filter(|_| cache.asked() >= LOOKUPS)?;
    let size = cache.size?;
    (ratio < HITS).then(|| {
        format!(
            "the cache `{}` answers {:.0} % of {} lookups and holds {size}; {:.0} % is the aim",
            cache.name,
            ratio * 100.0,
            cache.asked(),
            HITS * 100.0
        )
    })
}

fn pool(pool: &PoolStats) -> Option<String> {
    let wait_ms = ms(pool.waited.quantile(0.95));
    (wait_ms > WAIT_MS).then(|| {
        format!(
            "5 % of questions wait over {wait_ms} ms for one of {} readers: raise `store.readers`, or \
             see /api/queries for what holds them",
            pool.readers
        )
    })
}

fn refused(pool: &PoolStats) -> Option<String> {
    (pool.refused > 0).then(|| {
        format!(
            "{} questions were refused because no reader came free in time; the longest hold was {} ms",
            pool.refused,
            ms(pool.held.longest())
        )
    })
}

fn wal(writer: &WriterStats) -> Option<String> {
    let bytes = writer.wal_bytes.filter(|bytes| *bytes > WAL_BYTES)?;
    Some(format!(
        "the write-ahead log has {} MB: something reads for so long that it cannot be cut back",
        mib(bytes)
    ))
}

fn scans(queries: &[QueryStats]) -> Option<String> {
    let mut scans: Vec<_> = queries
        .iter()
        .filter(|query| query.full_scans >= SCANNED)
        .collect();
    scans.sort_by_key(|query| std::cmp::Reverse(query.full_scans));
    let named = scans.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|query| {
            format!(
                "{} ({} steps in {})",
                query.name, query.full_scans, query.count
            )
        })
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "whole tables are read by {}: see /api/admin/indexes",
            named.join(", ")
        )
    })
}

fn plans(queries: &[QueryStats]) -> Option<String> {
    let changed = queries.iter().filter(|query| query.plan_change.is_some());
    let named: Vec<&str> = changed.map(|query| query.name).take(NAMED).collect();
    (!named.is_empty()).then(|| {
        format!(
            "SQLite changed its plan for {}: see /api/queries/slow",
            named.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::runtime::Histogram;
    use crate::store::PlanChange;

    fn times(ms: &[u64]) -> crate::runtime::Times {
        let histogram = Histogram::default();
        for ms in ms {
            histogram.book(Duration::from_millis(*ms));
        }
        histogram.times()
    }

    fn well() -> (Lookups, PoolStats, WriterStats, QueryStats) {
        let hits = Lookups {
            name: "predictions",
            hits: 90,
            misses: 10,
            size: Some(10),
        };
        let pool = PoolStats {
            readers: 20,
            in_use: 3,
            waiting: (0, 0),
            waited: times(&[1; 100]),
            refused: 0,
            held: times(&[5]),
        };
        let writer = WriterStats {
            waiting: [0; 5],
            queue: 10,
            wal_bytes: Some(1_000),
        };
        let query = QueryStats {
            name: "race/page",
            count: 7,
            took: times(&[1]),
            waited: times(&[]),
            rows: 1,
            steps: 1,
            full_scans: 0,
            sorts: 0,
            plan_change: None,
        };
        (hits, pool, writer, query)
    }

    fn said(
        (hits, pool, writer, query): (Lookups, PoolStats, WriterStats, QueryStats),
    ) -> Vec<String> {
        all(&Seen {
            caches: &[hits],
            pool: &pool,
            writer: &writer,
            queries: &[query],
            grades: &[],
        })
    }

    #[test]
    fn a_daemon_that_is_well_is_left_alone() {
        assert_eq!(said(well()), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_figures() {
        let (mut hits, mut pool, mut writer, mut query) = well();
        (hits.hits, hits.misses) = (31, 69);
        pool.waited = times(&[400; 10]);
        pool.refused = 2;
        writer.wal_bytes = Some(100 * 1_024 * 1_024);
        query.full_scans = 2_000_000;
        query.plan_change = Some(PlanChange {
            before: "SEARCH race".to_owned(),
            after: "SCAN race".to_owned(),
        });

        let said = said((hits, pool, writer, query));

        let figures = [
            "31 % of 100",
            "over 400 ms",
            "2 questions",
            "100 MB",
            "2000000 steps in 7",
            "race/page",
        ];
        assert_eq!(said.len(), figures.len(), "{said:?}");
        for (sentence, figure) in said.iter().zip(figures) {
            assert!(sentence.contains(figure), "{sentence}");
        }
    }

    #[test]
    fn a_cache_is_not_judged_by_its_first_lookups() {
        let (mut hits, pool, writer, query) = well();
        (hits.hits, hits.misses) = (0, 99);

        assert_eq!(said((hits, pool, writer, query)), Vec::<String>::new());
    }
}
