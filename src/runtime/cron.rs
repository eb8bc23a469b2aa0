//! Cron expressions, and what they mean where clocks change.
//!
//! An expression speaks of the clock on a wall, and twice a year that clock lies. `croner` says
//! which local times match; what a clock change makes of them is decided here. A time that the
//! clock skips comes when it resumes, several of them together once; a time that it shows twice
//! comes the first time. So a job with an hour runs once on each local day. A job of every hour
//! follows the time that passes instead: it runs in both hours of a repeated one, and nothing is
//! made up for a skipped one.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use croner::parser::CronParser;

/// Letters of an expression, at most.
const LETTERS: usize = 100;
/// Expressions that have a name.
const NICKNAMES: [&str; 6] = [
    "@hourly",
    "@daily",
    "@weekly",
    "@monthly",
    "@yearly",
    "@annually",
];
/// The fields, and what may stand in them; only the first may be left out.
const FIELDS: [(&str, &str); 6] = [
    ("second", "0 to 59"),
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of the month", "1 to 31 or L"),
    ("month", "1 to 12 or JAN to DEC"),
    ("weekday", "0 to 7 or SUN to SAT"),
];
const HOURS: usize = 24;
/// No clock of this century goes back further than this.
const REPEATED: TimeDelta = TimeDelta::hours(3);
/// Local times that may have to be passed over: one a second of what is repeated.
const PASSED_OVER: usize = 3 * 3_600 + 1;
/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It is no list of fields.
    #[error(
        "must be five fields, minute hour day month weekday, like `*/15 9-23 * * *`, six with \
         seconds before them, or one of @hourly @daily @weekly @monthly @yearly"
    )]
    Shape,
    /// A field will not do.
    #[error("`{word}` is no {field}: must be {range}, like 7, 7-9, 2,5 or */2")]
    Field {
        /// What was written.
        word: String,
        /// The name of the field.
        field: &'static str,
        /// What may stand in it.
        range: &'static str,
    },
    /// There is no such day in any year.
    #[error("never comes: there is no such day")]
    Never,
}

/// A cron expression: five fields, six with seconds, or a nickname.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    pattern: croner::Cron,
    every_hour: bool,
}

impl Cron {
    /// Reads an expression; one that never comes is refused.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let text = text.trim();
        check(text)?;
        let pattern = parser().parse(text).map_err(|_said| CronError::Shape)?;
        pattern
            .find_next_occurrence(&DateTime::UNIX_EPOCH.naive_utc(), true)
            .map_err(|_said| CronError::Never)?;
        let every_hour = pattern.pattern.hours.values().len() == HOURS;
        Ok(Self {
            text: text.to_owned(),
            pattern,
            every_hour,
        })
    }

    /// The first instant after `at`; `None` only at the end of the calendar.
    #[must_use]
    pub fn next_after(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = at.with_timezone(&zone);
        if self.every_hour {
            let next = self.pattern.find_next_occurrence(&local, false).ok()?;
            return Some(next.to_utc());
        }
        let mut wall = local.naive_local();
        for _ in 0..PASSED_OVER {
            wall = self.pattern.find_next_occurrence(&wall, false).ok()?;
            let shown = shown(wall, zone)?;
            if shown > at {
                return Some(shown);
            }
        }
        None
    }

    /// The last instant until and with `at`; `None` only before the calendar.
    #[must_use]
    pub fn last_at(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = at.with_timezone(&zone);
        if self.every_hour {
            let last = self.pattern.find_previous_occurrence(&local, true).ok()?;
            return Some(last.to_utc());
        }
        let mut wall = furthest(local.naive_local(), zone)?;
        for passed in 0..PASSED_OVER {
            let inclusive = passed == 0;
            wall = self
                .pattern
                .find_previous_occurrence(&wall, inclusive)
                .ok()?;
            let shown = shown(wall, zone)?;
            if shown <= at {
                return Some(shown);
            }
        }
        None
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Fields alone, because `croner` does not say which one it did not like.
fn check(text: &str) -> Result<(), CronError> {
    if text.len() > LETTERS {
        return Err(CronError::Shape);
    }
    if NICKNAMES.contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    let words: Vec<_> = text.split_whitespace().collect();
    let skipped = match words.len() {
        6 => 0,
        5 => 1,
        _ => return Err(CronError::Shape),
    };
    for (at, word) in words.iter().enumerate() {
        let at = at + skipped;
        let mut alone = ["*"; FIELDS.len()];
        alone[at] = word;
        if parser().parse(&alone.join(" ")).is_err() {
            let (field, range) = FIELDS[at];
            let word = (*word).to_owned();
            return Err(CronError::Field { word, field, range });
        }
    }
    Ok(())
}

fn parser() -> CronParser {
    CronParser::builder()
        .year(croner::parser::Year::Disallowed)
        .build()
}

/// When a wall clock shows that time first, or resumes after having skipped it.
fn shown(wall: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let first = zone.from_local_datetime(&wall).earliest();
    let resumed = || GapInfo::new(&wall, &zone)?.end;
    first.or_else(resumed).map(|local| local.to_utc())
}

/// No local time after this one has been shown yet. While an hour is shown for the second time,
/// all of it has been.
fn furthest(wall: NaiveDateTime, zone: Tz) -> Option<NaiveDateTime> {
    if zone.from_local_datetime(&wall).single().is_some() {
        return Some(wall);
    }
    wall.checked_add_signed(REPEATED)
}

#[cfg(test)]
mod tests;
