//! Readings for tests.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::reading::Reading;
use crate::runtime::{Histogram, Times};

/// So many seconds after the beginning.
pub(super) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_132_800 + second, 0).unwrap()
}

/// A daemon that does nothing.
pub(super) fn reading(second: i64) -> Reading {
    Reading {
        at: at(second),
        answers: 0,
        failures: 0,
        took: Times::default(),
        pool_percent: 0.0,
        wal_bytes: 0,
        resident: None,
        feeds: Vec::new(),
    }
}

/// One that has answered since the start.
pub(super) fn answers_of(second: i64, answers: u64, failures: u64, ms: u64) -> Reading {
    let histogram = Histogram::default();
    for _ in 0..answers {
        histogram.book(Duration::from_millis(ms));
    }
    Reading {
        answers,
        failures,
        took: histogram.times(),
        ..reading(second)
    }
}
