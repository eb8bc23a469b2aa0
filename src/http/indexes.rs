//! Indexes that might be wanted. They are proposed and never made: an index costs every write.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Admin, Caller};
use super::gauges::Gauges;
use super::problem::Problem;
use crate::runtime::Lane;
use crate::store::indexes::{self, Index, Walk};
use crate::store::{self, QueryStats};

#[derive(Serialize, ToSchema)]
pub(super) struct IndexList {
    items: Vec<WalkView>,
    next: Option<String>,
}

/// A statement that reads a whole table or sorts for want of an index.
#[derive(Serialize, ToSchema)]
#[schema(as = Walk)]
struct WalkView {
    query: &'static str,
    count: u64,
    /// Of SQLite's virtual machine, in all executions.
    steps: u64,
    full_scans: u64,
    sorts: u64,
    /// How SQLite goes about it now, its steps with semicolons between.
    plan: String,
    /// What might spare it that; nothing when that cannot be read out of the statement.
    index: Option<IndexView>,
}

/// An index that does not exist.
#[derive(Serialize, ToSchema)]
#[schema(as = Index)]
struct IndexView {
    table: String,
    /// In this order.
    columns: Vec<String>,
}

/// Statements that were seen to read whole tables or to sort, those of the most steps first, and
/// what index might help. Nothing is changed.
#[utoipa::path(
    operation_id = "list_indexes",
    get, path = "/api/admin/indexes", tag = "operation", security(("key" = ["admin"])),
    responses((status = 200, body = IndexList)),
)]
pub(super) async fn list(
    _caller: Caller<Admin>,
    gauges: Data<Gauges>,
) -> Result<HttpResponse, Problem> {
    let read = gauges.store.read(Lane::Batch, |reader| {
        Ok::<_, store::Error>(indexes::walks(reader))
    });
    let walks = read.await?;
    let queries = gauges.store.profile().queries();
    let seen = walks.into_iter().filter_map(|walk| {
        let query = queries.iter().find(|query| query.name == walk.name)?;
        Some(WalkView::of(walk, query))
    });
    let mut items: Vec<_> = seen.collect();
    items.sort_by_key(|walk| std::cmp::Reverse(walk.steps));
    Ok(HttpResponse::Ok().json(IndexList { items, next: None }))
}

impl WalkView {
    fn of(walk: Walk, query: &QueryStats) -> Self {
        Self {
            query: walk.name,
            count: query.count,
            steps: query.steps,
            full_scans: query.full_scans,
            sorts: query.sorts,
            plan: walk.plan,
            index: walk
                .index
                .map(|Index { table, columns }| IndexView { table, columns }),
        }
    }
}
