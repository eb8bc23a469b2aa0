//! What is kept ready of the answers to GETs: loaded when somebody first asks, and good until a
//! commit touches what it hangs on or its time is over.
//!
//! The metadata of races, dogs, tracks and meetings is kept as it is sent, so that a hit is one
//! lookup and one write.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};

use super::answer::Answer;
use super::problem::Problem;
use super::shape::Shape;
use crate::runtime::{Cache, CacheStats, Limits};
use crate::store::{Store, Tag};

/// Which answer: what was asked for, its parameters in their order, and in which shape.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    target: String,
    shape: Shape,
}

/// One cache of answers.
type Shelf = Arc<Cache<Asked, Answer, Problem>>;

/// What each shelf may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShelfLimits {
    /// Races and lists of races.
    pub races: Limits,
    /// Dogs and their form.
    pub dogs: Limits,
    /// Tracks and trainers.
    pub aggregates: Limits,
    /// Meetings of a day.
    pub meetings: Limits,
    /// Tables of the best.
    pub leaderboards: Limits,
    /// Predictions as they are sent, statistics, and whatever else.
    pub responses: Limits,
}

const fn limits(entries: NonZeroUsize, mib: usize, seconds: u64) -> Limits {
    Limits {
        entries,
        bytes: mib * 1_024 * 1_024,
        ttl: Duration::from_secs(seconds),
    }
}

const SOME: NonZeroUsize = NonZeroUsize::new(200).unwrap();
const MANY: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

impl Default for ShelfLimits {
    fn default() -> Self {
        Self {
            races: limits(MANY, 4, 300),
            dogs: limits(MANY, 4, 300),
            aggregates: limits(MANY, 2, 600),
            meetings: limits(SOME, 2, 300),
            leaderboards: limits(SOME, 2, 60),
            responses: limits(MANY, 6, 600),
        }
    }
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Shelves {
    pub(super) races: Shelf,
    pub(super) dogs: Shelf,
    pub(super) aggregates: Shelf,
    pub(super) meetings: Shelf,
    pub(super) leaderboards: Shelf,
    pub(super) responses: Shelf,
}

impl Shelves {
    /// Empty shelves, whose answers stand as long as the store does not say otherwise.
    #[must_use]
    pub fn new(limits: &ShelfLimits, store: &Store) -> Self {
        let shelf = |name, limits| {
            let cache = Cache::new(name, limits, store.changes());
            Arc::new(cache.noting_absence(unknown))
        };
        Self {
            races: shelf("races", limits.races),
            dogs: shelf("dogs", limits.dogs),
            aggregates: shelf("aggregates", limits.aggregates),
            meetings: shelf("meetings", limits.meetings),
            leaderboards: shelf("leaderboards", limits.leaderboards),
            responses: shelf("responses", limits.responses),
        }
    }

    fn all(&self) -> [&Shelf; 6] {
        [
            &self.races,
            &self.dogs,
            &self.aggregates,
            &self.meetings,
            &self.leaderboards,
            &self.responses,
        ]
    }

    /// How each has done.
    #[must_use]
    pub fn stats(&self) -> Vec<CacheStats> {
        self.all().iter().map(|shelf| shelf.stats()).collect()
    }

    /// Empties one shelf, or all without a name; says how many answers that were, and `None` when
    /// there is no such shelf.
    #[must_use]
    pub fn clear(&self, name: Option<&str>) -> Option<usize> {
        let meant = |shelf: &&&Shelf| name.is_none_or(|name| shelf.name() == name);
        let shelves = self.all();
        let meant: Vec<_> = shelves.iter().filter(meant).collect();
        let cleared = meant.iter().map(|shelf| shelf.clear()).sum();
        (!meant.is_empty()).then_some(cleared)
    }

    /// Switches all shelves on or off.
    pub fn switch_all(&self, on: bool) {
        self.all().into_iter().for_each(|shelf| shelf.switch(on));
    }

    /// Switches one shelf on or off; `false` when there is no such shelf.
    #[must_use]
    pub fn switch(&self, name: &str, on: bool) -> bool {
        let shelf = self.all().into_iter().find(|shelf| shelf.name() == name);
        shelf.map(|shelf| shelf.switch(on)).is_some()
    }
}

/// The answer from the shelf, or as it is loaded; `load` must begin to read when it is called.
pub(super) async fn serve<F, L>(
    shelf: &Shelf,
    request: &HttpRequest,
    shape: Shape,
    load: F,
) -> Result<HttpResponse, Problem>
where
    F: FnOnce() -> L,
    L: Future<Output = Result<Answer, Problem>> + Send + 'static,
{
    let asked = Asked {
        target: target(request),
        shape,
    };
    match shelf.get_or(asked, load).await {
        Ok(answer) => Ok(answer.send(request)),
        Err(problem) => Err(Problem::clone(&problem)),
    }
}

/// What can bring about what a client was told does not exist.
fn unknown(problem: &Problem) -> Option<&'static [Tag]> {
    problem
        .is_unknown()
        .then_some(&[Tag::Facts, Tag::Names, Tag::Model])
}

/// The path, and the parameters in their order, so that theirs does not matter.
fn target(request: &HttpRequest) -> String {
    let query = request.query_string();
    if query.is_empty() {
        return request.path().to_owned();
    }
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    format!("{}?{}", request.path(), pairs.join("&"))
}
