//! How long the processors worked for this process, every thread counted.

use std::fs;
use std::time::Duration;

/// Time on a processor so far; `None` where the system does not tell.
///
/// A thread that ends takes its time with it, so only differences between calls with the same
/// threads mean anything.
pub(crate) fn spent() -> Option<Duration> {
    let mut nanos = 0_u64;
    for task in fs::read_dir("/proc/self/task").ok()?.flatten() {
        let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else {
            continue;
        };
        nanos += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    (nanos > 0).then(|| Duration::from_nanos(nanos))
}
