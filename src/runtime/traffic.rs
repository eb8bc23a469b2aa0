//! How every route has done: by method, how often with which kind of status, and how long it took.
//!
//! A route is known by its template, never by what was asked for, so there are as many as somebody
//! registered and no client can make more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::histogram::{Histogram, Times};

/// Where requests are counted that no route took.
pub const UNMATCHED: &str = "unmatched";
/// The methods that are told apart; all others are the last.
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "DELETE", "other"];
/// The kinds of status, by their first digit.
pub const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// All routes. Handles are cheap.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Arc<Mutex<BTreeMap<&'static str, Arc<Route>>>>);

/// The counts of one route.
#[derive(Debug, Default)]
pub struct Route {
    template: &'static str,
    methods: [OnceLock<Box<Counts>>; METHODS.len()],
}

#[derive(Debug, Default)]
struct Counts {
    statuses: [AtomicU64; STATUSES.len()],
    took: Histogram,
}

/// A copy of what was counted of one method of one route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteStats {
    /// The template, or [`UNMATCHED`].
    pub route: &'static str,
    /// `GET`, `HEAD`, `POST`, `DELETE` or `other`.
    pub method: &'static str,
    /// Answers by kind of status, in the order of [`STATUSES`].
    pub statuses: [u64; STATUSES.len()],
    /// How long they took.
    pub took: Times,
}

impl Traffic {
    /// The counts of a route, which is known from now on.
    #[must_use]
    pub fn route(&self, template: &'static str) -> Arc<Route> {
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(Route {
                template,
                ..Route::default()
            })
        };
        Arc::clone(routes.entry(template).or_insert_with(new))
    }

    /// What was counted so far, by route and method; nothing of those that were never asked.
    #[must_use]
    pub fn stats(&self) -> Vec<RouteStats> {
        let routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        routes
            .iter()
            .flat_map(|(template, route)| route.stats(template))
            .collect()
    }
}

impl Route {
    /// Its template.
    #[must_use]
    pub const fn template(&self) -> &'static str {
        self.template
    }

    fn stats(&self, template: &'static str) -> impl Iterator<Item = RouteStats> {
        let methods = METHODS.iter().zip(&self.methods);
        methods.filter_map(move |(method, counts)| Some(counts.get()?.copy(template, method)))
    }

    /// Counts one answer.
    pub fn book(&self, method: &str, status: u16, took: Duration) {
        let method = METHODS.iter().position(|known| *known == method);
        let counts = self.methods.get(method.unwrap_or(METHODS.len() - 1));
        let Some(counts) = counts.map(|counts| counts.get_or_init(Box::default)) else {
            return;
        };
        let kind = usize::from(status / 100).saturating_sub(1);
        if let Some(answers) = counts.statuses.get(kind) {
            answers.fetch_add(1, Ordering::Relaxed);
        }
        counts.took.book(took);
    }
}

impl Counts {
    fn copy(&self, route: &'static str, method: &'static str) -> RouteStats {
        let count = |kind: &AtomicU64| kind.load(Ordering::Relaxed);
        RouteStats {
            route,
            method,
            statuses: self.statuses.each_ref().map(count),
            took: self.took.times(),
        }
    }
}

impl RouteStats {
    /// Answers of any status.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.statuses.iter().sum()
    }

    /// Answers that say it was our fault.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.statuses.last().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_route_method_and_kind() {
        let traffic = Traffic::default();
        let races = traffic.route("/api/races");
        let strange = traffic.route(UNMATCHED);

        races.book("GET", 200, Duration::from_millis(2));
        traffic
            .route("/api/races")
            .book("GET", 503, Duration::from_millis(4));
        strange.book("PROPFIND", 405, Duration::ZERO);
        strange.book("BREW", 999, Duration::ZERO);

        let stats = traffic.stats();
        assert_eq!(stats.len(), 2);
        assert_eq!((stats[0].route, stats[0].method), ("/api/races", "GET"));
        assert_eq!(stats[0].statuses, [0, 1, 0, 0, 1]);
        assert_eq!((stats[0].answers(), stats[0].failures()), (2, 1));
        assert_eq!(stats[0].took.total(), Duration::from_millis(6));
        assert_eq!((stats[1].route, stats[1].method), (UNMATCHED, "other"));
        assert_eq!((stats[1].answers(), stats[1].took.count()), (1, 2));
    }
}
