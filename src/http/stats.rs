//! How much is known: sums that are kept with the facts, so that nothing is counted when somebody
//! asks.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Read};
use super::problem::Problem;
use super::shape::Shape;
use super::shelves::{Shelves, serve};
use crate::domain::RaceDay;
use crate::runtime::Lane;
use crate::store::summaries::{self, OfMonth, OfTrack};
use crate::store::{self, Reader, Store, Tag};

/// How much is known.
#[derive(Serialize, ToSchema)]
#[schema(as = Stats)]
pub(super) struct View {
    /// Races that anybody told of, run or not.
    races: u64,
    /// Lines that stand in the form book: one for each run and source that told of it. What a newer
    /// version of the same source has replaced is not among them.
    runs: u64,
    /// Dogs that anybody told of.
    dogs: u64,
    /// Trainers that anybody told of.
    trainers: u64,
    /// Tracks with a race or a run.
    tracks: usize,
    /// The first day with a race, local at its track.
    #[schema(value_type = Option<String>, format = Date)]
    first_day: Option<RaceDay>,
    /// The last day with a race, run or not.
    #[schema(value_type = Option<String>, format = Date)]
    last_day: Option<RaceDay>,
    /// Races with a field that have no final result and were not called off. Those to come are among
    /// them.
    results_pending: u64,
    /// By slug.
    by_track: Vec<TrackRow>,
    /// Oldest first.
    by_month: Vec<MonthRow>,
}

/// How much is known of a track.
#[derive(Serialize, ToSchema)]
#[schema(as = TrackStats)]
struct TrackRow {
    track: String,
    name: String,
    races: u64,
    runs: u64,
    #[schema(value_type = Option<String>, format = Date)]
    first_day: Option<RaceDay>,
    #[schema(value_type = Option<String>, format = Date)]
    last_day: Option<RaceDay>,
}

/// How much is known of a month.
#[derive(Serialize, ToSchema)]
#[schema(as = MonthStats)]
struct MonthRow {
    /// Local at the track.
    #[schema(example = "2026-11", pattern = "^[0-9]{4}-[0-9]{2}$")]
    month: String,
    races: u64,
    runs: u64,
    results_pending: u64,
}

impl TrackRow {
    fn of(track: OfTrack) -> Self {
        Self {
            track: track.slug,
            name: track.name,
            races: track.races,
            runs: track.runs,
            first_day: track.days.map(|days| days.0),
            last_day: track.days.map(|days| days.1),
        }
    }
}

impl MonthRow {
    fn of(month: OfMonth) -> Self {
        Self {
            month: month.month.to_string(),
            races: month.races,
            runs: month.runs,
            results_pending: month.results_pending,
        }
    }
}

impl View {
    fn load(reader: &Reader<'_>) -> Result<Self, store::Error> {
        let known = summaries::known(reader)?;
        let by_track: Vec<TrackRow> = summaries::by_track(reader)?
            .into_iter()
            .map(TrackRow::of)
            .collect();
        let by_month: Vec<MonthRow> = summaries::by_month(reader)?
            .into_iter()
            .map(MonthRow::of)
            .collect();
        Ok(Self {
            races: by_track.iter().map(|track| track.races).sum(),
            runs: by_track.iter().map(|track| track.runs).sum(),
            dogs: known.map_or(0, |known| known.dogs),
            trainers: known.map_or(0, |known| known.trainers),
            tracks: by_track.len(),
            first_day: by_track.iter().filter_map(|track| track.first_day).min(),
            last_day: by_track.iter().filter_map(|track| track.last_day).max(),
            results_pending: by_month.iter().map(|month| month.results_pending).sum(),
            by_track,
            by_month,
        })
    }
}

/// How much is known, by track and by month.
#[utoipa::path(
    operation_id = "show_stats",
    get, path = "/api/stats", tag = "facts out", security(("key" = ["read"])),
    responses((status = 200, body = View)),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    request: HttpRequest,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let load = || async move {
        let view = store.read(Lane::Live, View::load).await?;
        Answer::json(&view, vec![Tag::Facts, Tag::Names])
    };
    serve(&shelves.responses, &request, Shape::Json, load).await
}
