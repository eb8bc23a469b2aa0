//! Trainers by name.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Read};
use super::dogs::Search;
use super::page;
use super::problem::Problem;
use super::shape::{List, Shape};
use super::sheet::{Column, Sheet, text, whole};
use super::shelves::{Shelves, serve};
use crate::domain::{Fault, TrainerId};
use crate::runtime::Lane;
use crate::store::trainers::Trainer;
use crate::store::{Reader, Store, Tag, trainers};

/// The path parameter of a trainer.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the path parameter")]
pub(super) struct NamedTrainer {
    /// The trainer's id, or the exact name.
    trainer: String,
}

/// A trainer, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Trainer)]
pub(super) struct View {
    #[schema(minimum = 1)]
    trainer_id: i64,
    name: String,
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[whole("trainer_id", "/trainer_id"), text("name", "/name")];
}

impl View {
    fn of(trainer: Trainer) -> Self {
        Self {
            trainer_id: trainer.id.get(),
            name: trainer.name,
        }
    }
}

/// Trainers by name; `q` is how their names begin.
#[utoipa::path(
    operation_id = "list_trainers",
    get, path = "/api/trainers", tag = "facts out", params(Search), security(("key" = ["read"])),
    responses((status = 200, content(
        (List<View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    ))),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    request: HttpRequest,
    Query(search): Query<Search>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let after = search.after.as_deref().map(page::after_id).transpose();
    let after = after.map_err(Problem::malformed)?;
    let (limit, shape) = search.check(&request)?;
    let prefix = trainers::key(search.q.as_deref().unwrap_or_default());
    let question = request.uri().clone();
    let load = || async move {
        let load = move |reader: &Reader<'_>| {
            let after = after.map(|id| last_shown(reader, id)).transpose()?;
            Ok::<_, Problem>(trainers::page(reader, &prefix, after.as_ref(), limit)?)
        };
        let found = store.read(Lane::Live, load).await?;
        let next = page::next(&found, limit, |trainer| trainer.id.to_string());
        let list = List::new(found.into_iter().map(View::of).collect(), next);
        list.kept(&question, shape, vec![Tag::Names])
    };
    serve(&shelves.aggregates, &request, shape, load).await
}

/// The trainer that a cursor stands after.
fn last_shown(reader: &Reader<'_>, id: i64) -> Result<Trainer, Problem> {
    trainers::by_id(reader, TrainerId::new(id))?.ok_or_else(|| {
        let fault = Fault::new("must be a cursor from `next`");
        Problem::malformed(fault.under("after"))
    })
}

/// One trainer by id or exact name.
#[utoipa::path(
    operation_id = "show_trainer",
    get, path = "/api/trainers/{trainer}", tag = "facts out", params(NamedTrainer), security(("key" = ["read"])),
    responses((status = 200, body = View), (status = 404, description = "unknown_trainer")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    request: HttpRequest,
    trainer: Path<String>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let load = || async move {
        let load = move |reader: &Reader<'_>| {
            let id = trainer.parse().ok().map(TrainerId::new);
            let by_id = id.map(|id| trainers::by_id(reader, id)).transpose()?;
            let found = match by_id.flatten() {
                Some(found) => Some(found),
                None => trainers::by_name(reader, &trainer)?,
            };
            let unknown = || Problem::unknown("unknown_trainer", format!("no trainer {trainer}"));
            Answer::json(&View::of(found.ok_or_else(unknown)?), vec![Tag::Names])
        };
        store.read(Lane::Live, load).await
    };
    serve(&shelves.aggregates, &request, Shape::Json, load).await
}
