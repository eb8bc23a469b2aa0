//! A race and its runners, for clients: as an object, and as the rows of a table.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::sheet::{Column, Sheet, flag, real, text, whole};
use super::words::{OutcomeWord, RaceStatusWord, SettlementWord};
use crate::domain::{
    BoxNo, DogId, Grams, Lengths, Metres, Millis, Odds, Outcome, Place, RaceDay, RaceSlot,
    Settlement,
};
use crate::store::races::Race;
use crate::store::runners::Runner;
use crate::store::told::Scratched;
use crate::store::{self, Reader, runners};

/// A race, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Race)]
pub(super) struct View {
    race: String,
    #[schema(value_type = String, format = Date)]
    day: RaceDay,
    track: TrackView,
    number: Option<u8>,
    session: u8,
    name: Option<String>,
    #[schema(format = DateTime)]
    jump_at: Option<String>,
    distance_m: Option<u16>,
    grade: Option<String>,
    #[schema(value_type = RaceStatusWord)]
    status: &'static str,
    /// Whether bets on it are settled.
    #[schema(value_type = SettlementWord)]
    settlement: &'static str,
    version: u32,
    #[schema(format = DateTime)]
    updated_at: String,
    runners: Vec<RunnerView>,
}

/// A track, where a race or a meeting is at it.
#[derive(Serialize, ToSchema)]
#[schema(as = RaceTrack)]
pub(super) struct TrackView {
    /// Its name in addresses.
    pub(super) slug: String,
    /// Its name for people.
    pub(super) name: String,
}

/// A runner of a race, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = RaceRunner)]
pub(super) struct RunnerView {
    rug: u8,
    r#box: Option<u8>,
    dog: Option<String>,
    dog_id: Option<i64>,
    trainer: Option<String>,
    weight_kg: Option<f64>,
    reserve: bool,
    scratched: bool,
    place: Option<u8>,
    won: Option<bool>,
    placed: Option<bool>,
    #[schema(value_type = Option<OutcomeWord>)]
    outcome: Option<&'static str>,
    run_time_s: Option<f64>,
    sectional_s: Option<f64>,
    margin_lengths: Option<f64>,
    sp: Option<f64>,
    bsp: Option<f64>,
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[
        text("race", "/race"),
        text("day", "/day"),
        text("track", "/track/slug"),
        whole("number", "/number"),
        whole("session", "/session"),
        text("name", "/name"),
        text("jump_at", "/jump_at"),
        whole("distance_m", "/distance_m"),
        text("grade", "/grade"),
        text("status", "/status"),
        text("settlement", "/settlement"),
        whole("version", "/version"),
        text("updated_at", "/updated_at"),
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

/// An instant, for clients.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl View {
    /// The dogs in the field.
    pub(super) fn dogs(&self) -> impl Iterator<Item = DogId> {
        let dogs = self.runners.iter().filter_map(|runner| runner.dog_id);
        dogs.map(DogId::new)
    }

    /// The race with its field.
    pub(super) fn load(reader: &Reader<'_>, race: Race) -> Result<Self, store::Error> {
        let field = runners::of_race(reader, race.id)?;
        Ok(Self::of(race, field))
    }

    fn of(race: Race, field: Vec<Runner>) -> Self {
        Self {
            race: race.key.to_string(),
            day: race.key.day,
            number: match race.key.slot {
                RaceSlot::Number(number) => Some(number),
                RaceSlot::Time(_) => None,
            },
            session: race.key.session.get(),
            track: TrackView {
                slug: race.key.track,
                name: race.track_name,
            },
            name: race.name,
            jump_at: race.jump_at.map(instant),
            distance_m: race.distance.map(Metres::raw),
            grade: race.grade,
            status: race.status.as_str(),
            settlement: Settlement::of(race.status).as_str(),
            version: race.revision,
            updated_at: instant(race.updated_at),
            runners: field.into_iter().map(RunnerView::of).collect(),
        }
    }
}

impl RunnerView {
    /// What clients see of a runner.
    pub(super) fn of(runner: Runner) -> Self {
        Self {
            rug: runner.rug.get(),
            r#box: runner.box_no.map(BoxNo::get),
            dog: runner.dog,
            dog_id: runner.dog_id.map(DogId::get),
            trainer: runner.trainer,
            weight_kg: runner.weight.map(Grams::get),
            reserve: runner.reserve,
            scratched: runner.scratched,
            place: runner.place.map(Place::get),
            won: runner.won,
            placed: runner.placed,
            outcome: runner.outcome.map(Outcome::as_str),
            run_time_s: runner.run_time.map(Millis::get),
            sectional_s: runner.sectional.map(Millis::get),
            margin_lengths: runner.margin.map(Lengths::get),
            sp: runner.sp.map(Odds::get),
            bsp: runner.bsp.map(Odds::get),
        }
    }

    /// What clients see of a runner that is told to be out.
    pub(super) fn scratched(told: &Scratched) -> Self {
        Self {
            rug: told.rug.get(),
            r#box: None,
            dog: told.dog.clone(),
            dog_id: told.dog_id.map(DogId::get),
            trainer: None,
            weight_kg: None,
            reserve: false,
            scratched: true,
            place: None,
            won: None,
            placed: None,
            outcome: None,
            run_time_s: None,
            sectional_s: None,
            margin_lengths: None,
            sp: None,
            bsp: None,
        }
    }
}
