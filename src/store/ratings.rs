//! What the walk through time has learned, and from which day it has to walk again.
//!
//! Rows are facts with a date: each day's last word on a dog, a par, a box, a class.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, maybe_instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{CircuitId, DogId, Filter, Four, Look, Metres, Par, RaceDay, RaceId, Strength};

/// How far back a correction may lie that later rows are still as young as.
const CORRECTION_DAYS: i64 = 60;

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
    /// What each filter thinks.
    pub strengths: Four<Strength>,
    /// Rated races so far.
    pub races: u32,
    /// What the last of them said.
    pub look: Look,
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
    /// Sum of residuals on the scale of places.
    pub place_total: f64,
    /// Starts behind it.
    pub starts: u32,
}

/// What an unraced dog of a class is worth after a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorRow {
    /// The class's code.
    pub class: u8,
    /// Mean for each filter, natural-log units.
    pub means: Four<f64>,
    /// Dogs behind it.
    pub dogs: u32,
}

/// Everything one day of the walk leaves behind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DayRows {
    /// Dogs.
    pub dogs: Vec<DogRow>,
    /// Pars.
    pub pars: Vec<ParRow>,
    /// Boxes.
    pub boxes: Vec<BoxRow>,
    /// Classes.
    pub priors: Vec<PriorRow>,
    /// Since when all this could be known: since the last of the results behind it, which a
    /// correction may make later than the day.
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
    /// Since when the newest knowledge in it could be known; `None` at the beginning of time.
    pub known_at: Option<DateTime<Utc>>,
}

/// A stored row that stands, and since when it could be known.
struct Standing<R> {
    row: R,
    known_at: DateTime<Utc>,
}

impl<R: FromRow> FromRow for Standing<R> {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: R::from_row(row)?,
            known_at: instant(row, "known_at_ms")?,
        })
    }
}

struct KnownAt(Option<DateTime<Utc>>);

impl FromRow for KnownAt {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        maybe_instant(row, "known_at_ms").map(Self)
    }
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
            strengths: strengths(row)?,
            races: row.get("races")?,
            look: look(row)?,
        })
    }
}

/// The columns of a filter, as `<name>_mean` and `<name>_variance`.
const fn columns(filter: Filter) -> (&'static str, &'static str) {
    match filter {
        Filter::Even => ("even_mean", "even_variance"),
        Filter::Slow => ("slow_mean", "slow_variance"),
        Filter::Quick => ("quick_mean", "quick_variance"),
        Filter::Place => ("place_mean", "place_variance"),
    }
}

/// What each filter thinks, from a row of `rating`.
pub(super) fn strengths(row: &Row<'_>) -> rusqlite::Result<Four<Strength>> {
    let mut strengths = Four::default();
    for filter in Filter::ALL {
        let (mean, variance) = columns(filter);
        strengths[filter.index()] = Strength {
            mean: row.get(mean)?,
            variance: row.get(variance)?,
        };
    }
    Ok(strengths)
}

/// What the race said, from a row of `rating`.
pub(super) fn look(row: &Row<'_>) -> rusqlite::Result<Look> {
    Ok(Look {
        win: row.get("look")?,
        place: row.get("place_look")?,
        surprise: row.get("surprise")?,
        place_surprise: row.get("place_surprise")?,
        field: row.get("field")?,
    })
}

/// What an unraced dog is worth to each filter, from a row of `class_prior`.
pub(super) fn means(row: &Row<'_>) -> rusqlite::Result<Four<f64>> {
    let mut means = Four::default();
    for filter in Filter::ALL {
        means[filter.index()] = row.get(columns(filter).0)?;
    }
    Ok(means)
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
            place_total: row.get("place_total")?,
            starts: row.get("starts")?,
        })
    }
}

impl FromRow for PriorRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            class: row.get("class")?,
            means: means(row)?,
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
    let recent = named_params! { ":day": day, ":from": day.plus(-CORRECTION_DAYS) };
    let known: KnownAt = reader.one(query!("rating/known_before"), recent)?;
    Ok(Before {
        known_at: known.0,
        dogs: reader.all(query!("rating/dogs_before"), params)?,
        pars: reader.all(query!("rating/pars_before"), params)?,
        boxes: reader.all(query!("rating/boxes_before"), params)?,
        priors: reader.all(query!("rating/priors_before"), params)?,
    })
}

/// Replaces a day's rows and moves the debt from `day` to `next`.
///
/// A row that comes out as it was stays. Another takes its place from [`DayRows::known_at`] on;
/// what was to be seen before that instant stays to be seen.
///
/// Says `false`, and the debt stands, when somebody owes an earlier day meanwhile.
pub fn put_day(
    tx: &mut Tx<'_>,
    day: RaceDay,
    rows: &DayRows,
    next: Option<RaceDay>,
) -> Result<bool, Error> {
    put_dogs(tx, day, rows)?;
    put_pars(tx, day, rows)?;
    put_boxes(tx, day, rows)?;
    put_priors(tx, day, rows)?;
    tx.touched().ratings = true;
    let params = named_params! { ":day": day, ":next": next };
    Ok(tx.change(query!("rating/advance"), params)? == 1)
}

/// What has to change: the keys of rows that no longer stand, and the rows that are new.
struct Difference<'r, K, R> {
    gone: Vec<K>,
    new: Vec<&'r R>,
}

fn difference<'r, K: Ord + Copy, R: PartialEq>(
    stored: &[Standing<R>],
    rows: &'r [R],
    known_at: DateTime<Utc>,
    key: impl Fn(&R) -> K,
) -> Difference<'r, K, R> {
    let stored: BTreeMap<K, &Standing<R>> = stored.iter().map(|old| (key(&old.row), old)).collect();
    let wanted: BTreeMap<K, &R> = rows.iter().map(|row| (key(row), row)).collect();
    let stays = |key: &K| match (stored.get(key), wanted.get(key)) {
        (Some(old), Some(row)) => old.row == **row && old.known_at <= known_at,
        _ => false,
    };
    let gone = stored.keys().filter(|key| !stays(key)).copied().collect();
    let new = wanted
        .iter()
        .filter(|(key, _)| !stays(key))
        .map(|(_, row)| *row)
        .collect();
    Difference { gone, new }
}

fn put_dogs(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/dogs_on"), named_params! { ":day": day })?;
    let change = difference(&stored, &rows.dogs, rows.known_at, |row: &DogRow| row.dog);
    let known_at_ms = ms(rows.known_at);
    for dog in change.gone {
        let params = named_params! { ":dog_id": dog, ":day": day, ":gone_at_ms": known_at_ms };
        tx.change(query!("rating/drop_dog"), params)?;
        tx.change(query!("rating/retire_dog"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":dog_id": row.dog,
            ":day": row.day,
            ":known_at_ms": known_at_ms,
            ":races": row.races,
            ":even_mean": row.strengths[0].mean,
            ":even_variance": row.strengths[0].variance,
            ":slow_mean": row.strengths[1].mean,
            ":slow_variance": row.strengths[1].variance,
            ":quick_mean": row.strengths[2].mean,
            ":quick_variance": row.strengths[2].variance,
            ":place_mean": row.strengths[3].mean,
            ":place_variance": row.strengths[3].variance,
            ":look": row.look.win,
            ":place_look": row.look.place,
            ":surprise": row.look.surprise,
            ":place_surprise": row.look.place_surprise,
            ":field": row.look.field,
        };
        tx.change(query!("rating/put_dog"), params)?;
    }
    Ok(())
}

fn put_pars(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/pars_on"), named_params! { ":day": day })?;
    let key = |row: &ParRow| (row.circuit, row.distance);
    let change = difference(&stored, &rows.pars, rows.known_at, key);
    let known_at_ms = ms(rows.known_at);
    for (circuit, distance) in change.gone {
        let params = named_params! {
            ":circuit_id": circuit, ":distance_m": distance, ":day": day,
            ":gone_at_ms": known_at_ms,
        };
        tx.change(query!("rating/drop_par"), params)?;
        tx.change(query!("rating/retire_par"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":circuit_id": row.circuit, ":distance_m": row.distance, ":day": day,
            ":known_at_ms": known_at_ms, ":time_s": row.par.time_s, ":races": row.par.races,
        };
        tx.change(query!("rating/put_par"), params)?;
    }
    Ok(())
}

fn put_boxes(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/boxes_on"), named_params! { ":day": day })?;
    let key = |row: &BoxRow| (row.circuit, row.distance_m, row.box_no);
    let change = difference(&stored, &rows.boxes, rows.known_at, key);
    let known_at_ms = ms(rows.known_at);
    for (circuit, distance_m, box_no) in change.gone {
        let params = named_params! {
            ":circuit_id": circuit, ":distance_m": distance_m, ":box": box_no, ":day": day,
            ":gone_at_ms": known_at_ms,
        };
        tx.change(query!("rating/drop_box"), params)?;
        tx.change(query!("rating/retire_box"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":circuit_id": row.circuit, ":distance_m": row.distance_m, ":box": row.box_no,
            ":day": day, ":known_at_ms": known_at_ms, ":total": row.total,
            ":place_total": row.place_total, ":starts": row.starts,
        };
        tx.change(query!("rating/put_box"), params)?;
    }
    Ok(())
}

fn put_priors(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/priors_on"), named_params! { ":day": day })?;
    let key = |row: &PriorRow| row.class;
    let change = difference(&stored, &rows.priors, rows.known_at, key);
    let known_at_ms = ms(rows.known_at);
    for class in change.gone {
        let params = named_params! { ":class": class, ":day": day, ":gone_at_ms": known_at_ms };
        tx.change(query!("rating/drop_prior"), params)?;
        tx.change(query!("rating/retire_prior"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":class": row.class, ":day": day, ":known_at_ms": known_at_ms, ":dogs": row.dogs,
            ":even_mean": row.means[0], ":slow_mean": row.means[1], ":quick_mean": row.means[2],
            ":place_mean": row.means[3],
        };
        tx.change(query!("rating/put_prior"), params)?;
    }
    Ok(())
}
