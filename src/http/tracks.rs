//! Tracks, and what a caller means by one: a slug or any known alias.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Read};
use super::page;
use super::problem::Problem;
use super::shape::{List, ListFormat, Shape};
use super::sheet::{Column, Sheet, text};
use super::shelves::{Shelves, serve};
use crate::domain::{Fault, Faults, Metres, Track, alias_code};
use crate::runtime::Lane;
use crate::store::{Reader, Store, Tag, tracks};

/// The query of lists without a filter.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    /// Rows of a page, 20 when left out.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
    /// A cursor from `next`.
    pub(super) after: Option<String>,
    /// The shape; wins over `Accept`.
    #[param(inline, value_type = Option<ListFormat>)]
    pub(super) format: Option<String>,
}

impl Window {
    /// The limit and the shape, or everything that is wrong with them.
    pub(super) fn check(&self, request: &HttpRequest) -> Result<(u32, Shape), Problem> {
        let mut faults = Faults::default();
        let limit = faults.note("", page::limit(self.limit));
        let shape = faults.note("", Shape::asked(request, self.format.as_deref()));
        faults.done().map_err(Problem::invalid)?;
        Ok((limit.unwrap_or(1), shape.unwrap_or(Shape::Json)))
    }
}

/// The path parameter of a track.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the path parameter")]
pub(super) struct NamedTrack {
    /// Slug or any alias of the track.
    track: String,
}

/// A track, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Track)]
pub(super) struct View {
    slug: String,
    name: String,
    /// `AU`, `GB`, `IE` or `NZ`: where its dogs are registered.
    country: String,
    /// IANA time zone.
    timezone: String,
}

/// A track with its circuits and everything it is called.
#[derive(Serialize, ToSchema)]
#[schema(as = TrackDetail)]
pub(super) struct DetailView {
    slug: String,
    name: String,
    country: String,
    timezone: String,
    circuits: Vec<CircuitView>,
    aliases: Vec<AliasView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Circuit)]
struct CircuitView {
    slug: String,
    name: String,
    /// Races use it unless their distance says otherwise.
    main: bool,
    seconds_per_length: f64,
    /// The distances that are run on it alone.
    distances_m: Vec<u16>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TrackAlias)]
struct AliasView {
    code: String,
    /// Whose; `*` is everybody's.
    source: String,
    /// `any` distance, one `distance`, or `none`: where no distance is told.
    scope: String,
    distance_m: Option<u16>,
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[
        text("slug", "/slug"),
        text("name", "/name"),
        text("country", "/country"),
        text("timezone", "/timezone"),
    ];
}

impl View {
    fn of(track: Track) -> Self {
        Self {
            slug: track.slug,
            name: track.name,
            country: track.country,
            timezone: track.zone.to_string(),
        }
    }
}

/// Every track, by slug.
#[utoipa::path(
    operation_id = "list_tracks",
    get, path = "/api/tracks", tag = "facts out", params(Window), security(("key" = ["read"])),
    responses((status = 200, content(
        (List<View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    ))),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    request: HttpRequest,
    Query(window): Query<Window>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let after = window.after.as_deref().map(page::after_slug).transpose();
    let after = after.map_err(Problem::malformed)?;
    let (limit, shape) = window.check(&request)?;
    let question = request.uri().clone();
    let load = || async move {
        let load = move |reader: &Reader<'_>| tracks::page(reader, after.as_deref(), limit);
        let found = store.read(Lane::Live, load).await?;
        let next = page::next(&found, limit, |track| track.slug.clone());
        let list = List::new(found.into_iter().map(View::of).collect(), next);
        list.kept(&question, shape, UNCHANGING.to_vec())
    };
    serve(&shelves.aggregates, &request, shape, load).await
}

/// Tracks come with the program.
const UNCHANGING: [Tag; 0] = [];

/// One track by slug or any alias.
#[utoipa::path(
    operation_id = "show_track",
    get, path = "/api/tracks/{track}", tag = "facts out", params(NamedTrack), security(("key" = ["read"])),
    responses((status = 200, body = DetailView), (status = 404, description = "unknown_track")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    request: HttpRequest,
    track: Path<String>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let load = || async move {
        let load = move |reader: &Reader<'_>| {
            let track = resolve(reader, &track)?;
            Answer::json(&detail(reader, track)?, UNCHANGING.to_vec())
        };
        store.read(Lane::Live, load).await
    };
    serve(&shelves.aggregates, &request, Shape::Json, load).await
}

fn detail(reader: &Reader<'_>, track: Track) -> Result<DetailView, Problem> {
    let circuits = tracks::circuits(reader, track.id)?;
    let circuits = circuits.into_iter().map(|circuit| CircuitView {
        slug: circuit.slug,
        name: circuit.name,
        main: circuit.main,
        seconds_per_length: circuit.seconds_per_length,
        distances_m: circuit.distances.into_iter().map(Metres::raw).collect(),
    });
    let aliases = tracks::aliases(reader, track.id)?;
    let aliases = aliases.into_iter().map(|alias| AliasView {
        code: alias.code,
        source: alias.source,
        scope: alias.scope,
        distance_m: alias.distance.map(Metres::raw),
    });
    Ok(DetailView {
        circuits: circuits.collect(),
        aliases: aliases.collect(),
        slug: track.slug,
        name: track.name,
        country: track.country,
        timezone: track.zone.to_string(),
    })
}

/// The track that a caller means: its slug, or what anybody calls it. Several are a fault that
/// names them.
pub(super) fn resolve(reader: &Reader<'_>, raw: &str) -> Result<Track, Problem> {
    if let Some(track) = tracks::by_slug(reader, raw)? {
        return Ok(track);
    }
    let candidates = tracks::candidates(reader, &alias_code(raw))?;
    match candidates.as_slice() {
        [] => {}
        [slug] => {
            if let Some(track) = tracks::by_slug(reader, slug)? {
                return Ok(track);
            }
        }
        several => {
            let why = format!("must name one track, {raw} may be {}", several.join(" or "));
            return Err(Problem::invalid(vec![Fault::new(why).under("track")]));
        }
    }
    Err(Problem::unknown("unknown_track", format!("no track {raw}")))
}
