//! Work that takes time: seen, watched, cancelled, let run again.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{Data, Path, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::caller::{Caller, Read, Write};
use super::events;
use super::page;
use super::problem::Problem;
use super::races::instant;
use super::words::{JobKindWord, JobStateWord};
use crate::domain::{Fault, Faults, Job, JobId, JobKind, JobState, UploadId};
use crate::jobs::{Board, Shown};
use crate::store::jobs::Filter as JobFilter;

/// The query of `GET /api/jobs`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Only of this kind.
    #[param(inline, value_type = Option<JobKindWord>)]
    kind: Option<String>,
    /// Only in this state.
    #[param(inline, value_type = Option<JobStateWord>)]
    state: Option<String>,
    /// How many.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// A cursor from `next`.
    #[param(pattern = r"^[0-9]{1,18}$")]
    after: Option<String>,
}

/// The path parameter of a job.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which is parsed by hand"
)]
pub(super) struct Numbered {
    /// The number of the job.
    #[param(minimum = 1)]
    job: i64,
}

#[derive(Serialize, ToSchema)]
pub(super) struct JobList {
    items: Vec<View>,
    next: Option<String>,
}

/// A job, as it is shown to people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct View {
    id: i64,
    #[schema(value_type = JobKindWord)]
    kind: &'static str,
    #[schema(value_type = JobStateWord)]
    state: &'static str,
    progress: Progress,
    /// How often it has failed.
    attempt: u32,
    /// How often the daemon ended during it; it went on from where it was.
    interruptions: u32,
    #[schema(format = DateTime)]
    created_at: String,
    /// Not before this.
    #[schema(format = DateTime)]
    due_at: String,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// The upload that it takes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    upload: Option<i64>,
    /// What is to be done, with the values that it was asked for with.
    #[schema(value_type = Object)]
    spec: Value,
    /// What went wrong the last time.
    error: Option<String>,
    /// What came of it.
    #[schema(value_type = Option<Object>)]
    report: Option<Value>,
}

/// How far a job has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobProgress)]
struct Progress {
    done: u64,
    /// How much there is; nothing when nobody knows.
    total: Option<u64>,
    /// In a second, since this process took it up; nothing when it does not run.
    rate: Option<f64>,
    /// What is counted.
    unit: &'static str,
}

/// One event of a stream.
#[derive(ToSchema)]
#[schema(as = JobEvent)]
#[expect(dead_code, reason = "describes what `events` writes line by line")]
struct EventView {
    /// `job`
    event: String,
    /// The job, as JSON.
    data: String,
}

impl View {
    /// The view of a job.
    #[must_use]
    pub fn of(shown: Shown) -> Self {
        let stored = shown.stored;
        let upload = match stored.job {
            Job::Import { upload } => Some(UploadId::get(upload)),
            _ => None,
        };
        Self {
            id: stored.id.get(),
            kind: stored.job.kind().as_str(),
            state: stored.state.as_str(),
            progress: Progress {
                done: stored.done,
                total: stored.total,
                rate: shown.rate,
                unit: shown.unit,
            },
            attempt: stored.attempt,
            interruptions: stored.interruptions,
            created_at: instant(stored.created_at),
            due_at: instant(stored.due_at),
            started_at: stored.started_at.map(instant),
            finished_at: stored.finished_at.map(instant),
            upload,
            spec: serde_json::to_value(&stored.job).unwrap_or_default(),
            error: stored.error,
            report: stored.report,
        }
    }
}

/// Jobs, newest first.
#[utoipa::path(
    operation_id = "list_jobs",
    get, path = "/api/jobs", tag = "jobs", params(Filter), security(("key" = ["read"])),
    responses((status = 200, body = JobList)),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    Query(filter): Query<Filter>,
    board: Data<Board>,
) -> Result<HttpResponse, Problem> {
    let after = page::after_row(filter.after.as_deref())?;
    let mut faults = Faults::default();
    let kind = faults.maybe("kind", filter.kind.as_deref(), JobKind::parse);
    let state = faults.maybe("state", filter.state.as_deref(), JobState::parse);
    let limit = faults.note("", page::limit(filter.limit)).unwrap_or(1);
    faults.done().map_err(Problem::invalid)?;
    let found = board.list(JobFilter { kind, state }, after, limit).await?;
    let next = page::next(&found, limit, |shown| shown.stored.id.to_string());
    let items = found.into_iter().map(View::of).collect();
    Ok(HttpResponse::Ok().json(JobList { items, next }))
}

/// One job.
#[utoipa::path(
    operation_id = "show_job",
    get, path = "/api/jobs/{job}", tag = "jobs", params(Numbered), security(("key" = ["read"])),
    responses((status = 200, body = View), (status = 404, description = "unknown_job")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    job: Path<String>,
    board: Data<Board>,
) -> Result<HttpResponse, Problem> {
    let shown = board.show(id(&job)?).await?;
    Ok(HttpResponse::Ok().json(View::of(shown)))
}

/// Cancels a job that waits or runs. What it has committed stays; one that runs ends within a
/// second or two.
#[utoipa::path(
    operation_id = "cancel_job",
    delete, path = "/api/jobs/{job}", tag = "jobs", params(Numbered), security(("key" = ["write"])),
    responses(
        (status = 200, body = View),
        (status = 404, description = "unknown_job"),
        (status = 409, description = "conflict: it is over already"),
    ),
)]
pub(super) async fn cancel(
    _caller: Caller<Write>,
    job: Path<String>,
    board: Data<Board>,
) -> Result<HttpResponse, Problem> {
    let shown = board.cancel(id(&job)?).await?;
    Ok(HttpResponse::Ok().json(View::of(shown)))
}

/// Lets a job that failed or was cancelled run again, from the beginning.
#[utoipa::path(
    operation_id = "retry_job",
    post, path = "/api/jobs/{job}/retry", tag = "jobs", params(Numbered), security(("key" = ["write"])),
    responses(
        (status = 202, body = View),
        (status = 404, description = "unknown_job"),
        (status = 409, description = "conflict: it has neither failed nor been cancelled"),
    ),
)]
pub(super) async fn retry(
    _caller: Caller<Write>,
    job: Path<String>,
    board: Data<Board>,
) -> Result<HttpResponse, Problem> {
    let shown = board.retry(id(&job)?).await?;
    Ok(accepted(shown))
}

/// Tells of a job whenever it changes, as server-sent events `job`, until it is over.
#[utoipa::path(
    operation_id = "watch_job",
    get, path = "/api/jobs/{job}/events", tag = "jobs", params(Numbered), security(("key" = ["read"])),
    responses(
        (status = 200, body = EventView, content_type = "text/event-stream"),
        (status = 404, description = "unknown_job"),
    ),
)]
pub(super) async fn watch(
    _caller: Caller<Read>,
    job: Path<String>,
    board: Data<Board>,
    seats: Data<events::Seats>,
) -> Result<HttpResponse, Problem> {
    let id = id(&job)?;
    let seat = seats.take()?;
    board.show(id).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events::of_job(board.get_ref().clone(), id, seat)))
}

/// The answer to whoever asked for work: what to look at.
pub(super) fn accepted(shown: Shown) -> HttpResponse {
    let at = format!("/api/jobs/{}", shown.stored.id);
    HttpResponse::Accepted()
        .insert_header((LOCATION, at))
        .json(View::of(shown))
}

fn id(raw: &str) -> Result<JobId, Problem> {
    let id = raw.parse::<i64>().ok().filter(|id| *id > 0);
    id.map(JobId::new).ok_or_else(|| {
        let fault = Fault::new("must be the number of a job, at least 1");
        Problem::malformed(fault.under("job"))
    })
}
