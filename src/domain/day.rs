//! The race day: a calendar date at the track, not in UTC.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Fault;

/// A local date at the track, 1950 to 2099.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct RaceDay(NaiveDate);

impl RaceDay {
    /// The first and the last day that can be said.
    pub const CALENDAR: (Self, Self) = (
        Self(NaiveDate::from_ymd_opt(1950, 1, 1).expect("is a date")),
        Self(NaiveDate::from_ymd_opt(2099, 12, 31).expect("is a date")),
    );

    /// From a date; fails outside 1950 to 2099.
    pub fn new(date: NaiveDate) -> Result<Self, Fault> {
        if (1950..2100).contains(&date.year()) {
            return Ok(Self(date));
        }
        Err(Fault::new("must be a day from 1950 to 2099"))
    }

    /// From `2026-11-20`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        written(text)
            .ok_or_else(|| Fault::new("must be a date like 2026-11-20"))
            .and_then(Self::new)
    }

    /// The date.
    #[must_use]
    pub const fn date(self) -> NaiveDate {
        self.0
    }

    /// The first instant of this day at the track.
    #[must_use]
    pub fn starts(self, zone: Tz) -> DateTime<Utc> {
        earliest(self.0.and_time(NaiveTime::MIN), zone)
    }

    /// The last millisecond of this day at the track.
    #[must_use]
    pub fn ends(self, zone: Tz) -> DateTime<Utc> {
        let next = self.0.checked_add_days(Days::new(1)).unwrap_or(self.0);
        earliest(next.and_time(NaiveTime::MIN), zone) - TimeDelta::milliseconds(1)
    }

    /// The instant of a local time on this day; fails where the clock shows it twice or never.
    pub fn at(self, time: NaiveTime, zone: Tz) -> Result<DateTime<Utc>, Fault> {
        self.0
            .and_time(time)
            .and_local_timezone(zone)
            .single()
            .map(|local| local.with_timezone(&Utc))
            .ok_or_else(|| {
                Fault::new(format!(
                    "{time} happens twice or never on {self} in {zone}; send the offset"
                ))
            })
    }

    /// `days` later, or earlier when negative; stays at the edge of the calendar.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(
            self.0
                .checked_add_signed(TimeDelta::days(days))
                .unwrap_or(self.0),
        )
    }

    /// Whole days from `earlier` to this day.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).num_days()
    }
}

/// Midnight may be skipped by a clock change; the day then begins when the clock resumes.
fn earliest(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let hours = (0..4).map(|hour| local + TimeDelta::hours(hour));
    hours
        .filter_map(|instant| instant.and_local_timezone(zone).earliest())
        .map(|instant| instant.with_timezone(&Utc))
        .next()
        .unwrap_or_else(|| local.and_utc())
}

impl std::fmt::Display for RaceDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Not by chrono: a snapshot reads a thousand days, and the parser of formats took a twelfth of it.
fn written(text: &str) -> Option<NaiveDate> {
    let plain = |c: u8| c.is_ascii_digit() || c == b'-';
    if !text.bytes().all(plain) {
        return None;
    }
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Australia::{Brisbane, Sydney};

    #[test]
    fn a_day_is_23_hours_when_the_clock_goes_forward() {
        let day = RaceDay::parse("2026-10-04").unwrap();

        let length = day.ends(Sydney) - day.starts(Sydney);

        assert_eq!(length, TimeDelta::milliseconds(23 * 3_600_000 - 1));
        assert_eq!(
            day.ends(Brisbane) - day.starts(Brisbane),
            TimeDelta::milliseconds(24 * 3_600_000 - 1)
        );
    }

    #[test]
    fn a_day_is_read_as_it_is_written() {
        let day = RaceDay::parse("2026-02-28").unwrap();

        assert_eq!(day.date(), NaiveDate::from_ymd_opt(2026, 2, 28).unwrap());
        assert_eq!(RaceDay::parse(&day.to_string()), Ok(day));
        assert_eq!(RaceDay::parse("2026-2-28"), Ok(day));
        for no_day in [
            "",
            "2026",
            "2026-02",
            "2026-02-30",
            "2026-13-01",
            "2026-02-28-1",
            "28-02-2026",
            "+2026-02-28",
            "2026-+2-28",
            " 2026-02-28",
            "2026-02-28T00:00",
            "-2026-02-28",
            "2026--2-28",
            "1949-12-31",
            "2100-01-01",
            "99999999999-01-01",
            "２０２６-02-28",
        ] {
            assert!(RaceDay::parse(no_day).is_err(), "{no_day:?}");
        }
    }

    #[test]
    fn a_time_that_happens_twice_is_a_fault() {
        let day = RaceDay::parse("2026-04-05").unwrap();
        let half_past_two = NaiveTime::from_hms_opt(2, 30, 0).unwrap();

        assert!(day.at(half_past_two, Sydney).is_err());
        assert!(day.at(half_past_two, Brisbane).is_ok());
    }
}
