//! What can be exported: how its next page is read, and how a row of it looks.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{Odds, RaceDay, TrackId};
use crate::http::race_view::{self, instant};
use crate::http::run_view;
use crate::http::sheet::{Column, Sheet, real, text, whole};
use crate::store::exports::{ExportFilter, ShownPrediction, ShownPrice, Watermark};
use crate::store::races::Race;
use crate::store::run_pages::{RunFilter, ShownRun};
use crate::store::{Error, Reader, exports, run_pages};

/// What an export is about, and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) from: RaceDay,
    pub(super) until: RaceDay,
    pub(super) track: Option<TrackId>,
    pub(super) mark: Watermark,
}

/// A row of the database that can be exported.
pub(super) trait Exported: Clone + Send + Unpin + 'static {
    /// What clients see of it.
    type View: Sheet;
    /// Rows of a page, so that at most 1,000 are read at a time.
    const PAGE: u32 = 1_000;
    /// The rows after one of them.
    fn page(reader: &Reader<'_>, wanted: &Wanted, after: Option<&Self>)
    -> Result<Vec<Self>, Error>;
    /// The row, for clients.
    fn view(self, reader: &Reader<'_>) -> Result<Self::View, Error>;
}

/// A price, for clients.
#[derive(Serialize)]
pub(super) struct PriceView {
    race: String,
    day: RaceDay,
    track: String,
    kind: String,
    rug: u8,
    at: String,
    source: String,
    win: Option<f64>,
    place: Option<f64>,
    known_at: String,
    recorded_at: String,
}

/// A prediction of the ledger, for clients.
#[derive(Serialize)]
pub(super) struct PredictionView {
    race: String,
    day: RaceDay,
    track: String,
    model: String,
    as_of: String,
    made_at: String,
    chances: Value,
}

impl Wanted {
    const fn filter(&self) -> ExportFilter {
        ExportFilter {
            from: self.from,
            until: self.until,
            track: self.track,
            last: self.mark.race,
        }
    }
}

impl Exported for Race {
    type View = race_view::View;
    /// A race has up to ten runners.
    const PAGE: u32 = 100;

    fn page(
        reader: &Reader<'_>,
        wanted: &Wanted,
        after: Option<&Self>,
    ) -> Result<Vec<Self>, Error> {
        let after = after.map(|race| (race.key.day, race.id));
        exports::races(reader, &wanted.filter(), after, Self::PAGE)
    }

    fn view(self, reader: &Reader<'_>) -> Result<Self::View, Error> {
        race_view::View::load(reader, self)
    }
}

impl Exported for ShownRun {
    type View = run_view::View;

    fn page(
        reader: &Reader<'_>,
        wanted: &Wanted,
        after: Option<&Self>,
    ) -> Result<Vec<Self>, Error> {
        let filter = RunFilter {
            from: wanted.from,
            until: wanted.until,
            track: wanted.track,
            last_dog: wanted.mark.dog,
        };
        run_pages::export(reader, &filter, after.map(|run| &run.spot), Self::PAGE)
    }

    fn view(self, _reader: &Reader<'_>) -> Result<Self::View, Error> {
        Ok(run_view::View::of(self))
    }
}

impl Exported for ShownPrice {
    type View = PriceView;

    fn page(
        reader: &Reader<'_>,
        wanted: &Wanted,
        after: Option<&Self>,
    ) -> Result<Vec<Self>, Error> {
        exports::prices(reader, &wanted.filter(), after, Self::PAGE)
    }

    fn view(self, _reader: &Reader<'_>) -> Result<Self::View, Error> {
        Ok(PriceView {
            race: self.race.to_string(),
            day: self.race.day,
            track: self.race.track,
            kind: self.kind,
            rug: self.rug.get(),
            at: instant(self.at),
            source: self.source.as_str().to_owned(),
            win: self.win.map(Odds::get),
            place: self.place.map(Odds::get),
            known_at: instant(self.known_at),
            recorded_at: instant(self.recorded_at),
        })
    }
}

impl Exported for ShownPrediction {
    type View = PredictionView;

    fn page(
        reader: &Reader<'_>,
        wanted: &Wanted,
        after: Option<&Self>,
    ) -> Result<Vec<Self>, Error> {
        exports::predictions(reader, &wanted.filter(), after, Self::PAGE)
    }

    fn view(self, _reader: &Reader<'_>) -> Result<Self::View, Error> {
        Ok(PredictionView {
            race: self.race.to_string(),
            day: self.race.day,
            track: self.race.track,
            model: self.model,
            as_of: instant(self.as_of),
            made_at: instant(self.made_at),
            chances: serde_json::from_str(&self.chances).unwrap_or(Value::Null),
        })
    }
}

impl Sheet for PriceView {
    const COLUMNS: &'static [Column] = &[
        text("race", "/race"),
        text("day", "/day"),
        text("track", "/track"),
        text("kind", "/kind"),
        whole("rug", "/rug"),
        text("at", "/at"),
        text("source", "/source"),
        real("win", "/win"),
        real("place", "/place"),
        text("known_at", "/known_at"),
        text("recorded_at", "/recorded_at"),
    ];
}

impl Sheet for PredictionView {
    const COLUMNS: &'static [Column] = &[
        text("race", "/race"),
        text("day", "/day"),
        text("track", "/track"),
        text("model", "/model"),
        text("as_of", "/as_of"),
        text("made_at", "/made_at"),
        text("chances", "/chances"),
    ];
}
