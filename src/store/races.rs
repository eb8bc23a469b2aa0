//! Meetings and races.

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use rusqlite::{Row, named_params};

use super::bind::{instant, maybe_instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tag, Tx, tracks};
use crate::domain::{
    CircuitId, MeetingId, Metres, RaceDay, RaceHead, RaceId, RaceKey, RaceSlot, RaceStatus,
    Session, Source, Standing, TrackId, TrackSpot,
};

/// A race as it stands, without its runners.
#[derive(Debug, Clone, PartialEq)]
pub struct Race {
    /// Identity.
    pub id: RaceId,
    /// The name clients use.
    pub key: RaceKey,
    /// Name of the track.
    pub track_name: String,
    /// Zone of the track.
    pub zone: Tz,
    /// Circuit.
    pub circuit: CircuitId,
    /// What a length stands for on the circuit, seconds.
    pub seconds_per_length: f64,
    /// Distance.
    pub distance: Option<Metres>,
    /// Grade as written.
    pub grade: Option<String>,
    /// Title.
    pub name: Option<String>,
    /// Jump.
    pub jump_at: Option<DateTime<Utc>>,
    /// How far it has come.
    pub status: RaceStatus,
    /// Every starter is accounted for by a final result.
    pub complete: bool,
    /// Goes up by one with every change.
    pub revision: u32,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Race {
    /// The last instant before the lids rise, as far as anybody has said when that is: the jump,
    /// or the end of the race day at the track.
    #[must_use]
    pub fn cutoff(&self) -> DateTime<Utc> {
        self.jump_at.unwrap_or_else(|| self.key.day.ends(self.zone))
    }
}

impl FromRow for Race {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            key: key(row)?,
            track_name: row.get("track_name")?,
            zone: tracks::zone(row)?,
            circuit: row.get("circuit_id")?,
            seconds_per_length: row.get("seconds_per_length")?,
            distance: row.get("distance_m")?,
            grade: row.get("grade")?,
            name: row.get("name")?,
            jump_at: maybe_instant(row, "jump_at_ms")?,
            status: row.get("status")?,
            complete: row.get("complete")?,
            revision: row.get("revision")?,
            updated_at: instant(row, "updated_at_ms")?,
        })
    }
}

/// The name of the race of a row that has `slug`, `session`, `day`, `number` and `local_time`.
pub(super) fn key(row: &Row<'_>) -> rusqlite::Result<RaceKey> {
    let session: i64 = row.get("session")?;
    Ok(RaceKey {
        day: row.get("day")?,
        track: row.get("slug")?,
        session: Session::new(session).unwrap_or(Session::FIRST),
        slot: slot(row, "number")?,
    })
}

/// The number in that column, or the `local_time` where there is none.
pub(super) fn slot(row: &Row<'_>, number: &str) -> rusqlite::Result<RaceSlot> {
    let number: Option<u8> = row.get(number)?;
    if let Some(number) = number {
        return Ok(RaceSlot::Number(number));
    }
    let time: Option<String> = row.get("local_time")?;
    let time = time.and_then(|text| NaiveTime::parse_from_str(&text, "%H:%M").ok());
    Ok(RaceSlot::Time(time.unwrap_or(NaiveTime::MIN)))
}

/// Where a race is in the calendar, for recognising it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slotted {
    /// Identity.
    pub id: RaceId,
    /// Its meeting.
    pub meeting: MeetingId,
    /// Its number, once a source gave one.
    pub number: Option<u8>,
    /// Its local time `HH:MM`, once a source gave one.
    pub local_time: Option<String>,
    /// The circuit it was last known to use.
    pub circuit: CircuitId,
}

impl FromRow for Slotted {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            meeting: row.get("meeting_id")?,
            number: row.get("number")?,
            local_time: row.get("local_time")?,
            circuit: row.get("circuit_id")?,
        })
    }
}

impl FromRow for MeetingId {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("id")
    }
}

struct FirstDay(Option<RaceDay>);

impl FromRow for FirstDay {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("first_day").map(Self)
    }
}

/// The first and last day with a final result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First day, `None` when there is no result at all.
    pub first: Option<RaceDay>,
    /// Last day.
    pub last: Option<RaceDay>,
}

impl FromRow for Span {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            first: row.get("first_day")?,
            last: row.get("last_day")?,
        })
    }
}

/// The same of one track, with the zone that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneSpan {
    /// Zone of the track.
    pub zone: Tz,
    /// First and last day.
    pub span: Span,
}

impl FromRow for ZoneSpan {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            zone: tracks::zone(row)?,
            span: Span::from_row(row)?,
        })
    }
}

/// The meeting of a track on a day, added when new.
pub fn meeting(
    tx: &Tx<'_>,
    track: TrackId,
    day: RaceDay,
    session: Session,
) -> Result<MeetingId, Error> {
    let params = named_params! { ":day": day, ":track_id": track, ":session": session.get() };
    if let Some(meeting) = tx.maybe(query!("meeting/by_day"), params)? {
        return Ok(meeting);
    }
    tx.touch(Tag::Day(day));
    Ok(MeetingId::new(tx.insert(query!("meeting/insert"), params)?))
}

/// The race a source knows by this id.
pub fn by_ref(reader: &Reader<'_>, source: &Source, id: &str) -> Result<Option<Slotted>, Error> {
    let params = named_params! { ":source": source, ":ref": id };
    reader.maybe(query!("race/by_ref"), params)
}

/// The race of that number in a meeting.
pub fn by_number(
    reader: &Reader<'_>,
    meeting: MeetingId,
    number: u8,
) -> Result<Option<Slotted>, Error> {
    let params = named_params! { ":meeting_id": meeting, ":number": number };
    reader.maybe(query!("race/by_number"), params)
}

/// The races of a meeting that start at that local time; two are enough to know it is not one.
pub fn by_time(
    reader: &Reader<'_>,
    meeting: MeetingId,
    local_time: &str,
) -> Result<Vec<Slotted>, Error> {
    let params = named_params! { ":meeting_id": meeting, ":local_time": local_time };
    reader.all(query!("race/by_time"), params)
}

/// Adds a race nobody has heard of.
pub fn add(
    tx: &Tx<'_>,
    meeting: MeetingId,
    head: &RaceHead,
    place: &TrackSpot,
    local_time: Option<&str>,
    now: DateTime<Utc>,
) -> Result<RaceId, Error> {
    let params = named_params! {
        ":meeting_id": meeting,
        ":day": head.day,
        ":number": head.number,
        ":local_time": local_time,
        ":circuit_id": place.circuit.id,
        ":now_ms": ms(now),
    };
    let race = RaceId::new(tx.insert(query!("race/insert"), params)?);
    tx.touch(Tag::Race(race));
    tx.touch(Tag::Day(head.day));
    tx.note(|sums| sums.race(place.track.id, head.day));
    Ok(race)
}

/// Adds the number or local time of a race where it had none.
pub fn name_slot(
    tx: &Tx<'_>,
    race: RaceId,
    day: RaceDay,
    number: Option<u8>,
    local_time: Option<&str>,
) -> Result<(), Error> {
    tx.touch(Tag::Race(race));
    tx.touch(Tag::Day(day));
    tx.touch(Tag::Names);
    let params = named_params! { ":id": race, ":number": number, ":local_time": local_time };
    tx.change(query!("race/name_slot"), params).map(drop)
}

/// Adds a source's id for a race; the first claim to an id stands.
pub fn add_ref(tx: &Tx<'_>, race: RaceId, source: &Source, id: &str) -> Result<(), Error> {
    let params = named_params! { ":source": source, ":ref": id, ":race_id": race };
    tx.change(query!("race/add_ref"), params).map(drop)
}

/// Writes the standing of a race; `newer` raises its revision.
pub(super) fn stand(
    tx: &mut Tx<'_>,
    race: RaceId,
    day: RaceDay,
    circuit: CircuitId,
    standing: &Standing,
    newer: bool,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":id": race,
        ":circuit_id": circuit,
        ":distance_m": standing.about.distance,
        ":grade": standing.about.grade,
        ":name": standing.about.name,
        ":jump_at_ms": standing.about.jump_at.map(ms),
        ":status": standing.status,
        ":complete": standing.complete,
        ":newer": newer,
        ":now_ms": ms(now),
    };
    tx.change(query!("race/stand"), params)?;
    tx.touch(Tag::Race(race));
    tx.touch(Tag::Day(day));
    Ok(())
}

/// The race of that name.
pub fn by_key(reader: &Reader<'_>, key: &RaceKey) -> Result<Option<Race>, Error> {
    let (number, time) = match key.slot {
        RaceSlot::Number(number) => (Some(number), None),
        RaceSlot::Time(time) => (None, Some(time.format("%H:%M").to_string())),
    };
    let params = named_params! {
        ":slug": key.track,
        ":day": key.day,
        ":session": key.session.get(),
        ":number": number,
        ":local_time": time,
    };
    reader.maybe(query!("race/by_key"), params)
}

/// The race, if we know it.
pub fn by_id(reader: &Reader<'_>, id: RaceId) -> Result<Option<Race>, Error> {
    reader.maybe(query!("race/by_id"), named_params! { ":id": id })
}

/// The races of one day that a model can be judged on, in an order that does not depend on row
/// ids.
pub fn judged_on(reader: &Reader<'_>, day: RaceDay) -> Result<Vec<Race>, Error> {
    reader.all(query!("race/judged"), named_params! { ":day": day })
}

/// The races of one day, in the order of their jumps; at most 500.
pub fn of_day(reader: &Reader<'_>, day: RaceDay) -> Result<Vec<Race>, Error> {
    reader.all(query!("race/of_day"), named_params! { ":day": day })
}

/// From when to when there are final results on or after `day`, track by track, with the zones of
/// the tracks.
pub fn spans(reader: &Reader<'_>, day: RaceDay) -> Result<Vec<ZoneSpan>, Error> {
    reader.all(query!("race/spans"), named_params! { ":day": day })
}

/// The first day after this one that has races, run or not.
pub fn day_after(reader: &Reader<'_>, day: RaceDay) -> Result<Option<RaceDay>, Error> {
    let params = named_params! { ":day": day };
    let first: FirstDay = reader.one(query!("race/day_after"), params)?;
    Ok(first.0)
}

/// From when to when there are final results.
pub fn span(reader: &Reader<'_>) -> Result<Span, Error> {
    reader.one(query!("race/span"), [])
}
