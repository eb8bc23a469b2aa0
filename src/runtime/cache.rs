//! A bounded, expiring cache in which a missing value is computed once, however many ask.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;
use tokio::sync::OnceCell;

use super::timing;

/// What a cache is keyed by.
pub trait Key: Hash + Eq + Clone + Debug + Send + Sync + 'static {
    /// The cache's name, for metrics.
    const CACHE: &'static str;
}

struct Entry<V> {
    value: Arc<V>,
    dies: Instant,
}

type Flight<V, E> = Arc<OnceCell<Result<Arc<V>, Arc<E>>>>;

struct Shelf<K, V, E> {
    fresh: LruCache<K, Entry<V>>,
    flights: HashMap<K, Flight<V, E>>,
}

/// See the module. At most `capacity` values, each for at most `ttl`.
pub struct Cache<K, V, E> {
    shelf: Mutex<Shelf<K, V, E>>,
    ttl: Duration,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How a cache has done since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct CacheStats {
    /// Answered from memory.
    pub hits: u64,
    /// Computed, or waited for another's computation.
    pub misses: u64,
    /// Values held now.
    pub size: usize,
}

impl<K: Key, V, E> Cache<K, V, E> {
    /// Holds up to `capacity` values, each for `ttl`.
    #[must_use]
    pub fn new(capacity: NonZeroUsize, ttl: Duration) -> Self {
        let shelf = Shelf {
            fresh: LruCache::new(capacity),
            flights: HashMap::new(),
        };
        Self {
            shelf: Mutex::new(shelf),
            ttl,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The cached value, or the outcome of `compute`. Callers that arrive while it is being
    /// computed share that one outcome, success or failure; failures are not kept.
    pub async fn get_or<F>(&self, key: K, compute: F) -> Result<Arc<V>, Arc<E>>
    where
        F: AsyncFnOnce() -> Result<V, E>,
    {
        let asked = Instant::now();
        let seat = match self.look(&key) {
            Ok(value) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                timing::book(timing::CACHE, asked.elapsed());
                return Ok(value);
            }
            Err(flight) => Seat {
                cache: self,
                key,
                flight,
            },
        };
        self.misses.fetch_add(1, Ordering::Relaxed);
        let compute = || async { compute().await.map(Arc::new).map_err(Arc::new) };
        seat.flight.get_or_init(compute).await.clone()
    }

    /// Drops every value whose key matches. A computation already in the air still answers those
    /// who wait for it, but its result is not kept.
    pub fn forget(&self, matches: impl Fn(&K) -> bool) {
        let mut shelf = self.lock();
        shelf.flights.retain(|key, _| !matches(key));
        let doomed: Vec<K> = shelf
            .fresh
            .iter()
            .map(|(key, _)| key)
            .filter(|key| matches(key))
            .cloned()
            .collect();
        for key in doomed {
            shelf.fresh.pop(&key);
        }
    }

    /// How it has done.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            size: self.lock().fresh.len(),
        }
    }

    fn look(&self, key: &K) -> Result<Arc<V>, Flight<V, E>> {
        let mut shelf = self.lock();
        let now = Instant::now();
        if let Some(entry) = shelf.fresh.get(key)
            && entry.dies > now
        {
            return Ok(entry.value.clone());
        }
        Err(shelf.flights.entry(key.clone()).or_default().clone())
    }

    fn lock(&self) -> MutexGuard<'_, Shelf<K, V, E>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One caller waiting on a flight. The first to leave after it lands puts the value on the shelf;
/// the last to leave one that never lands clears it away.
struct Seat<'a, K: Key, V, E> {
    cache: &'a Cache<K, V, E>,
    key: K,
    flight: Flight<V, E>,
}

impl<K: Key, V, E> Drop for Seat<'_, K, V, E> {
    fn drop(&mut self) {
        let mut shelf = self.cache.lock();
        let current = shelf
            .flights
            .get(&self.key)
            .is_some_and(|flight| Arc::ptr_eq(flight, &self.flight));
        let landed = self.flight.get();
        // Two handles: the map's and this seat's.
        let alone = Arc::strong_count(&self.flight) == 2;
        if !current || (landed.is_none() && !alone) {
            return;
        }
        shelf.flights.remove(&self.key);
        if let Some(Ok(value)) = landed {
            let entry = Entry {
                value: value.clone(),
                dies: Instant::now() + self.cache.ttl,
            };
            shelf.fresh.put(self.key.clone(), entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use tokio::task::JoinSet;
    use tokio::time::sleep;

    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Number(u32);

    impl Key for Number {
        const CACHE: &'static str = "number";
    }

    type Numbers = Cache<Number, u32, &'static str>;

    const A_MOMENT: Duration = Duration::from_millis(10);

    fn numbers() -> Arc<Numbers> {
        Arc::new(Cache::new(
            NonZeroUsize::new(8).unwrap(),
            Duration::from_mins(1),
        ))
    }

    async fn ask_at_once(
        cache: &Arc<Numbers>,
        outcome: Result<u32, &'static str>,
    ) -> (usize, Vec<bool>) {
        let computed = Arc::new(AtomicUsize::new(0));
        let mut callers = JoinSet::new();
        for _ in 0..100 {
            let (cache, computed) = (cache.clone(), computed.clone());
            callers.spawn(async move {
                let compute = async || {
                    computed.fetch_add(1, Ordering::SeqCst);
                    sleep(A_MOMENT).await;
                    outcome
                };
                cache.get_or(Number(1), compute).await.is_ok()
            });
        }
        let answers = callers.join_all().await;
        (computed.load(Ordering::SeqCst), answers)
    }

    #[tokio::test]
    async fn a_hundred_callers_cause_one_computation() {
        let (computed, answers) = ask_at_once(&numbers(), Ok(7)).await;

        assert_eq!(computed, 1);
        assert!(answers.into_iter().all(|ok| ok));
    }

    #[tokio::test]
    async fn a_failure_is_shared_but_not_kept() {
        let cache = numbers();

        let (computed, answers) = ask_at_once(&cache, Err("no")).await;

        assert_eq!(computed, 1);
        assert!(answers.into_iter().all(|ok| !ok));
        assert_eq!(*cache.get_or(Number(1), async || Ok(3)).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_cancelled_leader_hands_over() {
        let cache = numbers();
        let leader = tokio::spawn({
            let cache = cache.clone();
            async move {
                cache
                    .get_or(Number(1), async || std::future::pending().await)
                    .await
            }
        });
        sleep(A_MOMENT).await;
        let follower = tokio::spawn({
            let cache = cache.clone();
            async move { cache.get_or(Number(1), async || Ok(2)).await }
        });
        sleep(A_MOMENT).await;

        leader.abort();

        assert_eq!(*follower.await.unwrap().unwrap(), 2);
    }

    #[tokio::test]
    async fn what_was_forgotten_in_flight_is_not_kept() {
        let cache = numbers();
        let stale = tokio::spawn({
            let cache = cache.clone();
            async move {
                let compute = async || {
                    sleep(3 * A_MOMENT).await;
                    Ok(1)
                };
                cache.get_or(Number(1), compute).await
            }
        });
        sleep(A_MOMENT).await;

        cache.forget(|key| key.0 == 1);

        assert_eq!(*cache.get_or(Number(1), async || Ok(2)).await.unwrap(), 2);
        assert_eq!(*stale.await.unwrap().unwrap(), 1);
        assert_eq!(*cache.get_or(Number(1), async || Ok(3)).await.unwrap(), 2);
    }
}
