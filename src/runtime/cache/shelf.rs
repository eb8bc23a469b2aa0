//! The values that a cache holds, the one asked for last in front.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;
use tokio::time::Instant;

use super::stats::Counters;
use super::{Cached, Limits};
use crate::runtime::changes::Changes;

/// Asked for so often in its life, a value is hot and loaded anew before it expires.
const HOT: u32 = 3;
/// One value may take this share of all bytes.
const LARGEST: usize = 8;
/// Lives are scattered by so much to either side.
const JITTER: f64 = 0.1;

struct Entry<V> {
    value: Arc<V>,
    bytes: usize,
    /// The instant of the changes at which it was last seen to stand.
    since: u64,
    /// When a hot one is to be loaded anew.
    due: Instant,
    dies: Instant,
    /// Until then it may be answered while it is loaded anew.
    grace: Instant,
    uses: u32,
    /// Somebody loads it anew.
    renewing: bool,
}

/// What was found.
pub(super) enum Found<V> {
    /// Good.
    Fresh(Arc<V>),
    /// Good, and to be loaded anew by whoever found it.
    Due(Arc<V>),
    /// Not there, or of no use any more.
    Nothing,
}

/// See the module.
pub(super) struct Shelf<K, V> {
    entries: LruCache<K, Entry<V>>,
    limits: Limits,
    bytes: usize,
    turnover: u64,
}

impl<K: Hash + Eq + Clone, V: Cached> Shelf<K, V> {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            // Grows as it fills: a large limit costs nothing until it is needed.
            entries: LruCache::unbounded(),
            limits,
            bytes: 0,
            turnover: 0,
        }
    }

    pub(super) fn find(
        &mut self,
        key: &K,
        now: Instant,
        changes: &Changes<V::Tag>,
        counters: &Counters,
    ) -> Found<V> {
        let Some(entry) = self.entries.get_mut(key) else {
            return Found::Nothing;
        };
        let seen = changes.now();
        let counter = if !changes.stands(entry.value.tags(), entry.since) {
            &counters.invalidated
        } else if now >= entry.grace {
            &counters.expired
        } else {
            entry.since = seen;
            entry.uses = entry.uses.saturating_add(1);
            let hot = entry.uses >= HOT && now >= entry.due;
            let value = Arc::clone(&entry.value);
            if !entry.renewing && (hot || now >= entry.dies) {
                entry.renewing = true;
                return Found::Due(value);
            }
            return Found::Fresh(value);
        };
        Counters::add(counter);
        self.take(key);
        Found::Nothing
    }

    /// Holds the value, and makes room for it.
    pub(super) fn put(
        &mut self,
        key: K,
        value: Arc<V>,
        since: u64,
        life: Duration,
        counters: &Counters,
    ) {
        self.take(&key);
        self.turnover += 1;
        let bytes = value.bytes();
        if bytes > self.limits.bytes / LARGEST {
            Counters::add(&counters.too_large);
            return;
        }
        let (now, life) = (Instant::now(), scattered(life));
        self.bytes += bytes;
        let entry = Entry {
            bytes,
            since,
            value,
            due: now + life * 4 / 5,
            dies: now + life,
            grace: now + life * 3 / 2,
            uses: 0,
            renewing: false,
        };
        self.entries.put(key, entry);
        while self.entries.len() > self.limits.entries.get() || self.bytes > self.limits.bytes {
            let Some((_, oldest)) = self.entries.pop_lru() else {
                break;
            };
            self.bytes -= oldest.bytes;
            Counters::add(&counters.evicted);
        }
    }

    /// Somebody may try again.
    pub(super) fn renewal_failed(&mut self, key: &K) {
        if let Some(entry) = self.entries.peek_mut(key) {
            entry.renewing = false;
        }
    }

    pub(super) fn clear(&mut self, counters: &Counters) -> usize {
        let count = self.entries.len();
        self.entries.clear();
        self.bytes = 0;
        counters.cleared(count);
        count
    }

    pub(super) fn held(&self, until: u64, changes: &Changes<V::Tag>) -> Vec<(K, Arc<V>, Duration)> {
        let now = Instant::now();
        let entries = self.entries.iter();
        let good = entries.filter(|(_, entry)| {
            entry.since <= until && changes.stands(entry.value.tags(), entry.since)
        });
        let left = good.filter_map(|(key, entry)| {
            let left = entry.dies.checked_duration_since(now)?;
            Some((key.clone(), Arc::clone(&entry.value), left))
        });
        left.collect()
    }

    /// How many values were ever put here.
    pub(super) const fn turnover(&self) -> u64 {
        self.turnover
    }

    /// Values and bytes.
    pub(super) fn fill(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    fn take(&mut self, key: &K) {
        if let Some(entry) = self.entries.pop(key) {
            self.bytes -= entry.bytes;
        }
    }
}

fn scattered(life: Duration) -> Duration {
    life.mul_f64(1.0 - JITTER + 2.0 * JITTER * rand::random::<f64>())
}
