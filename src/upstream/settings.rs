//! How the client behaves towards everybody; what differs by source is in the [`super::Ask`].

use std::path::PathBuf;
use std::time::Duration;

use super::Names;

/// See the module. [`Settings::new`] has the figures that are promised; tests make them smaller.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the cache lies; made when it is not there.
    pub folder: PathBuf,
    /// How we introduce ourselves, with an address to complain to.
    pub user_agent: String,
    /// How names become addresses.
    pub names: Names,
    /// How many fetches talk at once.
    pub threads: usize,
    /// How many callers may wait; more are refused.
    pub queue: usize,
    /// How long a caller waits for the first turn at a host.
    pub patience: Duration,
    /// For looking a name up, and again for connecting and TLS.
    pub connect: Duration,
    /// From the first turn to the end, whatever happens in between.
    pub total: Duration,
    /// How often an ask may be sent; redirects are not counted.
    pub attempts: u32,
    /// The longest body, decoded, of an [`super::Ask`] that does not want less.
    pub max_bytes: u64,
    /// The first retry waits up to this, each later one up to twice the one before.
    pub backoff: Duration,
    /// What the doubling ends at.
    pub backoff_max: Duration,
    /// The longest `Retry-After` that is believed.
    pub hold_max: Duration,
    /// How long a host is left alone that refuses us (403 or 406).
    pub refusal_pause: Duration,
    /// After this many failures in a row a host is left alone.
    pub breaker_failures: u32,
    /// For this long, up to a quarter more; then one fetch looks whether it is well again.
    pub breaker_pause: Duration,
    /// How long a 404 is believed.
    pub missing_ttl: Duration,
    /// The largest the cache may grow.
    pub cache_bytes: u64,
    /// A copy older than this is thrown away, even when nothing newer can be had.
    pub cache_age: Duration,
    /// Makes every wait the same again; `None` for production.
    pub jitter_seed: Option<u64>,
}

impl Settings {
    /// The promised figures.
    pub fn new(folder: impl Into<PathBuf>, user_agent: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            user_agent: user_agent.into(),
            names: Names::system(),
            threads: 4,
            queue: 1_024,
            patience: Duration::from_mins(10),
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            attempts: 3,
            max_bytes: 64 << 20,
            backoff: Duration::from_secs(1),
            backoff_max: Duration::from_mins(1),
            hold_max: Duration::from_hours(1),
            refusal_pause: Duration::from_hours(1),
            breaker_failures: 5,
            breaker_pause: Duration::from_mins(1),
            missing_ttl: Duration::from_mins(5),
            cache_bytes: 256 << 20,
            cache_age: Duration::from_hours(7 * 24),
            jitter_seed: None,
        }
    }
}
