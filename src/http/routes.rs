//! Which template a path belongs to, for those requests that never came to a place: they were
//! turned away or answered before, or broke on the way.

use std::collections::HashMap;
use std::sync::Arc;

use super::table::Place;
use crate::runtime::{Route, Traffic, UNMATCHED};

/// The templates of all places, and what is counted of each.
pub(super) struct Routes {
    /// Those without names in them.
    plain: HashMap<&'static str, Arc<Route>>,
    /// The others, by their number of parts.
    named: HashMap<usize, Vec<(&'static str, Arc<Route>)>>,
    unmatched: Arc<Route>,
}

impl Routes {
    /// Of these places.
    pub(super) fn new(places: &[Place], traffic: &Traffic) -> Self {
        let mut routes = Self {
            plain: HashMap::new(),
            named: HashMap::new(),
            unmatched: traffic.route(UNMATCHED),
        };
        for template in places.iter().map(Place::path) {
            let route = traffic.route(template);
            if template.contains('{') {
                let alike = routes.named.entry(parts(template).count()).or_default();
                alike.push((template, route));
            } else {
                routes.plain.insert(template, route);
            }
        }
        routes
    }

    /// Where a request for this path is counted. A request that came to its place knows without
    /// asking.
    pub(super) fn of(&self, path: &str) -> &Route {
        if let Some(route) = self.plain.get(path) {
            return route;
        }
        let alike = self.named.get(&parts(path).count());
        let mut alike = alike.into_iter().flatten();
        let found = alike.find(|(template, _)| fits(template, path));
        found.map_or(&self.unmatched, |(_, route)| route)
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
}

/// Of as many parts, which are the same or stand where a name does.
fn fits(template: &str, path: &str) -> bool {
    let mut pairs = parts(template).zip(parts(path));
    pairs.all(|(wanted, part)| wanted == part || (wanted.starts_with('{') && !part.is_empty()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::dev::ResourceDef;

    use super::*;
    use crate::http::places;

    /// The template under which a path is counted.
    fn counted(path: &str) -> &'static str {
        let traffic = Traffic::default();
        let routes = Routes::new(&places(), &traffic);
        routes.of(path).book("GET", 200, Duration::ZERO);
        traffic.stats()[0].route
    }

    #[test]
    fn every_template_is_found_as_the_router_finds_it() {
        for place in places() {
            let path = place.path().replace('{', "x").replace('}', "");
            assert!(ResourceDef::new(place.path()).is_match(&path));

            assert_eq!(counted(&path), place.path());
        }
    }

    #[test]
    fn a_path_that_is_nobodys_is_unmatched() {
        for path in [
            "",
            "/",
            "/api/races/",
            "/api/races/x/y/z",
            "/API/races",
            "/x",
        ] {
            assert_eq!(counted(path), UNMATCHED, "{path}");
        }
    }
}
