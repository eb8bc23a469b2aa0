//! The rules: what is looked at, and when it is too much. Pure functions of a window of readings.

use super::reading::Window;
use super::settings::Settings;

/// A share of the threshold under which it is well again, so that nothing flaps around it.
const CLEAR: f64 = 0.8;
/// Bytes of a mebibyte.
const MIB: f64 = 1_048_576.0;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The mean time of an answer.
    ResponseMean,
    /// What one answer of a hundred takes.
    ResponseP99,
    /// Answers that say it was our fault.
    Errors,
    /// Readers at work.
    Pool,
    /// The write-ahead log.
    Wal,
    /// Memory that grows.
    Memory,
    /// A source that does not do its part.
    FeedLate,
}

/// How it stands with what a rule watches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    pub(super) rule: Rule,
    /// Of several, which.
    pub(super) subject: Option<String>,
    pub(super) value: Option<f64>,
    pub(super) threshold: Option<f64>,
    pub(super) level: Level,
}

/// Against the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Over it.
    Over,
    /// Not over it, and not well under it.
    Near,
    /// Well under it, or there is nothing to judge.
    Well,
}

impl Rule {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResponseMean => "response_mean_ms",
            Self::ResponseP99 => "response_p99_ms",
            Self::Errors => "error_percent",
            Self::Pool => "pool_percent",
            Self::Wal => "wal_mb",
            Self::Memory => "memory_mb_per_hour",
            Self::FeedLate => "feed_late",
        }
    }

    /// What it means when it fires.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::ResponseMean => "answers take too long on average, in milliseconds",
            Self::ResponseP99 => "one answer of a hundred takes too long, in milliseconds",
            Self::Errors => "too many answers say it was our fault, in percent",
            Self::Pool => "too many readers are at work, in percent",
            Self::Wal => "the write-ahead log cannot be cut back, in MiB",
            Self::Memory => "the memory of the process grows, in MiB an hour",
            Self::FeedLate => "a source has not done its part, for so many minutes",
        }
    }

    /// Whether it must last before somebody is told; a source that is late has been for two rounds.
    pub(super) const fn must_last(self) -> bool {
        !matches!(self, Self::FeedLate)
    }
}

/// How it stands with everything that is watched.
pub(super) fn measure(window: &Window, settings: &Settings) -> Vec<Measured> {
    let mut all = answers(window, settings);
    if let Some(latest) = window.latest() {
        let wal_mb = latest.wal_bytes as f64 / MIB;
        let memory = window.memory_slope();
        all.extend([
            limited(Rule::Pool, settings.pool_percent, Some(latest.pool_percent)),
            limited(Rule::Wal, settings.wal_mb, Some(wal_mb)),
            limited(Rule::Memory, settings.memory_mb_per_hour, memory),
        ]);
        all.extend(latest.feeds.iter().map(|feed| Measured {
            rule: Rule::FeedLate,
            subject: Some(feed.source.clone()),
            value: feed.silent_min.map(|minutes| minutes as f64),
            threshold: None,
            level: if feed.late { Level::Over } else { Level::Well },
        }));
    }
    all
}

fn answers(window: &Window, settings: &Settings) -> Vec<Measured> {
    let least = u64::from(settings.min_requests.max(1));
    let answered = window
        .answered()
        .filter(|answered| answered.answers >= least);
    let of = |value: fn(&super::reading::Answered) -> f64| answered.as_ref().map(value);
    let mean = of(|answered| answered.took.mean().unwrap_or_default().as_secs_f64() * 1e3);
    let p99 = of(|answered| answered.took.quantile(0.99).as_secs_f64() * 1e3);
    let errors = of(|answered| answered.failures as f64 / answered.answers as f64 * 100.0);
    vec![
        limited(Rule::ResponseMean, settings.avg_ms, mean),
        limited(Rule::ResponseP99, settings.p99_ms, p99),
        limited(Rule::Errors, settings.error_percent, errors),
    ]
}

/// A value against its threshold; zero is none.
fn limited(rule: Rule, threshold: u32, value: Option<f64>) -> Measured {
    let threshold = (threshold > 0).then(|| f64::from(threshold));
    let level = match (value, threshold) {
        (Some(value), Some(threshold)) if value > threshold => Level::Over,
        (Some(value), Some(threshold)) if value >= threshold * CLEAR => Level::Near,
        _ => Level::Well,
    };
    Measured {
        rule,
        subject: None,
        value,
        threshold,
        level,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::watch::fixture::{answers_of, reading};
    use crate::watch::reading::{Feed, Reading};

    fn level(window: &Window, settings: &Settings, rule: Rule) -> (Level, Option<f64>) {
        let all = measure(window, settings);
        let found = all.iter().find(|measured| measured.rule == rule).unwrap();
        (found.level, found.value)
    }

    /// A window in which so many answers took so long, so many of them failures.
    fn window(answers: u64, failures: u64, ms: u64) -> Window {
        let mut window = Window::new(Duration::from_mins(5));
        window.add(reading(0));
        window.add(answers_of(10, answers, failures, ms));
        window
    }

    #[test]
    fn time_and_errors_are_judged_by_what_was_answered_in_the_window() {
        let settings = Settings::default();

        let slow = window(20, 1, 600);
        assert_eq!(
            level(&slow, &settings, Rule::ResponseMean),
            (Level::Over, Some(600.0))
        );
        assert_eq!(
            level(&slow, &settings, Rule::Errors),
            (Level::Over, Some(5.0))
        );
        assert_eq!(level(&slow, &settings, Rule::ResponseP99).0, Level::Well);
        let stuck = window(20, 0, 2_500);
        assert_eq!(level(&stuck, &settings, Rule::ResponseP99).0, Level::Over);
        assert_eq!(
            level(&stuck, &settings, Rule::Errors),
            (Level::Well, Some(0.0))
        );
        let near = window(20, 0, 450);
        assert_eq!(level(&near, &settings, Rule::ResponseMean).0, Level::Near);
    }

    #[test]
    fn nineteen_answers_say_nothing() {
        let settings = Settings::default();

        let few = window(19, 19, 9_000);

        for rule in [Rule::ResponseMean, Rule::ResponseP99, Rule::Errors] {
            assert_eq!(level(&few, &settings, rule), (Level::Well, None));
        }
    }

    #[test]
    fn a_threshold_of_zero_is_none() {
        let settings = Settings {
            avg_ms: 0,
            ..Settings::default()
        };

        let slow = window(20, 0, 9_000);

        assert_eq!(level(&slow, &settings, Rule::ResponseMean).0, Level::Well);
    }

    #[test]
    fn the_pool_the_log_and_each_source_are_judged_by_the_latest_reading() {
        let mut window = Window::new(Duration::from_mins(5));
        let late = |source: &str, late: bool| Feed {
            source: source.to_owned(),
            late,
            silent_min: Some(90),
        };
        window.add(Reading {
            pool_percent: 95.0,
            wal_bytes: 60 * 1_048_576,
            feeds: vec![late("gbgb", true), late("topaz", false)],
            ..reading(0)
        });

        let all = measure(&window, &Settings::default());

        let levels: Vec<_> = all.iter().map(|one| (one.rule, one.level)).collect();
        assert!(levels.contains(&(Rule::Pool, Level::Over)));
        assert!(levels.contains(&(Rule::Wal, Level::Near)));
        assert!(levels.contains(&(Rule::Memory, Level::Well)));
        assert!(levels.contains(&(Rule::FeedLate, Level::Over)));
        assert!(levels.contains(&(Rule::FeedLate, Level::Well)));
    }
}
