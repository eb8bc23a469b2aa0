//! Does it live, is it ready, how does it feel? Health asks the database; a probe does not lie.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Read};
use super::gauges::Gauges;
use super::problem::{self, Problem};
use crate::runtime::Lane;
use crate::store::{self, Store, maintenance, models};

/// Seconds until the first answer, at most.
const STARTUP_S: f64 = 8.0;
/// Memory of the process, MiB, at most.
const MEMORY_MB: f64 = 120.0;
/// Of all processors, at most.
const CPU_PERCENT: f64 = 30.0;
/// Predictions that come from the cache, at least.
const HIT_RATIO: f64 = 0.85;

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
    targets: Targets,
}

#[derive(Serialize, ToSchema)]
struct Checks {
    database: DatabaseCheck,
    model: ModelCheck,
    saved: SavedCheck,
}

#[derive(Serialize, ToSchema)]
struct DatabaseCheck {
    ok: bool,
    schema: u32,
    took_ms: f64,
    sqlite: &'static str,
}

/// The file of predictions for the next start. Without it a start is cold, and nothing worse.
#[derive(Serialize, ToSchema)]
struct SavedCheck {
    /// False when the last one could not be written.
    ok: bool,
    /// How many were written since the start.
    saves: u64,
    /// How many could not be.
    errors: u64,
}

#[derive(Serialize, ToSchema)]
struct ModelCheck {
    ok: bool,
    active: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HealthPerformance)]
struct Performance {
    startup_time: f64,
    uptime: f64,
    memory_usage_mb: Option<f64>,
    /// What this process takes of all processors.
    cpu_percent: Option<f64>,
    cache_hit_ratio: Option<f64>,
    readers_waiting: usize,
    writers_waiting: usize,
}

/// What each figure of `performance` should be.
#[derive(Serialize, ToSchema)]
struct Targets {
    /// Seconds, below the target.
    startup_time: Target,
    /// MiB, below the target.
    memory_usage_mb: Target,
    /// Percent of all processors, below the target.
    cpu_percent: Target,
    /// Above the target.
    cache_hit_ratio: Target,
}

#[derive(Serialize, ToSchema)]
struct Target {
    #[serde(rename = "target")]
    #[schema(rename = "target")]
    aim: f64,
    /// Nothing when it is not known (yet).
    value: Option<f64>,
    /// False only when the value is known and misses the target.
    ok: bool,
}

/// What a probe says, made once: a tag for three bytes took longer than all the rest.
type Word = LazyLock<Result<Answer, Problem>>;

static LIVE: Word = LazyLock::new(|| word(b"ok\n"));
static READY: Word = LazyLock::new(|| word(b"ready\n"));

fn word(bytes: &'static [u8]) -> Result<Answer, Problem> {
    Answer::of("text/plain", Bytes::from_static(bytes), Vec::new())
}

/// The process answers. Touches nothing.
#[utoipa::path(
    get, path = "/livez", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain")),
)]
pub(super) async fn livez(request: HttpRequest) -> Result<HttpResponse, Problem> {
    said(&LIVE, &request)
}

/// The database answers with the schema this build knows.
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain")),
)]
pub(super) async fn readyz(
    request: HttpRequest,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    store.read(Lane::Live, maintenance::schema_version).await?;
    said(&READY, &request)
}

fn said(word: &Word, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let word = word.as_ref().map_err(Problem::clone)?;
    Ok(word.send(request))
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
pub(super) async fn health(_caller: Caller<Read>, gauges: Data<Gauges>) -> HttpResponse {
    let asked = Instant::now();
    let seen = gauges
        .store
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
    let performance = Performance::of(&gauges);
    let saves = gauges.saves();
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
            saved: SavedCheck {
                ok: !saves.failing,
                saves: saves.saves,
                errors: saves.errors,
            },
        },
        targets: Targets::of(&performance),
        performance,
    };
    let status = if ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    HttpResponse::build(status).json(body)
}

impl Performance {
    fn of(gauges: &Gauges) -> Self {
        let system = gauges.system();
        let (readers_waiting, writers_waiting) = gauges.store.waiting();
        Self {
            startup_time: gauges.vitals.startup.as_secs_f64(),
            uptime: system.uptime_s,
            memory_usage_mb: system.rss_mb,
            cpu_percent: system.process_cpu_percent,
            cache_hit_ratio: gauges.answers().ratio(),
            readers_waiting,
            writers_waiting,
        }
    }
}

impl Targets {
    fn of(performance: &Performance) -> Self {
        Self {
            startup_time: Target::below(STARTUP_S, Some(performance.startup_time)),
            memory_usage_mb: Target::below(MEMORY_MB, performance.memory_usage_mb),
            cpu_percent: Target::below(CPU_PERCENT, performance.cpu_percent),
            cache_hit_ratio: Target {
                aim: HIT_RATIO,
                value: performance.cache_hit_ratio,
                ok: performance
                    .cache_hit_ratio
                    .is_none_or(|ratio| ratio > HIT_RATIO),
            },
        }
    }
}

impl Target {
    fn below(aim: f64, value: Option<f64>) -> Self {
        let ok = value.is_none_or(|value| value < aim);
        Self { aim, value, ok }
    }
}
