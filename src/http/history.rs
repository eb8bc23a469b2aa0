//! What was ever told of a race, version by version.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::openapi::Named;
use super::page;
use super::problem::Problem;
use super::race_view::{RunnerView, instant};
use super::races::{key, unknown};
use super::shape::List;
use super::sheet::{Column, Sheet, flag, real, text, whole};
use super::tracks::Window;
use crate::domain::{BoxNo, Metres, RaceStatus, Rug};
use crate::formats::facts::ResultStatusWord;
use crate::runtime::Lane;
use crate::store::told::{Told, What};
use crate::store::{Reader, Store, races, told};

/// One thing that was told of a race.
#[derive(Serialize, ToSchema)]
#[schema(as = RaceVersion)]
pub(super) struct View {
    /// Counts from 1 in the order in which lurcher was told.
    #[schema(minimum = 1)]
    version: u32,
    /// `card`, `scratching` or `result`.
    kind: &'static str,
    /// Who said so; a scratching is told by nobody in particular.
    source: Option<String>,
    /// Since when it could be known in the world.
    #[schema(format = DateTime)]
    known_at: String,
    /// When lurcher was told.
    #[schema(format = DateTime)]
    recorded_at: String,
    /// How final, of a result.
    #[schema(value_type = Option<ResultStatusWord>)]
    status: Option<&'static str>,
    #[schema(format = DateTime)]
    jump_at: Option<String>,
    distance_m: Option<u16>,
    grade: Option<String>,
    name: Option<String>,
    prize: Option<String>,
    /// Who takes the place of the one that is out.
    replaced_by_rug: Option<u8>,
    /// From which box.
    replacement_box: Option<u8>,
    runners: Vec<RunnerView>,
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[
        whole("version", "/version"),
        text("kind", "/kind"),
        text("source", "/source"),
        text("known_at", "/known_at"),
        text("recorded_at", "/recorded_at"),
        text("status", "/status"),
        text("jump_at", "/jump_at"),
        whole("distance_m", "/distance_m"),
        text("grade", "/grade"),
        text("name", "/name"),
        text("prize", "/prize"),
        whole("replaced_by_rug", "/replaced_by_rug"),
        whole("replacement_box", "/replacement_box"),
        whole("rug", "/runners/rug"),
        whole("box", "/runners/box"),
        text("dog", "/runners/dog"),
        whole("dog_id", "/runners/dog_id"),
        text("trainer", "/runners/trainer"),
        real("weight_kg", "/runners/weight_kg"),
        flag("reserve", "/runners/reserve"),
        flag("scratched", "/runners/scratched"),
        whole("place", "/runners/place"),
        flag("won", "/runners/won"),
        flag("placed", "/runners/placed"),
        text("outcome", "/runners/outcome"),
        real("run_time_s", "/runners/run_time_s"),
        real("sectional_s", "/runners/sectional_s"),
        real("margin_lengths", "/runners/margin_lengths"),
        real("sp", "/runners/sp"),
        real("bsp", "/runners/bsp"),
    ];
    const SPREAD: Option<&'static str> = Some("runners");
}

/// What was ever told of a race, oldest first.
#[utoipa::path(
    operation_id = "list_race_versions",
    get, path = "/api/races/{race}/history", tag = "facts out", params(Named, Window), security(("key" = ["read"])),
    responses(
        (status = 200, content(
            (List<View> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
        )),
        (status = 404, description = "unknown_race"),
    ),
)]
pub(super) async fn list(
    _caller: Caller<Read>,
    request: HttpRequest,
    race: Path<String>,
    Query(window): Query<Window>,
    store: Data<Store>,
) -> Result<HttpResponse, Problem> {
    let key = key(&race)?;
    let after = window.after.as_deref().map(page::after_id).transpose();
    let after = after.map_err(Problem::malformed)?.unwrap_or(0);
    let (limit, shape) = window.check(&request)?;
    let list = store
        .read(Lane::Live, move |reader| {
            let race = races::by_key(reader, &key)?.ok_or_else(|| unknown(&key))?;
            let all = (1_u32..).zip(told::of_race(reader, race.id)?);
            let rest = all.skip_while(|(version, _)| i64::from(*version) <= after);
            let shown = rest.take(usize::try_from(limit).unwrap_or(1));
            let items = shown.map(|(version, told)| View::load(reader, version, &told));
            let items = items.collect::<Result<Vec<_>, Problem>>()?;
            let next = page::next(&items, limit, |item| item.version.to_string());
            Ok::<_, Problem>(List::new(items, next))
        })
        .await?;
    list.answer(&request, shape)
}

impl View {
    fn load(reader: &Reader<'_>, version: u32, told: &Told) -> Result<Self, Problem> {
        let runners = told::field(reader, told)?;
        let mut view = Self {
            version,
            kind: "scratching",
            source: None,
            known_at: instant(told.known_at),
            recorded_at: instant(told.recorded_at),
            status: None,
            jump_at: None,
            distance_m: None,
            grade: None,
            name: None,
            prize: None,
            replaced_by_rug: None,
            replacement_box: None,
            runners: runners.into_iter().map(RunnerView::of).collect(),
        };
        match &told.what {
            What::Card(card) => view.tell("card", card),
            What::Result(result) => view.tell("result", result),
            What::Scratching(scratched) => {
                view.replaced_by_rug = scratched.replaced_by.map(Rug::get);
                view.replacement_box = scratched.box_no.map(BoxNo::get);
                view.runners.push(RunnerView::scratched(scratched));
            }
        }
        Ok(view)
    }

    fn tell(&mut self, kind: &'static str, told: &told::Version) {
        self.kind = kind;
        self.source = Some(told.source.as_str().to_owned());
        self.status = told.status.map(RaceStatus::as_str);
        self.jump_at = told.about.jump_at.map(instant);
        self.distance_m = told.about.distance.map(Metres::raw);
        self.grade.clone_from(&told.about.grade);
        self.name.clone_from(&told.about.name);
        self.prize.clone_from(&told.prize);
    }
}
