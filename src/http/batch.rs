//! Predictions of several races at once.

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Predict};
use super::intake::Intake;
use super::predictions::{View, known_at, terms};
use super::problem::Problem;
use crate::domain::{Fault, Faults, RaceKey};
use crate::formats::facts::PredictionsBody;
use crate::predict::{Predictor, Question, Terms};

/// Races that may be asked for at once.
const MOST: usize = 50;

/// What is asked, checked.
struct Wanted {
    races: Vec<RaceKey>,
    as_of: Option<DateTime<Utc>>,
    terms: Terms,
}

/// What became of each race, in the order asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Predictions)]
pub(super) struct Answered {
    results: Vec<View>,
    /// Of which races there is no prediction, and why.
    errors: Vec<Failed>,
    /// How many results there are.
    succeeded: usize,
    /// How many errors there are.
    failed: usize,
}

/// A race without a prediction.
#[derive(Serialize, ToSchema)]
#[schema(as = FailedPrediction)]
struct Failed {
    race: String,
    /// What the answer would have been, had only this race been asked for: `unknown_race`,
    /// `not_ready`, `busy`, …
    code: &'static str,
    detail: String,
}

/// Who wins each of up to 50 races. One that fails does not keep the others back.
#[utoipa::path(
    operation_id = "predict",
    post, path = "/api/predictions", tag = "predictions", security(("key" = ["read"])),
    request_body(content = PredictionsBody, example = json!({"races": ["2025-07-21-angle-park-3"]})),
    responses(
        (status = 200, body = Answered),
        (status = 413, description = "too_large: over 50 races, or too many bytes"),
    ),
)]
pub(super) async fn create(
    _caller: Caller<Predict>,
    intake: Intake,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let wanted = wanted(&intake)?;
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    let question = |race: &RaceKey| Question {
        race: race.clone(),
        as_of: wanted.as_of,
    };
    let questions = wanted.races.iter().map(question).collect();
    let answers = predictor.races(questions).await;
    for (race, answer) in wanted.races.iter().zip(answers) {
        match answer {
            Ok(prediction) => {
                let view = View::of(&prediction, wanted.terms);
                results.push(view.map_err(|fault| Problem::internal(&fault))?);
            }
            Err(error) => errors.push(Failed::of(race, &Problem::from(&*error))),
        }
    }
    Ok(HttpResponse::Ok().json(Answered {
        succeeded: results.len(),
        failed: errors.len(),
        results,
        errors,
    }))
}

/// Everything that is wrong with the body at once; too many races are not looked at.
fn wanted(intake: &Intake) -> Result<Wanted, Problem> {
    let mut named = 0;
    let wanted = intake.item::<PredictionsBody>()?.checked(|body, _form| {
        named = body.races.as_ref().map_or(0, Vec::len);
        check(body)
    });
    if named > MOST {
        let detail = format!("at most {MOST} races are predicted at once");
        return Err(Problem::too_large(detail));
    }
    wanted.map_err(Problem::invalid)
}

fn check(body: PredictionsBody) -> Result<Wanted, Vec<Fault>> {
    let mut faults = Faults::default();
    let names = body.races.unwrap_or_default();
    if names.is_empty() {
        faults.add("races", format!("must name 1 to {MOST} races"));
    }
    let mut races = Vec::with_capacity(names.len());
    for (n, name) in names.iter().take(MOST).enumerate() {
        races.extend(faults.note(&format!("races[{n}]"), name.parse::<RaceKey>()));
    }
    let as_of = faults.maybe("as_of", body.as_of.as_deref(), known_at);
    let market = body.market.as_deref();
    let terms = terms(market, body.commission, body.edge, &mut faults);
    faults.done()?;
    Ok(Wanted {
        races,
        as_of,
        terms,
    })
}

impl Failed {
    fn of(race: &RaceKey, problem: &Problem) -> Self {
        Self {
            race: race.to_string(),
            code: problem.code(),
            detail: problem.detail().to_owned(),
        }
    }
}
