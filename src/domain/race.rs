//! A race: its name to the world, its place in the calendar, its life-cycle.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveTime, Utc};

use super::source::reference;
use super::text::text;
use super::{Fault, Faults, Metres, RaceDay, Source};

/// Which meeting of the day at one track, 1 to 4; 1 unless a track races twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Session(u8);

impl Session {
    /// The first, and almost always the only, meeting of the day.
    pub const FIRST: Self = Self(1);

    /// Fails outside 1 to 4.
    pub fn new(raw: i64) -> Result<Self, Fault> {
        match u8::try_from(raw) {
            Ok(raw) if (1..=4).contains(&raw) => Ok(Self(raw)),
            Ok(_) | Err(_) => Err(Fault::new("must be a session, 1 to 4")),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Where a race stands in its meeting: by number, or by local time where the source numbers none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RaceSlot {
    /// 1 to 60.
    Number(u8),
    /// Local time of the jump, to the minute.
    Time(NaiveTime),
}

impl RaceSlot {
    /// A numbered race; fails outside 1 to 60.
    pub fn number(raw: i64) -> Result<Self, Fault> {
        match u8::try_from(raw) {
            Ok(raw) if (1..=60).contains(&raw) => Ok(Self::Number(raw)),
            Ok(_) | Err(_) => Err(Fault::new("must be a race number, 1 to 60")),
        }
    }
}

/// The name clients use for a race: `2025-07-21-angle-park-3`, with `-s2` for a second session and
/// `t1818` in place of a number that no source has given.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct RaceKey {
    /// Local day.
    pub day: RaceDay,
    /// Track slug.
    pub track: String,
    /// Session.
    pub session: Session,
    /// Number or time.
    pub slot: RaceSlot,
}

impl fmt::Display for RaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-", self.day, self.track)?;
        match self.slot {
            RaceSlot::Number(number) => write!(f, "{number}")?,
            RaceSlot::Time(time) => write!(f, "t{}", time.format("%H%M"))?,
        }
        if self.session == Session::FIRST {
            return Ok(());
        }
        write!(f, "-s{}", self.session.get())
    }
}

impl TryFrom<String> for RaceKey {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<RaceKey> for String {
    fn from(key: RaceKey) -> Self {
        key.to_string()
    }
}

impl FromStr for RaceKey {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let fault = || Fault::new("must be a race like 2025-07-21-angle-park-3");
        let (day, rest) = text.split_at_checked(10).ok_or_else(fault)?;
        let day = RaceDay::parse(day).map_err(|_day| fault())?;
        let rest = rest.strip_prefix('-').ok_or_else(fault)?;
        let (rest, session) = match rest.rsplit_once("-s") {
            Some((rest, session)) if session.parse::<u8>().is_ok() => {
                (rest, Session::new(session.parse().map_err(|_n| fault())?)?)
            }
            _ => (rest, Session::FIRST),
        };
        let (track, slot) = rest.rsplit_once('-').ok_or_else(fault)?;
        let slot = match slot.strip_prefix('t') {
            Some(time) => {
                RaceSlot::Time(NaiveTime::parse_from_str(time, "%H%M").map_err(|_t| fault())?)
            }
            None => RaceSlot::number(slot.parse().map_err(|_n| fault())?)?,
        };
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if track.is_empty() || track.len() > 60 || !track.chars().all(known) {
            return Err(fault());
        }
        Ok(Self {
            day,
            track: track.to_owned(),
            session,
            slot,
        })
    }
}

/// How far a race has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RaceStatus {
    /// Announced; no result yet.
    Open,
    /// First order of finish, may change.
    Interim,
    /// Order of finish confirmed.
    Official,
    /// Corrected after it was official.
    Amended,
    /// Run and declared void; never a start.
    NoRace,
    /// Not run.
    Abandoned,
}

const STATUSES: [(RaceStatus, &str); 6] = [
    (RaceStatus::Open, "open"),
    (RaceStatus::Interim, "interim"),
    (RaceStatus::Official, "official"),
    (RaceStatus::Amended, "amended"),
    (RaceStatus::NoRace, "no_race"),
    (RaceStatus::Abandoned, "abandoned"),
];

impl RaceStatus {
    /// From its name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        STATUSES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(status, _)| *status)
            .ok_or_else(|| {
                Fault::new("must be open, interim, official, amended, no_race or abandoned")
            })
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        STATUSES
            .iter()
            .find(|(status, _)| *status == self)
            .map_or("open", |(_, name)| name)
    }

    /// Whether the order of finish may feed ratings and features.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Official | Self::Amended)
    }
}

/// When the lids rise, as the source says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Jump {
    /// An instant.
    At(DateTime<Utc>),
    /// A local time on the race day; becomes an instant once the track is known.
    Local(NaiveTime),
}

/// What somebody sent about a race itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RaceDraft {
    /// Who says so.
    pub source: String,
    /// Track: any known alias of the source.
    pub track: String,
    /// Local day, `2026-11-20`.
    pub day: String,
    /// Race number in its meeting.
    pub number: Option<i64>,
    /// Meeting of the day, 1 when left out.
    pub session: Option<i64>,
    /// RFC 3339 instant, or local `HH:MM[:SS]`.
    pub jump_at: Option<String>,
    /// Title.
    pub name: Option<String>,
    /// Metres.
    pub distance_m: Option<f64>,
    /// Grade as written.
    pub grade: Option<String>,
    /// Prize money as written.
    pub prize: Option<String>,
    /// The race's id at a source, which need not be the one that tells: source name, id there.
    pub reference: Option<(String, String)>,
}

/// A checked race header.
#[derive(Debug, Clone, PartialEq)]
pub struct RaceHead {
    /// Who says so.
    pub source: Source,
    /// Track alias, still to be understood.
    pub track: String,
    /// Local day.
    pub day: RaceDay,
    /// Number in the meeting.
    pub number: Option<u8>,
    /// Meeting of the day.
    pub session: Session,
    /// Jump.
    pub jump: Option<Jump>,
    /// Title.
    pub name: Option<String>,
    /// Distance.
    pub distance: Option<Metres>,
    /// Grade as written.
    pub grade: Option<String>,
    /// Prize money as written.
    pub prize: Option<String>,
    /// The race's id at a source.
    pub reference: Option<(Source, String)>,
}

impl RaceDraft {
    /// The header, or every fault of it.
    pub fn check(&self) -> Result<RaceHead, Vec<Fault>> {
        let mut faults = Faults::default();
        let source = faults.note("source", Source::new(&self.source));
        let track = faults.note("track", text(&self.track));
        let day = faults.note("day", RaceDay::parse(&self.day));
        let number = faults.maybe("number", self.number, RaceSlot::number);
        let session = faults.maybe("session", self.session, Session::new);
        let jump = faults.maybe("jump_at", self.jump_at.as_deref(), jump);
        let name = faults.maybe("name", self.name.as_deref(), text);
        let distance = faults.maybe("distance_m", self.distance_m, Metres::new);
        let grade = faults.maybe("grade", self.grade.as_deref(), text);
        let prize = faults.maybe("prize", self.prize.as_deref(), text);
        let reference = faults.maybe("ref", self.reference.as_ref(), reference);
        if self.number.is_none() && !matches!(jump, Some(Jump::Local(_))) {
            faults.add("number", "must be given where there is no local jump time");
        }
        faults.done()?;
        let (Some(source), Some(track), Some(day)) = (source, track, day) else {
            return Err(Vec::new());
        };
        let number = number.and_then(|slot| match slot {
            RaceSlot::Number(number) => Some(number),
            RaceSlot::Time(_) => None,
        });
        Ok(RaceHead {
            source,
            track,
            day,
            number,
            session: session.unwrap_or(Session::FIRST),
            jump,
            name,
            distance,
            grade,
            prize,
            reference,
        })
    }
}

fn jump(raw: &str) -> Result<Jump, Fault> {
    if let Ok(at) = DateTime::parse_from_rfc3339(raw) {
        return Ok(Jump::At(at.with_timezone(&Utc)));
    }
    ["%H:%M:%S", "%H:%M"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(raw, form).ok())
        .map(Jump::Local)
        .ok_or_else(|| Fault::new("must be an instant like 2026-11-20T09:30:00Z"))
}

/// An RFC 3339 instant.
pub(super) fn instant(raw: &str) -> Result<DateTime<Utc>, Fault> {
    DateTime::parse_from_rfc3339(raw)
        .map(|at| at.with_timezone(&Utc))
        .map_err(|_text| Fault::new("must be an instant like 2026-11-20T09:30:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_name_races_with_and_without_numbers() {
        for text in [
            "2025-07-21-angle-park-3",
            "2024-05-15-harlow-12-s2",
            "2020-02-15-henlow-t1818",
            "2025-07-21-q1-lakeside-10",
        ] {
            assert_eq!(text.parse::<RaceKey>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_no_key() {
        for text in [
            "",
            "2025-07-21",
            "2025-07-21-3",
            "2025-13-01-sale-3",
            "2025-07-21-sale-0",
            "2025-07-21-Sale-1",
            "ééééééééééé",
        ] {
            assert!(text.parse::<RaceKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let draft = RaceDraft {
            source: "?".to_owned(),
            day: "21/07/2025".to_owned(),
            number: Some(0),
            distance_m: Some(f64::NAN),
            ..RaceDraft::default()
        };

        let places: Vec<_> = draft
            .check()
            .unwrap_err()
            .into_iter()
            .map(|fault| fault.at)
            .collect();

        assert_eq!(places, ["source", "track", "day", "number", "distance_m"]);
    }

    proptest! {
        #[test]
        fn a_key_reads_back(number in 1_i64..=60, session in 1_i64..=4, days in 0_i64..20_000) {
            let key = RaceKey {
                day: RaceDay::parse("2000-01-01").unwrap().plus(days),
                track: "the-meadows".to_owned(),
                session: Session::new(session).unwrap(),
                slot: RaceSlot::number(number).unwrap(),
            };
            prop_assert_eq!(key.to_string().parse::<RaceKey>(), Ok(key));
        }
    }
}
