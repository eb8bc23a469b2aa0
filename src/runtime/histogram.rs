//! How long things took, as counts in a fixed number of buckets.
//!
//! An octave has eight buckets, so a quantile is at most an eighth too high, whatever the times are.
//! Booking is three relaxed additions and no lock; the sums of two copies can be subtracted, which
//! tells of the time between them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Buckets of a histogram.
const BUCKETS: usize = 224;
/// Buckets of an octave, as a power of two.
const FINE: u32 = 3;
/// The narrowest bucket, as a power of two: 64 ns. The last one begins at over a minute.
const NARROWEST: u32 = 6;
/// The edges that are told to the outside, as powers of two of [`NARROWEST`]: 262 µs to 17 s.
const TOLD: std::ops::RangeInclusive<u32> = 12..=28;

/// Counts of times by how long they were.
#[derive(Debug)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    total_ns: AtomicU64,
    longest_ns: AtomicU64,
}

/// A copy of a [`Histogram`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    buckets: Vec<u64>,
    total_ns: u64,
    longest_ns: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_bucket| AtomicU64::new(0)),
            total_ns: AtomicU64::new(0),
            longest_ns: AtomicU64::new(0),
        }
    }
}

impl Histogram {
    /// Counts one.
    pub fn book(&self, took: Duration) {
        let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get(bucket(took_ns)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.total_ns.fetch_add(took_ns, Ordering::Relaxed);
        self.longest_ns.fetch_max(took_ns, Ordering::Relaxed);
    }

    /// What was counted so far.
    #[must_use]
    pub fn times(&self) -> Times {
        let count = |bucket: &AtomicU64| bucket.load(Ordering::Relaxed);
        Times {
            buckets: self.buckets.iter().map(count).collect(),
            total_ns: self.total_ns.load(Ordering::Relaxed),
            longest_ns: self.longest_ns.load(Ordering::Relaxed),
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            buckets: vec![0; BUCKETS],
            total_ns: 0,
            longest_ns: 0,
        }
    }
}

impl Times {
    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// All of them together.
    #[must_use]
    pub const fn total(&self) -> Duration {
        Duration::from_nanos(self.total_ns)
    }

    /// The longest since the start.
    #[must_use]
    pub const fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest_ns)
    }

    /// Their mean; nothing when there were none.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        self.total_ns
            .checked_div(self.count())
            .map(Duration::from_nanos)
    }

    /// What this share of them did not exceed, at most an eighth too high; zero when there were
    /// none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = share * self.count() as f64;
        let mut seen = 0;
        for (n, count) in self.buckets.iter().enumerate() {
            seen += count;
            if *count > 0 && seen as f64 >= wanted {
                return Duration::from_nanos(edge(n).min(self.longest_ns));
            }
        }
        Duration::ZERO
    }

    /// Counts those of another histogram too.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.total_ns = self.total_ns.saturating_add(other.total_ns);
        self.longest_ns = self.longest_ns.max(other.longest_ns);
    }

    /// Those that were counted after `earlier`, a copy of the same histogram. The longest is not
    /// known of them alone.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let pairs = self.buckets.iter().zip(&earlier.buckets);
        Self {
            buckets: pairs.map(|(now, then)| now.saturating_sub(*then)).collect(),
            total_ns: self.total_ns.saturating_sub(earlier.total_ns),
            longest_ns: self.longest_ns,
        }
    }

    /// How many were shorter than each of a few edges, shortest first. The edges are edges of
    /// buckets, so the counts are exact.
    pub fn below(&self) -> impl Iterator<Item = (Duration, u64)> {
        TOLD.map(|octave| {
            let edge_ns = 1 << (octave + NARROWEST);
            let below = self.buckets.iter().take(bucket(edge_ns));
            (Duration::from_nanos(edge_ns), below.sum())
        })
    }
}

/// The bucket of a time.
fn bucket(took_ns: u64) -> usize {
    let units = took_ns >> NARROWEST;
    let octave = units.checked_ilog2().unwrap_or(0);
    let bucket = match octave.checked_sub(FINE) {
        None => units,
        Some(above) => (u64::from(above) << FINE) + (units >> above),
    };
    usize::try_from(bucket).map_or(BUCKETS - 1, |bucket| bucket.min(BUCKETS - 1))
}

/// Where a bucket ends, nanoseconds.
fn edge(bucket: usize) -> u64 {
    let next = bucket as u64 + 1;
    let above = (next >> FINE).saturating_sub(1);
    (next - (above << FINE)) << above << NARROWEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_below_the_edge_of_its_bucket_and_not_below_that_of_the_one_before() {
        let mut took_ns: u64 = 1;
        while took_ns < 60_000_000_000 {
            for took_ns in [took_ns - 1, took_ns, took_ns + 1] {
                let at = bucket(took_ns);
                assert!(took_ns < edge(at), "{took_ns} in {at}");
                assert!(at == 0 || took_ns >= edge(at - 1), "{took_ns} in {at}");
            }
            took_ns = took_ns * 17 / 16 + 1;
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn a_quantile_is_at_most_an_eighth_too_high_and_never_too_low() {
        let histogram = Histogram::default();
        for us in 1..=10_000 {
            histogram.book(Duration::from_micros(us));
        }

        let times = histogram.times();

        for (share, us) in [(0.5, 5_000.0), (0.95, 9_500.0), (0.99, 9_900.0)] {
            let found = times.quantile(share).as_secs_f64() * 1e6;
            assert!((us..=us * 1.125).contains(&found), "{share}: {found}");
        }
        assert_eq!(times.quantile(1.0), Duration::from_millis(10));
        assert_eq!(times.longest(), Duration::from_millis(10));
        assert_eq!(times.mean(), Some(Duration::from_nanos(5_000_500)));
        assert_eq!(times.count(), 10_000);
    }

    #[test]
    fn nothing_took_no_time() {
        let times = Histogram::default().times();

        assert_eq!((times.quantile(0.99), times.mean()), (Duration::ZERO, None));
        assert!(times.below().all(|(_, count)| count == 0));
    }

    #[test]
    fn copies_are_added_and_taken_from_each_other() {
        let histogram = Histogram::default();
        histogram.book(Duration::from_millis(1));
        let before = histogram.times();
        histogram.book(Duration::from_millis(100));
        histogram.book(Duration::from_secs(100));

        let mut later = histogram.times().since(&before);

        assert_eq!(later.count(), 2);
        assert_eq!(later.total(), Duration::from_millis(100_100));
        later.add(&before);
        assert_eq!(later, histogram.times());
        let below: Vec<u64> = later.below().map(|(_, count)| count).collect();
        assert_eq!((below.first(), below.last()), (Some(&0), Some(&2)));
        assert!(below.is_sorted());
    }
}
