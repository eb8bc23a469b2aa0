//! Prices, tick by tick and version by version.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::{Error, FromRow, Reader, Tag, Tx};
use crate::domain::{Odds, PriceKind, RaceId, Rug, Source};

/// One tick: what a source paid on one runner at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct TickKey {
    /// Of which race.
    pub race: RaceId,
    /// Whose.
    pub source: Source,
    /// What kind.
    pub kind: PriceKind,
    /// On whom.
    pub rug: Rug,
    /// When it was to be had.
    pub at: DateTime<Utc>,
}

/// What one version of a tick says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paid {
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// To win.
    pub win: Option<Odds>,
    /// For a place.
    pub place: Option<Odds>,
}

/// The last price of one kind that a source gave for a runner.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// On whom.
    pub rug: Rug,
    /// What kind.
    pub kind: PriceKind,
    /// Whose.
    pub source: Source,
    /// When it was to be had.
    pub at: DateTime<Utc>,
    /// To win.
    pub win: Option<Odds>,
    /// For a place.
    pub place: Option<Odds>,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
}

impl FromRow for Paid {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            known_at: instant(row, "known_at_ms")?,
            win: row.get("win_price")?,
            place: row.get("place_price")?,
        })
    }
}

impl FromRow for Price {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let paid = Paid::from_row(row)?;
        Ok(Self {
            rug: row.get("rug")?,
            kind: row.get("kind")?,
            source: row.get("source")?,
            at: instant(row, "at_ms")?,
            win: paid.win,
            place: paid.place,
            known_at: paid.known_at,
        })
    }
}

/// Adds a version of a tick.
pub fn add(tx: &mut Tx<'_>, tick: &TickKey, paid: &Paid, now: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! {
        ":race_id": tick.race,
        ":kind": tick.kind,
        ":rug": tick.rug,
        ":at_ms": ms(tick.at),
        ":source": tick.source,
        ":known_at_ms": ms(paid.known_at),
        ":recorded_at_ms": ms(now),
        ":win_price": paid.win,
        ":place_price": paid.place,
    };
    tx.change(query!("price/insert"), params)?;
    tx.touch(Tag::Prices(tick.race));
    Ok(())
}

/// The newest version of a tick.
pub fn newest(reader: &Reader<'_>, tick: &TickKey) -> Result<Option<Paid>, Error> {
    let params = named_params! {
        ":race_id": tick.race,
        ":kind": tick.kind,
        ":rug": tick.rug,
        ":at_ms": ms(tick.at),
        ":source": tick.source,
    };
    reader.maybe(query!("price/newest"), params)
}

/// Whether exactly this was said before, to be known since that instant.
pub fn said(reader: &Reader<'_>, tick: &TickKey, paid: &Paid) -> Result<bool, Error> {
    let params = named_params! {
        ":race_id": tick.race,
        ":kind": tick.kind,
        ":rug": tick.rug,
        ":at_ms": ms(tick.at),
        ":source": tick.source,
        ":known_at_ms": ms(paid.known_at),
        ":win_price": paid.win,
        ":place_price": paid.place,
    };
    let same: Option<Paid> = reader.maybe(query!("price/same"), params)?;
    Ok(same.is_some())
}

/// The latest tick of every source, kind and rug, in its newest version; at most 500.
pub fn latest(reader: &Reader<'_>, race: RaceId) -> Result<Vec<Price>, Error> {
    reader.all(query!("price/latest"), named_params! { ":race_id": race })
}

/// The last price to win of every source, kind and rug that was to be had and known at an instant; at
/// most 500. A row without such a price says that it was taken back.
pub fn known(reader: &Reader<'_>, race: RaceId, as_of: DateTime<Utc>) -> Result<Vec<Price>, Error> {
    let params = named_params! { ":race_id": race, ":as_of_ms": ms(as_of) };
    reader.all(query!("price/known"), params)
}
