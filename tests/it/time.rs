//! What time it is in the tests, and waiting.

use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use lurcher::domain::RaceDay;

/// How long something may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);
/// How often it is looked for.
const GLANCE: Duration = Duration::from_millis(20);

/// What time it is unless a test says otherwise: the morning of the season's last day.
pub(crate) fn now() -> DateTime<Utc> {
    instant("2026-11-20T00:00:00Z")
}

/// An instant, from RFC 3339.
pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// A race day, from `2026-11-20`.
pub(crate) fn day(text: &str) -> RaceDay {
    RaceDay::parse(text).unwrap()
}

/// Waits for something asynchronous.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap().block_on(work)
}

/// Waits until something is there, which must not take long.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(GLANCE);
    }
}
