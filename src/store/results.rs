//! Results, version by version, as their sources told them.

use chrono::{DateTime, Utc};
use rusqlite::{Row, ToSql, named_params};

use super::bind::{instant, ms};
use super::performances;
use super::query::query;
use super::versions::{Digest, Version};
use super::{Error, FromRow, Reader, Tag, Tx, versions};
use crate::domain::{About, Claimed, RaceHead, RaceId, ResultClaim, Source};

struct ResultRow {
    id: i64,
    claim: ResultClaim,
}

impl FromRow for ResultRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            claim: ResultClaim {
                source: row.get("source")?,
                known_at: instant(row, "known_at_ms")?,
                about: About::from_row(row)?,
                status: row.get("status")?,
                partial: row.get("partial")?,
                runners: Vec::new(),
            },
        })
    }
}

/// A runner of a result. Its weight belongs to the performance: it was taken on the day.
struct LineRow(Claimed);

/// By position: a season has a row for every start. A test holds the order.
impl FromRow for LineRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self(Claimed {
            rug: row.get(0)?,
            box_no: row.get(1)?,
            dog: row.get(2)?,
            trainer: row.get(3)?,
            weight: row.get(13)?,
            reserve: false,
            scratched: false,
            performance: performances::read_at(row, 4)?,
        }))
    }
}

/// The newest version a source has given.
pub fn newest(
    reader: &Reader<'_>,
    race: RaceId,
    source: &Source,
) -> Result<Option<Version>, Error> {
    versions::newest(reader, query!("result/newest"), race, source)
}

/// Whether exactly this was said before, to be known since that instant.
pub fn said(
    reader: &Reader<'_>,
    race: RaceId,
    source: &Source,
    known_at: DateTime<Utc>,
    digest: Digest,
) -> Result<bool, Error> {
    versions::said(
        reader,
        query!("result/same"),
        race,
        source,
        known_at,
        digest,
    )
}

/// Adds a version with all its lines.
pub fn add(
    tx: &Tx<'_>,
    race: RaceId,
    head: &RaceHead,
    claim: &ResultClaim,
    digest: Digest,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let params = named_params! {
        ":race_id": race,
        ":source": claim.source,
        ":status": claim.status,
        ":partial": claim.partial,
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
    let result = tx.insert(query!("result/insert"), params)?;
    for runner in &claim.runners {
        let first: [&dyn ToSql; 5] = [
            &result,
            &runner.rug,
            &runner.box_no,
            &runner.dog,
            &runner.trainer,
        ];
        let params = performances::bind(&first, &runner.performance);
        tx.change(query!("result/add_line"), params.as_slice())?;
    }
    Ok(())
}

/// Every version of a race's result, with its lines.
pub fn claims(reader: &Reader<'_>, race: RaceId) -> Result<Vec<ResultClaim>, Error> {
    let results: Vec<ResultRow> =
        reader.all(query!("result/of_race"), named_params! { ":race_id": race })?;
    let mut claims = Vec::with_capacity(results.len());
    for result in results {
        let params = named_params! { ":result_id": result.id };
        let lines: Vec<LineRow> = reader.all(query!("result/lines"), params)?;
        claims.push(ResultClaim {
            runners: lines.into_iter().map(|line| line.0).collect(),
            ..result.claim
        });
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_bound_in_the_order_of_its_statement() {
        let names = performances::named(query!("result/add_line").sql);

        assert_eq!(
            names.get(..5),
            Some([":result_id", ":rug", ":box", ":dog_id", ":trainer_id"].as_slice())
        );
    }

    #[test]
    fn a_line_is_read_in_the_order_of_its_columns() {
        let (head, _) = query!("result/lines").sql.split_once("FROM").unwrap();
        let head = head.trim_start().strip_prefix("SELECT").unwrap();
        let columns: Vec<&str> = head.split(',').map(str::trim).collect();

        assert_eq!(columns[..4], ["rug", "box", "dog_id", "trainer_id"]);
        assert_eq!(columns[4..], performances::columns());
        assert_eq!(columns[13], "weight_g");
    }
}
