//! How the statements of the database do.

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::gauges::{Gauges, ms};
use super::race_view::instant;
use crate::store::{PlanChange, QueryStats, SlowQuery};

/// Every statement that has run, dearest first. There are as many as the house has.
#[derive(Serialize, ToSchema)]
pub(super) struct QueryList {
    items: Vec<QueryView>,
    next: Option<String>,
}

/// The latest slow executions, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct SlowQueryList {
    items: Vec<SlowView>,
    next: Option<String>,
}

/// A statement since the start.
#[derive(Serialize, ToSchema)]
#[schema(as = Query)]
pub(super) struct QueryView {
    name: &'static str,
    count: u64,
    total_ms: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    /// Read or changed.
    rows: u64,
    /// Of SQLite's virtual machine.
    steps: u64,
    /// Steps of those that read whole tables or indexes.
    full_scans: u64,
    /// For want of an index.
    sorts: u64,
    /// How long the work had waited for a thread whose first statement this was.
    wait_ms: f64,
    wait_max_ms: f64,
    /// The last time that its plan changed from one slow execution to the next.
    plan_changed: Option<PlanChangeView>,
}

/// One slow execution.
#[derive(Serialize, ToSchema)]
#[schema(as = SlowQuery)]
struct SlowView {
    name: &'static str,
    /// As it is written; values of parameters are never told.
    sql: &'static str,
    /// The template of the route whose request it ran for; null for what nobody waits for, such as
    /// jobs.
    route: Option<&'static str>,
    /// The id of that request.
    request_id: Option<String>,
    #[schema(format = DateTime)]
    at: String,
    /// How SQLite went about it, its steps with semicolons between.
    plan: String,
    rows: u64,
    steps: u64,
    full_scans: u64,
    /// How long the work had waited for a thread.
    wait_ms: f64,
    run_ms: f64,
    /// The slow execution before had another plan.
    plan_changed: Option<PlanChangeView>,
}

/// A statement was gone about in another way.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanChange)]
struct PlanChangeView {
    before: String,
    after: String,
}

/// How every statement has done since the start.
#[utoipa::path(
    operation_id = "list_queries",
    get, path = "/api/queries", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = QueryList)),
)]
pub(super) async fn list(_caller: Caller<Read>, gauges: Data<Gauges>) -> HttpResponse {
    HttpResponse::Ok().json(QueryList {
        items: dearest(&gauges),
        next: None,
    })
}

/// The slow executions, with their plans; at most 100 are kept.
#[utoipa::path(
    operation_id = "list_slow_queries",
    get, path = "/api/queries/slow", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = SlowQueryList)),
)]
pub(super) async fn slow(_caller: Caller<Read>, gauges: Data<Gauges>) -> HttpResponse {
    let slow = gauges.store.profile().slow_queries().into_iter().rev();
    HttpResponse::Ok().json(SlowQueryList {
        items: slow.map(|slow| SlowView::of(&gauges, slow)).collect(),
        next: None,
    })
}

/// The statements, by the time that they took all together.
pub(super) fn dearest(gauges: &Gauges) -> Vec<QueryView> {
    let mut queries = gauges.store.profile().queries();
    queries.sort_by_key(|query| std::cmp::Reverse(query.took.total()));
    queries.into_iter().map(QueryView::of).collect()
}

impl QueryView {
    fn of(query: QueryStats) -> Self {
        Self {
            name: query.name,
            count: query.count,
            total_ms: ms(query.took.total()),
            p50_ms: ms(query.took.quantile(0.50)),
            p95_ms: ms(query.took.quantile(0.95)),
            p99_ms: ms(query.took.quantile(0.99)),
            max_ms: ms(query.took.longest()),
            rows: query.rows,
            steps: query.steps,
            full_scans: query.full_scans,
            sorts: query.sorts,
            wait_ms: ms(query.waited.total()),
            wait_max_ms: ms(query.waited.longest()),
            plan_changed: query.plan_change.map(PlanChangeView::of),
        }
    }
}

impl SlowView {
    fn of(gauges: &Gauges, slow: SlowQuery) -> Self {
        let ago = TimeDelta::from_std(slow.at.elapsed()).unwrap_or_default();
        Self {
            name: slow.name,
            sql: slow.sql,
            route: slow.origin.as_ref().map(|origin| origin.route),
            request_id: slow.origin.map(|origin| origin.request_id.to_string()),
            at: instant(gauges.now() - ago),
            plan: slow.plan,
            rows: slow.rows,
            steps: slow.steps,
            full_scans: slow.full_scans,
            wait_ms: ms(slow.waited),
            run_ms: ms(slow.took),
            plan_changed: slow.plan_changed.map(PlanChangeView::of),
        }
    }
}

impl PlanChangeView {
    fn of(change: PlanChange) -> Self {
        Self {
            before: change.before,
            after: change.after,
        }
    }
}
