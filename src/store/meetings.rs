//! Meetings: one track on one day.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::maybe_instant;
use super::query::query;
use super::{Error, FromRow, Reader, races};
use crate::domain::{MeetingId, RaceDay, RaceKey, RaceStatus};

/// A meeting, for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// Identity.
    pub id: MeetingId,
    /// Local day.
    pub day: RaceDay,
    /// Which meeting of the day, 1 to 4.
    pub session: u8,
    /// Slug of the track.
    pub slug: String,
    /// Name of the track.
    pub track: String,
    /// How many races are known.
    pub races: u32,
    /// The first jump that is known.
    pub first_jump_at: Option<DateTime<Utc>>,
    /// The last jump that is known.
    pub last_jump_at: Option<DateTime<Utc>>,
}

impl FromRow for Meeting {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            day: row.get("day")?,
            session: row.get("session")?,
            slug: row.get("slug")?,
            track: row.get("name")?,
            races: row.get("races")?,
            first_jump_at: maybe_instant(row, "first_jump_at_ms")?,
            last_jump_at: maybe_instant(row, "last_jump_at_ms")?,
        })
    }
}

/// Some meetings of those days, newest day first, after one of them.
pub fn page(
    reader: &Reader<'_>,
    (from, until): (RaceDay, RaceDay),
    after: Option<(RaceDay, MeetingId)>,
    limit: u32,
) -> Result<Vec<Meeting>, Error> {
    let (until, after_day, after_id) = match after {
        Some((day, meeting)) => (day.min(until), day, meeting.get()),
        None => (until, until.plus(1), i64::MAX),
    };
    let params = named_params! {
        ":from": from,
        ":until": until,
        ":after_day": after_day,
        ":after_id": after_id,
        ":limit": limit,
    };
    reader.all(query!("meeting/page"), params)
}

/// A race of a meeting, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaceKnown {
    /// Which.
    pub race: RaceKey,
    /// How far it has come.
    pub status: RaceStatus,
    /// When it jumps.
    pub jump_at: Option<DateTime<Utc>>,
    /// There is a card.
    pub carded: bool,
    /// There is a price.
    pub priced: bool,
    /// There is a line in the ledger.
    pub predicted: bool,
}

impl FromRow for RaceKnown {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            race: races::key(row)?,
            status: row.get("status")?,
            jump_at: maybe_instant(row, "jump_at_ms")?,
            carded: row.get("carded")?,
            priced: row.get("priced")?,
            predicted: row.get("predicted")?,
        })
    }
}

/// The races of a meeting, by number; none when there is no such meeting.
pub fn completeness(
    reader: &Reader<'_>,
    day: RaceDay,
    track: &str,
    session: u8,
) -> Result<Vec<RaceKnown>, Error> {
    let params = named_params! { ":day": day, ":track": track, ":session": session };
    reader.all(query!("meeting/completeness"), params)
}
