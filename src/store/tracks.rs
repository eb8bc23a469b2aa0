//! Tracks, their circuits, and what sources call them.

use chrono_tz::Tz;
use rusqlite::types::FromSqlError;
use rusqlite::{Row, named_params};

use super::query::query;
use super::{Error, FromRow, Reader};
use crate::domain::{Circuit, CircuitId, Metres, RaceDay, Track, TrackId};

/// One reading of an alias: a track, and how particular the source was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The track.
    pub track: TrackId,
    /// Whose alias; `*` is everybody's.
    pub source: String,
    /// `any`, `distance` or `none`.
    pub scope: String,
}

/// The time zone of a row; what is stored was checked when it was written.
pub(super) fn zone(row: &Row<'_>) -> rusqlite::Result<Tz> {
    let name: String = row.get("zone")?;
    name.parse()
        .map_err(|error: chrono_tz::ParseError| FromSqlError::Other(Box::new(error)).into())
}

impl FromRow for Alias {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            track: row.get("track_id")?,
            source: row.get("source")?,
            scope: row.get("scope")?,
        })
    }
}

impl FromRow for Track {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            slug: row.get("slug")?,
            name: row.get("name")?,
            country: row.get("country")?,
            zone: zone(row)?,
        })
    }
}

impl FromRow for Circuit {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            seconds_per_length: row.get("seconds_per_length")?,
        })
    }
}

struct Slug(String);

impl FromRow for Slug {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("slug").map(Self)
    }
}

/// What is known of a circuit, for showing.
#[derive(Debug, Clone, PartialEq)]
pub struct CircuitView {
    id: CircuitId,
    /// Name in addresses.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// The one that races use unless their distance says otherwise.
    pub main: bool,
    /// Seconds that a length stands for here.
    pub seconds_per_length: f64,
    /// The distances that tell it from the main one.
    pub distances: Vec<Metres>,
}

impl FromRow for CircuitView {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            slug: row.get("slug")?,
            name: row.get("name")?,
            main: row.get("main")?,
            seconds_per_length: row.get("seconds_per_length")?,
            distances: Vec::new(),
        })
    }
}

/// What somebody calls a track, for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasView {
    /// The code or name, as it is compared.
    pub code: String,
    /// Whose; `*` is everybody's.
    pub source: String,
    /// `any`, `distance` or `none`.
    pub scope: String,
    /// The one distance at which it holds.
    pub distance: Option<Metres>,
}

impl FromRow for AliasView {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let distance: i64 = row.get("distance_m")?;
        Ok(Self {
            code: row.get("code")?,
            source: row.get("source")?,
            scope: row.get("scope")?,
            distance: Metres::from_raw(distance).ok(),
        })
    }
}

impl FromRow for Metres {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("distance_m")
    }
}

/// Some tracks by slug, after one of them.
pub fn page(reader: &Reader<'_>, after: Option<&str>, limit: u32) -> Result<Vec<Track>, Error> {
    let params = named_params! { ":after": after.unwrap_or_default(), ":limit": limit };
    reader.all(query!("track/page"), params)
}

/// The circuits of a track, the main one first.
pub fn circuits(reader: &Reader<'_>, track: TrackId) -> Result<Vec<CircuitView>, Error> {
    let params = named_params! { ":track_id": track };
    let mut circuits: Vec<CircuitView> = reader.all(query!("track/circuits"), params)?;
    for circuit in &mut circuits {
        let params = named_params! { ":track_id": track, ":circuit_id": circuit.id };
        circuit.distances = reader.all(query!("track/distances"), params)?;
    }
    Ok(circuits)
}

/// Everything that anybody calls a track, at most 500.
pub fn aliases(reader: &Reader<'_>, track: TrackId) -> Result<Vec<AliasView>, Error> {
    reader.all(
        query!("track/aliases"),
        named_params! { ":track_id": track },
    )
}

/// Every track that `code` may mean on that day, at that distance (or at none), for any source.
pub fn by_alias(
    reader: &Reader<'_>,
    code: &str,
    distance: Option<Metres>,
    day: RaceDay,
) -> Result<Vec<Alias>, Error> {
    let params = named_params! { ":code": code, ":distance_m": distance, ":day": day };
    reader.all(query!("track/by_alias"), params)
}

/// The slugs of every track that anybody calls `code`, at whatever distance and time.
pub fn candidates(reader: &Reader<'_>, code: &str) -> Result<Vec<String>, Error> {
    let slugs: Vec<Slug> =
        reader.all(query!("track/candidates"), named_params! { ":code": code })?;
    Ok(slugs.into_iter().map(|slug| slug.0).collect())
}

/// The track, which must exist.
pub fn by_id(reader: &Reader<'_>, id: TrackId) -> Result<Track, Error> {
    reader.one(query!("track/by_id"), named_params! { ":id": id })
}

/// The track with that slug.
pub fn by_slug(reader: &Reader<'_>, slug: &str) -> Result<Option<Track>, Error> {
    reader.maybe(query!("track/by_slug"), named_params! { ":slug": slug })
}

/// The circuit that races of this distance use; the main one where the distance is not known.
pub fn circuit(
    reader: &Reader<'_>,
    track: TrackId,
    distance: Option<Metres>,
    day: RaceDay,
) -> Result<Circuit, Error> {
    let params = named_params! { ":track_id": track, ":distance_m": distance, ":day": day };
    reader.one(query!("track/circuit"), params)
}
