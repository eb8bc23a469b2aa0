//! Predictions.

use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::races::{instant, key};
use crate::domain::{BoxNo, DogId, Fault};
use crate::predict::{Predicted, Prediction, Predictor, Question};

/// The query of `GET /api/races/{race}/prediction`.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    as_of: Option<String>,
}

/// A prediction, for clients. The fields that say nothing yet belong to the market and to the
/// uncertainty of the model; they are part of the contract and stay.
#[derive(Serialize)]
pub struct View {
    race: String,
    as_of: String,
    model: String,
    status: &'static str,
    stale: bool,
    runners: Vec<RunnerView>,
    notes: Vec<String>,
}

#[derive(Serialize)]
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
    reasons: Vec<()>,
}

/// `GET /api/races/{race}/prediction`
pub(super) async fn show(
    request: HttpRequest,
    race: Path<String>,
    asked: Result<Query<Asked>, actix_web::Error>,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let of = |problem: Problem| problem.of(&request);
    let race = key(&race).map_err(of)?;
    let asked = asked
        .map_err(|error| Problem::malformed(Fault::new(error.to_string()).under("query")))
        .map_err(of)?;
    let as_of = asked.as_of.as_deref().map(as_of).transpose().map_err(of)?;
    let prediction = predictor
        .race(Question { race, as_of })
        .await
        .map_err(|error| of(Problem::from(&*error)))?;
    let body = serde_json::to_vec(&View::of(&prediction))
        .map_err(|error| of(Problem::internal(&error)))?;
    let tag = etag(&body);
    let seen = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if seen == Some(tag.as_str()) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, tag))
        .content_type("application/json")
        .body(body))
}

fn as_of(raw: &str) -> Result<DateTime<Utc>, Problem> {
    DateTime::parse_from_rfc3339(raw)
        .map(|at| at.with_timezone(&Utc))
        .map_err(|_text| {
            let fault = Fault::new("must be an instant like 2026-11-20T09:30:00Z");
            Problem::malformed(fault.under("as_of"))
        })
}

/// From the answer itself: an older fact that comes late changes the answer and nothing that could
/// be counted beside it.
fn etag(body: &[u8]) -> String {
    let digest = crate::model::artifact::digest(body);
    format!("\"{}\"", digest.get(..32).unwrap_or_default())
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
