//! Exports: everything of a kind, streamed.
//!
//! Never one long question: each page is a short read of its own, asked when the client has taken
//! the one before, so no reader holds the write-ahead log while somebody downloads.

mod body;
mod encoder;
#[cfg(feature = "parquet")]
mod parquet;
mod source;

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::problem::Problem;
use super::shape::{Offer, choose};
use super::tracks;
use crate::domain::{Faults, RaceDay};
use crate::runtime::Lane;
use crate::store::exports::{ShownPrediction, ShownPrice};
use crate::store::races::Race;
use crate::store::run_pages::ShownRun;
use crate::store::{Store, exports};
use body::Pages;
use encoder::Encoder;
use source::{Exported, Wanted};

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Ndjson,
    Parquet,
}

const FORMATS: [Offer<Format>; 3] = [
    ("csv", "text/csv", Format::Csv),
    ("ndjson", "application/x-ndjson", Format::Ndjson),
    ("parquet", "application/vnd.apache.parquet", Format::Parquet),
];

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = ExportKind, rename_all = "lowercase")]
enum What {
    Races,
    Runs,
    Prices,
    Predictions,
}

/// The path parameter of an export.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which `What` parses"
)]
pub(super) struct Exportable {
    /// What to export.
    #[param(inline)]
    what: What,
}

/// What `?format=` calls the formats; for the document.
#[derive(ToSchema)]
#[schema(as = ExportFormat, rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the names in `FORMATS`")]
enum FormatName {
    Csv,
    Ndjson,
    Parquet,
}

/// The query of an export.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// The first day.
    #[param(format = Date)]
    from: Option<String>,
    /// The last day.
    #[param(format = Date)]
    to: Option<String>,
    /// A track by slug or any alias.
    track: Option<String>,
    /// The format; wins over `Accept`. CSV when nothing is said.
    #[param(inline, value_type = Option<FormatName>)]
    format: Option<String>,
}

/// Everything of a kind, in a stream that ends with what was there when it began.
#[utoipa::path(
    operation_id = "export",
    get, path = "/api/export/{what}", tag = "facts out", params(Exportable, Filter),
    security(("key" = ["read"])),
    responses(
        (status = 200, content(
            (String = "text/csv"), (String = "application/x-ndjson"),
            (String = "application/vnd.apache.parquet"),
        )),
        (status = 404, description = "unknown_path or unknown_track"),
    ),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    request: HttpRequest,
    what: Path<String>,
    Query(filter): Query<Filter>,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    let what = What::parse(&what)?;
    let mut faults = Faults::default();
    let from = faults.maybe("from", filter.from.as_deref(), RaceDay::parse);
    let until = faults.maybe("to", filter.to.as_deref(), RaceDay::parse);
    let format = faults.note("", choose(&request, filter.format.as_deref(), &FORMATS));
    faults.done().map_err(Problem::invalid)?;
    let format = format.unwrap_or(Format::Csv);
    let (first, last) = RaceDay::CALENDAR;
    let wanted = store
        .read(Lane::Live, move |reader| {
            let track = filter.track.as_deref();
            let track = track.map(|raw| tracks::resolve(reader, raw)).transpose()?;
            Ok::<_, Problem>(Wanted {
                from: from.unwrap_or(first),
                until: until.unwrap_or(last),
                track: track.map(|track| track.id),
                mark: exports::watermark(reader)?,
            })
        })
        .await?;
    let name = file_name(what, from, until, format);
    let answer = Answer {
        whole: *request.method() != Method::HEAD,
        format,
        name,
        wanted,
    };
    let store = Store::clone(&store);
    match what {
        What::Races => answer.stream::<Race>(store),
        What::Runs => answer.stream::<ShownRun>(store),
        What::Prices => answer.stream::<ShownPrice>(store),
        What::Predictions => answer.stream::<ShownPrediction>(store),
    }
}

/// Everything that an answer depends on.
struct Answer {
    whole: bool,
    format: Format,
    name: String,
    wanted: Wanted,
}

impl Answer {
    fn stream<T: Exported>(self, store: Store) -> Result<HttpResponse, Problem> {
        let encoder = Encoder::start::<T::View>(self.format)?;
        let pages = if self.whole {
            Pages::<T>::new(store, self.wanted, encoder)
        } else {
            Pages::none(store)
        };
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, self.format.media()))
            .insert_header((CONTENT_DISPOSITION, disposition))
            .insert_header((VARY, "Accept"))
            .body(pages))
    }
}

impl Format {
    const fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

impl What {
    fn parse(raw: &str) -> Result<Self, Problem> {
        match raw {
            "races" => Ok(Self::Races),
            "runs" => Ok(Self::Runs),
            "prices" => Ok(Self::Prices),
            "predictions" => Ok(Self::Predictions),
            other => {
                let detail = format!("no export of {other}: races, runs, prices, predictions");
                Err(Problem::unknown("unknown_path", detail))
            }
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Races => "races",
            Self::Runs => "runs",
            Self::Prices => "prices",
            Self::Predictions => "predictions",
        }
    }
}

/// `lurcher-runs-2025-07-01-2025-07-31.csv`; a day that was not asked for is left out.
fn file_name(what: What, from: Option<RaceDay>, until: Option<RaceDay>, format: Format) -> String {
    let mut name = format!("lurcher-{}", what.as_str());
    for day in [from, until].into_iter().flatten() {
        name = format!("{name}-{day}");
    }
    format!("{name}.{}", format.extension())
}
