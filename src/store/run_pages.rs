//! Runs, for showing: the form book as it stands, by dog, newest first.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, performances, races};
use crate::domain::{
    BoxNo, CircuitId, DogId, Metres, Performance, RaceDay, RaceId, RaceKey, Source, TrackId,
};

/// A run with the names of everything it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownRun {
    /// Where it stands in the form book.
    pub spot: RunSpot,
    /// The dog's name.
    pub dog: String,
    /// Slug of the track.
    pub track: String,
    /// The race, where it is known.
    pub race: Option<RaceKey>,
    /// Number of the race, where it is known.
    pub number: Option<u8>,
    /// Grade as written.
    pub grade: Option<String>,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// How many ran.
    pub field_size: Option<u8>,
    /// A trial, not a race.
    pub trial: bool,
    /// Trainer on the day.
    pub trainer: Option<String>,
    /// What the dog did.
    pub performance: Performance,
}

/// A place in the form book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSpot {
    /// The dog.
    pub dog: DogId,
    /// Local day.
    pub day: RaceDay,
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance.
    pub distance: Metres,
    /// Rug, 0 where it is not known.
    pub rug: u8,
    /// Who says so.
    pub source: Source,
    /// The race, 0 where it is not known.
    pub race: RaceId,
    /// Number, 0 where it is not known.
    pub number: u8,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
}

impl FromRow for RunSpot {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            dog: row.get("dog_id")?,
            day: row.get("day")?,
            circuit: row.get("circuit_id")?,
            distance: row.get("distance_m")?,
            rug: row.get("rug")?,
            source: row.get("source")?,
            race: row.get("race_id")?,
            number: row.get("number")?,
            known_at: instant(row, "known_at_ms")?,
        })
    }
}

impl FromRow for ShownRun {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let spot = RunSpot::from_row(row)?;
        let raced: Option<u8> = row.get("race_number")?;
        let known = spot.race.get() > 0;
        Ok(Self {
            dog: row.get("dog")?,
            track: row.get("slug")?,
            race: known.then(|| race(row)).transpose()?,
            number: raced.or(Some(spot.number).filter(|number| *number > 0)),
            grade: row.get("grade")?,
            box_no: row.get("box")?,
            field_size: row.get("field_size")?,
            trial: row.get("trial")?,
            trainer: row.get("trainer")?,
            performance: performances::read(row)?,
            spot,
        })
    }
}

/// The number of a run is the source's, the number of its race is the race's.
fn race(row: &Row<'_>) -> rusqlite::Result<RaceKey> {
    Ok(RaceKey {
        slot: races::slot(row, "race_number")?,
        ..races::key(row)?
    })
}

/// Some runs of a dog, newest first, after one of them; only what stands.
pub fn page(
    reader: &Reader<'_>,
    dog: DogId,
    after: Option<&RunSpot>,
    limit: u32,
) -> Result<Vec<ShownRun>, Error> {
    let last = i64::MAX;
    let day = after.map_or("9999-12-31".to_owned(), |spot| spot.day.to_string());
    let params = named_params! {
        ":dog_id": dog,
        ":day": day,
        ":circuit_id": after.map_or(last, |spot| spot.circuit.get()),
        ":distance_m": after.map(|spot| spot.distance),
        ":rug": after.map_or(0, |spot| spot.rug),
        ":source": after.map(|spot| &spot.source),
        ":race_id": after.map_or(0, |spot| spot.race.get()),
        ":number": after.map_or(0, |spot| spot.number),
        ":known_at_ms": after.map_or(last, |spot| ms(spot.known_at)),
        ":limit": limit,
    };
    reader.all(query!("run/form"), params)
}

/// Which runs an export is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunFilter {
    /// First day.
    pub from: RaceDay,
    /// Last day.
    pub until: RaceDay,
    /// One track only.
    pub track: Option<TrackId>,
    /// The last dog, by id.
    pub last_dog: DogId,
}

/// Some runs by dog and, of each, newest first, after one of them; only what stands.
pub fn export(
    reader: &Reader<'_>,
    filter: &RunFilter,
    after: Option<&RunSpot>,
    limit: u32,
) -> Result<Vec<ShownRun>, Error> {
    let params = named_params! {
        ":from": filter.from,
        ":until": filter.until,
        ":track_id": filter.track,
        ":last_dog_id": filter.last_dog,
        ":dog_id": after.map_or(0, |spot| spot.dog.get()),
        ":day": after.map_or(filter.until, |spot| spot.day),
        ":circuit_id": after.map_or(0, |spot| spot.circuit.get()),
        ":distance_m": after.map(|spot| spot.distance),
        ":rug": after.map_or(0, |spot| spot.rug),
        ":source": after.map(|spot| &spot.source),
        ":race_id": after.map_or(0, |spot| spot.race.get()),
        ":number": after.map_or(0, |spot| spot.number),
        ":known_at_ms": after.map_or(0, |spot| ms(spot.known_at)),
        ":limit": limit,
    };
    reader.all(query!("export/runs"), params)
}
