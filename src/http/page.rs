//! Keyset pages: a limit and an opaque place to go on from.
//!
//! A cursor is the key of the last row that was shown, so rows that arrive meanwhile move nothing.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::problem::Problem;
use crate::domain::{CircuitId, DogId, Fault, Metres, RaceDay, RaceId, Source};
use crate::store::dog_pages::NameSpot;
use crate::store::run_pages::RunSpot;

/// Rows of a page when nobody says how many.
const USUAL: u32 = 20;
/// The most rows of a page.
const MOST: u32 = 500;
/// The last row that a numbered page may show; beyond it, cursors.
const NUMBERED: u32 = 10_000;

/// The query of a list whose rows are numbered.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    /// How many.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// A cursor from `next`.
    #[param(pattern = r"^[0-9]{1,18}$")]
    after: Option<String>,
}

impl Rows {
    /// The row to go on after, and how many.
    pub(super) fn wanted(&self) -> Result<(Option<i64>, u32), Problem> {
        let after = after_row(self.after.as_deref());
        let limit = limit(self.limit).map_err(|fault| Problem::invalid(vec![fault]));
        Ok((after?, limit?))
    }
}

/// The row that a cursor stands after.
pub(super) fn after_row(raw: Option<&str>) -> Result<Option<i64>, Problem> {
    raw.map(row).transpose().map_err(Problem::malformed)
}

fn row(raw: &str) -> Result<i64, Fault> {
    let plain = raw.len() <= 18 && raw.bytes().all(|byte| byte.is_ascii_digit());
    let row = raw.parse().ok().filter(|_row| plain);
    row.ok_or_else(fault)
}

/// How many rows stand before a page. Its rows must be among the first [`NUMBERED`]: rows that are
/// skipped are read all the same.
pub(super) fn offset(page: u32, limit: u32) -> Result<u32, Fault> {
    match page.checked_mul(limit) {
        Some(last) if page > 0 && last <= NUMBERED.max(limit) => Ok(last - limit),
        _ => Err(Fault::new(format!(
            "must be at least 1, and page times limit at most {NUMBERED}; further on by `after`"
        ))),
    }
}

/// The limit asked for; over 500 is a fault, never a silent cut.
pub(super) fn limit(raw: Option<u32>) -> Result<u32, Fault> {
    match raw {
        None => Ok(USUAL),
        Some(limit @ 1..=MOST) => Ok(limit),
        Some(_) => Err(Fault::new("must be 1 to 500").under("limit")),
    }
}

/// Where the page after these rows begins: nowhere, when it is not full.
pub(super) fn next<T>(rows: &[T], limit: u32, cursor: impl Fn(&T) -> String) -> Option<String> {
    let full = u32::try_from(rows.len()).is_ok_and(|rows| rows == limit);
    rows.last().filter(|_row| full).map(cursor)
}

fn fault() -> Fault {
    Fault::new("must be a cursor from `next`").under("after")
}

/// The cursor after a row of a day.
pub(super) fn cursor(day: RaceDay, id: i64) -> String {
    format!("{day}.{id}")
}

/// The row of a day that a cursor stands after.
pub(super) fn after(raw: &str) -> Result<(RaceDay, i64), Fault> {
    let (day, id) = raw.split_once('.').ok_or_else(fault)?;
    let day = RaceDay::parse(day).map_err(|_day| fault())?;
    Ok((day, after_id(id)?))
}

/// The id that a cursor stands after.
pub(super) fn after_id(raw: &str) -> Result<i64, Fault> {
    raw.parse().map_err(|_id| fault())
}

/// The slug that a cursor stands after.
pub(super) fn after_slug(raw: &str) -> Result<String, Fault> {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if raw.is_empty() || raw.len() > 60 || !raw.chars().all(known) {
        return Err(fault());
    }
    Ok(raw.to_owned())
}

/// The cursor after a dog that was found by name.
pub(super) fn name_cursor(spot: &NameSpot) -> String {
    format!("{}.{}.{}", spot.key, spot.country, spot.dog)
}

/// The found dog that a cursor stands after.
pub(super) fn after_name(raw: &str) -> Result<NameSpot, Fault> {
    let parts: Vec<&str> = raw.split('.').collect();
    let [key, country, dog] = parts.as_slice() else {
        return Err(fault());
    };
    Ok(NameSpot {
        key: (*key).to_owned(),
        country: (*country).to_owned(),
        dog: DogId::new(after_id(dog)?),
    })
}

/// The cursor after a run. Its source stands last: it may hold dots.
pub(super) fn run_cursor(spot: &RunSpot) -> String {
    format!(
        "{}.{}.{}.{}.{}.{}.{}.{}",
        spot.day,
        spot.circuit,
        spot.distance.raw(),
        spot.rug,
        spot.race,
        spot.number,
        spot.known_at.timestamp_millis(),
        spot.source
    )
}

/// The run of that dog that a cursor stands after.
pub(super) fn after_run(dog: DogId, raw: &str) -> Result<RunSpot, Fault> {
    let parts: Vec<&str> = raw.splitn(8, '.').collect();
    let [day, circuit, distance, rug, race, number, known_at, source] = parts.as_slice() else {
        return Err(fault());
    };
    let small = |raw: &str| raw.parse::<u8>().map_err(|_number| fault());
    let known_at = DateTime::<Utc>::from_timestamp_millis(after_id(known_at)?);
    Ok(RunSpot {
        dog,
        day: RaceDay::parse(day).map_err(|_day| fault())?,
        circuit: CircuitId::new(after_id(circuit)?),
        distance: Metres::from_raw(after_id(distance)?).map_err(|_metres| fault())?,
        rug: small(rug)?,
        source: Source::new(source).map_err(|_source| fault())?,
        race: RaceId::new(after_id(race)?),
        number: small(number)?,
        known_at: known_at.ok_or_else(fault)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        let day = RaceDay::parse("2025-07-21").unwrap();

        assert_eq!(after(&cursor(day, 7)), Ok((day, 7)));
        assert!(after("2025-07-21").is_err());
        assert!(after("x.7").is_err());
    }

    #[test]
    fn a_run_whose_source_has_dots_reads_back() {
        let spot = RunSpot {
            dog: DogId::new(3),
            day: RaceDay::parse("2025-07-21").unwrap(),
            circuit: CircuitId::new(2),
            distance: Metres::from_raw(515).unwrap(),
            rug: 4,
            source: Source::new("thedogs.com.au").unwrap(),
            race: RaceId::new(9),
            number: 0,
            known_at: DateTime::from_timestamp_millis(1_753_000_000_123).unwrap(),
        };

        assert_eq!(after_run(DogId::new(3), &run_cursor(&spot)), Ok(spot));
        assert!(after_run(DogId::new(3), "2025-07-21.2.515").is_err());
    }

    #[test]
    fn numbered_pages_end_where_skipping_would_be_dear() {
        assert_eq!(offset(1, 500), Ok(0));
        assert_eq!(offset(20, 500), Ok(9_500));
        assert!(offset(21, 500).is_err());
        assert!(offset(0, 20).is_err());
        assert!(offset(u32::MAX, 2).is_err());
    }

    #[test]
    fn only_a_full_page_leads_on() {
        assert_eq!(next(&[1, 2], 2, ToString::to_string), Some("2".to_owned()));
        assert_eq!(next(&[1], 2, ToString::to_string), None);
    }

    #[test]
    fn a_limit_over_the_most_is_refused() {
        assert_eq!(limit(None), Ok(20));
        assert_eq!(limit(Some(500)), Ok(500));
        assert!(limit(Some(501)).is_err());
        assert!(limit(Some(0)).is_err());
    }
}
