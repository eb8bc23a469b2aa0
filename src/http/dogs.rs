//! Dogs: by name, by id, and their form. A name that several dogs have is answered with all of
//! them, never with a guess.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Read};
use super::page;
use super::problem::Problem;
use super::run_view;
use super::shape::{List, ListFormat, Shape};
use super::sheet::{Column, Sheet, text, whole};
use super::shelves::{Shelves, serve};
use super::tracks::Window;
use crate::domain::{DogId, DogName, Fault, Faults, Sex};
use crate::runtime::Lane;
use crate::store::dog_pages::ShownDog;
use crate::store::{self, Reader, Store, Tag, dog_pages, run_pages};

/// The query of lists that are searched by name.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// How the name begins; capitals do not matter.
    pub(super) q: Option<String>,
    /// Rows of a page, 20 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// A cursor from `next`.
    pub(super) after: Option<String>,
    /// The shape; wins over `Accept`.
    #[param(inline, value_type = Option<ListFormat>)]
    format: Option<String>,
}

/// The path parameter of a dog.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the path parameter")]
pub(super) struct NamedDog {
    /// The dog's id, or a name of it.
    dog: String,
}

/// A dog, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Dog)]
pub(super) struct View {
    #[schema(minimum = 1)]
    dog_id: i64,
    name: String,
    /// `AU`, `GB`, `IE` or `NZ`: where it is registered.
    country: String,
    /// `D` or `B`.
    sex: Option<&'static str>,
    /// Month of birth.
    whelped: Option<String>,
    sire: Option<String>,
    dam: Option<String>,
    /// Every spelling of its names.
    names: Vec<String>,
    /// How many runs its form has; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    runs: Option<u32>,
}

/// The dogs that a name may mean.
#[derive(Serialize, ToSchema)]
#[schema(as = DogCandidates)]
pub(super) struct Candidates {
    candidates: Vec<View>,
}

/// What a caller may mean by a dog.
enum Meant {
    One(DogId),
    Several(Candidates),
}

impl Search {
    /// The limit and the shape, or everything that is wrong with them.
    pub(super) fn check(&self, request: &HttpRequest) -> Result<(u32, Shape), Problem> {
        let mut faults = Faults::default();
        let limit = faults.note("", page::limit(self.limit));
        let shape = faults.note("", Shape::asked(request, self.format.as_deref()));
        if self.prefix().is_some_and(|prefix| prefix.is_empty()) {
            faults.add("q", "must hold a letter or a digit");
        }
        faults.done().map_err(Problem::invalid)?;
        Ok((limit.unwrap_or(1), shape.unwrap_or(Shape::Json)))
    }

    /// The key that names must begin with.
    fn prefix(&self) -> Option<String> {
        let letters = |q: &str| q.chars().filter(char::is_ascii_alphanumeric).collect();
        let key = |q: &str| -> String { letters(q) };
        self.q.as_deref().map(|q| key(q).to_ascii_uppercase())
    }
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[
        whole("dog_id", "/dog_id"),
        text("name", "/name"),
        text("country", "/country"),
        text("sex", "/sex"),
        text("whelped", "/whelped"),
        text("sire", "/sire"),
        text("dam", "/dam"),
        text("names", "/names"),
    ];
}

impl View {
    fn load(reader: &Reader<'_>, dog: ShownDog) -> Result<Self, store::Error> {
        Ok(Self {
            dog_id: dog.id.get(),
            name: dog.name,
            country: dog.country,
            sex: dog.sex.map(Sex::as_str),
            whelped: dog.whelped,
            sire: dog.sire,
            dam: dog.dam,
            names: dog_pages::names(reader, dog.id)?,
            runs: None,
        })
    }
}

/// Dogs by name when `q` says how it begins, else by id.
#[utoipa::path(
    operation_id = "list_dogs",
    get, path = "/api/dogs", tag = "facts out", params(Search), security(("key" = ["read"])),
    responses((status = 200, content(
        (List<View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    ))),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    request: HttpRequest,
    Query(search): Query<Search>,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    let (limit, shape) = search.check(&request)?;
    let after = search.after.as_deref();
    let list = if let Some(prefix) = search.prefix() {
        let after = after.map(page::after_name).transpose();
        let after = after.map_err(Problem::malformed)?;
        let read = move |reader: &Reader<'_>| {
            let found = dog_pages::search(reader, &prefix, after.as_ref(), limit)?;
            let next = page::next(&found, limit, |found| page::name_cursor(&found.spot));
            listed(reader, found.into_iter().map(|found| found.dog), next)
        };
        store.read(Lane::Live, read).await?
    } else {
        let after = after.map(page::after_id).transpose();
        let after = after.map_err(Problem::malformed)?.map(DogId::new);
        let read = move |reader: &Reader<'_>| {
            let found = dog_pages::page(reader, after, limit)?;
            let next = page::next(&found, limit, |dog| dog.id.to_string());
            listed(reader, found.into_iter(), next)
        };
        store.read(Lane::Live, read).await?
    };
    list.answer(&request, shape)
}

fn listed(
    reader: &Reader<'_>,
    dogs: impl Iterator<Item = ShownDog>,
    next: Option<String>,
) -> Result<List<View>, Problem> {
    let items = dogs.map(|dog| View::load(reader, dog));
    Ok(List::new(items.collect::<Result<_, _>>()?, next))
}

/// One dog by id or name.
#[utoipa::path(
    operation_id = "show_dog",
    get, path = "/api/dogs/{dog}", tag = "facts out", params(NamedDog), security(("key" = ["read"])),
    responses(
        (status = 200, body = View),
        (status = 300, body = Candidates, description = "several dogs have that name"),
        (status = 404, description = "unknown_dog"),
    ),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    request: HttpRequest,
    dog: Path<String>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let load = || async move {
        let load = move |reader: &Reader<'_>| match meant(reader, &dog)? {
            Meant::One(id) => {
                let shown = dog_pages::by_id(reader, id)?.ok_or_else(|| unknown(&dog))?;
                let mut view = View::load(reader, shown)?;
                view.runs = Some(dog_pages::runs(reader, id)?);
                Answer::json(&view, hanging_on(id))
            }
            Meant::Several(candidates) => candidates.answer(),
        };
        store.read(Lane::Live, load).await
    };
    serve(&shelves.dogs, &request, Shape::Json, load).await
}

/// Who is meant by a name may change with any name.
fn hanging_on(dog: DogId) -> Vec<Tag> {
    vec![Tag::Dog(dog), Tag::Names]
}

impl Candidates {
    fn answer(self) -> Result<Answer, Problem> {
        let answer = Answer::json(&self, vec![Tag::Facts])?;
        Ok(answer.status(StatusCode::MULTIPLE_CHOICES))
    }
}

/// The runs of a dog as they stand, newest first.
#[utoipa::path(
    operation_id = "list_dog_form",
    get, path = "/api/dogs/{dog}/form", tag = "facts out", params(NamedDog, Window), security(("key" = ["read"])),
    responses(
        (status = 200, content(
            (List<run_view::View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
        )),
        (status = 300, body = Candidates, description = "several dogs have that name"),
        (status = 404, description = "unknown_dog"),
    ),
)]
pub(super) async fn form(
    _caller: Caller<Read>,
    request: HttpRequest,
    dog: Path<String>,
    Query(window): Query<Window>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let (limit, shape) = window.check(&request)?;
    let question = request.uri().clone();
    let load = || async move {
        let load = move |reader: &Reader<'_>| match meant(reader, &dog)? {
            Meant::One(id) => {
                let after = window.after.as_deref();
                let after = after.map(|raw| page::after_run(id, raw)).transpose();
                let after = after.map_err(Problem::malformed)?;
                let found = run_pages::page(reader, id, after.as_ref(), limit)?;
                let next = page::next(&found, limit, |run| page::run_cursor(&run.spot));
                let items = found.into_iter().map(run_view::View::of);
                let list = List::new(items.collect(), next);
                list.kept(&question, shape, hanging_on(id))
            }
            Meant::Several(candidates) => candidates.answer(),
        };
        store.read(Lane::Live, load).await
    };
    serve(&shelves.dogs, &request, shape, load).await
}

/// An id of ours, else a name.
fn meant(reader: &Reader<'_>, raw: &str) -> Result<Meant, Problem> {
    if let Ok(id) = raw.parse()
        && let Some(dog) = dog_pages::by_id(reader, DogId::new(id))?
    {
        return Ok(Meant::One(dog.id));
    }
    let name = DogName::new(raw).map_err(|_fault: Fault| unknown(raw))?;
    match dog_pages::of_name(reader, &name.key())?.as_slice() {
        [] => Err(unknown(raw)),
        [dog] => Ok(Meant::One(*dog)),
        several => {
            let mut candidates = Vec::with_capacity(several.len());
            for dog in several {
                if let Some(dog) = dog_pages::by_id(reader, *dog)? {
                    candidates.push(View::load(reader, dog)?);
                }
            }
            Ok(Meant::Several(Candidates { candidates }))
        }
    }
}

fn unknown(dog: &str) -> Problem {
    Problem::unknown("unknown_dog", format!("no dog {dog}"))
}
