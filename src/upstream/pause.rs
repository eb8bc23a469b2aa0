//! How long a server asks to be left alone.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Reads `Retry-After`, seconds or a date; never more than `most`. `None` when it cannot be read,
/// which is as if nothing had been said.
pub(super) fn retry_after(text: &str, now: DateTime<Utc>, most: Duration) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit()) {
        // What does not fit is more than anything.
        let seconds = text.parse().map_or(Duration::MAX, Duration::from_secs);
        return Some(seconds.min(most));
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
    // A date that has passed asks for nothing.
    let left = (until - now).to_std().unwrap_or_default();
    Some(left.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_server_says_a_pause_is_bounded() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T00:00:00Z")
            .unwrap()
            .to_utc();
        let hour = Duration::from_hours(1);
        let read = |text: &str| retry_after(text, now, hour);

        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read(" 120 "), Some(Duration::from_mins(2)));
        assert_eq!(read("1000000000"), Some(hour));
        assert_eq!(read(&"9".repeat(400)), Some(hour));
        assert_eq!(
            read("Fri, 20 Nov 2026 00:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(read("Fri, 20 Nov 2026 23:00:00 GMT"), Some(hour));
        assert_eq!(read("Thu, 19 Nov 2026 00:00:00 GMT"), Some(Duration::ZERO));
        for garbage in [
            "",
            "-1",
            "1.5",
            "soon",
            "1e9",
            "\u{660}",
            "Fri, 99 Nov 2026",
        ] {
            assert_eq!(read(garbage), None, "{garbage}");
        }
    }
}
