//! Since when a fact could be known in the world.
//!
//! What is told about today or later is known when it is told. What is told about the past was
//! known at the time: a card at the start of its day, a result half an hour after the jump, a
//! form line at the end of its own day, a price when it was to be had, a starting price with the
//! result. A correction is known when it arrives.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::{Fault, RaceDay};
use crate::store::versions::{Digest, Version};

/// How long after the jump a result is published at the latest.
const RESULT_DELAY: TimeDelta = TimeDelta::minutes(30);

/// The first instant that can be stored.
const EPOCH: DateTime<Utc> = DateTime::from_timestamp_millis(1).expect("1970 is in the calendar");

/// How far the clock of a sender may be ahead of ours.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The instant at `place` of an input, told by its sender: since 1970, and not still to come.
pub(super) fn told(
    place: &str,
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let fault = |why: &str| Err(Fault::new(why).under(place));
    match at {
        Some(at) if at > now + SKEW => fault("must not be in the future"),
        Some(at) if at <= DateTime::UNIX_EPOCH => fault("must be after 1970"),
        at => Ok(at),
    }
}

/// What kind of fact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Card,
    Result { jump: Option<DateTime<Utc>> },
    Form,
    Price { at: DateTime<Utc> },
}

/// Since when a fact about `day` could be known, told now by somebody who does not say.
pub(super) fn known_at(kind: Kind, day: RaceDay, zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    if now <= day.ends(zone) {
        return now;
    }
    let known_at = match kind {
        Kind::Card => day.starts(zone),
        Kind::Price { at } => at,
        Kind::Result { jump: Some(jump) } => jump + RESULT_DELAY,
        Kind::Result { jump: None } | Kind::Form => day.ends(zone),
    };
    known_at.max(EPOCH)
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
    // What is told with its instant is kept with it: the same words at another instant count
    // among what others said meanwhile, whichever of them came first.
    let repeated = told.is_none() && newest.digest == digest;
    if repeated || said_before(known_at)? {
        return Ok(Place::Known);
    }
    if told.is_some() || known_at > newest.known_at {
        return Ok(Place::Newer(known_at));
    }
    Ok(Place::Newer(after(newest.known_at, now)))
}

/// When a correction is known: when it arrives, and after what it corrects.
pub(super) fn after(newest: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(newest + TimeDelta::milliseconds(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use chrono_tz::Australia::Adelaide;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2025, 7, day, hour, 0, 0).unwrap()
    }

    const fn version(known_at: DateTime<Utc>, byte: u8) -> Version {
        Version {
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

    #[test]
    fn the_same_words_for_another_instant_are_kept_with_it() {
        let newest = Some(version(at(21, 12), 1));
        let told = Some(at(21, 11));

        let never = |_| Ok::<_, Fault>(false);
        let place = place(newest, [1; 16], told, at(21, 11), at(28, 0), never);

        assert_eq!(place, Ok(Place::Newer(at(21, 11))));
    }

    #[test]
    fn nothing_is_known_before_it_happens() {
        let now = at(21, 10);

        assert_eq!(told("at", Some(now + SKEW), now), Ok(Some(now + SKEW)));
        let late = told("at", Some(at(21, 11)), now).unwrap_err();
        let early = told("at", Some(DateTime::UNIX_EPOCH), now).unwrap_err();
        assert_eq!((late.at.as_str(), early.at.as_str()), ("at", "at"));
    }
}
