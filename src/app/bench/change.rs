//! How a route does against a run that was saved. Times of two runs can hardly be compared, not even
//! on one box; their ratios to a bare server of the same minutes can.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::report::{Report, Row};

/// Everything against a run that was saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Compared {
    /// Which run that was. Where it was of other facts or of another box, ratios say less.
    against: Against,
    /// Every route that is measured now.
    routes: Vec<Change>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Against {
    version: String,
    at: DateTime<Utc>,
    data: String,
    races: u64,
    cores: usize,
    requests: usize,
}

/// One route, then and now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Change {
    route: String,
    /// Nothing where the saved run had not measured it.
    before: Option<Then>,
    ratio: f64,
    warm_p50_ms: f64,
    /// The ratio now for that of then: above 1 is faster.
    times_as_fast: Option<f64>,
}

/// What the saved run said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Then {
    ratio: f64,
    warm_p50_ms: f64,
}

impl Compared {
    /// Of every route that is measured now.
    pub(super) fn of(before: Report, now: &Report) -> Self {
        let then = |route: &str| before.routes.iter().find(|row| row.route == route);
        let rows = now.routes.iter();
        let routes = rows.map(|row| Change::of(row, then(&row.route))).collect();
        Self {
            routes,
            against: Against {
                version: before.version,
                at: before.at,
                data: before.data,
                races: before.races,
                cores: before.cores,
                requests: before.requests,
            },
        }
    }
}

impl Change {
    fn of(now: &Row, then: Option<&Row>) -> Self {
        let before = then.map(|row| Then {
            ratio: row.ratio,
            warm_p50_ms: row.warm.p50_ms,
        });
        let known = before.filter(|then| then.ratio > 0.0);
        Self {
            route: now.route.clone(),
            ratio: now.ratio,
            warm_p50_ms: now.warm.p50_ms,
            times_as_fast: known.map(|then| now.ratio / then.ratio),
            before,
        }
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Against {
            version,
            at,
            data,
            races,
            cores,
            requests,
        } = &self.against;
        writeln!(
            f,
            "\nagainst lurcher {version} of {at} on {cores} cores; {data}: {races} races; {requests} requests"
        )?;
        writeln!(
            f,
            "{:<35} {:>10} {:>10} {:>8} {:>14} {:>14}",
            "route", "ratio was", "ratio is", "change", "warm p50 was", "warm p50 is"
        )?;
        for change in &self.routes {
            write!(f, "{change}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(before), Some(change)) = (self.before, self.times_as_fast) else {
            return writeln!(f, "{:<35} was not measured then", self.route);
        };
        writeln!(
            f,
            "{:<35} {:>10.2} {:>10.2} {:>+7.0}% {:>14.3} {:>14.3}",
            self.route,
            before.ratio,
            self.ratio,
            (change - 1.0) * 100.0,
            before.warm_p50_ms,
            self.warm_p50_ms
        )
    }
}
