//! What an export reads, a page at a time, each page a short question of its own.
//!
//! An export ends at a [`Watermark`], taken when it begins: what comes in meanwhile cannot keep it
//! running. Runs are exported by [`super::run_pages::export`].

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::races::{self, Race};
use super::{Error, FromRow, Reader};
use crate::domain::{DogId, ModelId, Odds, RaceDay, RaceId, RaceKey, Rug, Source, TrackId};

/// The last rows that an export may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermark {
    /// The last race, by id.
    pub race: RaceId,
    /// The last dog, by id.
    pub dog: DogId,
}

/// Which races an export is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportFilter {
    /// First day.
    pub from: RaceDay,
    /// Last day.
    pub until: RaceDay,
    /// One track only.
    pub track: Option<TrackId>,
    /// The last race, by id.
    pub last: RaceId,
}

/// One price as it was told.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownPrice {
    /// The race.
    pub race: RaceKey,
    /// Its id.
    pub race_id: RaceId,
    /// `fixed`, `exchange`, `sp` or `bsp`.
    pub kind: String,
    /// Rug.
    pub rug: Rug,
    /// When it was to be had.
    pub at: DateTime<Utc>,
    /// Who says so.
    pub source: Source,
    /// To win.
    pub win: Option<Odds>,
    /// To be placed.
    pub place: Option<Odds>,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// When we were told.
    pub recorded_at: DateTime<Utc>,
}

/// One prediction of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPrediction {
    /// The race.
    pub race: RaceKey,
    /// Its id.
    pub race_id: RaceId,
    /// The model's id.
    pub model_id: ModelId,
    /// Its digest.
    pub model: String,
    /// What was known until then.
    pub as_of: DateTime<Utc>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// What it said, as JSON.
    pub chances: String,
}

impl FromRow for Watermark {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: row.get("last_race_id")?,
            dog: row.get("last_dog_id")?,
        })
    }
}

impl FromRow for ShownPrice {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: races::key(row)?,
            race_id: row.get("race_id")?,
            kind: row.get("kind")?,
            rug: row.get("rug")?,
            at: instant(row, "at_ms")?,
            source: row.get("source")?,
            win: row.get("win_price")?,
            place: row.get("place_price")?,
            known_at: instant(row, "known_at_ms")?,
            recorded_at: instant(row, "recorded_at_ms")?,
        })
    }
}

impl FromRow for ShownPrediction {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: races::key(row)?,
            race_id: row.get("race_id")?,
            model_id: row.get("model_id")?,
            model: row.get("model")?,
            as_of: instant(row, "as_of_ms")?,
            made_at: instant(row, "made_at_ms")?,
            chances: row.get("chances")?,
        })
    }
}

/// What is there now.
pub fn watermark(reader: &Reader<'_>) -> Result<Watermark, Error> {
    reader.one(query!("export/watermark"), [])
}

/// Some races, oldest day first, after one of them.
pub fn races(
    reader: &Reader<'_>,
    filter: &ExportFilter,
    after: Option<(RaceDay, RaceId)>,
    limit: u32,
) -> Result<Vec<Race>, Error> {
    let (after_day, after_id) = after.unwrap_or((filter.from, RaceId::new(0)));
    let params = named_params! {
        ":from": after_day,
        ":until": filter.until,
        ":after_day": after_day,
        ":after_id": after_id,
        ":last_id": filter.last,
        ":track_id": filter.track,
        ":limit": limit,
    };
    reader.all(query!("export/races"), params)
}

/// Some prices, by race, oldest day first, after one of them.
pub fn prices(
    reader: &Reader<'_>,
    filter: &ExportFilter,
    after: Option<&ShownPrice>,
    limit: u32,
) -> Result<Vec<ShownPrice>, Error> {
    let day = after.map_or(filter.from, |price| price.race.day);
    let params = named_params! {
        ":from": day,
        ":until": filter.until,
        ":after_day": day,
        ":after_id": after.map_or(0, |price| price.race_id.get()),
        ":last_id": filter.last,
        ":kind": after.map_or("", |price| &price.kind),
        ":rug": after.map_or(0, |price| price.rug.get()),
        ":at_ms": after.map_or(0, |price| ms(price.at)),
        ":source": after.map_or("", |price| price.source.as_str()),
        ":known_at_ms": after.map_or(0, |price| ms(price.known_at)),
        ":track_id": filter.track,
        ":limit": limit,
    };
    reader.all(query!("export/prices"), params)
}

/// Some predictions, by race, oldest day first, after one of them.
pub fn predictions(
    reader: &Reader<'_>,
    filter: &ExportFilter,
    after: Option<&ShownPrediction>,
    limit: u32,
) -> Result<Vec<ShownPrediction>, Error> {
    let day = after.map_or(filter.from, |prediction| prediction.race.day);
    let params = named_params! {
        ":from": day,
        ":until": filter.until,
        ":after_day": day,
        ":after_id": after.map_or(0, |prediction| prediction.race_id.get()),
        ":last_id": filter.last,
        ":model_id": after.map_or(0, |prediction| prediction.model_id.get()),
        ":as_of_ms": after.map_or(0, |prediction| ms(prediction.as_of)),
        ":track_id": filter.track,
        ":limit": limit,
    };
    reader.all(query!("export/predictions"), params)
}
