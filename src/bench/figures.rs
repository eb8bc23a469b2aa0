//! How long answers took: each of them, and the summary that is told.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What was measured, every good answer apart, so that quantiles are exact.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    waits: Vec<Duration>,
    /// Answers other than 200, and connections that broke.
    pub errors: u64,
    /// Of the bodies of all good answers.
    pub bytes: u64,
    /// From the first request to the last answer.
    pub took: Duration,
}

/// The figures in short. Without a good answer its times are zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Good answers.
    pub answers: u64,
    /// Answers other than 200, and connections that broke.
    pub errors: u64,
    /// Half of the good answers took at most this.
    pub p50_ms: f64,
    /// Of 100, 95 took at most this.
    pub p95_ms: f64,
    /// Of 100, 99 took at most this.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Good answers a second, over all connections.
    pub per_second: f64,
}

impl Figures {
    /// A good answer.
    pub(super) fn book(&mut self, took: Duration, bytes: usize) {
        self.waits.push(took);
        self.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// Puts another's beside these, which were taken at the same time.
    pub(super) fn beside(&mut self, other: Self) {
        self.waits.extend(other.waits);
        self.errors += other.errors;
        self.bytes += other.bytes;
    }

    /// Puts another's after these.
    pub fn after(&mut self, other: Self) {
        self.took += other.took;
        self.beside(other);
    }

    /// Good answers a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        let took = self.took.as_secs_f64();
        if took > 0.0 {
            self.waits.len() as f64 / took
        } else {
            0.0
        }
    }

    /// In short.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut sorted = self.waits.clone();
        sorted.sort_unstable();
        let ms = |percent| quantile(&sorted, percent).as_secs_f64() * 1_000.0;
        Summary {
            answers: u64::try_from(sorted.len()).unwrap_or(u64::MAX),
            errors: self.errors,
            p50_ms: digits(ms(50)),
            p95_ms: digits(ms(95)),
            p99_ms: digits(ms(99)),
            max_ms: digits(ms(100)),
            per_second: self.per_second().round(),
        }
    }
}

/// The smallest of the sorted waits that so many of 100 did not exceed.
fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    let wait = sorted.get(rank.saturating_sub(1));
    wait.copied().unwrap_or_default()
}

/// Whole microseconds.
fn digits(ms: f64) -> f64 {
    (ms * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_answers_that_were_good() {
        let mut figures = Figures::default();
        for ms in (1..=200).rev() {
            figures.book(Duration::from_millis(ms), 3);
        }
        figures.errors = 2;
        figures.took = Duration::from_secs(4);

        let summary = figures.summary();

        let times = [
            summary.p50_ms,
            summary.p95_ms,
            summary.p99_ms,
            summary.max_ms,
        ];
        assert_eq!(format!("{times:?}"), "[100.0, 190.0, 198.0, 200.0]");
        assert_eq!((summary.answers, summary.errors), (200, 2));
        assert_eq!(figures.bytes, 600);
        assert!((summary.per_second - 50.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_measured_is_nothing_told() {
        let nothing = Figures::default().summary();

        assert_eq!((nothing.answers, nothing.errors), (0, 0));
        assert!(nothing.max_ms < f64::EPSILON && nothing.per_second < f64::EPSILON);
    }
}
