//! Other people's feeds: how each is, what it was asked, and asking it now.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, Read, Write};
use super::facts::FactsIn;
use super::intake::Intake;
use super::jobs::{self, View as JobView};
use super::page::{self, Rows};
use super::problem::Problem;
use super::races::instant;
use super::replay::{self, Once, Replay};
use crate::collect::{Collector, Drift, Health};
use crate::domain::{Fault, Faults, Job, RaceDay, Source};
use crate::formats::facts::SourceName;
use crate::jobs::Board;
use crate::store::collections::Collection;
use crate::upstream::{Circuit, SourceSpec, Tally};

/// The body of `POST /api/collections`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCollection)]
pub(super) struct Collect {
    /// Which source, as the configuration names it.
    #[schema(value_type = SourceName)]
    source: String,
    /// One day at the source; left out, today with the days around it that it is configured for.
    #[schema(format = Date)]
    day: Option<String>,
}

/// The body of `POST /api/reparses`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReparse)]
pub(super) struct Reparse {
    /// Which source, as the configuration names it.
    #[schema(value_type = SourceName)]
    source: String,
    /// What came on this day (UTC) or later.
    #[schema(format = Date)]
    since: String,
    /// Take it in; left out, the report of the job only says what would become of it.
    #[serde(default)]
    commit: bool,
}

#[derive(Serialize, ToSchema)]
pub(super) struct SourceList {
    items: Vec<View>,
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct FetchList {
    items: Vec<FetchView>,
    next: Option<String>,
}

/// A source and how it is.
#[derive(Serialize, ToSchema)]
#[schema(as = SourceHealth)]
struct View {
    name: String,
    kind: &'static str,
    enabled: bool,
    /// A cron expression, in `timezone`.
    schedule: Option<String>,
    timezone: String,
    #[schema(format = DateTime)]
    last_attempt_at: Option<String>,
    #[schema(format = DateTime)]
    last_success_at: Option<String>,
    #[schema(format = DateTime)]
    next_expected_at: Option<String>,
    /// It should have done its part again since it last did.
    overdue: bool,
    /// Fetches that failed since it last did its part.
    failures: u64,
    last_error: Option<String>,
    today: TodayView,
    /// What changed in how it speaks; nothing when nothing did.
    drift: Option<DriftView>,
    /// The hosts that it is asked at, as far as they were asked since the start.
    circuits: Vec<CircuitView>,
    /// What was fetched since the start.
    fetched: TallyView,
}

/// What is known of a source's day.
#[derive(Serialize, ToSchema)]
#[schema(as = SourceToday)]
struct TodayView {
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<RaceDay>,
    /// Races on an ordinary day, as configured.
    expected: Option<u32>,
    /// Races of the meetings that it told of.
    races: u64,
    with_card: u64,
    with_result: u64,
    /// Owed for over 30 minutes.
    results_pending: u64,
}

/// What changed in a feed.
#[derive(Serialize, ToSchema)]
#[schema(as = SourceDrift)]
struct DriftView {
    /// Columns or keys that came; at most 20.
    added: Vec<String>,
    /// Columns or keys that went; at most 20.
    gone: Vec<String>,
    /// Rows of yesterday, where they differ by over a fifth from the week before.
    rows: Option<u64>,
    rows_before: Option<f64>,
    /// The first rows that were refused in the last fetch.
    faults: Vec<String>,
}

/// How it stands with a host.
#[derive(Serialize, ToSchema)]
#[schema(as = HostCircuit)]
struct CircuitView {
    host: String,
    /// `closed`, `open` or `half_open`.
    state: serde_json::Value,
    failures: u32,
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// Counts since the start.
#[derive(Serialize, ToSchema)]
#[schema(as = Fetched)]
struct TallyView {
    asks: u64,
    requests: u64,
    bytes: u64,
    hits: u64,
    misses: u64,
    revalidated: u64,
    stale: u64,
    shared: u64,
    retries: u64,
    refused: u64,
    failed: u64,
}

/// One fetch.
#[derive(Serialize, ToSchema)]
#[schema(as = Fetch)]
struct FetchView {
    id: i64,
    /// What was asked for, without secrets.
    name: String,
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<RaceDay>,
    #[schema(format = DateTime)]
    began_at: String,
    #[schema(format = DateTime)]
    ended_at: String,
    /// `taken`, `same`, `empty`, `stale` or `failed`.
    outcome: &'static str,
    error: Option<String>,
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
    meetings: Vec<String>,
    faults: Vec<String>,
}

/// The path parameter of a source.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which is parsed by hand"
)]
struct Called {
    /// The source, as the configuration names it.
    #[param(pattern = r"^[a-z0-9][a-z0-9._-]{0,31}$")]
    source: String,
}

/// Every source of the configuration and how it is.
#[utoipa::path(
    operation_id = "list_sources",
    get, path = "/api/sources", tag = "sources", security(("key" = ["read"])),
    responses((status = 200, body = SourceList)),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    collector: Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let (circuits, tallies) = (collector.circuits(), collector.tallies());
    let mut items = Vec::new();
    for source in collector.sources() {
        let health = collector.health(&source.name).await?;
        let fetched = tallies.iter().find(|(name, _)| *name == source.name);
        let fetched = fetched.map(|(_, tally)| *tally).unwrap_or_default();
        items.push(View::of(source, health, &circuits, fetched));
    }
    Ok(HttpResponse::Ok().json(SourceList { items, next: None }))
}

/// What a source was asked, newest first.
#[utoipa::path(
    operation_id = "list_fetches",
    get, path = "/api/sources/{source}/fetches", tag = "sources", params(Called, Rows), security(("key" = ["read"])),
    responses((status = 200, body = FetchList), (status = 404, description = "unknown_source")),
)]
pub(super) async fn fetches(
    _caller: Caller<Read>,
    source: Path<String>,
    Query(rows): Query<Rows>,
    collector: Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let source = Source::new(&source).map_err(|fault| Problem::malformed(fault.under("source")))?;
    let (after, limit) = rows.wanted()?;
    collector.source(&source)?;
    let found = collector.fetches(&source, after, limit).await?;
    let next = page::next(&found, limit, |fetch| fetch.id.to_string());
    let items = found.into_iter().map(FetchView::of).collect();
    Ok(HttpResponse::Ok().json(FetchList { items, next }))
}

/// Asks a source now, by a job. One that waits or runs already is the answer, too.
#[utoipa::path(
    operation_id = "collect",
    post, path = "/api/collections", tag = "sources", params(Replay), security(("key" = ["write"])),
    request_body(content = Collect, example = json!({"source": "mine", "day": "2026-11-20"})),
    responses(
        (status = 202, body = JobView),
        (status = 404, description = "unknown_source"),
        (status = 409, description = "not_ready: the source is switched off; conflict: the first request with this Idempotency-Key is under way"),
        (status = 413, description = "too_large"),
    ),
)]
pub(super) async fn collect(
    _caller: Caller<Write>,
    collector: Data<Collector>,
    board: Data<Board>,
    facts: Data<FactsIn>,
    intake: Intake,
) -> Result<HttpResponse, Problem> {
    let work = async {
        let body: Collect = intake.json()?;
        let mut faults = Faults::default();
        let source = faults.note("source", Source::new(&body.source));
        let day = faults.maybe("day", body.day.as_deref(), RaceDay::parse);
        faults.done().map_err(Problem::invalid)?;
        let source = source.ok_or_else(|| Problem::invalid(Vec::new()))?;
        collector.enabled(&source)?;
        ask(&board, Job::Collect { source, day }).await
    };
    replay::once(&facts.answers, Once::of(&intake), work).await
}

/// Reads again what a source sent, by a job whose report says what is different.
#[utoipa::path(
    operation_id = "reparse",
    post, path = "/api/reparses", tag = "sources", params(Replay), security(("key" = ["write"])),
    request_body(content = Reparse, example = json!({"source": "mine", "since": "2026-11-20"})),
    responses(
        (status = 202, body = JobView),
        (status = 404, description = "unknown_source"),
        (status = 409, description = "conflict: the first request with this Idempotency-Key is under way"),
        (status = 413, description = "too_large"),
    ),
)]
pub(super) async fn reparse(
    _caller: Caller<Write>,
    collector: Data<Collector>,
    board: Data<Board>,
    facts: Data<FactsIn>,
    intake: Intake,
) -> Result<HttpResponse, Problem> {
    let work = async {
        let body: Reparse = intake.json()?;
        let mut faults = Faults::default();
        let source = faults.note("source", Source::new(&body.source));
        let since = faults.note("since", RaceDay::parse(&body.since));
        faults.done().map_err(Problem::invalid)?;
        let (Some(source), Some(since)) = (source, since) else {
            return Err(Problem::invalid(Vec::<Fault>::new()));
        };
        collector.source(&source)?;
        let commit = body.commit;
        let job = Job::Reparse {
            source,
            since,
            commit,
        };
        ask(&board, job).await
    };
    replay::once(&facts.answers, Once::of(&intake), work).await
}

async fn ask(board: &Board, job: Job) -> Result<HttpResponse, Problem> {
    let (id, _new) = board.ask(job).await?;
    Ok(jobs::accepted(board.show(id).await?))
}

impl View {
    fn of(source: &SourceSpec, health: Health, circuits: &[Circuit], fetched: Tally) -> Self {
        let today = health.today;
        Self {
            name: source.name.to_string(),
            kind: source.kind.name(),
            enabled: source.enabled,
            schedule: source.schedule.as_ref().map(|one| one.cron.to_string()),
            timezone: source.timezone.to_string(),
            last_attempt_at: health.last_attempt_at.map(instant),
            last_success_at: health.last_success_at.map(instant),
            next_expected_at: health.next_expected_at.map(instant),
            overdue: health.overdue,
            failures: health.failures,
            last_error: health.last_error,
            today: TodayView {
                day: today.day,
                expected: today.expected,
                races: today.races,
                with_card: today.with_card,
                with_result: today.with_result,
                results_pending: today.results_pending,
            },
            drift: health.drift.map(DriftView::of),
            circuits: circuits
                .iter()
                .filter(|circuit| source.asks(&circuit.host))
                .map(CircuitView::of)
                .collect(),
            fetched: TallyView::of(fetched),
        }
    }
}

impl DriftView {
    fn of(drift: Drift) -> Self {
        Self {
            added: drift.added,
            gone: drift.gone,
            rows: drift.rows,
            rows_before: drift.rows_before,
            faults: drift.faults,
        }
    }
}

impl CircuitView {
    fn of(circuit: &Circuit) -> Self {
        Self {
            host: circuit.host.clone(),
            state: serde_json::to_value(circuit.state).unwrap_or_default(),
            failures: circuit.failures,
            until: circuit.until.map(instant),
        }
    }
}

impl TallyView {
    const fn of(tally: Tally) -> Self {
        Self {
            asks: tally.asks,
            requests: tally.requests,
            bytes: tally.bytes,
            hits: tally.hits,
            misses: tally.misses,
            revalidated: tally.revalidated,
            stale: tally.stale,
            shared: tally.shared,
            retries: tally.retries,
            refused: tally.refused,
            failed: tally.failed,
        }
    }
}

impl FetchView {
    fn of(fetch: Collection) -> Self {
        Self {
            id: fetch.id,
            name: fetch.name,
            day: fetch.day,
            began_at: instant(fetch.began_at),
            ended_at: instant(fetch.ended_at),
            outcome: fetch.outcome.as_str(),
            error: fetch.error,
            rows: fetch.rows,
            created: fetch.created,
            updated: fetch.updated,
            unchanged: fetch.unchanged,
            failed: fetch.failed,
            meetings: fetch.meetings.into_iter().collect(),
            faults: fetch.faults,
        }
    }
}
