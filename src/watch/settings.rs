//! What is too much, and who is told.

use std::time::Duration;

use crate::runtime::Secret;

/// When somebody is alarmed. A threshold of zero switches its rule off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether anything is watched at all.
    pub enabled: bool,
    /// The mean time of an answer, milliseconds.
    pub avg_ms: u32,
    /// What one answer of a hundred takes, milliseconds.
    pub p99_ms: u32,
    /// Answers that say it was our fault, percent.
    pub error_percent: u32,
    /// Fewer answers than this say nothing of time or errors.
    pub min_requests: u32,
    /// Readers that are at work, percent.
    pub pool_percent: u32,
    /// The write-ahead log, MiB.
    pub wal_mb: u32,
    /// How fast the memory of the process grows, MiB an hour.
    pub memory_mb_per_hour: u32,
    /// Over how long answers are judged, and for how long something must be too much before
    /// somebody is told.
    pub lasting: Duration,
    /// Where alerts are posted to. The address may hold a token, so it is as secret as the key.
    pub webhook_url: Option<Secret>,
    /// What posts are signed with.
    pub webhook_secret: Option<Secret>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            avg_ms: 500,
            p99_ms: 2_000,
            error_percent: 1,
            min_requests: 20,
            pool_percent: 90,
            wal_mb: 64,
            memory_mb_per_hour: 64,
            lasting: Duration::from_mins(5),
            webhook_url: None,
            webhook_secret: None,
        }
    }
}
