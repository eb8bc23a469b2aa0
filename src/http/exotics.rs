//! Bets on the order of finish.

use std::time::Duration;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Predict};
use super::openapi::Named;
use super::predictions;
use super::problem::Problem;
use super::races::{instant, key};
use super::shape::Shape;
use super::shelves::{Shelves, serve};
use crate::domain::{Fault, Faults, Rug};
use crate::model::exotics::{Demand, fair_dividend};
use crate::model::stake::USUAL_EDGE;
use crate::predict::{Combination, Exotics, Predictor, Question};
use crate::runtime::Cached;

/// Combinations of each bet when nobody says how many.
const USUAL: u32 = 10;

/// Combinations of each bet, at most.
const MOST: u32 = 100;

/// The query of `GET /api/races/{race}/exotics`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Only what was known at this instant; now when left out.
    #[param(format = DateTime)]
    as_of: Option<String>,
    /// What a bet of 1 shall win on average, 0.05 when left out.
    #[param(minimum = 0, maximum = 1)]
    edge: Option<f64>,
    /// Share that is still to be taken off the dividends they are compared with: 0, when left out,
    /// for declared ones.
    #[param(minimum = 0, maximum = 0.9)]
    takeout: Option<f64>,
    /// Combinations of each bet, 10 when left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// The likeliest combinations of each bet, likeliest first; none where the field is too small.
#[derive(Serialize, ToSchema)]
#[schema(as = Exotics)]
pub(super) struct View {
    race: String,
    #[schema(format = DateTime)]
    as_of: String,
    model: String,
    edge: f64,
    takeout: f64,
    /// The first two in either order.
    quinella: Vec<CombinationView>,
    /// The first two in order.
    exacta: Vec<CombinationView>,
    /// The first three in order.
    trifecta: Vec<CombinationView>,
    /// The first three in any order.
    box_trifecta: Vec<CombinationView>,
    /// The first four in order.
    first_four: Vec<CombinationView>,
}

/// Dividends are for a stake of 1, stake included.
#[derive(Serialize, ToSchema)]
#[schema(as = Combination)]
struct CombinationView {
    /// Rugs: in their order, or ascending where the order does not matter.
    runners: Vec<u8>,
    probability: f64,
    /// `1 / probability`; nothing for what cannot happen.
    fair_dividend: Option<f64>,
    /// The dividend from which on a bet has the edge asked for.
    min_dividend: Option<f64>,
}

/// What is asked, checked.
struct Wanted {
    edge: f64,
    takeout: f64,
    demand: Demand,
    limit: usize,
}

/// The likeliest orders of finish, and what they must pay.
#[utoipa::path(
    operation_id = "show_exotics",
    get, path = "/api/races/{race}/exotics", tag = "predictions", params(Named, Asked),
    security(("key" = ["read"])),
    responses(
        (status = 200, body = View), (status = 404, description = "unknown_race"), (status = 409, description = "not_ready"),
    ),
)]
pub(super) async fn show(
    _caller: Caller<Predict>,
    request: HttpRequest,
    race: Path<String>,
    Query(asked): Query<Asked>,
    predictor: Data<Predictor>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let load = || said(race.into_inner(), asked, predictor);
    serve(&shelves.responses, &request, Shape::Json, load).await
}

async fn said(race: String, asked: Asked, predictor: Data<Predictor>) -> Result<Answer, Problem> {
    let race = key(&race)?;
    let as_of = asked.as_of.as_deref().map(predictions::as_of).transpose()?;
    let wanted = wanted(&asked)?;
    let exotics = predictor
        .exotics(Question { race, as_of }, wanted.limit)
        .await
        .map_err(|error| Problem::from(&*error))?;
    let said = &exotics.prediction;
    let answer = Answer::json(&View::of(&exotics, &wanted), said.tags.clone())?;
    Ok(answer.living(said.life(Duration::MAX)))
}

/// Everything that is wrong with the query at once.
fn wanted(asked: &Asked) -> Result<Wanted, Problem> {
    let (edge, takeout) = (
        asked.edge.unwrap_or(USUAL_EDGE),
        asked.takeout.unwrap_or(0.0),
    );
    let mut faults = Faults::default();
    let demand = faults.note("", Demand::new(edge, takeout));
    let limit = faults.note("limit", limit(asked.limit.unwrap_or(USUAL)));
    let wanted = demand.zip(limit).map(|(demand, limit)| Wanted {
        edge,
        takeout,
        demand,
        limit,
    });
    wanted.ok_or_else(|| Problem::invalid(faults.done().err().unwrap_or_default()))
}

fn limit(raw: u32) -> Result<usize, Fault> {
    let limit = Some(raw).filter(|limit| (1..=MOST).contains(limit));
    limit
        .and_then(|limit| usize::try_from(limit).ok())
        .ok_or_else(|| Fault::new(format!("must be 1 to {MOST}")))
}

impl View {
    fn of(exotics: &Exotics, wanted: &Wanted) -> Self {
        let views = |found: &[Combination]| -> Vec<CombinationView> {
            let found = found.iter();
            found
                .map(|one| CombinationView::of(one, wanted.demand))
                .collect()
        };
        Self {
            race: exotics.prediction.race.to_string(),
            as_of: instant(exotics.prediction.as_of),
            model: exotics.prediction.model.clone(),
            edge: wanted.edge,
            takeout: wanted.takeout,
            quinella: views(&exotics.quinella),
            exacta: views(&exotics.exacta),
            trifecta: views(&exotics.trifecta),
            box_trifecta: views(&exotics.box_trifecta),
            first_four: views(&exotics.first_four),
        }
    }
}

impl CombinationView {
    fn of(combination: &Combination, demand: Demand) -> Self {
        Self {
            runners: combination.rugs.iter().copied().map(Rug::get).collect(),
            probability: combination.chance.get(),
            fair_dividend: fair_dividend(combination.chance),
            min_dividend: demand.dividend(combination.chance),
        }
    }
}
