//! What a day of the walk leaves behind, written down.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Row, ToSql, named_params};

use super::bind::{instant, ms};
use super::query::query;
use super::ratings::{BoxRow, DayRows, DogRow, HindsightRow, ParRow, PriorRow, debt, revisions};
use super::{Error, FromRow, Tag, Tx};
use crate::domain::RaceDay;

/// A stored row that stands, and since when it could be known.
struct Standing<R> {
    row: R,
    known_at: DateTime<Utc>,
}

impl<R: FromRow> FromRow for Standing<R> {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: R::from_row(row)?,
            known_at: instant(row, "known_at_ms")?,
        })
    }
}

/// Replaces a day's rows and moves the debt from `day` to the next day with races.
///
/// A row that comes out as it was stays. Another takes its place from [`DayRows::known_at`] on;
/// what was to be seen before that instant stays to be seen.
///
/// Says `false`, and nothing is done, unless `day` is the first that is owed and its races are as
/// they were when they were read.
pub fn put_day(tx: &mut Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<bool, Error> {
    if debt(tx)? != Some(day) || revisions(tx, day)? != rows.revisions {
        return Ok(false);
    }
    put_dogs(tx, day, rows)?;
    put_pars(tx, day, rows)?;
    put_boxes(tx, day, rows)?;
    put_priors(tx, day, rows)?;
    put_hindsight(tx, day, rows)?;
    tx.touch(Tag::Ratings);
    let params = named_params! { ":day": day };
    Ok(tx.change(query!("rating/advance"), params)? == 1)
}

/// What has to change: the keys of rows that no longer stand, and the rows that are new.
struct Difference<'r, K, R> {
    gone: Vec<K>,
    new: Vec<&'r R>,
}

fn difference<'r, K: Ord + Copy, R: PartialEq>(
    stored: &[Standing<R>],
    rows: &'r [R],
    known_at: DateTime<Utc>,
    key: impl Fn(&R) -> K,
) -> Difference<'r, K, R> {
    let stored: BTreeMap<K, &Standing<R>> = stored.iter().map(|old| (key(&old.row), old)).collect();
    let wanted: BTreeMap<K, &R> = rows.iter().map(|row| (key(row), row)).collect();
    let stays = |key: &K| match (stored.get(key), wanted.get(key)) {
        (Some(old), Some(row)) => old.row == **row && old.known_at <= known_at,
        _ => false,
    };
    let gone = stored.keys().filter(|key| !stays(key)).copied().collect();
    let new = wanted
        .iter()
        .filter(|(key, _)| !stays(key))
        .map(|(_, row)| *row)
        .collect();
    Difference { gone, new }
}

fn put_dogs(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/dogs_on"), named_params! { ":day": day })?;
    let change = difference(&stored, &rows.dogs, rows.known_at, |row: &DogRow| row.dog);
    let known_at_ms = ms(rows.known_at);
    for dog in change.gone {
        let params = named_params! { ":dog_id": dog, ":day": day, ":gone_at_ms": known_at_ms };
        tx.change(query!("rating/drop_dog"), params)?;
        tx.change(query!("rating/retire_dog"), params)?;
    }
    for row in change.new {
        let [even, slow, quick, place] = &row.strengths;
        let params: [&dyn ToSql; 21] = [
            &row.dog,
            &row.day,
            &known_at_ms,
            &row.races,
            &even.mean,
            &even.variance,
            &slow.mean,
            &slow.variance,
            &quick.mean,
            &quick.variance,
            &place.mean,
            &place.variance,
            &row.look.win,
            &row.look.place,
            &row.look.surprise,
            &row.look.place_surprise,
            &row.look.field,
            &row.look.noise,
            &row.look.luck.win,
            &row.look.luck.place,
            &row.race,
        ];
        tx.change(query!("rating/put_dog"), params.as_slice())?;
    }
    Ok(())
}

fn put_pars(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/pars_on"), named_params! { ":day": day })?;
    let key = |row: &ParRow| (row.circuit, row.distance);
    let change = difference(&stored, &rows.pars, rows.known_at, key);
    let known_at_ms = ms(rows.known_at);
    for (circuit, distance) in change.gone {
        let params = named_params! {
            ":circuit_id": circuit, ":distance_m": distance, ":day": day,
            ":gone_at_ms": known_at_ms,
        };
        tx.change(query!("rating/drop_par"), params)?;
        tx.change(query!("rating/retire_par"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":circuit_id": row.circuit, ":distance_m": row.distance, ":day": day,
            ":known_at_ms": known_at_ms, ":time_s": row.par.time_s, ":races": row.par.races,
        };
        tx.change(query!("rating/put_par"), params)?;
    }
    Ok(())
}

fn put_boxes(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/boxes_on"), named_params! { ":day": day })?;
    let key = |row: &BoxRow| (row.circuit, row.distance_m, row.box_no);
    let change = difference(&stored, &rows.boxes, rows.known_at, key);
    let known_at_ms = ms(rows.known_at);
    for (circuit, distance_m, box_no) in change.gone {
        let params = named_params! {
            ":circuit_id": circuit, ":distance_m": distance_m, ":box": box_no, ":day": day,
            ":gone_at_ms": known_at_ms,
        };
        tx.change(query!("rating/drop_box"), params)?;
        tx.change(query!("rating/retire_box"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":circuit_id": row.circuit, ":distance_m": row.distance_m, ":box": row.box_no,
            ":day": day, ":known_at_ms": known_at_ms, ":total": row.total,
            ":place_total": row.place_total, ":starts": row.starts,
        };
        tx.change(query!("rating/put_box"), params)?;
    }
    Ok(())
}

fn put_priors(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/priors_on"), named_params! { ":day": day })?;
    let key = |row: &PriorRow| row.class;
    let change = difference(&stored, &rows.priors, rows.known_at, key);
    let known_at_ms = ms(rows.known_at);
    for class in change.gone {
        let params = named_params! { ":class": class, ":day": day, ":gone_at_ms": known_at_ms };
        tx.change(query!("rating/drop_prior"), params)?;
        tx.change(query!("rating/retire_prior"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":class": row.class, ":day": day, ":known_at_ms": known_at_ms, ":dogs": row.dogs,
            ":even_mean": row.means[0], ":slow_mean": row.means[1], ":quick_mean": row.means[2],
            ":place_mean": row.means[3],
        };
        tx.change(query!("rating/put_prior"), params)?;
    }
    Ok(())
}

fn put_hindsight(tx: &Tx<'_>, day: RaceDay, rows: &DayRows) -> Result<(), Error> {
    let stored = tx.all(query!("rating/hindsight_on"), named_params! { ":day": day })?;
    let key = |row: &HindsightRow| row.race;
    let change = difference(&stored, &rows.hindsight, rows.known_at, key);
    let known_at_ms = ms(rows.known_at);
    for race in change.gone {
        let params = named_params! { ":race_id": race, ":day": day, ":gone_at_ms": known_at_ms };
        tx.change(query!("rating/drop_hindsight"), params)?;
        tx.change(query!("rating/retire_hindsight"), params)?;
    }
    for row in change.new {
        let params = named_params! {
            ":race_id": row.race, ":day": day, ":known_at_ms": known_at_ms,
            ":win": row.seen.win, ":place": row.seen.place,
        };
        tx.change(query!("rating/put_hindsight"), params)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::performances;

    #[test]
    fn a_rated_dog_is_bound_in_the_order_of_its_statement() {
        let names = performances::named(query!("rating/put_dog").sql).join(" ");

        assert_eq!(
            names,
            ":dog_id :day :known_at_ms :races :even_mean :even_variance :slow_mean :slow_variance \
             :quick_mean :quick_variance :place_mean :place_variance :look :place_look :surprise \
             :place_surprise :field :noise :luck :place_luck :race_id"
        );
    }
}
