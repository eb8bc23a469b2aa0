//! Predictions.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, Predict};
use super::openapi::Named;
use super::problem::Problem;
use super::races::{instant, key};
use crate::domain::{BoxNo, DogId, Fault};
use crate::predict::{Predicted, Prediction, Predictor, Question};

/// The query of `GET /api/races/{race}/prediction`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Only what was known at this instant; now when left out.
    #[param(format = DateTime)]
    as_of: Option<String>,
}

/// A prediction, for clients. The fields that say nothing yet belong to the market and to the
/// uncertainty of the model; they are part of the contract and stay.
#[derive(Serialize, ToSchema)]
#[schema(as = Prediction)]
pub struct View {
    race: String,
    #[schema(format = DateTime)]
    as_of: String,
    model: String,
    status: &'static str,
    stale: bool,
    runners: Vec<RunnerView>,
    notes: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PredictedRunner)]
struct RunnerView {
    rug: u8,
    r#box: Option<u8>,
    dog: Option<String>,
    dog_id: Option<i64>,
    win: f64,
    win_low: Option<f64>,
    win_high: Option<f64>,
    place: f64,
    fair_price: Option<f64>,
    market_price: Option<f64>,
    min_price: Option<f64>,
    edge: Option<f64>,
    stake_fraction: Option<f64>,
    #[schema(value_type = Vec<Object>)]
    reasons: Vec<()>,
}

/// Who wins, with what chance.
#[utoipa::path(
    get, path = "/api/races/{race}/prediction", tag = "predictions", params(Named, Asked),
    security(("key" = ["read"])),
    responses(
        (status = 200, body = View), (status = 404, description = "unknown_race"), (status = 409, description = "not_ready"),
    ),
)]
pub(super) async fn show(
    _caller: Caller<Predict>,
    race: Path<String>,
    Query(asked): Query<Asked>,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let race = key(&race)?;
    let as_of = asked.as_of.as_deref().map(as_of).transpose()?;
    let prediction = predictor
        .race(Question { race, as_of })
        .await
        .map_err(|error| Problem::from(&*error))?;
    Ok(HttpResponse::Ok().json(View::of(&prediction)))
}

fn as_of(raw: &str) -> Result<DateTime<Utc>, Problem> {
    DateTime::parse_from_rfc3339(raw)
        .map(|at| at.with_timezone(&Utc))
        .map_err(|_text| {
            let fault = Fault::new("must be an instant like 2026-11-20T09:30:00Z");
            Problem::malformed(fault.under("as_of"))
        })
}

impl View {
    /// What clients see of a prediction.
    #[must_use]
    pub fn of(prediction: &Prediction) -> Self {
        Self {
            race: prediction.race.to_string(),
            as_of: instant(prediction.as_of),
            model: prediction.model.clone(),
            status: "ready",
            stale: false,
            runners: prediction.runners.iter().map(RunnerView::of).collect(),
            notes: prediction.notes.clone(),
        }
    }
}

impl RunnerView {
    fn of(runner: &Predicted) -> Self {
        let fair = 1.0 / runner.win;
        Self {
            rug: runner.rug.get(),
            r#box: runner.box_no.map(BoxNo::get),
            dog: runner.dog.clone(),
            dog_id: runner.dog_id.map(DogId::get),
            win: runner.win,
            win_low: None,
            win_high: None,
            place: runner.place,
            fair_price: fair.is_finite().then_some(fair),
            market_price: None,
            min_price: None,
            edge: None,
            stake_fraction: None,
            reasons: Vec::new(),
        }
    }
}
