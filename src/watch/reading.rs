//! What was read off the daemon, and the window of readings that rules look at.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::runtime::{RouteStats, Times};

/// How often the memory is kept, and for how long.
const MEMORY_EVERY: TimeDelta = TimeDelta::minutes(1);
const MEMORY_KEPT: TimeDelta = TimeDelta::hours(6);
/// A shorter time tells nothing of how the memory grows: a daemon that begins fills its caches.
const MEMORY_LEAST: TimeDelta = TimeDelta::hours(1);
/// Readings that are kept, at most, whatever the clock says.
const MOST: usize = 1_000;
/// Bytes of a mebibyte.
const MIB: f64 = 1_048_576.0;

/// The daemon at one instant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// Answers since the start.
    pub(super) answers: u64,
    /// Those that say it was our fault.
    pub(super) failures: u64,
    /// How long answers took since the start.
    pub(super) took: Times,
    /// Readers at work, percent.
    pub(super) pool_percent: f64,
    /// The write-ahead log, bytes.
    pub(super) wal_bytes: u64,
    /// Memory of the process, bytes; `None` where the system does not tell.
    pub(super) resident: Option<u64>,
    /// Every source that is asked by the clock, and whether it is late.
    pub(super) feeds: Vec<Feed>,
}

/// A source that is asked by the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Feed {
    /// Which.
    pub(super) source: String,
    /// It should have done its part twice since it last did.
    pub(super) late: bool,
    /// Minutes since it last did its part; `None` when it never did.
    pub(super) silent_min: Option<i64>,
}

/// The latest readings, as far back as rules look.
#[derive(Debug)]
pub(super) struct Window {
    lasting: TimeDelta,
    readings: VecDeque<Reading>,
    memory: VecDeque<(DateTime<Utc>, u64)>,
}

/// What was answered between two readings.
#[derive(Debug, PartialEq)]
pub(super) struct Answered {
    pub(super) answers: u64,
    pub(super) failures: u64,
    pub(super) took: Times,
}

impl Reading {
    /// Counts what every route has counted. Streams and unknown paths are answers too.
    pub(super) fn count(&mut self, routes: &[RouteStats]) {
        for route in routes {
            self.answers += route.answers();
            self.failures += route.failures();
            self.took.add(&route.took);
        }
    }
}

impl Window {
    /// That looks so far back.
    pub(super) fn new(lasting: Duration) -> Self {
        Self {
            lasting: TimeDelta::from_std(lasting).unwrap_or(TimeDelta::MAX),
            readings: VecDeque::new(),
            memory: VecDeque::new(),
        }
    }

    /// Adds the latest reading. When the clock was set back, what was before is of no use.
    pub(super) fn add(&mut self, reading: Reading) {
        let at = reading.at;
        if self.latest().is_some_and(|latest| latest.at > at) {
            self.readings.clear();
            self.memory.clear();
        }
        let last = self.memory.back().map(|(at, _)| *at);
        if let Some(resident) = reading.resident
            && last.is_none_or(|last| at - last >= MEMORY_EVERY)
        {
            self.memory.push_back((at, resident));
        }
        self.readings.push_back(reading);
        // The one before the window is where its first difference begins.
        while self.readings.len() > MOST || self.second_is_outside(at) {
            self.readings.pop_front();
        }
        let kept = |(then, _): &(DateTime<Utc>, u64)| at - *then <= MEMORY_KEPT;
        while self.memory.len() > MOST || self.memory.front().is_some_and(|first| !kept(first)) {
            self.memory.pop_front();
        }
    }

    fn second_is_outside(&self, now: DateTime<Utc>) -> bool {
        let second = self.readings.get(1);
        second.is_some_and(|second| now - second.at >= self.lasting)
    }

    /// The latest reading.
    pub(super) fn latest(&self) -> Option<&Reading> {
        self.readings.back()
    }

    /// What was answered within the window.
    pub(super) fn answered(&self) -> Option<Answered> {
        let (first, last) = (self.readings.front()?, self.readings.back()?);
        Some(Answered {
            answers: last.answers.saturating_sub(first.answers),
            failures: last.failures.saturating_sub(first.failures),
            took: last.took.since(&first.took),
        })
    }

    /// How fast the memory grows, MiB an hour: the slope of the line that fits best.
    pub(super) fn memory_slope(&self) -> Option<f64> {
        let (first, last) = (self.memory.front()?, self.memory.back()?);
        if last.0 - first.0 < MEMORY_LEAST {
            return None;
        }
        let points = self.memory.iter().map(|(at, bytes)| {
            let hours = (*at - first.0).as_seconds_f64() / 3_600.0;
            (hours, *bytes as f64 / MIB)
        });
        slope(&points.collect::<Vec<_>>())
    }
}

/// The slope of the line through points by least squares.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let together: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    (spread > 0.0).then(|| together / spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::fixture::{at, reading};

    #[test]
    fn only_what_happened_within_the_window_counts() {
        let mut window = Window::new(Duration::from_mins(1));
        for (second, answers) in [(0, 10), (30, 15), (60, 40), (100, 45)] {
            window.add(Reading {
                answers,
                ..reading(second)
            });
        }

        let answered = window.answered().unwrap();

        // From 30, the last one that is not within, to 100.
        assert_eq!(answered.answers, 30);
    }

    #[test]
    fn a_clock_that_is_set_back_begins_anew() {
        let mut window = Window::new(Duration::from_mins(1));
        window.add(reading(100));
        window.add(Reading {
            answers: 9,
            ..reading(10)
        });

        assert_eq!(window.answered().unwrap().answers, 0);
        assert_eq!(window.latest().unwrap().at, at(10));
    }

    #[test]
    fn memory_is_judged_by_its_slope_and_not_in_the_first_hour() {
        let mut window = Window::new(Duration::from_mins(1));
        let grown = |minute: i64| {
            let noise = if minute % 2 == 0 { 3 } else { 0 };
            Some(u64::try_from(40 + minute / 2 + noise).unwrap() * 1_048_576)
        };

        for minute in 0..60 {
            window.add(Reading {
                resident: grown(minute),
                ..reading(minute * 60)
            });
            assert_eq!(window.memory_slope(), None);
        }
        for minute in 60..1_000 {
            window.add(Reading {
                resident: grown(minute),
                ..reading(minute * 60)
            });
        }

        let slope = window.memory_slope().unwrap();
        assert!((29.0..31.0).contains(&slope), "{slope}");
        assert!(window.memory.len() <= 361, "{}", window.memory.len());
        assert!(window.readings.len() <= 3, "{}", window.readings.len());
    }
}
