//! Does it live, is it ready, how does it feel? Health asks the database; a probe does not lie.

use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::problem::{self, Problem};
use crate::predict::Predictor;
use crate::runtime::Lane;
use crate::store::{self, Store, maintenance, models};

/// What is known of the process from its start.
#[derive(Debug, Clone, Copy)]
pub struct Vitals {
    /// When it began.
    pub began: Instant,
    /// How long it took to be able to answer.
    pub startup: Duration,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
    checks: Checks,
    performance: Performance,
}

#[derive(Serialize, ToSchema)]
struct Checks {
    database: DatabaseCheck,
    model: ModelCheck,
}

#[derive(Serialize, ToSchema)]
struct DatabaseCheck {
    ok: bool,
    schema: u32,
    took_ms: f64,
    sqlite: &'static str,
}

#[derive(Serialize, ToSchema)]
struct ModelCheck {
    ok: bool,
    active: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Performance {
    startup_time: f64,
    uptime: f64,
    memory_usage_mb: Option<f64>,
    cache_hit_ratio: Option<f64>,
    readers_waiting: usize,
    writers_waiting: usize,
}

/// The process answers. Touches nothing.
#[utoipa::path(
    get, path = "/livez", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain")),
)]
pub(super) async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// The database answers with the schema this build knows.
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain")),
)]
pub(super) async fn readyz(store: Data<Store>) -> Result<HttpResponse, Problem> {
    store.read(Lane::Live, maintenance::schema_version).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain")
        .body("ready\n"))
}

/// How the daemon feels; asks the database.
#[utoipa::path(
    get, path = "/api/health", tag = "operation", security(("key" = ["read"])),
    responses(
        (status = 200, body = Health),
        (status = 503, description = "the database does not answer", content(
            (Health = "application/json"), (problem::Body<'static> = "application/problem+json"),
        )),
    ),
)]
pub(super) async fn health(
    _caller: Caller<Read>,
    store: Data<Store>,
    predictor: Data<Predictor>,
    vitals: Data<Vitals>,
) -> HttpResponse {
    let asked = Instant::now();
    let seen = store
        .read(Lane::Live, |reader| {
            let schema = maintenance::schema_version(reader)?;
            Ok::<_, store::Error>((schema, models::active_digest(reader)?))
        })
        .await;
    let took_ms = asked.elapsed().as_secs_f64() * 1_000.0;
    let (ok, schema, active) = match seen {
        Ok((schema, active)) => (true, schema, active),
        Err(error) => {
            tracing::error!(%error, "health check: the database does not answer");
            (false, 0, None)
        }
    };
    let stats = predictor.cache_stats();
    let (readers_waiting, writers_waiting) = store.waiting();
    let body = Health {
        status: if ok { "ok" } else { "failing" },
        version: env!("CARGO_PKG_VERSION"),
        checks: Checks {
            database: DatabaseCheck {
                ok,
                schema,
                took_ms,
                sqlite: maintenance::sqlite_version(),
            },
            model: ModelCheck {
                ok: active.is_some(),
                active,
            },
        },
        performance: Performance {
            startup_time: vitals.startup.as_secs_f64(),
            uptime: vitals.began.elapsed().as_secs_f64(),
            memory_usage_mb: resident_mb(),
            cache_hit_ratio: stats.hit_ratio(),
            readers_waiting,
            writers_waiting,
        },
    };
    let status = if ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    HttpResponse::build(status).json(body)
}

/// Resident memory in MiB, where the system tells.
fn resident_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1_024.0)
}
