//! A past run of a dog, for clients.

use serde::Serialize;
use utoipa::ToSchema;

use super::sheet::{Column, Sheet, flag, real, text, whole};
use super::words::OutcomeWord;
use crate::domain::{BoxNo, Grams, Lengths, Millis, Odds, Outcome, Place, RaceDay};
use crate::store::run_pages::ShownRun;

/// A run, for clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub(super) struct View {
    #[schema(value_type = String, format = Date)]
    day: RaceDay,
    track: String,
    /// The race, where it is known.
    race: Option<String>,
    number: Option<u8>,
    distance_m: u16,
    grade: Option<String>,
    rug: Option<u8>,
    r#box: Option<u8>,
    dog: String,
    #[schema(minimum = 1)]
    dog_id: i64,
    trainer: Option<String>,
    place: Option<u8>,
    won: Option<bool>,
    placed: Option<bool>,
    #[schema(value_type = Option<OutcomeWord>)]
    outcome: Option<&'static str>,
    run_time_s: Option<f64>,
    winner_time_s: Option<f64>,
    best_of_night_s: Option<f64>,
    sectional_s: Option<f64>,
    margin_lengths: Option<f64>,
    weight_kg: Option<f64>,
    positions: Option<String>,
    /// The winner, or the second when this dog won.
    other: Option<String>,
    sp: Option<f64>,
    bsp: Option<f64>,
    place_bsp: Option<f64>,
    comment: Option<String>,
    field_size: Option<u8>,
    /// A trial, not a race.
    trial: bool,
    /// Who says so.
    source: String,
}

impl Sheet for View {
    const COLUMNS: &'static [Column] = &[
        text("day", "/day"),
        text("track", "/track"),
        text("race", "/race"),
        whole("number", "/number"),
        whole("distance_m", "/distance_m"),
        text("grade", "/grade"),
        whole("rug", "/rug"),
        whole("box", "/box"),
        text("dog", "/dog"),
        whole("dog_id", "/dog_id"),
        text("trainer", "/trainer"),
        whole("place", "/place"),
        flag("won", "/won"),
        flag("placed", "/placed"),
        text("outcome", "/outcome"),
        real("run_time_s", "/run_time_s"),
        real("winner_time_s", "/winner_time_s"),
        real("best_of_night_s", "/best_of_night_s"),
        real("sectional_s", "/sectional_s"),
        real("margin_lengths", "/margin_lengths"),
        real("weight_kg", "/weight_kg"),
        text("positions", "/positions"),
        text("other", "/other"),
        real("sp", "/sp"),
        real("bsp", "/bsp"),
        real("place_bsp", "/place_bsp"),
        text("comment", "/comment"),
        whole("field_size", "/field_size"),
        flag("trial", "/trial"),
        text("source", "/source"),
    ];
}

impl View {
    /// What clients see of a run.
    pub(super) fn of(run: ShownRun) -> Self {
        let did = run.performance;
        Self {
            day: run.spot.day,
            track: run.track,
            race: run.race.map(|race| race.to_string()),
            number: run.number,
            distance_m: run.spot.distance.raw(),
            grade: run.grade,
            rug: Some(run.spot.rug).filter(|rug| *rug > 0),
            r#box: run.box_no.map(BoxNo::get),
            dog: run.dog,
            dog_id: run.spot.dog.get(),
            trainer: run.trainer,
            place: did.place.map(Place::get),
            won: did.won,
            placed: did.placed,
            outcome: did.outcome.map(Outcome::as_str),
            run_time_s: did.run_time.map(Millis::get),
            winner_time_s: did.winner_time.map(Millis::get),
            best_of_night_s: did.best_of_night.map(Millis::get),
            sectional_s: did.sectional.map(Millis::get),
            margin_lengths: did.margin.map(Lengths::get),
            weight_kg: did.weight.map(Grams::get),
            positions: did.positions,
            other: did.other,
            sp: did.sp.map(Odds::get),
            bsp: did.bsp.map(Odds::get),
            place_bsp: did.place_bsp.map(Odds::get),
            comment: did.comment,
            field_size: run.field_size,
            trial: run.trial,
            source: run.spot.source.as_str().to_owned(),
        }
    }
}
