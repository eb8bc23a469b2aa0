//! How fast the daemon is, and why, on one page.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Admin, Caller, Read};
use super::gauges::{Gauges, JobsView, Lookups, SystemView, mib, ms, rounded};
use super::grades::{self, Grade};
use super::loaded::LoadedView;
use super::problem::Problem;
use super::queries::{self, QueryView};
use super::race_view::instant;
use super::recommend::{self, Seen};
use crate::runtime::RouteStats;
use crate::store::{PoolStats, WriterStats};

/// Statements that are shown, at most; `/api/queries` has all.
const DEAREST: usize = 10;

#[derive(Serialize, ToSchema)]
pub(super) struct Performance {
    /// Predictions.
    cache: CacheView,
    /// What others said.
    api_cache: CacheView,
    models: ModelsView,
    system: SystemView,
    #[schema(format = DateTime)]
    timestamp: String,
    pool: PoolView,
    writer: WriterView,
    workers: WorkersView,
    /// The dearest statements.
    queries: Vec<QueryView>,
    routes: Vec<RouteView>,
    jobs: JobsView,
    /// Of routes that were asked 20 times and more.
    grades: Vec<Grade>,
    /// What somebody should look at.
    recommendations: Vec<String>,
}

/// How a cache has done since the start.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheHits)]
struct CacheView {
    hits: u64,
    misses: u64,
    total_requests: u64,
    /// Nothing when nobody asked.
    hit_rate_percent: Option<f64>,
    /// Nothing where it is not counted.
    cache_size: Option<usize>,
}

#[derive(Serialize, ToSchema)]
struct ModelsView {
    /// The digest of the model in force.
    active: Option<String>,
    /// Those in memory, the one asked for last in front.
    loaded: Vec<LoadedView>,
}

/// The read connections.
#[derive(Serialize, ToSchema)]
#[schema(as = Pool)]
struct PoolView {
    readers: u32,
    in_use: usize,
    utilization_percent: f64,
    waiting_live: usize,
    waiting_batch: usize,
    wait_p95_ms: f64,
    wait_max_ms: f64,
    /// Questions whose turn did not come in time.
    refused: u64,
    held_p95_ms: f64,
    held_max_ms: f64,
}

/// The one that writes.
#[derive(Serialize, ToSchema)]
#[schema(as = Writer)]
struct WriterView {
    waiting: WaitingView,
    /// Changes of a class that may wait.
    queue: usize,
    commits: u64,
    commit_p95_ms: f64,
    commit_max_ms: f64,
    /// Size of the write-ahead log.
    wal_mb: Option<f64>,
}

/// Changes that wait, by class, the most urgent first.
#[derive(Serialize, ToSchema)]
#[schema(as = WriterWaiting)]
struct WaitingView {
    admin: usize,
    result: usize,
    scratching: usize,
    price: usize,
    backfill: usize,
}

/// Those who compute.
#[derive(Serialize, ToSchema)]
#[schema(as = Workers)]
struct WorkersView {
    threads: usize,
    busy: usize,
    waiting_live: usize,
    waiting_batch: usize,
    /// How much of either may wait.
    queue: usize,
    /// Work that found the queue full.
    refused: u64,
    /// Work that nobody waited for any more when its turn came.
    skipped: u64,
    panicked: u64,
    /// Threads that were stuck and were given up for fresh ones.
    replaced: u64,
    /// Threads of them that still run.
    abandoned: usize,
    /// Inputs that are left alone for a while, because work on them panicked again and again.
    blown: usize,
    /// Work that was refused for it.
    left_alone: u64,
}

/// A route since the start.
#[derive(Serialize, ToSchema)]
#[schema(as = Route)]
struct RouteView {
    /// The template, or `unmatched`.
    route: &'static str,
    method: &'static str,
    count: u64,
    /// Answers that say it was our fault.
    errors: u64,
    mean_ms: Option<f64>,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

/// How fast the daemon is, and what somebody should look at.
#[utoipa::path(
    operation_id = "show_performance",
    get, path = "/api/performance", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = Performance)),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    gauges: Data<Gauges>,
) -> Result<HttpResponse, Problem> {
    answer(&gauges).await
}

/// The same as `/api/performance`.
#[utoipa::path(
    operation_id = "show_performance_to_admin",
    get, path = "/admin/performance", tag = "operation", security(("key" = ["admin"])),
    responses((status = 200, body = Performance)),
)]
pub(super) async fn show_admin(
    _caller: Caller<Admin>,
    gauges: Data<Gauges>,
) -> Result<HttpResponse, Problem> {
    answer(&gauges).await
}

async fn answer(gauges: &Gauges) -> Result<HttpResponse, Problem> {
    let (jobs, active) = gauges.work().await?;
    let (caches, routes) = (gauges.lookups(), gauges.routes());
    let (pool, writer) = (gauges.store.pool(), gauges.store.writer());
    let grades = grades::grades(&routes);
    let recommendations = recommend::all(&Seen {
        caches: &caches,
        pool: &pool,
        writer: &writer,
        queries: &gauges.store.profile().queries(),
        grades: &grades,
    });
    let mut dearest = queries::dearest(gauges);
    dearest.truncate(DEAREST);
    Ok(HttpResponse::Ok().json(Performance {
        cache: CacheView::of(&gauges.answers()),
        api_cache: CacheView::of(&gauges.upstream()),
        models: ModelsView {
            active,
            loaded: gauges.models().iter().map(LoadedView::of).collect(),
        },
        system: gauges.system(),
        timestamp: instant(gauges.now()),
        pool: PoolView::of(&pool),
        writer: WriterView::of(&writer, gauges),
        workers: WorkersView::of(gauges),
        queries: dearest,
        routes: routes.iter().map(RouteView::of).collect(),
        jobs,
        grades,
        recommendations,
    }))
}

impl CacheView {
    fn of(hits: &Lookups) -> Self {
        Self {
            hits: hits.hits,
            misses: hits.misses,
            total_requests: hits.asked(),
            hit_rate_percent: hits.ratio().map(|ratio| rounded(ratio * 100.0)),
            cache_size: hits.size,
        }
    }
}

impl PoolView {
    fn of(pool: &PoolStats) -> Self {
        Self {
            readers: pool.readers,
            in_use: pool.in_use,
            utilization_percent: rounded(pool.utilization_percent()),
            waiting_live: pool.waiting.0,
            waiting_batch: pool.waiting.1,
            wait_p95_ms: ms(pool.waited.quantile(0.95)),
            wait_max_ms: ms(pool.waited.longest()),
            refused: pool.refused,
            held_p95_ms: ms(pool.held.quantile(0.95)),
            held_max_ms: ms(pool.held.longest()),
        }
    }
}

impl WriterView {
    fn of(writer: &WriterStats, gauges: &Gauges) -> Self {
        let queries = gauges.store.profile().queries();
        let commits = queries.into_iter().find(|query| query.name == "commit");
        let commits = commits.map(|commits| commits.took).unwrap_or_default();
        let [admin, result, scratching, price, backfill] = writer.waiting;
        Self {
            waiting: WaitingView {
                admin,
                result,
                scratching,
                price,
                backfill,
            },
            queue: writer.queue,
            commits: commits.count(),
            commit_p95_ms: ms(commits.quantile(0.95)),
            commit_max_ms: ms(commits.longest()),
            wal_mb: writer.wal_bytes.map(mib),
        }
    }
}

impl WorkersView {
    fn of(gauges: &Gauges) -> Self {
        let workers = gauges.workers.stats();
        Self {
            threads: workers.threads,
            busy: workers.busy,
            waiting_live: workers.waiting.0,
            waiting_batch: workers.waiting.1,
            queue: workers.queue,
            refused: workers.refused,
            skipped: workers.skipped,
            panicked: workers.panicked,
            replaced: workers.replaced,
            abandoned: workers.abandoned,
            blown: workers.blown,
            left_alone: workers.left_alone,
        }
    }
}

impl RouteView {
    fn of(route: &RouteStats) -> Self {
        Self {
            route: route.route,
            method: route.method,
            count: route.answers(),
            errors: route.failures(),
            mean_ms: route.took.mean().map(ms),
            p50_ms: ms(route.took.quantile(0.50)),
            p95_ms: ms(route.took.quantile(0.95)),
            p99_ms: ms(route.took.quantile(0.99)),
            max_ms: ms(route.took.longest()),
        }
    }
}
