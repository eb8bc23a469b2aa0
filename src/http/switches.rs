//! What an operator may switch off and on while lurcher runs.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use serde::Deserialize;

use super::caches::{Report, unknown};
use super::caller::{Admin, Caller};
use super::gauges::Gauges;
use super::problem::Problem;

/// Copies of what sources said.
const UPSTREAM: &str = "upstream";
/// Models that wait until somebody asks for them.
const LAZY_LOADING: &str = "lazy_loading";

/// The query of `POST /api/cache/switch`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Turn {
    /// A cache, by its name in `/api/cache/stats`, or `lazy_loading`.
    cache: String,
    /// Whether it is to be used. A cache in memory is emptied when it is switched off, and every
    /// question is loaded; with `upstream` off every collection asks its source; with `lazy_loading`
    /// off models are loaded within five seconds after they are put in force.
    on: bool,
}

/// Switches a cache, or lazy loading, on or off until the next restart.
#[utoipa::path(
    operation_id = "switch_cache",
    post, path = "/api/cache/switch", tag = "operation", params(Turn), security(("key" = ["admin"])),
    responses((status = 200, body = Report), (status = 422, description = "there is no such cache")),
)]
pub(super) async fn turn(
    caller: Caller<Admin>,
    Query(turn): Query<Turn>,
    gauges: Data<Gauges>,
) -> Result<HttpResponse, Problem> {
    if !gauges.switch(&turn) {
        return Err(unknown(&gauges, &[UPSTREAM, LAZY_LOADING]));
    }
    tracing::info!(
        cache = turn.cache,
        on = turn.on,
        key = caller.key.as_deref().unwrap_or("house"),
        "switched"
    );
    Ok(HttpResponse::Ok().json(Report::of(&gauges)))
}

impl Gauges {
    /// `false` when there is nothing of that name.
    fn switch(&self, Turn { cache, on }: &Turn) -> bool {
        match cache.as_str() {
            "predictions" => self.predictor.switch_cache(*on),
            "keys" => self.access.switch_cache(*on),
            UPSTREAM => self.collector.switch_copies(*on),
            LAZY_LOADING => self.predictor.set_lazy(*on),
            name => return self.shelves.switch(name, *on),
        }
        true
    }
}
