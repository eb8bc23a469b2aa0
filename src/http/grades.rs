//! How every route does against what it may cost: a grade from A to F.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::gauges::ms;
use crate::runtime::{RouteStats, UNMATCHED};

/// Fewer answers say nothing.
const LEAST: u64 = 20;
/// What has no budget of its own.
const USUAL: Duration = Duration::from_millis(50);
/// What waits for the disk.
const WRITES: Duration = Duration::from_millis(100);
/// What may have to be computed.
const COMPUTED: Duration = Duration::from_millis(500);
/// What measures for as long as it may.
const MEASURED: Duration = Duration::from_secs(15);
/// A prediction; most come from the cache.
const PREDICTION: Duration = Duration::from_millis(50);
/// A race, a page of a list, the counts of everything, a probe.
const SHORT: Duration = Duration::from_millis(5);

/// The budgets of 95 of 100 answers.
const BUDGETS: &[(&str, Duration)] = &[
    ("/api/benchmark", MEASURED),
    ("/api/dogs", SHORT),
    ("/api/dogs/{dog}", SHORT),
    ("/api/health", SHORT),
    ("/api/leaderboard", SHORT),
    ("/api/meetings", SHORT),
    ("/api/predictions", COMPUTED),
    ("/api/preflight", COMPUTED),
    ("/api/races", SHORT),
    ("/api/races/{race}", SHORT),
    ("/api/races/{race}/exotics", COMPUTED),
    ("/api/races/{race}/prediction", PREDICTION),
    ("/api/settlements", SHORT),
    ("/api/stakes", COMPUTED),
    ("/api/stats", SHORT),
    ("/api/tracks", SHORT),
    ("/livez", SHORT),
    ("/readyz", SHORT),
];

/// How a route does against its budget.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Grade {
    route: &'static str,
    method: &'static str,
    /// `A`: 95 of 100 answers take at most half of the budget; `B`: all of it; `C`: twice; `D`: four
    /// times; `F`: more.
    #[serde(rename = "grade")]
    #[schema(rename = "grade")]
    letter: char,
    p95_ms: f64,
    budget_ms: f64,
}

/// The grades of those routes that were asked often enough.
pub(super) fn grades(routes: &[RouteStats]) -> Vec<Grade> {
    let enough = |route: &&RouteStats| route.answers() >= LEAST && route.route != UNMATCHED;
    routes.iter().filter(enough).map(Grade::of).collect()
}

impl Grade {
    fn of(route: &RouteStats) -> Self {
        let budget = budget(route.route, route.method);
        let p95 = route.took.quantile(0.95);
        Self {
            route: route.route,
            method: route.method,
            letter: letter(p95, budget),
            p95_ms: ms(p95),
            budget_ms: ms(budget),
        }
    }

    /// One line, when it is a bad one.
    pub(super) fn complaint(&self) -> Option<String> {
        let Self {
            route,
            method,
            letter,
            p95_ms,
            budget_ms,
        } = self;
        matches!(letter, 'D' | 'F').then(|| {
            format!(
                "{method} {route} has grade {letter}: p95 is {p95_ms} ms, its budget {budget_ms} ms"
            )
        })
    }
}

fn budget(route: &str, method: &str) -> Duration {
    let own = BUDGETS.iter().find(|(known, _)| *known == route);
    let others = if method == "GET" || method == "HEAD" {
        USUAL
    } else {
        WRITES
    };
    own.map_or(others, |(_, budget)| *budget)
}

fn letter(p95: Duration, budget: Duration) -> char {
    let limits = [
        (budget / 2, 'A'),
        (budget, 'B'),
        (budget * 2, 'C'),
        (budget * 4, 'D'),
    ];
    let found = limits.iter().find(|(limit, _)| p95 <= *limit);
    found.map_or('F', |(_, grade)| *grade)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::places;
    use crate::runtime::Traffic;

    fn asked(route: &'static str, times: u32, took: Duration) -> Vec<RouteStats> {
        let traffic = Traffic::default();
        for _ in 0..times {
            traffic.route(route).book("GET", 200, took);
        }
        traffic.stats()
    }

    #[test]
    fn a_grade_falls_with_each_doubling_over_half_of_the_budget() {
        let ms = Duration::from_millis;
        for (took, expected) in [(1, 'A'), (4, 'B'), (9, 'C'), (19, 'D'), (21, 'F')] {
            let found = grades(&asked("/api/races", 20, ms(took)));

            assert_eq!(
                (found[0].letter, found[0].budget_ms),
                (expected, 5.0),
                "{took}"
            );
            assert_eq!(found[0].complaint().is_some(), took >= 19, "{took}");
        }
    }

    #[test]
    fn nineteen_answers_and_unknown_paths_have_no_grade() {
        assert_eq!(grades(&asked("/api/races", 19, Duration::ZERO)), []);
        assert_eq!(grades(&asked(UNMATCHED, 99, Duration::ZERO)), []);
    }

    #[test]
    fn a_budget_is_of_a_place_that_is_there_or_is_promised() {
        let promised = ["/api/leaderboard", "/api/stats"];
        let places = places();
        for (route, _) in BUDGETS {
            let there = places.iter().any(|place| place.path() == *route);
            assert!(there || promised.contains(route), "{route}");
        }
    }
}
