//! Keyset pages: a limit and an opaque place to go on from.

use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::Problem;
use crate::domain::{Fault, RaceDay, RaceId};

/// Rows of a page when nobody says how many.
const USUAL: u32 = 20;
/// The most rows of a page.
const MOST: u32 = 500;

/// The query of a list whose rows are numbered.
#[derive(Debug, Deserialize, IntoParams)]
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
        let after = self.after.as_deref().map(row).transpose();
        let limit = limit(self.limit).map_err(|fault| Problem::invalid(vec![fault]));
        Ok((after.map_err(Problem::malformed)?, limit?))
    }
}

fn row(raw: &str) -> Result<i64, Fault> {
    let plain = raw.len() <= 18 && raw.bytes().all(|byte| byte.is_ascii_digit());
    let row = raw.parse().ok().filter(|_row| plain);
    row.ok_or_else(|| Fault::new("must be a cursor from `next`").under("after"))
}

/// The cursor after a page of numbered rows; `None` when it was not full.
pub(super) fn next<T>(found: &[T], limit: u32, row: impl Fn(&T) -> i64) -> Option<String> {
    let full = u32::try_from(found.len()).is_ok_and(|rows| rows == limit);
    found
        .last()
        .filter(|_last| full)
        .map(|last| row(last).to_string())
}

/// The limit asked for; over 500 is a fault, never a silent cut.
pub(super) fn limit(raw: Option<u32>) -> Result<u32, Fault> {
    match raw {
        None => Ok(USUAL),
        Some(limit @ 1..=MOST) => Ok(limit),
        Some(_) => Err(Fault::new("must be 1 to 500").under("limit")),
    }
}

/// The cursor after a race.
pub(super) fn cursor(day: RaceDay, race: RaceId) -> String {
    format!("{day}.{race}")
}

/// The race that a cursor stands after.
pub(super) fn after(raw: &str) -> Result<(RaceDay, RaceId), Fault> {
    let fault = || Fault::new("must be a cursor from `next`").under("after");
    let (day, race) = raw.split_once('.').ok_or_else(fault)?;
    let day = RaceDay::parse(day).map_err(|_day| fault())?;
    let race = race.parse().map_err(|_race| fault())?;
    Ok((day, RaceId::new(race)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        let day = RaceDay::parse("2025-07-21").unwrap();

        assert_eq!(
            after(&cursor(day, RaceId::new(7))),
            Ok((day, RaceId::new(7)))
        );
        assert!(after("2025-07-21").is_err());
        assert!(after("x.7").is_err());
    }

    #[test]
    fn a_limit_over_the_most_is_refused() {
        assert_eq!(limit(None), Ok(20));
        assert_eq!(limit(Some(500)), Ok(500));
        assert!(limit(Some(501)).is_err());
        assert!(limit(Some(0)).is_err());
    }
}
