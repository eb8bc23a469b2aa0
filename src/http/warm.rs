//! Predictions are made ready before anybody asks.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, Write};
use super::intake::Intake;
use super::jobs::{self, View as JobView};
use super::problem::Problem;
use crate::domain::{DogId, Fault, Faults, Job, RaceDay, RaceKey, Warming};
use crate::jobs::Board;

/// Names in each list at most.
const MOST: usize = 500;

/// The body of `POST /api/cache/warm`; with nothing in it, every race to come around now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWarming)]
pub(super) struct Body {
    /// The races of one day.
    #[schema(format = Date)]
    day: Option<String>,
    /// These races, whatever else is said.
    #[schema(max_items = 500)]
    races: Option<Vec<String>>,
    /// Only races with one of these dogs, by id.
    #[schema(max_items = 500, minimum = 1)]
    dogs: Option<Vec<i64>>,
    /// Only races at these tracks, by slug.
    #[schema(max_items = 500)]
    tracks: Option<Vec<String>>,
    /// What is made ready: `predictions`, and nothing else so far.
    #[schema(max_items = 500)]
    kinds: Option<Vec<String>>,
}

/// Makes predictions ready, the next jump first.
#[utoipa::path(
    operation_id = "warm_cache",
    post, path = "/api/cache/warm", tag = "operation", security(("key" = ["write"])),
    request_body(content = Body, example = json!({"day": "2026-11-20"})),
    responses((status = 202, body = JobView), (status = 413, description = "too_large")),
)]
pub(super) async fn create(
    _caller: Caller<Write>,
    board: Data<Board>,
    intake: Intake,
) -> Result<HttpResponse, Problem> {
    let wish = check(intake.json()?).map_err(Problem::invalid)?;
    let (id, _new) = board.ask(Job::Warm(wish)).await?;
    Ok(jobs::accepted(board.show(id).await?))
}

fn check(body: Body) -> Result<Warming, Vec<Fault>> {
    let mut faults = Faults::default();
    let day = faults.maybe("day", body.day.as_deref(), RaceDay::parse);
    let names = few("races", body.races, &mut faults);
    let mut races = Vec::with_capacity(names.len());
    for (n, name) in names.iter().enumerate() {
        races.extend(faults.note(&format!("races[{n}]"), name.parse::<RaceKey>()));
    }
    let dogs = few("dogs", body.dogs, &mut faults);
    for (n, _) in dogs.iter().enumerate().filter(|(_, dog)| **dog < 1) {
        faults.add(&format!("dogs[{n}]"), "must be the id of a dog, at least 1");
    }
    let tracks = few("tracks", body.tracks, &mut faults);
    let kinds = few("kinds", body.kinds, &mut faults);
    for (n, _) in kinds
        .iter()
        .enumerate()
        .filter(|(_, kind)| *kind != "predictions")
    {
        faults.add(&format!("kinds[{n}]"), "must be predictions");
    }
    faults.done()?;
    Ok(Warming {
        day,
        races,
        tracks,
        dogs: dogs.into_iter().map(DogId::new).collect(),
    })
}

fn few<T>(name: &str, list: Option<Vec<T>>, faults: &mut Faults) -> Vec<T> {
    let list = list.unwrap_or_default();
    if list.len() > MOST {
        faults.add(name, format!("must name {MOST} at most"));
        return Vec::new();
    }
    list
}
