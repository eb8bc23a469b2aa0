//! Files in: answered at once, taken in by a job; their history and what was wrong with their rows.

use actix_web::dev::Payload as Raw;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::arrival::{self, Bounds};
use super::caller::{Caller, Read, Write};
use super::facts::FactsIn;
use super::intake;
use super::page;
use super::problem::Problem;
use super::races::instant;
use super::replay::{self, Once, Replay};
use super::request::RequestId;
use super::settings::Settings;
use super::shape::{List, ListFormat, Pagination, Shape};
use super::sheet::{Column, Sheet, text, whole};
use super::words::JobStateWord;
use crate::domain::{Fault, Faults, JobState, UploadId};
use crate::runtime::{Lane, hex};
use crate::store::Store;
use crate::store::uploads::{self, Upload, UploadFault};

/// The longest name of a file, in characters.
const NAME: usize = 200;

/// The query of `POST /api/uploads`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// The file's name; some formats keep facts in it. A form has it too.
    #[param(max_length = 200)]
    name: Option<String>,
}

/// The query of `GET /api/uploads`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Rows of a page, 20 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// A cursor from `next`.
    #[param(pattern = r"^[0-9]{1,18}$")]
    after: Option<String>,
    /// A numbered page, instead of a cursor; only within the first 10000 rows.
    #[param(minimum = 1, maximum = 10000)]
    page: Option<u32>,
    /// The shape; wins over `Accept`.
    #[param(inline, value_type = Option<ListFormat>)]
    format: Option<String>,
}

/// The path parameter of an upload.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which is parsed by hand"
)]
struct Numbered {
    /// The number of the upload.
    #[param(minimum = 1)]
    id: i64,
}

/// An upload.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub(super) struct View {
    id: i64,
    name: String,
    /// Bytes as they were sent.
    size_bytes: u64,
    /// SHA-256 of them.
    sha256: String,
    #[schema(format = DateTime)]
    received_at: String,
    /// Whether the file itself still lies here.
    kept: bool,
    job: i64,
    /// How far its job has come; nothing when that is long ago.
    #[schema(value_type = Option<JobStateWord>)]
    state: Option<&'static str>,
    /// Files in it that were read or refused.
    files: u64,
    /// Data rows that were read.
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
    /// What went wrong as a whole.
    error: Option<String>,
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[
        whole("id", "/id"),
        text("name", "/name"),
        whole("size_bytes", "/size_bytes"),
        text("received_at", "/received_at"),
        whole("job", "/job"),
        text("state", "/state"),
        whole("files", "/files"),
        whole("rows", "/rows"),
        whole("created", "/created"),
        whole("updated", "/updated"),
        whole("unchanged", "/unchanged"),
        whole("failed", "/failed"),
        text("error", "/error"),
    ];
}

/// One thing wrong with one row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UploadFault)]
pub(super) struct FaultView {
    /// Which file, `archive.zip/inner.csv` inside an archive.
    file: String,
    /// Row as a spreadsheet shows it; 0 is the file itself.
    row: u64,
    /// Column heading, or the place inside the fact.
    column: String,
    /// What stood there.
    value: String,
    /// The rule it breaks.
    rule: String,
}

/// An upload with its faults.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Detail {
    #[serde(flatten)]
    upload: View,
    /// A page of what was wrong, in the order it was met; the first 10,000 are kept.
    faults: Vec<FaultView>,
    /// Where to go on, for `after`; nothing when this is the end.
    next: Option<String>,
}

/// What was taken: where to look.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Spooled {
    upload: i64,
    job: i64,
    /// Bytes.
    size_bytes: u64,
}

impl View {
    fn of(upload: Upload) -> Self {
        let count = |name: &str| {
            let report = upload.report.as_ref();
            let count = report.and_then(|report| report.get(name));
            count.and_then(Value::as_u64).unwrap_or_default()
        };
        Self {
            id: upload.id.get(),
            size_bytes: upload.size_bytes,
            sha256: hex(&upload.digest),
            received_at: instant(upload.received_at),
            kept: upload.kept,
            job: upload.job.get(),
            state: upload.state.map(JobState::as_str),
            files: count("files"),
            rows: count("rows"),
            created: count("created"),
            updated: count("updated"),
            unchanged: count("unchanged"),
            failed: count("failed"),
            error: upload.error.clone(),
            name: upload.name,
        }
    }
}

impl FaultView {
    fn of(fault: UploadFault) -> Self {
        Self {
            file: fault.file,
            row: fault.row,
            column: fault.column,
            value: fault.value,
            rule: fault.rule,
        }
    }
}

/// A file of any known format, packed or not: as the body, or in a form as its one file. Answered
/// when it is on disk; a job takes it in.
#[utoipa::path(
    operation_id = "upload",
    post, path = "/api/uploads", tag = "jobs", params(Named, Replay), security(("key" = ["write"])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 202, body = Spooled),
        (status = 409, description = "conflict: the first request with this Idempotency-Key is under way"),
        (status = 413, description = "too_large"),
    ),
)]
pub(super) async fn create(
    caller: Caller<Write>,
    request: HttpRequest,
    named: Query<Named>,
    payload: Payload,
    facts: Data<FactsIn>,
    settings: Data<Settings>,
) -> Result<HttpResponse, Problem> {
    let key = intake::once(&request)?;
    let named = named.into_inner().name;
    if named
        .as_ref()
        .is_some_and(|name| name.chars().count() > NAME)
    {
        let fault = Fault::new(format!("must be at most {NAME} characters"));
        return Err(Problem::invalid(vec![fault.under("name")]));
    }
    let bounds = Bounds {
        bytes: settings.max_upload,
        time: settings.upload_deadline,
    };
    let payload: Raw = payload.into_inner();
    let arrived = arrival::receive(&request, payload, &facts.ingest, bounds).await?;
    let name = named.or(arrived.name).unwrap_or_default();
    let caller = caller.key.unwrap_or_default();
    let once = Once {
        caller: caller.clone(),
        path: request.path().to_owned(),
        digest: arrived.received.digest(&name),
        request_id: RequestId::given(&request.extensions()),
        key,
    };
    let work = async {
        let size_bytes = arrived.received.size;
        let (upload, job) = facts
            .ingest
            .uploaded(arrived.received, &name, caller)
            .await?;
        Ok(HttpResponse::Accepted()
            .insert_header((LOCATION, format!("/api/jobs/{job}")))
            .json(Spooled {
                upload: upload.get(),
                job: job.get(),
                size_bytes,
            }))
    };
    replay::once(&facts.answers, once, work).await
}

/// Uploads, newest first.
#[utoipa::path(
    operation_id = "list_uploads",
    get, path = "/api/uploads", tag = "jobs", params(Filter), security(("key" = ["read"])),
    responses((status = 200, content(
        (List<View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    ))),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    request: HttpRequest,
    Query(filter): Query<Filter>,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    let after = page::after_row(filter.after.as_deref())?;
    let mut faults = Faults::default();
    let limit = faults.note("", page::limit(filter.limit)).unwrap_or(1);
    let skip = faults.maybe("page", filter.page, |page| page::offset(page, limit));
    if filter.page.is_some() && filter.after.is_some() {
        faults.add("page", "must not come with a cursor");
    }
    let shape = faults.note("", Shape::asked(&request, filter.format.as_deref()));
    faults.done().map_err(Problem::invalid)?;
    let numbered = filter.page;
    let (found, total) = store
        .read(Lane::Live, move |reader| {
            let found = uploads::page(reader, after, skip.unwrap_or(0), limit)?;
            let total = numbered.map(|_| uploads::count(reader)).transpose()?;
            Ok::<_, Problem>((found, total))
        })
        .await?;
    let next = page::next(&found, limit, |upload| upload.id.to_string());
    let mut list = List::new(found.into_iter().map(View::of).collect(), next);
    list.pagination = numbered.zip(total).map(|(page, total)| Pagination {
        page,
        limit,
        total,
        pages: total.div_ceil(limit),
    });
    list.answer(&request, shape.unwrap_or(Shape::Json))
}

/// One upload, with what was wrong with its rows.
#[utoipa::path(
    operation_id = "show_upload",
    get, path = "/api/uploads/{id}", tag = "jobs", params(Numbered, page::Rows), security(("key" = ["read"])),
    responses((status = 200, body = Detail), (status = 404, description = "unknown_upload")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    id: Path<String>,
    Query(rows): Query<page::Rows>,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    let id = number(&id)?;
    let (after, limit) = rows.wanted()?;
    let found = store
        .read(Lane::Live, move |reader| {
            let Some(upload) = uploads::by_id(reader, id)? else {
                return Ok(None);
            };
            let faults = uploads::faults(reader, id, after, limit)?;
            Ok::<_, Problem>(Some((upload, faults)))
        })
        .await?;
    let Some((upload, faults)) = found else {
        return Err(Problem::unknown(
            "unknown_upload",
            format!("no upload {id}"),
        ));
    };
    let next = page::next(&faults, limit, |fault| fault.seq.to_string());
    Ok(HttpResponse::Ok().json(Detail {
        upload: View::of(upload),
        faults: faults.into_iter().map(FaultView::of).collect(),
        next,
    }))
}

fn number(raw: &str) -> Result<UploadId, Problem> {
    let id = raw.parse::<i64>().ok().filter(|id| *id > 0);
    id.map(UploadId::new).ok_or_else(|| {
        let fault = Fault::new("must be the number of an upload, at least 1");
        Problem::malformed(fault.under("id"))
    })
}
