//! Races as they stand: the list and the one.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::answer::Answer;
use super::caller::{Caller, Read};
use super::openapi::Named;
use super::page;
use super::price_view::Priced;
use super::problem::Problem;
use super::race_view::View;
pub(super) use super::race_view::instant;
use super::shape::{List, ListFormat, Pagination, Shape};
use super::shelves::{Shelves, serve};
use super::tracks;
use super::words::RaceStatusWord;
use crate::domain::{DogId, Fault, Faults, Metres, RaceDay, RaceId, RaceKey, RaceStatus};
use crate::runtime::Lane;
use crate::store::race_pages::{Part, RaceFilter};
use crate::store::{Reader, Store, Tag, race_pages, races};

/// Where the counting of rows stops.
const COUNTED: u32 = 100_000;

/// The query of `GET /api/races`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// One day at the track.
    #[param(format = Date)]
    day: Option<String>,
    /// The first day.
    #[param(format = Date)]
    from: Option<String>,
    /// The last day.
    #[param(format = Date)]
    to: Option<String>,
    /// A track by slug or any alias.
    track: Option<String>,
    /// How far they have come.
    #[param(inline, value_type = Option<RaceStatusWord>)]
    status: Option<String>,
    /// The grade as written.
    grade: Option<String>,
    /// Metres.
    #[param(minimum = 100, maximum = 1500)]
    distance: Option<i64>,
    /// A dog's id: races that it is in the field of.
    #[param(minimum = 1)]
    dog: Option<i64>,
    /// Rows of a page, 20 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// A cursor from `next`.
    after: Option<String>,
    /// A numbered page, instead of a cursor; only within the first 10000 rows.
    #[param(minimum = 1, maximum = 10000)]
    page: Option<u32>,
    /// The shape; wins over `Accept`.
    #[param(inline, value_type = Option<ListFormat>)]
    format: Option<String>,
}

/// What is asked for, checked, the track apart.
struct Wanted {
    races: RaceFilter,
    part: Part,
    page: Option<u32>,
    shape: Shape,
}

/// Races, newest day first.
#[utoipa::path(
    operation_id = "list_races",
    get, path = "/api/races", tag = "facts out", params(Filter), security(("key" = ["read"])),
    responses(
        (status = 200, content(
            (List<View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
        )),
        (status = 404, description = "unknown_track"),
    ),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    request: HttpRequest,
    Query(filter): Query<Filter>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let mut wanted = wanted(&request, &filter)?;
    let (shape, question) = (wanted.shape, request.uri().clone());
    let load = || async move {
        let load = move |reader: &Reader<'_>| {
            if let Some(track) = &filter.track {
                wanted.races.track = Some(tracks::resolve(reader, track)?.id);
            }
            page_of(reader, &wanted)?.kept(&question, shape, wanted.tags())
        };
        store.read(Lane::Live, load).await
    };
    serve(&shelves.races, &request, shape, load).await
}

impl Wanted {
    /// The races of one day do not change with those of others.
    fn tags(&self) -> Vec<Tag> {
        if self.races.from == self.races.until {
            return vec![Tag::Day(self.races.from), Tag::Names];
        }
        vec![Tag::Facts]
    }
}

fn page_of(reader: &Reader<'_>, wanted: &Wanted) -> Result<List<View>, Problem> {
    let limit = wanted.part.limit;
    let found = race_pages::page(reader, &wanted.races, wanted.part)?;
    let next = page::next(&found, limit, |race| {
        page::cursor(race.key.day, race.id.get())
    });
    let items = found.into_iter().map(|race| View::load(reader, race));
    let mut list = List::new(items.collect::<Result<_, _>>()?, next);
    if let Some(page) = wanted.page {
        let total = race_pages::count(reader, &wanted.races, COUNTED)?;
        list.pagination = Some(Pagination {
            page,
            limit,
            total,
            pages: total.div_ceil(limit),
        });
    }
    Ok(list)
}

/// Everything that is wrong with a filter at once, a bad cursor apart.
fn wanted(request: &HttpRequest, filter: &Filter) -> Result<Wanted, Problem> {
    let after = filter.after.as_deref().map(page::after).transpose();
    let after = after.map_err(Problem::malformed)?;
    let mut faults = Faults::default();
    let mut day =
        |name: &str, raw: &Option<String>| faults.maybe(name, raw.as_deref(), RaceDay::parse);
    let only = day("day", &filter.day);
    let from = only.or(day("from", &filter.from));
    let until = only.or(day("to", &filter.to));
    let status = faults.maybe("status", filter.status.as_deref(), RaceStatus::parse);
    let distance = faults.maybe("distance", filter.distance, Metres::from_raw);
    let dog = faults.maybe("dog", filter.dog, dog);
    let limit = faults.note("", page::limit(filter.limit)).unwrap_or(1);
    let offset = faults.maybe("page", filter.page, |page| page::offset(page, limit));
    if filter.page.is_some() && filter.after.is_some() {
        faults.add("page", "must not come with a cursor");
    }
    let shape = faults.note("", Shape::asked(request, filter.format.as_deref()));
    faults.done().map_err(Problem::invalid)?;
    let (first, last) = RaceDay::CALENDAR;
    Ok(Wanted {
        races: RaceFilter {
            from: from.unwrap_or(first),
            until: until.unwrap_or(last),
            track: None,
            dog,
            status,
            grade: filter.grade.clone(),
            distance,
        },
        part: Part {
            after: after.map(|(day, id)| (day, RaceId::new(id))),
            offset: offset.unwrap_or(0),
            limit,
        },
        page: filter.page,
        shape: shape.unwrap_or(Shape::Json),
    })
}

fn dog(raw: i64) -> Result<DogId, Fault> {
    let id = Some(raw).filter(|id| *id > 0).map(DogId::new);
    id.ok_or_else(|| Fault::new("must be the id of a dog, at least 1"))
}

/// One race as it stands.
#[utoipa::path(
    operation_id = "show_race",
    get, path = "/api/races/{race}", tag = "facts out", params(Named), security(("key" = ["read"])),
    responses((status = 200, body = Priced), (status = 404, description = "unknown_race")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    request: HttpRequest,
    race: Path<String>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let load = || async move {
        let key = key(&race)?;
        let load = move |reader: &Reader<'_>| {
            let race = races::by_key(reader, &key)?.ok_or_else(|| unknown(&key))?;
            let id = race.id;
            let view = Priced::load(reader, race)?;
            let named = view.dogs().map(Tag::Dog);
            Answer::json(
                &view,
                named.chain([Tag::Race(id), Tag::Prices(id)]).collect(),
            )
        };
        store.read(Lane::Live, load).await
    };
    serve(&shelves.races, &request, Shape::Json, load).await
}

/// Nobody told of that race.
pub(super) fn unknown(key: &RaceKey) -> Problem {
    Problem::unknown("unknown_race", format!("no race {key}"))
}

/// The race a path names.
pub(super) fn key(raw: &str) -> Result<RaceKey, Problem> {
    raw.parse()
        .map_err(|fault: Fault| Problem::malformed(fault.under("race")))
}
