//! Which template a path belongs to, for those requests that never came to a place: they were
//! turned away before, or broke on the way.

use std::sync::Arc;

use actix_web::dev::ResourceDef;

use super::table::Place;
use crate::runtime::{Route, Traffic, UNMATCHED};

/// The templates of all places, and what is counted of each.
pub(super) struct Routes {
    places: Vec<(ResourceDef, Arc<Route>)>,
    unmatched: Arc<Route>,
}

impl Routes {
    /// Of these places.
    pub(super) fn new(places: &[Place], traffic: &Traffic) -> Self {
        let places = places.iter().map(|place| {
            let path = place.path();
            (ResourceDef::new(path), traffic.route(path))
        });
        Self {
            places: places.collect(),
            unmatched: traffic.route(UNMATCHED),
        }
    }

    /// Where a request for this path is counted. A request that came to its place knows without
    /// asking, because this tries one template after the other.
    pub(super) fn of(&self, path: &str) -> &Route {
        let fits = |(template, _): &&(ResourceDef, Arc<Route>)| template.is_match(path);
        let found = self.places.iter().find(fits);
        found.map_or(&self.unmatched, |(_, route)| route)
    }
}
