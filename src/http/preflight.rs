//! Before a prediction: what is known, what is missing, and what is in the way.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, Predict};
use super::openapi::Named;
use super::page;
use super::predictions::as_of;
use super::problem::Problem;
use super::races::{instant, key};
use super::shape::{List, ListFormat, Shape};
use super::sheet::{Column, Sheet, flag, text, whole};
use crate::domain::{BoxNo, DogId, Faults, Grams, Odds, RaceDay, RaceId};
use crate::predict::{Checked, Error, Predictor, Preflight, Question};
use crate::runtime::Lane;
use crate::store::Store;
use crate::store::race_pages::{self, Part, RaceFilter};

/// The query of `GET /api/races/{race}/preflight`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Only what was known at this instant; now when left out.
    #[param(format = DateTime)]
    as_of: Option<String>,
}

/// The query of `GET /api/preflight`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// The day at the track.
    #[param(format = Date)]
    day: String,
    /// Only what was known at this instant; now when left out.
    #[param(format = DateTime)]
    as_of: Option<String>,
    /// Rows of a page, 20 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// A cursor from `next`.
    after: Option<String>,
    /// The shape; wins over `Accept`.
    #[param(inline, value_type = Option<ListFormat>)]
    format: Option<String>,
}

/// Whether there can be a prediction, and from what.
#[derive(Serialize, ToSchema)]
#[schema(as = Preflight)]
pub(super) struct View {
    race: String,
    #[schema(format = DateTime)]
    jump_at: Option<String>,
    #[schema(format = DateTime)]
    as_of: String,
    /// SHA-256 of the model in force.
    model: Option<String>,
    /// Whether there is a prediction.
    ready: bool,
    /// The code of the answer to whoever asks for one, when there is none.
    code: Option<&'static str>,
    /// What is in its way.
    blocked: Vec<String>,
    runners: Vec<RunnerView>,
    /// What a prediction has to do without.
    notes: Vec<String>,
}

/// What is known of a runner.
#[derive(Serialize, ToSchema)]
#[schema(as = PreflightRunner)]
struct RunnerView {
    rug: u8,
    r#box: Option<u8>,
    dog: Option<String>,
    dog_id: Option<i64>,
    trainer: Option<String>,
    weight_kg: Option<f64>,
    /// The newest price that was known.
    market_price: Option<f64>,
    /// Past races, of the 30 newest runs; trials do not count.
    runs: usize,
    /// The day of the newest.
    #[schema(value_type = Option<String>, format = Date)]
    last_run: Option<RaceDay>,
    /// Past races that were rated.
    rated_races: u32,
    /// Past races with a time, of the same.
    timed_runs: usize,
    /// What is not known: `dog`, `box`, `runs`, `rated races`, `timed runs`, `weight`, `trainer`,
    /// `price`.
    missing: Vec<&'static str>,
}

/// One race of a day: whether there can be a prediction, and how much its field is known.
#[derive(Serialize, ToSchema)]
#[schema(as = PreflightRace)]
pub(super) struct RaceView {
    race: String,
    #[schema(format = DateTime)]
    jump_at: Option<String>,
    ready: bool,
    /// The code of the answer to whoever asks for a prediction, when there is none.
    code: Option<&'static str>,
    /// What is in its way.
    blocked: Vec<String>,
    runners: usize,
    /// Runners with a past race.
    with_runs: usize,
    /// Runners with a rated race.
    with_rating: usize,
    /// Runners with a price.
    with_price: usize,
    /// What a prediction has to do without.
    notes: Vec<String>,
}

impl Sheet for RaceView {
    const COLUMNS: &'static [Column] = &[
        text("race", "/race"),
        text("jump_at", "/jump_at"),
        flag("ready", "/ready"),
        text("code", "/code"),
        text("blocked", "/blocked"),
        whole("runners", "/runners"),
        whole("with_runs", "/with_runs"),
        whole("with_rating", "/with_rating"),
        whole("with_price", "/with_price"),
        text("notes", "/notes"),
    ];
}

/// What is known and missing of one race, runner by runner.
#[utoipa::path(
    operation_id = "show_preflight",
    get, path = "/api/races/{race}/preflight", tag = "predictions", params(Named, Asked),
    security(("key" = ["read"])),
    responses((status = 200, body = View), (status = 404, description = "unknown_race")),
)]
pub(super) async fn show(
    _caller: Caller<Predict>,
    race: Path<String>,
    Query(asked): Query<Asked>,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let question = Question {
        race: key(&race)?,
        as_of: asked.as_of.as_deref().map(as_of).transpose()?,
    };
    let found = predictor.preflight(question).await?;
    Ok(HttpResponse::Ok().json(View::of(found)))
}

/// Which races of a day can be predicted, and what is in the way of the others.
#[utoipa::path(
    operation_id = "list_preflight",
    get, path = "/api/preflight", tag = "predictions", params(Filter), security(("key" = ["read"])),
    responses((status = 200, content(
        (List<RaceView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    ))),
)]
pub(super) async fn list(
    _caller: Caller<Predict>,
    request: HttpRequest,
    Query(asked): Query<Filter>,
    store: Data<Store>,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let as_of = asked.as_of.as_deref().map(as_of).transpose()?;
    let (filter, part, shape) = wanted(&request, &asked)?;
    let races = store
        .read(Lane::Live, move |reader| {
            race_pages::page(reader, &filter, part)
        })
        .await?;
    let next = page::next(&races, part.limit, |race| {
        page::cursor(race.key.day, race.id.get())
    });
    let mut items = Vec::with_capacity(races.len());
    for race in races {
        let question = Question {
            race: race.key,
            as_of,
        };
        items.push(RaceView::of(&predictor.preflight(question).await?));
    }
    List::new(items, next).answer(&request, shape)
}

/// Everything that is wrong with the query at once, a bad cursor apart.
fn wanted(request: &HttpRequest, asked: &Filter) -> Result<(RaceFilter, Part, Shape), Problem> {
    let after = asked.after.as_deref().map(page::after).transpose();
    let after = after.map_err(Problem::malformed)?;
    let mut faults = Faults::default();
    let day = faults.note("day", RaceDay::parse(&asked.day));
    let limit = faults.note("", page::limit(asked.limit));
    let shape = faults.note("", Shape::asked(request, asked.format.as_deref()));
    let all = day.zip(limit).zip(shape);
    let Some(((day, limit), shape)) = all else {
        return Err(Problem::invalid(faults.done().err().unwrap_or_default()));
    };
    let filter = RaceFilter {
        from: day,
        until: day,
        track: None,
        dog: None,
        status: None,
        grade: None,
        distance: None,
    };
    let part = Part {
        after: after.map(|(day, id)| (day, RaceId::new(id))),
        offset: 0,
        limit,
    };
    Ok((filter, part, shape))
}

/// The code that whoever asks for a prediction gets, and everything that is in its way.
fn blocked(errors: &[Error]) -> (Option<&'static str>, Vec<String>) {
    let code = errors.first().map(|error| Problem::from(error).code());
    (code, errors.iter().map(ToString::to_string).collect())
}

impl View {
    fn of(found: Preflight) -> Self {
        let (code, blocked) = blocked(&found.blocked);
        Self {
            race: found.race.to_string(),
            jump_at: found.jump_at.map(instant),
            as_of: instant(found.as_of),
            model: found.model,
            ready: blocked.is_empty(),
            code,
            blocked,
            runners: found.runners.into_iter().map(RunnerView::of).collect(),
            notes: found.notes,
        }
    }
}

impl RunnerView {
    fn of(runner: Checked) -> Self {
        Self {
            missing: runner.missing(),
            rug: runner.rug.get(),
            r#box: runner.box_no.map(BoxNo::get),
            dog: runner.dog,
            dog_id: runner.dog_id.map(DogId::get),
            trainer: runner.trainer,
            weight_kg: runner.weight.map(Grams::get),
            market_price: runner.price.map(Odds::get),
            runs: runner.runs,
            last_run: runner.last_run,
            rated_races: runner.rated,
            timed_runs: runner.timed,
        }
    }
}

impl RaceView {
    fn of(found: &Preflight) -> Self {
        let (code, blocked) = blocked(&found.blocked);
        let count = |is: fn(&Checked) -> bool| found.runners.iter().filter(|r| is(r)).count();
        Self {
            race: found.race.to_string(),
            jump_at: found.jump_at.map(instant),
            ready: blocked.is_empty(),
            code,
            blocked,
            runners: found.runners.len(),
            with_runs: count(|runner| runner.runs > 0),
            with_rating: count(|runner| runner.rated > 0),
            with_price: count(|runner| runner.price.is_some()),
            notes: found.notes.clone(),
        }
    }
}
