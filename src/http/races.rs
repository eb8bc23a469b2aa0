//! Races as they stand.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::openapi::Named;
use super::page;
use super::problem::Problem;
use crate::domain::{Fault, RaceDay, RaceKey, RaceSlot, RaceStatus};
use crate::runtime::Lane;
use crate::store::races::{PageFilter, Race};
use crate::store::runners::Runner;
use crate::store::{self, Reader, Store, races, runners, tracks};

/// The query of `GET /api/races`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    day: Option<String>,
    from: Option<String>,
    to: Option<String>,
    track: Option<String>,
    status: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RaceList {
    items: Vec<View>,
    next: Option<String>,
}

/// A race, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Race)]
pub(super) struct View {
    race: String,
    #[schema(value_type = String, format = Date)]
    day: RaceDay,
    track: TrackView,
    number: Option<u8>,
    session: u8,
    name: Option<String>,
    jump_at: Option<String>,
    distance_m: Option<u16>,
    grade: Option<String>,
    status: &'static str,
    version: u32,
    updated_at: String,
    runners: Vec<RunnerView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RaceTrack)]
struct TrackView {
    slug: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RaceRunner)]
struct RunnerView {
    rug: u8,
    r#box: Option<u8>,
    dog: Option<String>,
    dog_id: Option<i64>,
    trainer: Option<String>,
    weight_kg: Option<f64>,
    reserve: bool,
    scratched: bool,
    place: Option<u8>,
    won: Option<bool>,
    outcome: Option<&'static str>,
    run_time_s: Option<f64>,
    sectional_s: Option<f64>,
    margin_lengths: Option<f64>,
    sp: Option<f64>,
    bsp: Option<f64>,
}

/// Races, newest day first.
#[utoipa::path(
    get, path = "/api/races", tag = "facts out", params(Filter), security(("key" = ["read"])),
    responses((status = 200, body = RaceList), (status = 404, description = "unknown_track")),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    Query(filter): Query<Filter>,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    let mut wanted = wanted(&filter)?;
    let slug = filter.track.clone();
    let found = store
        .read(Lane::Live, move |reader| {
            if let Some(slug) = &slug {
                match tracks::by_slug(reader, slug)? {
                    Some(track) => wanted.track = Some(track.id),
                    None => return Ok(None),
                }
            }
            Ok::<_, store::Error>(Some(page_of(reader, &wanted)?))
        })
        .await?;
    let Some(list) = found else {
        let slug = filter.track.unwrap_or_default();
        return Err(Problem::unknown(
            "unknown_track",
            format!("no track {slug}"),
        ));
    };
    Ok(HttpResponse::Ok().json(list))
}

fn page_of(reader: &Reader<'_>, wanted: &PageFilter) -> Result<RaceList, store::Error> {
    let found = races::page(reader, wanted)?;
    let full = u32::try_from(found.len()).is_ok_and(|rows| rows == wanted.limit);
    let next = found
        .last()
        .filter(|_race| full)
        .map(|race| page::cursor(race.key.day, race.id));
    let items = found
        .into_iter()
        .map(|race| {
            let field = runners::of_race(reader, race.id)?;
            Ok(View::of(race, field))
        })
        .collect::<Result<_, store::Error>>()?;
    Ok(RaceList { items, next })
}

/// Everything that is wrong with a filter at once, a bad cursor apart.
fn wanted(filter: &Filter) -> Result<PageFilter, Problem> {
    let after = filter
        .after
        .as_deref()
        .map(page::after)
        .transpose()
        .map_err(Problem::malformed)?;
    let mut faults = crate::domain::Faults::default();
    let mut day =
        |name: &str, raw: &Option<String>| faults.maybe(name, raw.as_deref(), RaceDay::parse);
    let only = day("day", &filter.day);
    let from = day("from", &filter.from);
    let until = day("to", &filter.to);
    let status = faults.maybe("status", filter.status.as_deref(), RaceStatus::parse);
    let limit = faults.note("", page::limit(filter.limit));
    faults.done().map_err(Problem::invalid)?;
    let all_time = |text| RaceDay::parse(text).map_err(Problem::malformed);
    Ok(PageFilter {
        from: only.or(from).map_or_else(|| all_time("1950-01-01"), Ok)?,
        until: only.or(until).map_or_else(|| all_time("2099-12-30"), Ok)?,
        track: None,
        status,
        after,
        limit: limit.unwrap_or_default(),
    })
}

/// One race as it stands.
#[utoipa::path(
    get, path = "/api/races/{race}", tag = "facts out", params(Named), security(("key" = ["read"])),
    responses((status = 200, body = View), (status = 404, description = "unknown_race")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    race: Path<String>,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    let key = key(&race)?;
    let asked = key.clone();
    let found = store
        .read(Lane::Live, move |reader| {
            let Some(race) = races::by_key(reader, &asked)? else {
                return Ok(None);
            };
            let field = runners::of_race(reader, race.id)?;
            Ok::<_, store::Error>(Some(View::of(race, field)))
        })
        .await?;
    let view = found.ok_or_else(|| Problem::unknown("unknown_race", format!("no race {key}")))?;
    Ok(HttpResponse::Ok().json(view))
}

/// The race a path names.
pub(super) fn key(raw: &str) -> Result<RaceKey, Problem> {
    raw.parse()
        .map_err(|fault: Fault| Problem::malformed(fault.under("race")))
}

/// An instant, for clients.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl View {
    fn of(race: Race, field: Vec<Runner>) -> Self {
        Self {
            race: race.key.to_string(),
            day: race.key.day,
            number: match race.key.slot {
                RaceSlot::Number(number) => Some(number),
                RaceSlot::Time(_) => None,
            },
            session: race.key.session.get(),
            track: TrackView {
                slug: race.key.track,
                name: race.track_name,
            },
            name: race.name,
            jump_at: race.jump_at.map(instant),
            distance_m: race.distance.map(crate::domain::Metres::raw),
            grade: race.grade,
            status: race.status.as_str(),
            version: race.revision,
            updated_at: instant(race.updated_at),
            runners: field.into_iter().map(RunnerView::of).collect(),
        }
    }
}

impl RunnerView {
    fn of(runner: Runner) -> Self {
        Self {
            rug: runner.rug.get(),
            r#box: runner.box_no.map(crate::domain::BoxNo::get),
            dog: runner.dog,
            dog_id: runner.dog_id.map(crate::domain::DogId::get),
            trainer: runner.trainer,
            weight_kg: runner.weight.map(crate::domain::Grams::get),
            reserve: runner.reserve,
            scratched: runner.scratched,
            place: runner.place.map(crate::domain::Place::get),
            won: runner.won,
            outcome: runner.outcome.map(crate::domain::Outcome::as_str),
            run_time_s: runner.run_time.map(crate::domain::Millis::get),
            sectional_s: runner.sectional.map(crate::domain::Millis::get),
            margin_lengths: runner.margin.map(crate::domain::Lengths::get),
            sp: runner.sp.map(crate::domain::Odds::get),
            bsp: runner.bsp.map(crate::domain::Odds::get),
        }
    }
}
