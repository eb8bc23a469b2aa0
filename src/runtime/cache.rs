//! A bounded, expiring cache in which a missing value is loaded once, however many ask.
//!
//! - *Fresh*: a value is answered from memory as long as it has life left and nothing it depends on
//!   was touched ([`Changes`]).
//! - *Due*: one that is asked for often is loaded anew in the last fifth of its life, and one whose
//!   life is over in the time of grace after it; meanwhile the old one is answered. It is no older
//!   than the facts, for a touched value has no grace.
//! - *Missing*: the first caller loads, the others wait for the same outcome. When the one who loads
//!   leaves, somebody who waits takes over. A failure is told to all who waited and not kept, unless
//!   it says that there is no such thing ([`Cache::noting_absence`]).
//!
//! Lives are scattered by a tenth, so that what was loaded together does not expire together.

mod absent;
mod shelf;
mod stats;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::changes::Changes;
use super::timing;
use absent::Absences;
use shelf::{Found, Shelf};
pub use stats::CacheStats;
use stats::Counters;

/// What a cache may hold.
pub trait Cached: Send + Sync + 'static {
    /// What values hang on.
    type Tag: Hash + Eq + Send + Sync + 'static;

    /// What it depends on.
    fn tags(&self) -> &[Self::Tag];

    /// What it takes up, bytes.
    fn bytes(&self) -> usize;

    /// How long it may be given out, of the life that the cache gives.
    fn life(&self, usual: Duration) -> Duration {
        usual
    }
}

/// How much a cache holds, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Values at most.
    pub entries: NonZeroUsize,
    /// Bytes of all values together at most; one value may take an eighth of it.
    pub bytes: usize,
    /// How long a value lives.
    pub ttl: Duration,
}

/// A load under way, by whoever leads.
struct Flight<V, E> {
    /// The instant of the changes at which it was called for; it reads nothing older.
    since: u64,
    outcome: OnceCell<Result<Arc<V>, Arc<E>>>,
}

/// See the module.
pub struct Cache<K, V: Cached, E> {
    name: &'static str,
    limits: Limits,
    on: AtomicBool,
    changes: Arc<Changes<V::Tag>>,
    shelf: Mutex<Shelf<K, V>>,
    flights: Mutex<HashMap<K, Arc<Flight<V, E>>>>,
    absences: Option<Mutex<Absences<K, E, V::Tag>>>,
    counters: Counters,
}

impl<K, V, E> Cache<K, V, E>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Cached,
    E: Send + Sync + 'static,
{
    /// An empty cache of that name, whose values stand as long as `changes` says.
    #[must_use]
    pub fn new(name: &'static str, limits: Limits, changes: Arc<Changes<V::Tag>>) -> Self {
        Self {
            name,
            limits,
            on: AtomicBool::new(true),
            changes,
            shelf: Mutex::new(Shelf::new(limits)),
            flights: Mutex::default(),
            absences: None,
            counters: Counters::default(),
        }
    }

    /// The same, which also remembers for a moment what there is not: failures for which `says` tells
    /// what they hang on.
    #[must_use]
    pub fn noting_absence(self, says: fn(&E) -> Option<&'static [V::Tag]>) -> Self {
        Self {
            absences: Some(Mutex::new(Absences::new(says))),
            ..self
        }
    }

    /// The cached value, or the outcome of `load`, which must begin to read only when it is called.
    pub async fn get_or<F, L>(self: &Arc<Self>, key: K, load: F) -> Result<Arc<V>, Arc<E>>
    where
        F: FnOnce() -> L,
        L: Future<Output = Result<V, E>> + Send + 'static,
    {
        if !self.is_on() {
            Counters::add(&self.counters.misses);
            let loaded = Box::pin(load()).await;
            return loaded.map(Arc::new).map_err(Arc::new);
        }
        let asked = Instant::now();
        let found = self.lock().find(&key, asked, &self.changes, &self.counters);
        match found {
            Found::Fresh(value) => {
                Counters::add(&self.counters.hits);
                timing::book(timing::CACHE, asked.elapsed());
                Ok(value)
            }
            Found::Due(value) => {
                Counters::add(&self.counters.hits);
                timing::book(timing::CACHE, asked.elapsed());
                self.renew(key, load());
                Ok(value)
            }
            Found::Nothing => match self.absent(&key) {
                Some(failure) => {
                    Counters::add(&self.counters.hits);
                    Err(failure)
                }
                // In a box, or every hit would carry the room that a load takes.
                None => Box::pin(self.fly(key, load)).await,
            },
        }
    }

    /// Waits for the load that is under way, or loads.
    async fn fly<F, L>(self: &Arc<Self>, key: K, load: F) -> Result<Arc<V>, Arc<E>>
    where
        F: FnOnce() -> L,
        L: Future<Output = Result<V, E>> + Send + 'static,
    {
        let seat = self.seat(key);
        let mut led = false;
        let lead = async || {
            led = true;
            load().await.map(Arc::new).map_err(Arc::new)
        };
        let outcome = seat.flight.outcome.get_or_init(lead).await.clone();
        Counters::add(if led {
            &self.counters.misses
        } else {
            &self.counters.coalesced
        });
        outcome
    }

    /// Loads anew what is about to expire. A failure leaves the old value.
    fn renew<L>(self: &Arc<Self>, key: K, load: L)
    where
        L: Future<Output = Result<V, E>> + Send + 'static,
    {
        Counters::add(&self.counters.renewed);
        let cache = Arc::clone(self);
        let since = self.changes.now();
        tokio::spawn(async move {
            match load.await {
                Ok(value) => cache.offer(key, Arc::new(value), since),
                Err(_told_to_nobody) => cache.lock().renewal_failed(&key),
            }
        });
    }

    /// Keeps a value that was loaded since that instant of the changes, unless it is touched already.
    pub fn offer(&self, key: K, value: Arc<V>, since: u64) {
        let life = value.life(self.limits.ttl);
        self.hold(key, value, since, life);
    }

    /// As [`Cache::offer`], with what is left of its life.
    pub fn hold(&self, key: K, value: Arc<V>, since: u64, left: Duration) {
        if self.is_on() && self.changes.stands(value.tags(), since) {
            let mut shelf = self.lock();
            let left = left.min(self.limits.ttl);
            shelf.put(key, value, since, left, &self.counters);
        }
    }

    /// Every value that was good at that instant of the changes and still is, the one asked for last
    /// in front, with what is left of its life.
    pub fn held(&self, until: u64) -> Vec<(K, Arc<V>, Duration)> {
        self.lock().held(until, &self.changes)
    }

    /// The value if it is there and stands; counts as a hit or a miss.
    pub fn peek(&self, key: &K) -> Option<Arc<V>> {
        let now = Instant::now();
        let found = self.is_on().then(|| {
            let mut shelf = self.lock();
            shelf.find(key, now, &self.changes, &self.counters)
        });
        match found {
            Some(Found::Fresh(value) | Found::Due(value)) => {
                Counters::add(&self.counters.hits);
                Some(value)
            }
            Some(Found::Nothing) | None => {
                Counters::add(&self.counters.misses);
                None
            }
        }
    }

    /// Drops everything; says how much that was.
    pub fn clear(&self) -> usize {
        if let Some(absences) = &self.absences {
            lock(absences).clear();
        }
        self.lock().clear(&self.counters)
    }

    /// Switches it on or off; off, every question is loaded and nothing is held.
    pub fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Release);
        if !on {
            self.clear();
        }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }

    /// A number that grows with every value that is put on the shelf.
    pub fn turnover(&self) -> u64 {
        self.lock().turnover()
    }

    /// How it has done.
    pub fn stats(&self) -> CacheStats {
        let (size, bytes) = self.lock().fill();
        self.counters
            .tell(self.name, self.limits, self.is_on(), size, bytes)
    }

    /// A seat on the load that is under way. One that was called for before the last commit may miss
    /// what this caller has been told of, so it takes nobody else on.
    fn seat(&self, key: K) -> Seat<'_, K, V, E> {
        let now = self.changes.now();
        let mut flights = self.flights();
        let flight = match flights.get(&key) {
            Some(flight) if flight.since == now => Arc::clone(flight),
            _ => {
                let flight = Arc::new(Flight {
                    since: now,
                    outcome: OnceCell::new(),
                });
                flights.insert(key.clone(), Arc::clone(&flight));
                flight
            }
        };
        drop(flights);
        Seat {
            cache: self,
            key,
            flight,
        }
    }

    fn absent(&self, key: &K) -> Option<Arc<E>> {
        lock(self.absences.as_ref()?).of(key, &self.changes)
    }

    fn lock(&self) -> MutexGuard<'_, Shelf<K, V>> {
        lock(&self.shelf)
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K, V: Cached, E> Cache<K, V, E> {
    fn flights(&self) -> MutexGuard<'_, HashMap<K, Arc<Flight<V, E>>>> {
        lock(&self.flights)
    }
}

/// One caller waiting on a flight. The first to leave after it lands puts the value on the shelf;
/// the last to leave one that never lands clears it away.
struct Seat<'a, K, V, E>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Cached,
    E: Send + Sync + 'static,
{
    cache: &'a Cache<K, V, E>,
    key: K,
    flight: Arc<Flight<V, E>>,
}

impl<K, V, E> Drop for Seat<'_, K, V, E>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Cached,
    E: Send + Sync + 'static,
{
    fn drop(&mut self) {
        let mut flights = self.cache.flights();
        let current = flights
            .get(&self.key)
            .is_some_and(|flight| Arc::ptr_eq(flight, &self.flight));
        let landed = self.flight.outcome.get();
        // Two handles: the map's and this seat's.
        let alone = Arc::strong_count(&self.flight) == 2;
        if !current || (landed.is_none() && !alone) {
            return;
        }
        flights.remove(&self.key);
        drop(flights);
        let (key, since) = (self.key.clone(), self.flight.since);
        match (landed, &self.cache.absences) {
            (Some(Ok(value)), _) => self.cache.offer(key, Arc::clone(value), since),
            (Some(Err(failure)), Some(absences)) if self.cache.is_on() => {
                lock(absences).note(key, failure, since);
            }
            (Some(Err(_)) | None, _) => {}
        }
    }
}
