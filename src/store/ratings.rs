//! What the walk through time has learned, and from which day it has to walk again.
//!
//! Rows are facts with a date: each day's last word on a dog, a par, a box, a class.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, maybe_instant};
use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{
    CircuitId, DogId, Filter, Four, Look, Metres, Par, RaceDay, RaceId, Strength, WinPlace,
};

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
    /// The last race of the day.
    pub race: RaceId,
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

/// How the company of a race is seen after a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HindsightRow {
    /// The race.
    pub race: RaceId,
    /// By how much stronger than it was taken for.
    pub seen: WinPlace,
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
    /// Companies that are seen differently now.
    pub hindsight: Vec<HindsightRow>,
    /// Since when all this could be known: since the last of the results behind it, which a
    /// correction may make later than the day.
    pub known_at: DateTime<Utc>,
    /// What [`revisions`] said before the day's races were read.
    pub revisions: u64,
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
    /// The rated dogs of the last days that count in hindsight.
    pub looks: Vec<DogRow>,
    /// Companies of those days that are seen differently than they were taken for.
    pub hindsight: Vec<HindsightRow>,
    /// Since when the newest knowledge in it could be known; `None` at the beginning of time.
    pub known_at: Option<DateTime<Utc>>,
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

/// By position: there is a row for every start of a season. A test holds the order.
impl FromRow for DogRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            dog: row.get(0)?,
            day: row.get(1)?,
            races: row.get(2)?,
            strengths: strengths_at(row, 3)?,
            look: look_at(row, 11)?,
            race: row.get(19)?,
        })
    }
}

/// The column of a filter's mean.
const fn mean(filter: Filter) -> &'static str {
    match filter {
        Filter::Even => "even_mean",
        Filter::Slow => "slow_mean",
        Filter::Quick => "quick_mean",
        Filter::Place => "place_mean",
    }
}

/// What each filter thinks, from columns of `rating` that stand one after the other.
pub(super) fn strengths_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Four<Strength>> {
    let mut strengths = Four::default();
    for filter in Filter::ALL {
        let at = first + 2 * filter.index();
        strengths[filter.index()] = Strength {
            mean: row.get(at)?,
            variance: row.get(at + 1)?,
        };
    }
    Ok(strengths)
}

/// What the race said, from columns of `rating` that stand one after the other.
pub(super) fn look_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Look> {
    Ok(Look {
        win: row.get(first)?,
        place: row.get(first + 1)?,
        surprise: row.get(first + 2)?,
        place_surprise: row.get(first + 3)?,
        field: row.get(first + 4)?,
        noise: row.get(first + 5)?,
        luck: WinPlace {
            win: row.get(first + 6)?,
            place: row.get(first + 7)?,
        },
        hindsight: WinPlace::default(),
    })
}

/// What an unraced dog is worth to each filter, from a row of `class_prior`.
pub(super) fn means(row: &Row<'_>) -> rusqlite::Result<Four<f64>> {
    let mut means = Four::default();
    for filter in Filter::ALL {
        means[filter.index()] = row.get(mean(filter))?;
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

impl FromRow for HindsightRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: row.get("race_id")?,
            seen: WinPlace {
                win: row.get("win")?,
                place: row.get("place")?,
            },
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

struct Revisions(u64);

impl FromRow for Revisions {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("revisions").map(Self)
    }
}

/// A number that goes up with every change of any race of a day. What was read of a day after this
/// number was is still so as long as the number is the same.
pub fn revisions(reader: &Reader<'_>, day: RaceDay) -> Result<u64, Error> {
    let params = named_params! { ":day": day };
    let revisions: Revisions = reader.one(query!("rating/revisions"), params)?;
    Ok(revisions.0)
}

/// The races of a day whose starters are all accounted for, in an order that depends on what was
/// known and on race keys, never on row ids.
pub fn races(reader: &Reader<'_>, day: RaceDay) -> Result<Vec<RatableRace>, Error> {
    reader.all(query!("rating/races"), named_params! { ":day": day })
}

/// The state of the walk at the end of the day before `day`; looks and hindsight from `first` on.
pub fn before(reader: &Reader<'_>, day: RaceDay, first: RaceDay) -> Result<Before, Error> {
    let params = named_params! { ":day": day };
    let recent = named_params! { ":day": day, ":from": day.plus(-CORRECTION_DAYS) };
    let lately = named_params! { ":day": day, ":from": first };
    let known: KnownAt = reader.one(query!("rating/known_before"), recent)?;
    Ok(Before {
        known_at: known.0,
        dogs: reader.all(query!("rating/dogs_before"), params)?,
        pars: reader.all(query!("rating/pars_before"), params)?,
        boxes: reader.all(query!("rating/boxes_before"), params)?,
        priors: reader.all(query!("rating/priors_before"), params)?,
        looks: reader.all(query!("rating/looks_before"), lately)?,
        hindsight: reader.all(query!("rating/hindsight_before"), lately)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rated_dog_is_read_by_the_position_of_its_columns() {
        let whole = "races, even_mean, even_variance, slow_mean, slow_variance, quick_mean, \
                     quick_variance, place_mean, place_variance, look, place_look, surprise, \
                     place_surprise, field, noise, luck, place_luck, race_id";
        let packed = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");

        for (query, head) in [
            (query!("rating/dogs_on"), "SELECT dog_id, day, "),
            (query!("rating/looks_before"), "SELECT dog_id, day, "),
            (
                query!("rating/dogs_before"),
                "SELECT dog_id, max(day) AS day, ",
            ),
        ] {
            let wanted = format!("{head}{whole}");
            assert!(packed(query.sql).starts_with(&wanted), "{}", query.name);
        }
    }
}
