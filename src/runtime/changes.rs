//! What changed when, so that whoever holds a value can tell whether it still stands.
//!
//! A value is loaded *since* an instant of this book and depends on some tags. It stands as long as
//! none of them was touched after that instant. One rule does two things: it clears what a change
//! touched, without looking for it, and it turns away what was still being loaded from older rows.
//!
//! ```
//! # use lurcher::runtime::Changes;
//! let changes = Changes::default();
//! let since = changes.now();
//! changes.note([812]);
//! assert!(changes.stands(&[7], since));
//! assert!(!changes.stands(&[7, 812], since));
//! ```

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// Tags that are remembered; with more of them everything that is held counts as touched.
const REMEMBERED: usize = 100_000;

/// The instants at which tags were touched last; they are counted, not timed.
#[derive(Debug)]
pub struct Changes<T> {
    now: AtomicU64,
    touched: RwLock<Touched<T>>,
}

#[derive(Debug)]
struct Touched<T> {
    at: HashMap<T, u64>,
    /// What was loaded before this does not stand, whatever it depends on.
    floor: u64,
}

impl<T> Default for Changes<T> {
    fn default() -> Self {
        let touched = Touched {
            at: HashMap::new(),
            floor: 0,
        };
        Self {
            now: AtomicU64::new(0),
            touched: RwLock::new(touched),
        }
    }
}

impl<T: Hash + Eq> Changes<T> {
    /// The instant; to be asked for before a load begins.
    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Acquire)
    }

    /// Notes that the tags were touched just now. Who hears of the change after this returns sees no
    /// value from before it.
    pub fn note(&self, tags: impl IntoIterator<Item = T>) {
        let mut touched = self.touched.write().unwrap_or_else(PoisonError::into_inner);
        // Only holders of the lock write it.
        let next = self.now.load(Ordering::Relaxed) + 1;
        for tag in tags {
            touched.at.insert(tag, next);
        }
        if touched.at.len() > REMEMBERED {
            touched.at = HashMap::new();
            touched.floor = next;
        }
        self.now.store(next, Ordering::Release);
        // Not sooner: the lock is what keeps two instants from being one.
        drop(touched);
    }

    /// Whether nothing that a value depends on was touched after `since`.
    pub fn stands(&self, tags: &[T], since: u64) -> bool {
        if self.now() == since {
            return true;
        }
        let touched = self.touched.read().unwrap_or_else(PoisonError::into_inner);
        let later = |tag| touched.at.get(tag).is_some_and(|at| *at > since);
        let stands = touched.floor <= since && !tags.iter().any(later);
        drop(touched);
        stands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_depends_on_what_was_touched_falls() {
        let changes = Changes::default();
        let before = changes.now();
        changes.note([1, 2]);
        let after = changes.now();

        assert!(!changes.stands(&[2, 3], before));
        assert!(changes.stands(&[3], before));
        assert!(changes.stands(&[2, 3], after));
    }

    #[test]
    fn what_can_no_longer_be_remembered_counts_as_touched() {
        let changes = Changes::default();
        let before = changes.now();
        for tag in 0..=REMEMBERED {
            changes.note([tag]);
        }

        assert!(!changes.stands(&[usize::MAX], before));
        assert!(changes.stands(&[usize::MAX], changes.now()));
        assert!(changes.touched.read().unwrap().at.len() <= REMEMBERED);
    }
}
