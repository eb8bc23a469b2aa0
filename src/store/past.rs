//! Rows of the past, each with the time it stands.
//!
//! Every statement under `sql/history/` reads what may be seen at any of the moments of a
//! [`Window`]: bounded by its last day and instant, and not gone before its first. Which of the
//! rows were to be seen at one moment, [`Dated::stands`] tells.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, maybe_instant, ms};
use super::query::{Query, query};
use super::{Error, FromRow, Reader, performances, ratings};
use crate::domain::{
    BoxNo, BoxSum, CircuitId, DogId, DogRating, FormLine, Four, Look, Metres, Par, RaceDay, RaceId,
    Rug, Source, WinPlace,
};

/// From where the past is looked at: the day of a race, and an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Only days before this one are past.
    pub(super) day: RaceDay,
    /// Nothing that was known later is seen.
    pub(super) as_of: DateTime<Utc>,
}

/// Some moments, from the earliest to the latest day and instant among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    first: Moment,
    last: Moment,
}

impl Window {
    /// Of one moment.
    pub(super) const fn at(moment: Moment) -> Self {
        Self {
            first: moment,
            last: moment,
        }
    }

    /// The moments of both.
    pub(super) fn joined(self, other: Self) -> Self {
        Self {
            first: Moment {
                day: self.first.day.min(other.first.day),
                as_of: self.first.as_of.min(other.first.as_of),
            },
            last: Moment {
                day: self.last.day.max(other.last.day),
                as_of: self.last.as_of.max(other.last.as_of),
            },
        }
    }

    /// Whether there is but one moment.
    pub(super) fn is_moment(&self) -> bool {
        self.first == self.last
    }
}

/// A row and the time it stands.
#[derive(Debug, Clone)]
pub(super) struct Dated<T> {
    /// The day it is about.
    pub(super) day: RaceDay,
    /// Since when it could be known.
    pub(super) known_at: DateTime<Utc>,
    gone_at: Option<DateTime<Utc>>,
    /// What it says.
    pub(super) row: T,
}

impl<T> Dated<T> {
    /// Something else that stood as long.
    fn map<U>(self, of: impl FnOnce(T) -> U) -> Dated<U> {
        Dated {
            day: self.day,
            known_at: self.known_at,
            gone_at: self.gone_at,
            row: of(self.row),
        }
    }

    /// Whether it was to be seen at that moment.
    pub(super) fn stands(&self, moment: Moment) -> bool {
        self.day < moment.day
            && self.known_at <= moment.as_of
            && self.gone_at.is_none_or(|gone| gone > moment.as_of)
    }
}

/// The newest of the rows, which come newest first, that was to be seen at that moment.
pub(super) fn newest<T>(rows: &[Dated<T>], moment: Moment) -> Option<&T> {
    let standing = rows.iter().find(|row| row.stands(moment));
    standing.map(|row| &row.row)
}

/// By position: the `day`, `known_at_ms` and `gone_at_ms` are the first three columns of each
/// statement here. They run for every dog of a season, and looking names up costs more than the
/// rest of the row. A test holds the order.
impl<T: FromRow> FromRow for Dated<T> {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            day: row.get(0)?,
            known_at: instant(row, 1)?,
            gone_at: maybe_instant(row, 2)?,
            row: T::from_row(row)?,
        })
    }
}

/// What one source said of one run; its `day` is that of the row.
#[derive(Debug, Clone)]
pub(super) struct RunRow {
    /// Who says so.
    pub(super) source: Source,
    /// What was said.
    pub(super) line: FormLine,
}

impl FromRow for RunRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let rug: i64 = row.get(6)?;
        Ok(Self {
            source: row.get(3)?,
            line: FormLine {
                day: row.get(0)?,
                circuit: row.get(4)?,
                distance: row.get(5)?,
                grade: row.get(7)?,
                rug: Rug::new(rug).ok(),
                box_no: row.get(8)?,
                field_size: row.get(9)?,
                trial: row.get(10)?,
                performance: performances::read_at(row, 11)?,
                par: None,
                look: None,
            },
        })
    }
}

/// What the walk thought of a dog after a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct RatingRow {
    /// The last race.
    pub(super) race: RaceId,
    /// The rating; how old it is depends on who looks.
    pub(super) rating: DogRating,
    /// What the last race said.
    pub(super) look: Look,
}

impl FromRow for RatingRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: row.get(20)?,
            rating: DogRating {
                races: row.get(3)?,
                strengths: ratings::strengths_at(row, 4)?,
                days: 0.0,
                hindsight: WinPlace::default(),
            },
            look: ratings::look_at(row, 12)?,
        })
    }
}

impl FromRow for Par {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            time_s: row.get("time_s")?,
            races: row.get("races")?,
        })
    }
}

impl FromRow for BoxSum {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            win: row.get("total")?,
            place: row.get("place_total")?,
            starts: row.get("starts")?,
        })
    }
}

/// What an unraced dog of a class is worth.
pub(super) struct Prior(pub(super) Four<f64>);

impl FromRow for Prior {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        ratings::means(row).map(Self)
    }
}

/// What was said of a dog's runs, newest first, at most `limit` rows.
pub(super) fn runs(
    reader: &Reader<'_>,
    dog: DogId,
    window: &Window,
    limit: usize,
) -> Result<Vec<Dated<RunRow>>, Error> {
    of_dog(reader, query!("history/runs"), dog, window, limit)
}

/// The dog's rated days, newest first, at most `limit` rows.
pub(super) fn rated(
    reader: &Reader<'_>,
    dog: DogId,
    window: &Window,
    limit: usize,
) -> Result<Vec<Dated<RatingRow>>, Error> {
    of_dog(reader, query!("history/ratings"), dog, window, limit)
}

fn of_dog<R: FromRow>(
    reader: &Reader<'_>,
    query: Query,
    dog: DogId,
    window: &Window,
    limit: usize,
) -> Result<Vec<R>, Error> {
    let params = named_params! {
        ":dog_id": dog,
        ":day": window.last.day,
        ":as_of_ms": ms(window.last.as_of),
        ":since_ms": ms(window.first.as_of),
        ":limit": limit,
    };
    reader.all(query, params)
}

/// What the average winner ran, newest first, back to what every moment may see.
pub(super) fn pars(
    reader: &Reader<'_>,
    (circuit, distance): (CircuitId, Metres),
    window: &Window,
) -> Result<Vec<Dated<Par>>, Error> {
    let params = named_params! {
        ":circuit_id": circuit,
        ":distance_m": distance,
        ":from": window.first.day,
        ":day": window.last.day,
        ":as_of_ms": ms(window.last.as_of),
        ":since_ms": ms(window.first.as_of),
    };
    reader.all(query!("history/par"), params)
}

/// What a box did, newest first, back to what every moment may see; circuit and distance 0 are
/// the box wherever it stands.
pub(super) fn boxes(
    reader: &Reader<'_>,
    (circuit, distance_m, box_no): (i64, i64, BoxNo),
    window: &Window,
) -> Result<Vec<Dated<BoxSum>>, Error> {
    let params = named_params! {
        ":circuit_id": circuit,
        ":distance_m": distance_m,
        ":box": box_no,
        ":from": window.first.day,
        ":day": window.last.day,
        ":as_of_ms": ms(window.last.as_of),
        ":since_ms": ms(window.first.as_of),
    };
    reader.all(query!("history/box_bias"), params)
}

/// How the companies of some races were seen, newest first, back to what every moment may see.
pub(super) fn hindsight(
    reader: &Reader<'_>,
    races: &BTreeSet<RaceId>,
    window: &Window,
) -> Result<HashMap<RaceId, Vec<Dated<WinPlace>>>, Error> {
    let ids: Vec<String> = races.iter().map(|race| race.get().to_string()).collect();
    let params = named_params! {
        ":races": format!("[{}]", ids.join(",")),
        ":from": window.first.day,
        ":day": window.last.day,
        ":as_of_ms": ms(window.last.as_of),
        ":since_ms": ms(window.first.as_of),
    };
    let rows: Vec<Dated<ratings::HindsightRow>> =
        reader.all(query!("history/hindsight"), params)?;
    let mut seen: HashMap<RaceId, Vec<Dated<WinPlace>>> = HashMap::new();
    for row in rows {
        let of_race = seen.entry(row.row.race).or_default();
        of_race.push(row.map(|row| row.seen));
    }
    Ok(seen)
}

/// What an unraced dog of a class was worth, newest first, back to what every moment may see.
pub(super) fn priors(
    reader: &Reader<'_>,
    class: u8,
    window: &Window,
) -> Result<Vec<Dated<Prior>>, Error> {
    let params = named_params! {
        ":class": class,
        ":from": window.first.day,
        ":day": window.last.day,
        ":as_of_ms": ms(window.last.as_of),
        ":since_ms": ms(window.first.as_of),
    };
    reader.all(query!("history/prior"), params)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns that a statement selects.
    fn columns(sql: &str) -> Vec<&str> {
        let (head, _) = sql.split_once("FROM").unwrap();
        let head = head.trim_start().strip_prefix("SELECT").unwrap();
        head.split(',').map(str::trim).collect()
    }

    fn moment(day: &str, as_of_ms: i64) -> Moment {
        Moment {
            day: RaceDay::parse(day).unwrap(),
            as_of: DateTime::from_timestamp_millis(as_of_ms).unwrap(),
        }
    }

    #[test]
    fn a_row_stands_from_when_it_was_known_until_it_was_gone_and_not_on_its_day() {
        let row = Dated {
            day: RaceDay::parse("2025-07-01").unwrap(),
            known_at: DateTime::from_timestamp_millis(10).unwrap(),
            gone_at: DateTime::from_timestamp_millis(20),
            row: (),
        };
        let stands = |day, as_of_ms| row.stands(moment(day, as_of_ms));

        let instants = [9, 10, 19, 20];
        assert_eq!(
            instants.map(|ms| stands("2025-07-02", ms)),
            [false, true, true, false]
        );
        assert!(!stands("2025-07-01", 15));
    }

    #[test]
    fn a_window_reaches_from_the_first_to_the_last_of_its_moments() {
        let (one, other) = (moment("2025-07-03", 10), moment("2025-07-01", 20));

        let window = Window::at(one).joined(Window::at(other));

        assert_eq!(window.first, moment("2025-07-01", 10));
        assert_eq!(window.last, moment("2025-07-03", 20));
        assert!(!window.is_moment() && Window::at(one).is_moment());
    }

    #[test]
    fn what_is_read_by_position_stands_there() {
        let runs = columns(query!("history/runs").sql);
        let before = "day known_at_ms gone_at_ms source circuit_id distance_m rug grade box \
                      field_size trial";
        assert_eq!(runs[..11].join(" "), before);
        assert_eq!(runs[11..], performances::columns());

        let rated = columns(query!("history/ratings").sql);
        let whole = "day known_at_ms gone_at_ms races even_mean even_variance slow_mean \
                     slow_variance quick_mean quick_variance place_mean place_variance look \
                     place_look surprise place_surprise field noise luck place_luck race_id";
        assert_eq!(rated.join(" "), whole);

        let dated = ["day", "known_at_ms", "gone_at_ms"];
        for query in [
            query!("history/par"),
            query!("history/box_bias"),
            query!("history/prior"),
            query!("history/hindsight"),
        ] {
            assert_eq!(columns(query.sql)[..3], dated, "{}", query.name);
        }
    }
}
