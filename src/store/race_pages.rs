//! Pages of races, newest day first, and how many races a filter finds.
//!
//! Three ways in, because no one index serves them all: by day, by track, by dog.

use rusqlite::{Row, named_params};

use super::query::query;
use super::races::Race;
use super::{Error, FromRow, Reader};
use crate::domain::{DogId, Metres, RaceDay, RaceId, RaceStatus, TrackId};

/// Which races are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaceFilter {
    /// First day.
    pub from: RaceDay,
    /// Last day.
    pub until: RaceDay,
    /// One track only.
    pub track: Option<TrackId>,
    /// Races with this dog in the field only.
    pub dog: Option<DogId>,
    /// One status only.
    pub status: Option<RaceStatus>,
    /// This grade only, as written.
    pub grade: Option<String>,
    /// This distance only.
    pub distance: Option<Metres>,
}

/// Which part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Only those after this race.
    pub after: Option<(RaceDay, RaceId)>,
    /// Without the first so many.
    pub offset: u32,
    /// At most so many.
    pub limit: u32,
}

struct Total(u32);

impl FromRow for Total {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("total").map(Self)
    }
}

/// Some of the races that fit, newest day first.
pub fn page(reader: &Reader<'_>, filter: &RaceFilter, part: Part) -> Result<Vec<Race>, Error> {
    // The cursor's day bounds the walk; rows after it would be read and thrown away.
    let (until, after_day, after_id) = match part.after {
        Some((day, race)) => (day.min(filter.until), day, race.get()),
        None => (filter.until, filter.until.plus(1), i64::MAX),
    };
    let query = match (filter.dog, filter.track) {
        (Some(_), _) => query!("race/page_of_dog"),
        (None, Some(_)) => query!("race/page_of_track"),
        (None, None) => query!("race/page"),
    };
    let mut params = named_params! {
        ":from": filter.from,
        ":until": until,
        ":after_day": after_day,
        ":after_id": after_id,
        ":status": filter.status,
        ":grade": filter.grade,
        ":distance_m": filter.distance,
        ":limit": part.limit,
        ":offset": part.offset,
    }
    .to_vec();
    if filter.dog.is_some() {
        params.push((":dog_id", &filter.dog));
    }
    if filter.dog.is_some() || filter.track.is_some() {
        params.push((":track_id", &filter.track));
    }
    reader.all(query, params.as_slice())
}

/// How many races fit; counting stops at `most`.
pub fn count(reader: &Reader<'_>, filter: &RaceFilter, most: u32) -> Result<u32, Error> {
    let query = match (filter.dog, filter.track) {
        (Some(_), _) => query!("race/count_of_dog"),
        (None, Some(_)) => query!("race/count_of_track"),
        (None, None) => query!("race/count"),
    };
    let mut params = named_params! {
        ":from": filter.from,
        ":until": filter.until,
        ":status": filter.status,
        ":grade": filter.grade,
        ":distance_m": filter.distance,
        ":most": most,
    }
    .to_vec();
    if filter.dog.is_some() {
        params.push((":dog_id", &filter.dog));
    }
    if filter.dog.is_some() || filter.track.is_some() {
        params.push((":track_id", &filter.track));
    }
    let total: Total = reader.one(query, params.as_slice())?;
    Ok(total.0)
}
