//! What there is not: a failure that says so is remembered for a moment, so that whoever asks for it
//! again and again does not make us look each time.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;
use tokio::time::Instant;

use crate::runtime::changes::Changes;

/// Absences that are remembered at most.
const MOST: NonZeroUsize = NonZeroUsize::new(256).unwrap();
/// For how long.
const MOMENT: Duration = Duration::from_secs(10);

/// What a failure hangs on that says there is no such thing; `None` for every other failure.
pub(super) type Says<E, T> = fn(&E) -> Option<&'static [T]>;

struct Absence<E> {
    failure: Arc<E>,
    since: u64,
    until: Instant,
}

/// See the module.
pub(super) struct Absences<K, E, T: 'static> {
    says: Says<E, T>,
    known: LruCache<K, Absence<E>>,
}

impl<K: Hash + Eq, E, T: Hash + Eq> Absences<K, E, T> {
    pub(super) fn new(says: Says<E, T>) -> Self {
        Self {
            says,
            known: LruCache::new(MOST),
        }
    }

    /// Remembers it, if it says that there is no such thing.
    pub(super) fn note(&mut self, key: K, failure: &Arc<E>, since: u64) {
        if (self.says)(failure).is_some() {
            let absence = Absence {
                failure: Arc::clone(failure),
                since,
                until: Instant::now() + MOMENT,
            };
            self.known.put(key, absence);
        }
    }

    /// The failure, as long as nothing was touched that could have ended it.
    pub(super) fn of(&mut self, key: &K, changes: &Changes<T>) -> Option<Arc<E>> {
        let absence = self.known.get(key)?;
        let tags = (self.says)(&absence.failure).unwrap_or_default();
        if Instant::now() < absence.until && changes.stands(tags, absence.since) {
            return Some(Arc::clone(&absence.failure));
        }
        self.known.pop(key);
        None
    }

    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}
