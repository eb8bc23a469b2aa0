//! Models: what there is, how good it is, training one, putting one in force; and backtests.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query, ReqData};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::caller::{Admin, Caller, Read, Write};
use super::facts::FactsIn;
use super::intake::Intake;
use super::jobs::{self, View as JobView};
use super::loaded::LoadedView;
use super::page::{self, Rows};
use super::problem::Problem;
use super::races::instant;
use super::replay::{self, Once, Replay};
use super::request::RequestId;
use crate::domain::{Faults, Job, RaceDay};
use crate::jobs::Board;
use crate::predict::{Loaded, Predictor};
use crate::store::audit::Actor;
use crate::train::{BacktestSpec, Drift, Evaluation, Live, Model, Trainer};

/// The body of `POST /api/models`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewModel)]
pub(super) struct Training {
    /// The last day to fit on; the days after it judge. Left out, the last 28 days judge.
    #[schema(format = Date)]
    until: Option<String>,
    /// Put it in force whatever the judgement.
    #[serde(default)]
    activate: bool,
}

/// The body of `POST /api/backtests`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBacktest)]
pub(super) struct Backtest {
    /// First day that is predicted.
    #[schema(format = Date)]
    from: String,
    /// Last day that is predicted.
    #[schema(format = Date)]
    to: String,
    /// Days of a fold; left out, a fold is a calendar month.
    #[schema(minimum = 1, maximum = 366)]
    step_days: Option<u32>,
    /// Days left out before each fold; 1 when left out.
    #[schema(minimum = 1, maximum = 60)]
    gap_days: Option<u32>,
    /// Taken off winnings; 0.08 when left out.
    #[schema(minimum = 0, maximum = 0.5)]
    commission: Option<f64>,
    /// What a bet must promise beyond its stake; 0.05 when left out.
    #[schema(minimum = 0, maximum = 1)]
    edge: Option<f64>,
}

/// The path parameter of a model.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which is taken as it is"
)]
pub(super) struct Named {
    /// SHA-256 of the model, or its first digits.
    #[param(pattern = "^[0-9a-f]{8,64}$")]
    model: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ModelList {
    items: Vec<View>,
    next: Option<String>,
}

/// A model.
#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
pub(super) struct View {
    /// SHA-256 of the artifact.
    model: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// First day that it was fitted on; nothing for a model of an older build.
    #[schema(format = Date)]
    trained_from: Option<String>,
    /// Last day that it was fitted on.
    #[schema(format = Date)]
    trained_until: String,
    /// Races that it was fitted on.
    races: Option<u64>,
    /// Whether it is in force.
    active: bool,
    /// Whether it is scored silently on live cards.
    shadow: bool,
    /// Size of the artifact.
    size_bytes: u64,
    /// Log loss on the days after its training, when it had not seen them.
    log_loss: Option<f64>,
    /// Of equal chances on the same races.
    uniform_log_loss: Option<f64>,
    /// Of the closing prices on those that have them.
    market_log_loss: Option<f64>,
    /// That it is in memory; nothing when nobody has asked for it lately.
    loaded: Option<LoadedView>,
}

/// A model, with what is to be known of it now.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelDetail)]
pub(super) struct Detail {
    #[serde(flatten)]
    view: View,
    /// The judgement of its training, on days that it had not seen.
    #[schema(value_type = Option<Object>)]
    judged: Value,
    /// Whether it does as it did then.
    drift: DriftView,
    notes: Vec<String>,
}

/// How a model does, on unseen days and live.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelEvaluation)]
pub(super) struct EvaluationView {
    model: String,
    /// The days after its training: log loss beside uniform and market with intervals, reliability,
    /// blend, places, money, splits, verdict.
    #[schema(value_type = Option<Object>)]
    validation: Value,
    /// By whose rules races are run under: what it was fitted on, the judgement, and what was
    /// rehearsed on days that the fit had not seen: powers for places by size of field and powers of
    /// model and closing prices, with standard errors. Nothing for a model of an older build.
    #[schema(value_type = Option<Vec<Object>>)]
    parts: Value,
    /// What it said of races before they jumped.
    live: LiveView,
    drift: DriftView,
}

/// What a model said of races before they jumped, held against the results.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveScore)]
struct LiveView {
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    until: String,
    /// Races that ran with another field than the one it spoke of; they do not count.
    other_fields: usize,
    /// Log loss and the like; nothing when no race can be judged yet.
    #[schema(value_type = Option<Object>)]
    score: Value,
    /// The model and the closing prices on the same races.
    #[schema(value_type = Option<Object>)]
    market: Value,
}

/// The last 30 days beside the unseen days of the training.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelDrift)]
struct DriftView {
    #[schema(value_type = DriftWord)]
    state: &'static str,
    races: usize,
    live_log_loss: Option<f64>,
    validation_log_loss: Option<f64>,
    /// Log loss above equal chances, now less then; above 0 it has become worse.
    difference: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(ToSchema)]
#[schema(as = DriftState, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `train::DriftState`")]
enum DriftWord {
    TooEarly,
    Steady,
    Drifted,
}

/// Models, newest first.
#[utoipa::path(
    operation_id = "list_models",
    get, path = "/api/models", tag = "models", params(Rows), security(("key" = ["read"])),
    responses((status = 200, body = ModelList)),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    Query(rows): Query<Rows>,
    trainer: Data<Trainer>,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let (after, limit) = rows.wanted()?;
    let found = trainer.models(after, limit).await?;
    let next = page::next(&found, limit, |model| model.id.get().to_string());
    let loaded = predictor.loaded();
    let views = found.iter().map(|model| View::of(model, &loaded));
    let items = views.collect();
    Ok(HttpResponse::Ok().json(ModelList { items, next }))
}

/// One model.
#[utoipa::path(
    operation_id = "show_model",
    get, path = "/api/models/{model}", tag = "models", params(Named), security(("key" = ["read"])),
    responses((status = 200, body = Detail), (status = 404, description = "unknown_model")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    model: Path<String>,
    trainer: Data<Trainer>,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let evaluation = trainer.evaluation(&model).await?;
    Ok(HttpResponse::Ok().json(Detail::of(&evaluation, &predictor.loaded())))
}

/// How good a model is: on unseen days, and on what it said before races jumped.
#[utoipa::path(
    operation_id = "evaluate_model",
    get, path = "/api/models/{model}/evaluation", tag = "models", params(Named), security(("key" = ["read"])),
    responses((status = 200, body = EvaluationView), (status = 404, description = "unknown_model")),
)]
pub(super) async fn evaluation(
    _caller: Caller<Read>,
    model: Path<String>,
    trainer: Data<Trainer>,
) -> Result<HttpResponse, Problem> {
    let evaluation = trainer.evaluation(&model).await?;
    Ok(HttpResponse::Ok().json(EvaluationView::of(evaluation)))
}

/// Trains a model, by a job whose report says how good it is. It comes into force when it is the
/// first, when it is better on days that neither has seen, or when told to.
#[utoipa::path(
    operation_id = "train_model",
    post, path = "/api/models", tag = "models", params(Replay), security(("key" = ["admin"])),
    request_body(content = Training, example = json!({"activate": false})),
    responses(
        (status = 202, body = JobView),
        (status = 409, description = "conflict: the first request with this Idempotency-Key is under way"),
        (status = 413, description = "too_large"),
    ),
)]
pub(super) async fn train(
    _caller: Caller<Admin>,
    board: Data<Board>,
    facts: Data<FactsIn>,
    intake: Intake,
) -> Result<HttpResponse, Problem> {
    let work = async {
        let body: Training = intake.json()?;
        let mut faults = Faults::default();
        let until = faults.maybe("until", body.until.as_deref(), RaceDay::parse);
        faults.done().map_err(Problem::invalid)?;
        let activate = body.activate;
        ask(&board, Job::Train { until, activate }).await
    };
    replay::once(&facts.answers, Once::of(&intake), work).await
}

/// Puts a model in force: to promote one, or to roll back.
#[utoipa::path(
    operation_id = "activate_model",
    post, path = "/api/models/{model}/activate", tag = "models", params(Named), security(("key" = ["admin"])),
    responses(
        (status = 200, body = View),
        (status = 404, description = "unknown_model"),
        (status = 409, description = "conflict: this build cannot read it"),
    ),
)]
pub(super) async fn activate(
    caller: Caller<Admin>,
    request: ReqData<RequestId>,
    model: Path<String>,
    trainer: Data<Trainer>,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let by = Actor {
        key: caller.key,
        request_id: Some(request.0.to_string()),
    };
    let model = trainer.activate(&model, by).await?;
    Ok(HttpResponse::Ok().json(View::of(&model, &predictor.loaded())))
}

/// Walks a model forward through the past, by a job whose report is the result.
#[utoipa::path(
    operation_id = "backtest",
    post, path = "/api/backtests", tag = "models", params(Replay), security(("key" = ["write"])),
    request_body(content = Backtest, example = json!({"from": "2026-10-01", "to": "2026-10-31"})),
    responses(
        (status = 202, body = JobView),
        (status = 409, description = "conflict: the first request with this Idempotency-Key is under way"),
        (status = 413, description = "too_large"),
    ),
)]
pub(super) async fn backtest(
    _caller: Caller<Write>,
    board: Data<Board>,
    facts: Data<FactsIn>,
    intake: Intake,
) -> Result<HttpResponse, Problem> {
    let work = async { ask(&board, intake.json::<Backtest>()?.job()?).await };
    replay::once(&facts.answers, Once::of(&intake), work).await
}

async fn ask(board: &Board, job: Job) -> Result<HttpResponse, Problem> {
    let (id, _new) = board.ask(job).await?;
    Ok(jobs::accepted(board.show(id).await?))
}

impl Backtest {
    fn job(self) -> Result<Job, Problem> {
        let mut faults = Faults::default();
        let from = faults.note("from", RaceDay::parse(&self.from));
        let to = faults.note("to", RaceDay::parse(&self.to));
        let (Some(from), Some(to)) = (from, to) else {
            return Err(Problem::invalid(faults.done().err().unwrap_or_default()));
        };
        let usual = BacktestSpec::of(from, to);
        let spec = BacktestSpec {
            step_days: self.step_days,
            gap_days: self.gap_days.unwrap_or(usual.gap_days),
            commission: self.commission.unwrap_or(usual.commission),
            edge: self.edge.unwrap_or(usual.edge),
            ..usual
        };
        spec.check().map_err(Problem::invalid)?;
        Ok(Job::Backtest {
            from,
            to,
            step_days: spec.step_days,
            gap_days: spec.gap_days,
            commission: spec.commission,
            edge: spec.edge,
        })
    }
}

impl View {
    fn of(model: &Model, loaded: &[Loaded]) -> Self {
        let report = &model.report;
        let loss = |of: &str, field: &str| report["judged"][of][field].as_f64();
        Self {
            model: model.digest.clone(),
            created_at: instant(model.created_at),
            trained_from: report["trained_from"].as_str().map(str::to_owned),
            trained_until: model.trained_until.to_string(),
            races: report["races"].as_u64(),
            active: model.active,
            shadow: model.shadow,
            size_bytes: model.bytes,
            log_loss: loss("model", "log_loss"),
            uniform_log_loss: loss("model", "uniform"),
            market_log_loss: loss("market", "log_loss"),
            loaded: LoadedView::find(loaded, &model.digest),
        }
    }
}

impl Detail {
    fn of(evaluation: &Evaluation, loaded: &[Loaded]) -> Self {
        let Evaluation { model, drift, .. } = evaluation;
        let mut notes = vec![format!("{}: {}", drift.state.as_str(), drift.in_words())];
        if model.report["judged"].is_null() {
            notes.push("no later days judged its training".to_owned());
        }
        Self {
            view: View::of(model, loaded),
            judged: model.report["judged"].clone(),
            drift: DriftView::of(drift),
            notes,
        }
    }
}

impl EvaluationView {
    fn of(evaluation: Evaluation) -> Self {
        Self {
            validation: evaluation.model.report["assessment"].clone(),
            parts: evaluation.model.report["parts"].clone(),
            model: evaluation.model.digest,
            live: LiveView::of(&evaluation.live),
            drift: DriftView::of(&evaluation.drift),
        }
    }
}

impl LiveView {
    fn of(live: &Live) -> Self {
        Self {
            from: live.from.to_string(),
            until: live.until.to_string(),
            other_fields: live.other_fields,
            score: serde_json::to_value(live.model).unwrap_or_default(),
            market: serde_json::to_value(live.market).unwrap_or_default(),
        }
    }
}

impl DriftView {
    const fn of(drift: &Drift) -> Self {
        let (low, high) = match drift.interval {
            Some(interval) => (Some(interval.low), Some(interval.high)),
            None => (None, None),
        };
        Self {
            state: drift.state.as_str(),
            races: drift.races,
            live_log_loss: drift.live_log_loss,
            validation_log_loss: drift.validation_log_loss,
            difference: drift.difference,
            low,
            high,
        }
    }
}
