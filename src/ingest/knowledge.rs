//! Since when a fact could be known in the world.
//!
//! What is told about today or later is known when it is told. What is told about the past was
//! known at the time: a card at the start of its day, a result half an hour after the jump, a
//! form line at the end of its own day. A correction is known when it arrives.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::RaceDay;
use crate::store::versions::{Digest, Version};

/// How long after the jump a result is published at the latest.
const RESULT_DELAY: TimeDelta = TimeDelta::minutes(30);

/// What kind of fact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Card,
    Result { jump: Option<DateTime<Utc>> },
    Form,
}

/// Since when a fact about `day` could be known, told now by somebody who does not say.
pub(super) fn known_at(kind: Kind, day: RaceDay, zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    if now <= day.ends(zone) {
        return now;
    }
    match kind {
        Kind::Card => day.starts(zone),
        Kind::Result { jump: Some(jump) } => jump + RESULT_DELAY,
        Kind::Result { jump: None } | Kind::Form => day.ends(zone),
    }
}

/// Where a version belongs among those its source has given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It was said before.
    Known,
    /// It is new, to be known since then.
    New(DateTime<Utc>),
    /// It changes what was said, to be known since then.
    Newer(DateTime<Utc>),
}

/// Finds the place. `said_before` is asked only when the newest version says something else.
pub(super) fn place<E>(
    newest: Option<Version>,
    digest: Digest,
    told: Option<DateTime<Utc>>,
    usual: DateTime<Utc>,
    now: DateTime<Utc>,
    said_before: impl FnOnce(DateTime<Utc>) -> Result<bool, E>,
) -> Result<Place, E> {
    let known_at = told.unwrap_or(usual);
    let Some(newest) = newest else {
        return Ok(Place::New(known_at));
    };
    if newest.digest == digest || said_before(known_at)? {
        return Ok(Place::Known);
    }
    if told.is_some() || known_at > newest.known_at {
        return Ok(Place::Newer(known_at));
    }
    let just_after = newest.known_at + TimeDelta::milliseconds(1);
    Ok(Place::Newer(now.max(just_after)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Fault;
    use chrono::TimeZone;
    use chrono_tz::Australia::Adelaide;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2025, 7, day, hour, 0, 0).unwrap()
    }

    const fn version(known_at: DateTime<Utc>, byte: u8) -> Version {
        Version {
            id: 1,
            known_at,
            digest: [byte; 16],
        }
    }

    fn found(newest: Version, byte: u8, said_at: Option<DateTime<Utc>>) -> Place {
        let said = |known_at| Ok::<_, Fault>(said_at == Some(known_at));
        let (usual, now) = (at(21, 10), at(28, 0));
        place(Some(newest), [byte; 16], None, usual, now, said).unwrap()
    }

    #[test]
    fn the_past_was_known_at_the_time_and_today_is_known_now() {
        let day = RaceDay::parse("2025-07-21").unwrap();
        let (today, later) = (at(21, 3), at(28, 0));

        assert_eq!(known_at(Kind::Card, day, Adelaide, today), today);
        assert_eq!(
            known_at(Kind::Card, day, Adelaide, later),
            day.starts(Adelaide)
        );
        let jump = at(21, 9);
        assert_eq!(
            known_at(Kind::Result { jump: Some(jump) }, day, Adelaide, later),
            jump + RESULT_DELAY
        );
        assert_eq!(
            known_at(Kind::Form, day, Adelaide, later),
            day.ends(Adelaide)
        );
    }

    #[test]
    fn a_correction_is_known_when_it_arrives() {
        let told = version(at(21, 10), 1);

        assert_eq!(found(told, 2, None), Place::Newer(at(28, 0)));
    }

    #[test]
    fn what_was_said_before_is_known() {
        let corrected = version(at(28, 0), 2);

        assert_eq!(found(corrected, 1, Some(at(21, 10))), Place::Known);
        assert_eq!(found(corrected, 2, None), Place::Known);
    }

    #[test]
    fn an_older_fact_told_late_stays_older() {
        let newest = Some(version(at(21, 12), 1));
        let told = Some(at(21, 11));

        let never = |_| Ok::<_, Fault>(false);
        let place = place(newest, [2; 16], told, at(21, 11), at(28, 0), never);

        assert_eq!(place, Ok(Place::Newer(at(21, 11))));
    }
}
