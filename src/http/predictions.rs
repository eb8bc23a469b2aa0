//! Predictions.

use std::time::Duration;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Predict};
use super::openapi::Named;
use super::problem::Problem;
use super::races::{instant, key};
use super::shape::Shape;
use super::shelves::{Shelves, serve};
use super::words::MarketWord;
use crate::domain::{BoxNo, DogId, Fault, Faults};
use crate::model::stake::Commission;
use crate::predict::{Market, Predicted, Prediction, Predictor, Question, Quote, Reason, Terms};
use crate::runtime::Cached;

/// The query of `GET /api/races/{race}/prediction`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Only what was known at this instant; now when left out.
    #[param(format = DateTime)]
    as_of: Option<String>,
    /// Whether the race's own prices are looked at, `latest` when left out. No chance but
    /// `win_blended` depends on them.
    #[param(inline, value_type = Option<MarketWord>)]
    market: Option<String>,
    /// Share that is taken off winnings, 0.08 when left out.
    #[param(minimum = 0, maximum = 0.5)]
    commission: Option<f64>,
    /// What a bet of 1 shall win on average, 0.05 when left out.
    #[param(minimum = 0, maximum = 1)]
    edge: Option<f64>,
}

/// A prediction, for clients.
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
    /// What it had to do without.
    notes: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PredictedRunner)]
struct RunnerView {
    rug: u8,
    r#box: Option<u8>,
    dog: Option<String>,
    dog_id: Option<i64>,
    #[schema(minimum = 0, maximum = 1)]
    win: f64,
    /// The true chance is taken to lie above this nine times in ten.
    #[schema(minimum = 0, maximum = 1)]
    win_low: f64,
    /// The true chance is taken to lie below this nine times in ten.
    #[schema(minimum = 0, maximum = 1)]
    win_high: f64,
    #[schema(minimum = 0, maximum = 1)]
    place: f64,
    /// `1 / win`.
    fair_price: Option<f64>,
    /// The newest price that was known.
    market_price: Option<f64>,
    /// Chance to win by the model and the newest prices of the race together, and only with
    /// `market=latest`: its powers were fitted on closing prices, and earlier ones are worth less.
    /// Nothing without a price, or where the model came without such powers. `win`, edge and stake do
    /// not depend on it.
    #[schema(minimum = 0, maximum = 1)]
    win_blended: Option<f64>,
    /// The price from which on a bet has the edge asked for, after commission.
    min_price: Option<f64>,
    /// What a bet of 1 at the market price wins on average, after commission.
    edge: Option<f64>,
    /// Share of the bank to put down at the market price: a quarter of Kelly, at most 0.05 and at
    /// most 0.1 for the whole field.
    stake_fraction: Option<f64>,
    /// What speaks for and against it beside the rest of the field, the weightiest first; what is
    /// worth less than 0.1 lengths is left out.
    reasons: Vec<ReasonView>,
}

/// What one group of features says of a runner.
#[derive(Serialize, ToSchema)]
#[schema(as = Reason)]
struct ReasonView {
    /// `market rating`, `recent form`, `speed`, `early speed`, `draw`, `rest`, `class and distance`
    /// or `kind of race`.
    group: &'static str,
    /// Lengths against the average of the field, to a tenth; positive speaks for the runner.
    lengths: f64,
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
    let as_of = asked.as_of.as_deref().map(as_of).transpose()?;
    let mut faults = Faults::default();
    let market = asked.market.as_deref();
    let terms = terms(market, asked.commission, asked.edge, &mut faults);
    faults.done().map_err(Problem::invalid)?;
    let prediction = predictor
        .race(Question { race, as_of })
        .await
        .map_err(|error| Problem::from(&*error))?;
    let view = View::of(&prediction, terms).map_err(|fault| Problem::internal(&fault))?;
    let answer = Answer::json(&view, prediction.tags.clone())?;
    Ok(answer.living(prediction.life(Duration::MAX)))
}

/// The terms asked for; everything that is wrong with them is noted.
pub(super) fn terms(
    market: Option<&str>,
    commission: Option<f64>,
    edge: Option<f64>,
    faults: &mut Faults,
) -> Terms {
    let market = faults.maybe("market", market, Market::parse);
    let commission = faults.maybe("commission", commission, Commission::new);
    let terms = faults.note("", Terms::new(market, commission, edge));
    terms.unwrap_or_default()
}

/// The instant that a query names.
pub(super) fn as_of(raw: &str) -> Result<DateTime<Utc>, Problem> {
    known_at(raw).map_err(|fault| Problem::malformed(fault.under("as_of")))
}

/// An instant, from RFC 3339.
pub(super) fn known_at(raw: &str) -> Result<DateTime<Utc>, Fault> {
    DateTime::parse_from_rfc3339(raw)
        .map(|at| at.to_utc())
        .map_err(|_text| Fault::new("must be an instant like 2026-11-20T09:30:00Z"))
}

impl View {
    /// What clients see of a prediction on these terms; fails on chances that are none.
    pub fn of(prediction: &Prediction, terms: Terms) -> Result<Self, Fault> {
        let quotes = terms.quotes(prediction)?;
        let runners = prediction.runners.iter().zip(quotes);
        Ok(Self {
            race: prediction.race.to_string(),
            as_of: instant(prediction.as_of),
            model: prediction.model.clone(),
            status: "ready",
            stale: false,
            runners: runners
                .map(|(runner, quote)| RunnerView::of(runner, quote))
                .collect(),
            notes: terms.notes(prediction),
        })
    }
}

impl RunnerView {
    fn of(runner: &Predicted, quote: Quote) -> Self {
        Self {
            rug: runner.rug.get(),
            r#box: runner.box_no.map(BoxNo::get),
            dog: runner.dog.clone(),
            dog_id: runner.dog_id.map(DogId::get),
            win: runner.win,
            win_low: runner.interval.low,
            win_high: runner.interval.high,
            place: runner.place,
            fair_price: quote.fair,
            market_price: quote.market,
            win_blended: quote.blended,
            min_price: quote.least,
            edge: quote.edge,
            stake_fraction: quote.stake,
            reasons: runner.reasons.iter().map(ReasonView::of).collect(),
        }
    }
}

impl ReasonView {
    const fn of(reason: &Reason) -> Self {
        Self {
            group: reason.words(),
            lengths: reason.lengths,
        }
    }
}
