//! Meetings: which track races on which day.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::page;
use super::problem::Problem;
use super::race_view::{TrackView, instant};
use super::shape::{List, ListFormat, Shape};
use super::sheet::{Column, Sheet, text, whole};
use super::shelves::{Shelves, serve};
use crate::collect::{self, Collector, Completeness};
use crate::domain::{Fault, Faults, MeetingId, RaceDay};
use crate::runtime::Lane;
use crate::store::meetings::Meeting;
use crate::store::{Reader, Store, Tag, meetings};

/// The query of `GET /api/meetings`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// One day at the track; every day when left out.
    #[param(format = Date)]
    day: Option<String>,
    /// Rows of a page, 20 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// A cursor from `next`.
    after: Option<String>,
    /// The shape; wins over `Accept`.
    #[param(inline, value_type = Option<ListFormat>)]
    format: Option<String>,
}

/// A meeting, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Meeting)]
pub(super) struct View {
    /// Its name, `2025-07-21-angle-park`, with `-s2` for a second one on the day.
    meeting: String,
    #[schema(value_type = String, format = Date)]
    day: RaceDay,
    track: TrackView,
    session: u8,
    /// How many of its races are known.
    races: u32,
    #[schema(format = DateTime)]
    first_jump_at: Option<String>,
    #[schema(format = DateTime)]
    last_jump_at: Option<String>,
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[
        text("meeting", "/meeting"),
        text("day", "/day"),
        text("track", "/track/slug"),
        whole("session", "/session"),
        whole("races", "/races"),
        text("first_jump_at", "/first_jump_at"),
        text("last_jump_at", "/last_jump_at"),
    ];
}

impl View {
    fn of(meeting: Meeting) -> Self {
        let name = collect::meeting_name(meeting.day, &meeting.slug, meeting.session);
        Self {
            meeting: name,
            day: meeting.day,
            track: TrackView {
                slug: meeting.slug,
                name: meeting.track,
            },
            session: meeting.session,
            races: meeting.races,
            first_jump_at: meeting.first_jump_at.map(instant),
            last_jump_at: meeting.last_jump_at.map(instant),
        }
    }
}

/// Meetings, newest day first.
#[utoipa::path(
    operation_id = "list_meetings",
    get, path = "/api/meetings", tag = "facts out", params(Filter), security(("key" = ["read"])),
    responses((status = 200, content(
        (List<View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    ))),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    request: HttpRequest,
    Query(filter): Query<Filter>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let after = filter.after.as_deref().map(page::after).transpose();
    let after = after.map_err(Problem::malformed)?;
    let after = after.map(|(day, id)| (day, MeetingId::new(id)));
    let mut faults = Faults::default();
    let day = faults.maybe("day", filter.day.as_deref(), RaceDay::parse);
    let limit = faults.note("", page::limit(filter.limit)).unwrap_or(1);
    let shape = faults.note("", Shape::asked(&request, filter.format.as_deref()));
    faults.done().map_err(Problem::invalid)?;
    let days = day.map_or(RaceDay::CALENDAR, |day| (day, day));
    let (shape, question) = (shape.unwrap_or(Shape::Json), request.uri().clone());
    let load = || async move {
        let load = move |reader: &Reader<'_>| meetings::page(reader, days, after, limit);
        let found = store.read(Lane::Live, load).await?;
        let next = page::next(&found, limit, |meeting| {
            page::cursor(meeting.day, meeting.id.get())
        });
        let list = List::new(found.into_iter().map(View::of).collect(), next);
        list.kept(&question, shape, vec![day.map_or(Tag::Facts, Tag::Day)])
    };
    serve(&shelves.meetings, &request, shape, load).await
}

/// The path parameter of a meeting.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which is parsed by hand"
)]
struct Named {
    /// The meeting's name.
    #[param(
        example = "2025-07-21-angle-park",
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9-]{1,60}$"
    )]
    meeting: String,
}

/// What is known of a meeting's races, and what is owed.
#[derive(Serialize, ToSchema)]
#[schema(as = Completeness)]
pub(super) struct CompletenessView {
    meeting: String,
    /// Races by the highest number that anybody told of.
    expected: u64,
    /// Races that are known.
    races: u64,
    with_card: u64,
    with_prices: u64,
    /// Over, or called off.
    with_result: u64,
    /// Something was said of them before the jump.
    with_prediction: u64,
    /// Numbers that nobody told of.
    missing: Vec<u8>,
    /// Races whose result is owed for over 30 minutes.
    results_pending: Vec<String>,
    /// Every race has a card, a price, a result and a prediction, and no number is missing.
    complete: bool,
}

impl CompletenessView {
    fn of(whole: Completeness) -> Self {
        let all = [
            whole.with_card,
            whole.with_prices,
            whole.with_result,
            whole.with_prediction,
        ];
        let pending = whole.results_pending.iter();
        Self {
            complete: all.iter().all(|count| *count == whole.expected),
            meeting: whole.meeting,
            expected: whole.expected,
            races: whole.races,
            with_card: whole.with_card,
            with_prices: whole.with_prices,
            with_result: whole.with_result,
            with_prediction: whole.with_prediction,
            missing: whole.missing,
            results_pending: pending.map(ToString::to_string).collect(),
        }
    }
}

/// How whole a meeting is.
#[utoipa::path(
    operation_id = "show_completeness",
    get, path = "/api/meetings/{meeting}/completeness", tag = "sources", params(Named), security(("key" = ["read"])),
    responses((status = 200, body = CompletenessView), (status = 404, description = "unknown_meeting")),
)]
pub(super) async fn completeness(
    _caller: Caller<Read>,
    meeting: Path<String>,
    collector: Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let Some((day, track, session)) = collect::parse_meeting(&meeting) else {
        let fault = Fault::new("must be a meeting like 2025-07-21-angle-park");
        return Err(Problem::malformed(fault.under("meeting")));
    };
    let found = collector.completeness(day, track, session).await?;
    let whole = found.ok_or_else(|| {
        Problem::unknown(
            "unknown_meeting",
            format!("no meeting {}", meeting.as_str()),
        )
    })?;
    Ok(HttpResponse::Ok().json(CompletenessView::of(whole)))
}
