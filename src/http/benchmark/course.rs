//! What is asked of a route when it is measured: the route under every name there is, within limits.

use serde::Deserialize;
use serde_json::Value;

use crate::bench::{self, Connection};

const RACE: &str = "/api/races/{race}";
const DOG: &str = "/api/dogs/{dog}";
const PREDICTION: &str = "/api/races/{race}/prediction";
const RACES: &str = "/api/races";
const MEETINGS: &str = "/api/meetings";
const LEADERBOARD: &str = "/api/leaderboard";

/// What is measured, as the contract has it.
pub const ROUTES: [&str; 9] = [
    "/livez",
    "/api/health",
    "/api/stats",
    RACES,
    RACE,
    DOG,
    PREDICTION,
    LEADERBOARD,
    MEETINGS,
];

/// Rows of a page, at most.
const PAGE: usize = 500;

/// One route with its requests.
pub struct Course {
    /// Its template.
    pub route: &'static str,
    /// Each of them was answered well; there is at least one.
    pub(super) requests: Vec<Vec<u8>>,
    /// The first answer.
    pub first: Vec<u8>,
}

/// A route that is not measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its template.
    pub route: &'static str,
    /// What stands against it.
    pub why: String,
}

/// What may be asked about.
#[derive(Debug, Default)]
pub(super) struct Names {
    races: Vec<String>,
    days: Vec<String>,
    dogs: Vec<i64>,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct RaceName {
    race: String,
    day: String,
}

#[derive(Deserialize)]
struct DogName {
    dog_id: i64,
}

impl Names {
    /// The newest races with their days, and the first dogs.
    pub(super) fn ask(
        connection: &mut Connection,
        ask: &impl Fn(&str) -> Vec<u8>,
        most: usize,
    ) -> Result<Self, bench::Error> {
        let limit = most.clamp(1, PAGE);
        connection.ask(&ask(&format!("/api/races?limit={limit}")))?;
        let races: List<RaceName> = read(connection.body()?)?;
        connection.ask(&ask(&format!("/api/dogs?limit={limit}")))?;
        let dogs: List<DogName> = read(connection.body()?)?;
        let mut names = Self::default();
        for race in races.items {
            names.races.push(race.race);
            names.days.push(race.day);
        }
        names.days.dedup();
        names.dogs = dogs.items.into_iter().map(|dog| dog.dog_id).collect();
        Ok(names)
    }

    /// The route under every name.
    pub(super) fn paths(&self, route: &str) -> Vec<String> {
        match route {
            RACE | PREDICTION => of(route, "{race}", &self.races),
            DOG => of(route, "{dog}", &self.dogs),
            RACES | MEETINGS => {
                let days = self.days.iter().map(|day| format!("{route}?day={day}"));
                [route.to_owned()].into_iter().chain(days).collect()
            }
            LEADERBOARD => ["dogs", "trainers", "tracks"]
                .iter()
                .flat_map(|of| ["wins", "strike_rate"].map(|by| format!("{route}?of={of}&by={by}")))
                .collect(),
            _ => vec![route.to_owned()],
        }
    }
}

fn of(route: &str, part: &str, names: &[impl ToString]) -> Vec<String> {
    let named = |name: &_| route.replace(part, &ToString::to_string(name));
    names.iter().map(named).collect()
}

fn read<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, bench::Error> {
    serde_json::from_slice(body).map_err(|_error| bench::Error::Strange("a list of another shape"))
}

impl Course {
    /// Asks each of the paths once.
    pub(super) fn run(
        route: &'static str,
        paths: &[String],
        connection: &mut Connection,
        ask: &impl Fn(&str) -> Vec<u8>,
    ) -> Result<Result<Self, LeftOut>, bench::Error> {
        let (mut requests, mut first, mut why) = (Vec::new(), None, None);
        for path in paths {
            let request = ask(path);
            connection.ask(&request)?;
            let reply = connection.reply()?;
            if reply.status == 200 {
                first.get_or_insert_with(|| reply.body.to_vec());
                requests.push(request);
            } else {
                why.get_or_insert_with(|| detail(reply));
            }
        }
        Ok(match first {
            Some(first) => Ok(Self {
                route,
                requests,
                first,
            }),
            None => Err(LeftOut {
                route,
                why: why.unwrap_or_else(|| "there is nothing to ask about".to_owned()),
            }),
        })
    }

    /// How many different questions it has.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.requests.len()
    }
}

/// What a problem says of itself.
fn detail(reply: bench::Reply<'_>) -> String {
    let problem = serde_json::from_slice::<Value>(reply.body).unwrap_or_default();
    let detail = problem.get("detail").and_then(Value::as_str);
    detail.map_or_else(|| format!("status {}", reply.status), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::places;
    use crate::http::table::Place;

    #[test]
    fn every_measured_route_is_a_place_and_its_paths_lead_there() {
        let names = Names {
            races: vec!["2026-11-20-sale-3".to_owned()],
            days: vec!["2026-11-20".to_owned()],
            dogs: vec![7],
        };
        let places: Vec<_> = places().iter().map(Place::path).collect();

        for route in ROUTES {
            assert!(places.contains(&route), "{route}");
            let paths = names.paths(route);
            assert!(!paths.is_empty(), "{route}");
            assert!(paths.iter().all(|path| !path.contains('{')), "{paths:?}");
        }
        assert_eq!(names.paths(DOG), ["/api/dogs/7"]);
        assert_eq!(names.paths(MEETINGS).len(), 2);
        assert_eq!(names.paths(LEADERBOARD).len(), 6);
    }
}
