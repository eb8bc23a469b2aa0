//! How the caches do, and what an operator may do to them.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Admin, Caller, Read};
use super::gauges::Gauges;
use super::problem::Problem;
use super::shelves::Shelves;
use crate::access::Access;
use crate::domain::Fault;
use crate::predict::Predictor;
use crate::runtime::CacheStats;

/// From here on a cache counts as full.
const FULL: f64 = 0.9;
/// Below this a full cache answers too little.
const POOR: f64 = 0.85;
/// Fewer questions say nothing.
const ENOUGH: u64 = 1_000;

/// How all caches together have done, and each.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheReport)]
pub(super) struct Report {
    cache_stats: Totals,
    caches: Vec<View>,
    /// Whether models wait until somebody asks for them.
    lazy_loading: bool,
    /// What to do about it.
    recommendations: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CacheTotals)]
struct Totals {
    /// Answered from memory.
    hits: u64,
    /// Loaded.
    misses: u64,
    /// All questions, those that waited for another's load among them.
    total_requests: u64,
    /// Of 100 questions so many were answered from memory.
    #[schema(minimum = 0, maximum = 100)]
    hit_rate_percent: f64,
    /// Values held. Of `upstream`, whose copies lie on disk, nothing but questions is counted.
    cache_size: usize,
    max_cache_size: usize,
    /// The longest life of a value.
    ttl_seconds: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CacheView)]
struct View {
    name: &'static str,
    on: bool,
    #[serde(flatten)]
    totals: Totals,
    /// Waited for what another loaded.
    coalesced: u64,
    /// Loaded anew while the old value was answered.
    renewed: u64,
    /// What the values take up.
    bytes: usize,
    max_bytes: usize,
    /// Values dropped: for want of room, of age, by a commit, by order.
    evictions: u64,
    evicted: u64,
    expired: u64,
    invalidated: u64,
    cleared: u64,
    #[schema(minimum = 0, maximum = 100)]
    utilization_percent: f64,
    /// Whether it holds what would be lost in a restart.
    dirty: bool,
}

impl Report {
    pub(super) fn of(gauges: &Gauges) -> Self {
        let all = gauges.caches();
        let caches = all.iter().map(View::of);
        Self {
            cache_stats: Totals::of(&all),
            caches: caches.chain([View::upstream(gauges)]).collect(),
            lazy_loading: gauges.predictor.is_lazy(),
            recommendations: all.iter().filter_map(advice).collect(),
        }
    }
}

impl Totals {
    fn of(all: &[CacheStats]) -> Self {
        let sum = |count: fn(&CacheStats) -> u64| all.iter().map(count).sum::<u64>();
        let (hits, total_requests) = (sum(|one| one.hits), sum(CacheStats::asked));
        let size = |count: fn(&CacheStats) -> usize| all.iter().map(count).sum::<usize>();
        Self {
            hits,
            misses: sum(|one| one.misses),
            total_requests,
            hit_rate_percent: percent(hits as f64, total_requests as f64),
            cache_size: size(|one| one.size),
            max_cache_size: size(|one| one.limits.entries.get()),
            ttl_seconds: all
                .iter()
                .map(|one| one.limits.ttl.as_secs())
                .max()
                .unwrap_or(0),
        }
    }
}

impl View {
    /// Copies lie on disk, each for as long as its source says; they are not counted here.
    fn upstream(gauges: &Gauges) -> Self {
        let lookups = gauges.upstream();
        Self {
            name: lookups.name,
            on: gauges.collector.copies_on(),
            totals: Totals {
                hits: lookups.hits,
                misses: lookups.misses,
                total_requests: lookups.asked(),
                hit_rate_percent: percent(lookups.hits as f64, lookups.asked() as f64),
                cache_size: 0,
                max_cache_size: 0,
                ttl_seconds: 0,
            },
            coalesced: 0,
            renewed: 0,
            bytes: 0,
            max_bytes: 0,
            evictions: 0,
            evicted: 0,
            expired: 0,
            invalidated: 0,
            cleared: 0,
            utilization_percent: 0.0,
            dirty: false,
        }
    }

    fn of(stats: &CacheStats) -> Self {
        Self {
            name: stats.name,
            on: stats.on,
            totals: Totals::of(std::slice::from_ref(stats)),
            coalesced: stats.coalesced,
            renewed: stats.renewed,
            bytes: stats.bytes,
            max_bytes: stats.limits.bytes,
            evictions: stats.evictions(),
            evicted: stats.evicted,
            expired: stats.expired,
            invalidated: stats.invalidated,
            cleared: stats.cleared,
            utilization_percent: 100.0 * filled(stats),
            dirty: stats.dirty,
        }
    }
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        100.0 * part / whole
    } else {
        0.0
    }
}

/// How full it is, 0 to 1, by values or by bytes.
fn filled(stats: &CacheStats) -> f64 {
    let values = stats.size as f64 / stats.limits.entries.get() as f64;
    values.max(stats.bytes as f64 / stats.limits.bytes as f64)
}

fn advice(stats: &CacheStats) -> Option<String> {
    let (name, ratio) = (stats.name, stats.hit_ratio()?);
    if !stats.on {
        return Some(format!("{name} is switched off: every question is loaded"));
    }
    if stats.asked() < ENOUGH || ratio >= POOR {
        return None;
    }
    let told = format!("{name}: {:.0} % hits", 100.0 * ratio);
    if filled(stats) >= FULL && stats.evicted > 0 {
        let more = 2 * stats.limits.entries.get();
        return Some(format!(
            "{told} and no room left: raise cache.{name}_entries to {more}, or its kilobytes"
        ));
    }
    if stats.invalidated > stats.expired {
        return Some(format!(
            "{told}: commits touch what is asked for; nothing to do"
        ));
    }
    Some(format!(
        "{told}: the questions hardly repeat within their lives"
    ))
}

/// How the caches do.
#[utoipa::path(
    operation_id = "show_cache_stats",
    get, path = "/api/cache/stats", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = Report)),
)]
pub(super) async fn stats(_caller: Caller<Read>, gauges: Data<Gauges>) -> HttpResponse {
    HttpResponse::Ok().json(Report::of(&gauges))
}

/// The query of `POST /api/cache/clear`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// One cache, by its name in `/api/cache/stats`; all when left out.
    cache: Option<String>,
}

/// What was dropped.
#[derive(Serialize, ToSchema)]
pub(super) struct Emptied {
    success: bool,
    message: &'static str,
    /// Values that were dropped.
    cleared: usize,
}

/// Drops what is cached. Nothing is lost but time.
#[utoipa::path(
    operation_id = "clear_cache",
    post, path = "/api/cache/clear", tag = "operation", params(Which), security(("key" = ["admin"])),
    responses((status = 200, body = Emptied), (status = 422, description = "there is no such cache")),
)]
pub(super) async fn clear(
    caller: Caller<Admin>,
    Query(which): Query<Which>,
    shelves: Data<Shelves>,
    predictor: Data<Predictor>,
    access: Data<Access>,
    gauges: Data<Gauges>,
) -> Result<HttpResponse, Problem> {
    let name = which.cache.as_deref();
    let mine = |cache: &str| name.is_none_or(|name| name == cache);
    let mut cleared = shelves.clear(name);
    if mine("predictions") {
        cleared = Some(cleared.unwrap_or(0) + predictor.clear_cache());
    }
    if mine("keys") {
        cleared = Some(cleared.unwrap_or(0) + access.clear_cache());
    }
    let cleared = cleared.ok_or_else(|| unknown(&gauges, &[]))?;
    tracing::info!(
        cache = name.unwrap_or("all"),
        cleared,
        key = caller.key.as_deref().unwrap_or("house"),
        "cache cleared"
    );
    Ok(HttpResponse::Ok().json(Emptied {
        success: true,
        message: "Cache cleared successfully",
        cleared,
    }))
}

/// There is no such cache, but these, and `others`.
pub(super) fn unknown(gauges: &Gauges, others: &[&'static str]) -> Problem {
    let mut names: Vec<&str> = gauges.caches().iter().map(|stats| stats.name).collect();
    names.extend(others);
    let why = format!("must be one of {}", names.join(", "));
    Problem::invalid(vec![Fault::new(why).under("cache")])
}
