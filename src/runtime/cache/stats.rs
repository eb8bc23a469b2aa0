//! How a cache has done.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Limits;

/// Counted since the start.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) coalesced: AtomicU64,
    pub(super) renewed: AtomicU64,
    pub(super) evicted: AtomicU64,
    pub(super) too_large: AtomicU64,
    pub(super) expired: AtomicU64,
    pub(super) invalidated: AtomicU64,
    cleared: AtomicU64,
}

/// A copy of how a cache has done since the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CacheStats {
    /// Its name.
    pub name: &'static str,
    /// Whether it is switched on.
    pub on: bool,
    /// Answered from memory.
    pub hits: u64,
    /// Loaded.
    pub misses: u64,
    /// Waited for what another loaded.
    pub coalesced: u64,
    /// Loaded anew while the old value was answered.
    pub renewed: u64,
    /// Thrown out for want of room.
    pub evicted: u64,
    /// Not kept, because one value would have taken too much of the room.
    pub too_large: u64,
    /// Found too old.
    pub expired: u64,
    /// Found touched by a commit.
    pub invalidated: u64,
    /// Dropped by order.
    pub cleared: u64,
    /// Values held now.
    pub size: usize,
    /// What they take up.
    pub bytes: usize,
    /// What it may hold.
    pub limits: Limits,
    /// Whether it holds what would be lost in a restart.
    pub dirty: bool,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn cleared(&self, count: usize) {
        self.cleared.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn tell(
        &self,
        name: &'static str,
        limits: Limits,
        on: bool,
        size: usize,
        bytes: usize,
    ) -> CacheStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheStats {
            name,
            on,
            hits: read(&self.hits),
            misses: read(&self.misses),
            coalesced: read(&self.coalesced),
            renewed: read(&self.renewed),
            evicted: read(&self.evicted),
            too_large: read(&self.too_large),
            expired: read(&self.expired),
            invalidated: read(&self.invalidated),
            cleared: read(&self.cleared),
            size,
            bytes,
            limits,
            dirty: size > 0,
        }
    }
}

impl CacheStats {
    /// Questions in all.
    #[must_use]
    pub const fn asked(&self) -> u64 {
        self.hits + self.misses + self.coalesced
    }

    /// Of the questions, the share that was answered from memory, 0 to 1; `None` without questions.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        let asked = self.asked();
        (asked > 0).then(|| self.hits as f64 / asked as f64)
    }

    /// Values that were dropped, for whatever reason.
    #[must_use]
    pub const fn evictions(&self) -> u64 {
        self.evicted + self.expired + self.invalidated + self.cleared
    }
}
