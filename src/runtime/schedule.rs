//! When a job is due, whatever the clock of the machine does meanwhile.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Cron;

/// A job that fired later than this from now did so by a clock that was wrong.
const ASTRAY: TimeDelta = TimeDelta::days(1);

/// A cron expression and where the clock hangs that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The expression.
    pub cron: Cron,
    /// The zone of its times.
    pub zone: Tz,
}

impl Schedule {
    /// The first instant after `at`.
    #[must_use]
    pub fn next_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.next_after(at, self.zone)
    }

    /// The instant that is due: the latest that has come since the job `fired`; those before it
    /// are made up for by it. For a job that never fired, hand in when it was first known.
    ///
    /// A clock that goes back makes nothing due again. One that was a day ahead or more was wrong,
    /// and what it said is not believed.
    #[must_use]
    pub fn due(&self, fired: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let latest = self.cron.last_at(now, self.zone)?;
        let astray = fired.signed_duration_since(now) > ASTRAY;
        (latest > fired || astray).then_some(latest)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono_tz::Australia::{Brisbane, Sydney};
    use chrono_tz::Europe::London;

    use super::*;

    fn cron(text: &str) -> Cron {
        Cron::parse(text).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn after_a_long_sleep_one_instant_is_due_and_it_is_the_latest() {
        let schedule = Schedule {
            cron: cron("*/15 9-23 * * *"),
            zone: Sydney,
        };
        let fired = at("2026-03-01T00:00:00Z");
        let now = at("2026-04-10T01:07:00Z");

        let due = schedule.due(fired, now);

        assert_eq!(due, Some(at("2026-04-10T01:00:00Z")));
        assert_eq!(schedule.due(due.unwrap(), now), None);
        assert_eq!(
            schedule.due(due.unwrap(), at("2026-04-10T01:15:00Z")),
            Some(at("2026-04-10T01:15:00Z"))
        );
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_due_again() {
        let schedule = Schedule {
            cron: cron("0 6 * * *"),
            zone: London,
        };
        let fired = at("2026-06-01T05:00:00Z");

        for back in [1, 5, 3_600, 7_200, 86_400] {
            let now = fired + TimeDelta::seconds(2) - TimeDelta::seconds(back);
            assert_eq!(schedule.due(fired, now), None, "{back} s");
        }
        assert_eq!(
            schedule.due(fired, at("2026-06-02T05:00:01Z")),
            Some(at("2026-06-02T05:00:00Z"))
        );
    }

    #[test]
    fn what_a_clock_said_that_was_years_ahead_is_not_believed_for_years() {
        let schedule = Schedule {
            cron: cron("0 6 * * *"),
            zone: London,
        };
        let now = at("2026-06-01T12:00:00Z");

        let due = schedule.due(at("2040-01-01T06:00:00Z"), now);

        assert_eq!(due, Some(at("2026-06-01T05:00:00Z")));
        assert_eq!(schedule.due(due.unwrap(), now), None);
    }

    #[test]
    fn somebody_who_asks_every_few_seconds_fires_each_local_day_once_whatever_the_clock_does() {
        for (zone, day) in [
            (Sydney, "2026-04-04"),
            (Sydney, "2026-10-03"),
            (London, "2026-03-28"),
            (London, "2026-10-24"),
            (Brisbane, "2026-04-04"),
        ] {
            for time in ["30 1", "0 2", "30 2", "0 3"] {
                let schedule = Schedule {
                    cron: cron(&format!("{time} * * *")),
                    zone,
                };
                let start = at(&format!("{day}T00:00:00Z"));
                let mut fired = start;
                let mut days = BTreeMap::new();

                for asked in 0_i64..3 * 86_400 / 31 {
                    // Once a while the clock is set 5 s or an hour back, and runs right again.
                    let back = match asked % 200 {
                        17 => 5,
                        100..110 => 3_600,
                        _ => 0,
                    };
                    let now = start + TimeDelta::seconds(asked * 31 - back);
                    if let Some(due) = schedule.due(fired, now) {
                        fired = due;
                        *days
                            .entry(due.with_timezone(&zone).date_naive())
                            .or_insert(0) += 1;
                    }
                }

                assert_eq!(days.len(), 3, "{time} {zone} {day}: {days:?}");
                assert!(
                    days.values().all(|count| *count == 1),
                    "{time} {zone} {day}: {days:?}"
                );
            }
        }
    }
}
