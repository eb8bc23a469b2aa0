//! What the walk through time has learned, and from which day it has to walk again.
//!
//! Rows are facts with a date: each day's last word on a dog, a par, a box, a class.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{CircuitId, DogId, Metres, Par, RaceDay, RaceId};

/// A finished race whose field may be rated.
#[derive(Debug, Clone, PartialEq)]
pub struct RatableRace {
    /// The race.
    pub id: RaceId,
    /// Local day.
    pub day: RaceDay,
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance.
    pub distance: Metres,
    /// Grade as written.
    pub grade: Option<String>,
    /// Since when its last final result could be known.
    pub known_at: DateTime<Utc>,
}

/// A dog's rating after its last race of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DogRow {
    /// The dog.
    pub dog: DogId,
    /// The day.
    pub day: RaceDay,
    /// Mean, natural-log units.
    pub mean: f64,
    /// Variance of the mean.
    pub variance: f64,
    /// Rated races so far.
    pub races: u32,
    /// The last observation.
    pub last: f64,
}

/// The par of a circuit and distance after a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParRow {
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance.
    pub distance: Metres,
    /// The par.
    pub par: Par,
}

/// A box after a day; circuit and distance 0 are the box wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxRow {
    /// Circuit, or 0.
    pub circuit: i64,
    /// Metres, or 0.
    pub distance_m: u16,
    /// Box, 1 to 8.
    pub box_no: u8,
    /// Sum of residuals.
    pub total: f64,
    /// Starts behind it.
    pub starts: u32,
}

/// What an unraced dog of a class is worth after a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorRow {
    /// The class's code.
    pub class: u8,
    /// Mean, natural-log units.
    pub mean: f64,
    /// Dogs behind it.
    pub dogs: u32,
}

/// Everything one day of the walk leaves behind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DayRows {
    /// Dogs, each with the instant its race could be known.
    pub dogs: Vec<(DogRow, DateTime<Utc>)>,
    /// Pars.
    pub pars: Vec<ParRow>,
    /// Boxes.
    pub boxes: Vec<BoxRow>,
    /// Classes.
    pub priors: Vec<PriorRow>,
    /// When the last of the day's results could be known.
    pub known_at: DateTime<Utc>,
}

/// The walk's state before a day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Before {
    /// Dogs.
    pub dogs: Vec<DogRow>,
    /// Pars.
    pub pars: Vec<ParRow>,
    /// Boxes.
    pub boxes: Vec<BoxRow>,
    /// Classes.
    pub priors: Vec<PriorRow>,
}

impl FromRow for RatableRace {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            day: row.get("day")?,
            circuit: row.get("circuit_id")?,
            distance: row.get("distance_m")?,
            grade: row.get("grade")?,
            known_at: instant(row, "known_at_ms")?,
        })
    }
}

impl FromRow for DogRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            dog: row.get("dog_id")?,
            day: row.get("day")?,
            mean: row.get("mean")?,
            variance: row.get("variance")?,
            races: row.get("races")?,
            last: row.get("last")?,
        })
    }
}

impl FromRow for ParRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            circuit: row.get("circuit_id")?,
            distance: row.get("distance_m")?,
            par: Par {
                time_s: row.get("time_s")?,
                races: row.get("races")?,
            },
        })
    }
}

impl FromRow for BoxRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            circuit: row.get("circuit_id")?,
            distance_m: row.get("distance_m")?,
            box_no: row.get("box")?,
            total: row.get("total")?,
            starts: row.get("starts")?,
        })
    }
}

impl FromRow for PriorRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            class: row.get("class")?,
            mean: row.get("mean")?,
            dogs: row.get("dogs")?,
        })
    }
}

struct Debt(Option<RaceDay>);

impl FromRow for Debt {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("from_day").map(Self)
    }
}

/// Notes that results of `day` changed since the walk passed it.
pub fn owe(tx: &Tx<'_>, day: RaceDay) -> Result<(), Error> {
    let params = named_params! { ":day": day };
    tx.change(query!("rating/owe"), params).map(drop)
}

/// The first day that has to be walked again; `None` when ratings are up to date.
pub fn debt(reader: &Reader<'_>) -> Result<Option<RaceDay>, Error> {
    let debt: Debt = reader.one(query!("rating/debt"), [])?;
    Ok(debt.0)
}

/// The races of a day whose starters are all accounted for, in an order that depends on what was
/// known and on race keys, never on row ids.
pub fn races(reader: &Reader<'_>, day: RaceDay) -> Result<Vec<RatableRace>, Error> {
    reader.all(query!("rating/races"), named_params! { ":day": day })
}

/// The state of the walk at the end of the day before `day`.
pub fn before(reader: &Reader<'_>, day: RaceDay) -> Result<Before, Error> {
    let params = named_params! { ":day": day };
    Ok(Before {
        dogs: reader.all(query!("rating/dogs_before"), params)?,
        pars: reader.all(query!("rating/pars_before"), params)?,
        boxes: reader.all(query!("rating/boxes_before"), params)?,
        priors: reader.all(query!("rating/priors_before"), params)?,
    })
}

/// Replaces a day's rows and moves the debt from `day` to `next`.
///
/// Says `false`, and the debt stands, when somebody owes an earlier day meanwhile.
pub fn put_day(
    tx: &mut Tx<'_>,
    day: RaceDay,
    rows: &DayRows,
    next: Option<RaceDay>,
) -> Result<bool, Error> {
    let params = named_params! { ":day": day };
    tx.change(query!("rating/forget_dogs"), params)?;
    tx.change(query!("rating/forget_pars"), params)?;
    tx.change(query!("rating/forget_boxes"), params)?;
    tx.change(query!("rating/forget_priors"), params)?;
    for (dog, known_at) in &rows.dogs {
        put_dog(tx, dog, *known_at)?;
    }
    let known_at_ms = ms(rows.known_at);
    for row in &rows.pars {
        let params = named_params! {
            ":circuit_id": row.circuit, ":distance_m": row.distance, ":day": day,
            ":known_at_ms": known_at_ms, ":time_s": row.par.time_s, ":races": row.par.races,
        };
        tx.change(query!("rating/put_par"), params)?;
    }
    for row in &rows.boxes {
        let params = named_params! {
            ":circuit_id": row.circuit, ":distance_m": row.distance_m, ":box": row.box_no,
            ":day": day, ":known_at_ms": known_at_ms, ":total": row.total, ":starts": row.starts,
        };
        tx.change(query!("rating/put_box"), params)?;
    }
    for row in &rows.priors {
        let params = named_params! {
            ":class": row.class, ":day": day, ":known_at_ms": known_at_ms,
            ":mean": row.mean, ":dogs": row.dogs,
        };
        tx.change(query!("rating/put_prior"), params)?;
    }
    tx.touched().ratings = true;
    let params = named_params! { ":day": day, ":next": next };
    Ok(tx.change(query!("rating/advance"), params)? == 1)
}

fn put_dog(tx: &Tx<'_>, row: &DogRow, known_at: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! {
        ":dog_id": row.dog,
        ":day": row.day,
        ":known_at_ms": ms(known_at),
        ":mean": row.mean,
        ":variance": row.variance,
        ":races": row.races,
        ":last": row.last,
    };
    tx.change(query!("rating/put_dog"), params).map(drop)
}
