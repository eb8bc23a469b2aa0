//! A month of race days, local at the track.

use chrono::Datelike;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::domain::RaceDay;

/// A calendar month; sorts by time and prints as `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i32,
    number: u32,
}

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: RaceDay) -> Self {
        let date = day.date();
        Self {
            year: date.year(),
            number: date.month(),
        }
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:02}", self.year, self.number)
    }
}

impl ToSql for Month {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.to_string()))
    }
}

impl FromSql for Month {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let first = RaceDay::parse(&format!("{}-01", value.as_str()?));
        let first = first.map_err(|fault| FromSqlError::Other(Box::new(fault)))?;
        Ok(Self::of(first))
    }
}
