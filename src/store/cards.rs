//! Cards and scratchings, version by version.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, maybe_instant, ms};
use super::query::query;
use super::versions::{Digest, Version};
use super::{Error, FromRow, Reader, Tag, Tx, versions};
use crate::domain::{
    About, CardClaim, Claimed, Performance, RaceHead, RaceId, ScratchClaim, Source,
};

struct CardRow {
    id: i64,
    claim: CardClaim,
}

impl FromRow for About {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            distance: row.get("distance_m")?,
            grade: row.get("grade")?,
            name: row.get("name")?,
            jump_at: maybe_instant(row, "jump_at_ms")?,
        })
    }
}

impl FromRow for CardRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            claim: CardClaim {
                source: row.get("source")?,
                known_at: instant(row, "known_at_ms")?,
                about: About::from_row(row)?,
                runners: Vec::new(),
            },
        })
    }
}

/// A runner of a card; a card says nothing of a performance.
struct EntryRow(Claimed);

impl FromRow for EntryRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self(Claimed {
            rug: row.get("rug")?,
            box_no: row.get("box")?,
            dog: row.get("dog_id")?,
            trainer: row.get("trainer_id")?,
            weight: row.get("weight_g")?,
            reserve: row.get("reserve")?,
            scratched: row.get("scratched")?,
            performance: Performance::default(),
        }))
    }
}

impl FromRow for ScratchClaim {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            rug: row.get("rug")?,
            known_at: instant(row, "known_at_ms")?,
            replaced_by: row.get("replaced_by_rug")?,
            box_no: row.get("box")?,
        })
    }
}

/// The newest version a source has given.
pub fn newest(
    reader: &Reader<'_>,
    race: RaceId,
    source: &Source,
) -> Result<Option<Version>, Error> {
    versions::newest(reader, query!("card/newest"), race, source)
}

/// Whether exactly this was said before, to be known since that instant.
pub fn said(
    reader: &Reader<'_>,
    race: RaceId,
    source: &Source,
    known_at: DateTime<Utc>,
    digest: Digest,
) -> Result<bool, Error> {
    versions::said(reader, query!("card/same"), race, source, known_at, digest)
}

/// Adds a version with its whole field.
pub fn add(
    tx: &Tx<'_>,
    race: RaceId,
    head: &RaceHead,
    claim: &CardClaim,
    digest: Digest,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":race_id": race,
        ":source": claim.source,
        ":known_at_ms": ms(claim.known_at),
        ":recorded_at_ms": ms(now),
        ":digest": digest,
        ":distance_m": claim.about.distance,
        ":grade": claim.about.grade,
        ":name": claim.about.name,
        ":prize": head.prize,
        ":jump_at_ms": claim.about.jump_at.map(ms),
    };
    tx.touch(Tag::Race(race));
    let card = tx.insert(query!("card/insert"), params)?;
    for runner in &claim.runners {
        let params = named_params! {
            ":card_id": card,
            ":rug": runner.rug,
            ":box": runner.box_no,
            ":dog_id": runner.dog,
            ":trainer_id": runner.trainer,
            ":weight_g": runner.weight,
            ":reserve": runner.reserve,
            ":scratched": runner.scratched,
        };
        tx.change(query!("card/add_entry"), params)?;
    }
    Ok(())
}

/// Every version that could be known at `as_of`, with its field.
pub fn claims(
    reader: &Reader<'_>,
    race: RaceId,
    as_of: DateTime<Utc>,
) -> Result<Vec<CardClaim>, Error> {
    let params = named_params! { ":race_id": race, ":as_of_ms": ms(as_of) };
    let cards: Vec<CardRow> = reader.all(query!("card/of_race"), params)?;
    let mut claims = Vec::with_capacity(cards.len());
    for card in cards {
        let params = named_params! { ":card_id": card.id };
        let entries: Vec<EntryRow> = reader.all(query!("card/entries"), params)?;
        claims.push(CardClaim {
            runners: entries.into_iter().map(|entry| entry.0).collect(),
            ..card.claim
        });
    }
    Ok(claims)
}

/// Every scratching that could be known at `as_of`.
pub fn scratchings(
    reader: &Reader<'_>,
    race: RaceId,
    as_of: DateTime<Utc>,
) -> Result<Vec<ScratchClaim>, Error> {
    let params = named_params! { ":race_id": race, ":as_of_ms": ms(as_of) };
    reader.all(query!("card/scratchings"), params)
}

/// Adds a scratching. No two of a rug are known since the same instant.
pub fn scratch(
    tx: &Tx<'_>,
    race: RaceId,
    scratch: &ScratchClaim,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":race_id": race,
        ":rug": scratch.rug,
        ":known_at_ms": ms(scratch.known_at),
        ":recorded_at_ms": ms(now),
        ":replaced_by_rug": scratch.replaced_by,
        ":box": scratch.box_no,
    };
    tx.touch(Tag::Race(race));
    tx.change(query!("card/scratch"), params).map(drop)
}
