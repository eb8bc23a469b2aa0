//! What the caches are worth: the same requests with them and without, on a stand of their own.

mod course;
mod stand;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

pub use course::{Course, LeftOut, ROUTES};
pub use stand::Stand;

use super::Desks;
use super::caller::{Admin, Caller};
use super::intake::Intake;
use super::problem::Problem;
use crate::bench::{self, Plan, Summary};
use crate::domain::{Fault, Faults};

/// Connections that ask at once.
pub const CONNECTIONS: usize = 16;
/// Requests of each route and side, unless somebody wants more or fewer.
const USUAL: usize = 1_000;
/// And at most.
const MOST: usize = 10_000;
/// Names of races and of dogs that are asked about.
const NAMES: usize = 50;
/// How long all of it may take: whoever asked waits for the answer.
const TIME: Duration = Duration::from_secs(10);

/// What is measured, and the one seat on it: two at once would measure each other.
pub(super) struct Bench {
    desks: Desks,
    seat: Arc<Semaphore>,
}

impl Bench {
    pub(super) fn of(desks: &Desks) -> Self {
        Self {
            desks: desks.clone(),
            seat: Arc::new(Semaphore::new(1)),
        }
    }
}

/// The body of `POST /api/benchmark`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBenchmark)]
pub(super) struct Body {
    /// Of each route, with the caches and as many without; 1,000 when left out.
    #[schema(minimum = 1, maximum = 10_000)]
    requests: Option<usize>,
    /// Which, by their templates; all nine that are measured when left out.
    #[schema(min_items = 1, max_items = 9, example = json!(["/api/races/{race}"]))]
    routes: Option<Vec<String>>,
}

/// What is asked, checked.
struct Wanted {
    requests: usize,
    routes: Vec<&'static str>,
}

/// Each route with its caches and without.
#[derive(Serialize, ToSchema)]
#[schema(as = Benchmark)]
pub(super) struct View {
    /// That were asked for, of each route and side. When the time was over fewer were made:
    /// `answers` says how many.
    requests: usize,
    /// That asked at once.
    connections: usize,
    took_s: f64,
    routes: Vec<RouteView>,
    left_out: Vec<LeftOutView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BenchmarkedRoute)]
struct RouteView {
    route: &'static str,
    /// Different questions that were asked in turn.
    keys: usize,
    on: Side,
    off: Side,
    /// How many times as long the middle answer takes without caches; null when there was none.
    speed_up: Option<f64>,
}

/// One route, with its caches or without.
#[derive(Serialize, ToSchema)]
#[schema(as = BenchmarkedSide)]
struct Side {
    /// With status 200; only these are timed.
    answers: u64,
    /// Any others, and connections that broke.
    errors: u64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    /// Answers a second, over all connections.
    per_second: f64,
}

/// A route that could not be measured.
#[derive(Serialize, ToSchema)]
#[schema(as = NotBenchmarked)]
struct LeftOutView {
    route: &'static str,
    why: String,
}

/// Asks the same with caches and without, and compares. It takes ten seconds at most, on caches of
/// its own: those of the house are not touched.
#[utoipa::path(
    operation_id = "benchmark",
    post, path = "/api/benchmark", tag = "operation", security(("key" = ["admin"])),
    request_body(content = Body, example = json!({"requests": 100})),
    responses(
        (status = 200, body = View),
        (status = 413, description = "too_large"),
        (status = 503, description = "`busy`: another benchmark is under way"),
    ),
)]
pub(super) async fn create(
    caller: Caller<Admin>,
    here: Data<Bench>,
    intake: Intake,
) -> Result<HttpResponse, Problem> {
    let wanted = check(&intake.json()?).map_err(Problem::invalid)?;
    let seat = Arc::clone(&here.seat).try_acquire_owned();
    let seat = seat.map_err(|_taken| Problem::busy("another benchmark is under way"))?;
    let desks = here.desks.clone();
    tracing::info!(
        requests = wanted.requests,
        key = caller.key.as_deref().unwrap_or("house"),
        "benchmark"
    );
    let view = web::block(move || measure(&desks, &wanted, seat)).await;
    let view = view.map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().json(view.map_err(|error| Problem::internal(&error))?))
}

fn check(body: &Body) -> Result<Wanted, Vec<Fault>> {
    let mut faults = Faults::default();
    let requests = body.requests.unwrap_or(USUAL);
    if !(1..=MOST).contains(&requests) {
        faults.add("requests", format!("must be 1 to {MOST}"));
    }
    let routes = faults.maybe("routes", body.routes.as_deref(), known);
    faults.done()?;
    Ok(Wanted {
        requests,
        routes: routes.unwrap_or_else(|| ROUTES.to_vec()),
    })
}

/// Each of them once; no longer a list than there are routes.
fn known(names: &[String]) -> Result<Vec<&'static str>, Fault> {
    let strange = names.iter().any(|name| !ROUTES.contains(&name.as_str()));
    if names.is_empty() || names.len() > ROUTES.len() || strange {
        return Err(Fault::new(format!(
            "must be 1 to {} of {}",
            ROUTES.len(),
            ROUTES.join(", ")
        )));
    }
    let named = |route: &&str| names.iter().any(|name| name == route);
    Ok(ROUTES.into_iter().filter(named).collect())
}

/// The seat is free again when it is over, whether or not somebody still waits for it.
fn measure(
    desks: &Desks,
    wanted: &Wanted,
    _seat: OwnedSemaphorePermit,
) -> Result<View, bench::Error> {
    let began = Instant::now();
    let stand = Stand::open(desks)?;
    let (courses, left_out) = stand.gather(&wanted.routes, NAMES.min(wanted.requests))?;
    let time = TIME.min(desks.settings.deadline / 2);
    let left = time.saturating_sub(began.elapsed());
    let sides = u32::try_from(2 * courses.len()).unwrap_or(u32::MAX);
    let share = left / sides.max(1);
    let mut routes = Vec::with_capacity(courses.len());
    for course in &courses {
        routes.push(compare(&stand, course, wanted.requests, share)?);
    }
    stand.close()?;
    let left_out = left_out.into_iter();
    Ok(View {
        requests: wanted.requests,
        connections: CONNECTIONS,
        took_s: began.elapsed().as_secs_f64(),
        routes,
        left_out: left_out
            .map(|LeftOut { route, why }| LeftOutView { route, why })
            .collect(),
    })
}

fn compare(
    stand: &Stand,
    course: &Course,
    requests: usize,
    share: Duration,
) -> Result<RouteView, bench::Error> {
    let plan = || Plan {
        connections: CONNECTIONS,
        requests,
        until: Some(Instant::now() + share),
    };
    stand.switch(true);
    let with = plan();
    stand.warm(course, with)?;
    let on = stand.drive(course, with)?.summary();
    stand.switch(false);
    let off = stand.drive(course, plan())?.summary();
    let faster = on.p50_ms > 0.0 && off.answers > 0;
    Ok(RouteView {
        route: course.route,
        keys: course.keys(),
        speed_up: faster.then(|| off.p50_ms / on.p50_ms),
        on: Side::of(on),
        off: Side::of(off),
    })
}

impl Side {
    const fn of(summary: Summary) -> Self {
        Self {
            answers: summary.answers,
            errors: summary.errors,
            p50_ms: summary.p50_ms,
            p95_ms: summary.p95_ms,
            p99_ms: summary.p99_ms,
            max_ms: summary.max_ms,
            per_second: summary.per_second,
        }
    }
}
