//! The field of a race as it stands: one row a rug, derived from every claim.

use std::collections::BTreeMap;

use rusqlite::{Row, ToSql, named_params};

use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{
    BoxNo, DogId, Grams, Lengths, Millis, Odds, Outcome, Place, RaceDay, RaceId, Rug,
    StandingRunner,
};

/// One runner, for showing.
#[derive(Debug, Clone, PartialEq)]
pub struct Runner {
    /// Rug.
    pub rug: Rug,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// Dog.
    pub dog_id: Option<DogId>,
    /// The dog's name.
    pub dog: Option<String>,
    /// The trainer's name.
    pub trainer: Option<String>,
    /// Weight.
    pub weight: Option<Grams>,
    /// Stands by.
    pub reserve: bool,
    /// Out of the race.
    pub scratched: bool,
    /// Place.
    pub place: Option<Place>,
    /// Won.
    pub won: Option<bool>,
    /// Finished in a paid place.
    pub placed: Option<bool>,
    /// What became of it otherwise.
    pub outcome: Option<Outcome>,
    /// Own time.
    pub run_time: Option<Millis>,
    /// Winner's time.
    pub winner_time: Option<Millis>,
    /// Sectional.
    pub sectional: Option<Millis>,
    /// Margin.
    pub margin: Option<Lengths>,
    /// Starting price.
    pub sp: Option<Odds>,
    /// Exchange starting price.
    pub bsp: Option<Odds>,
    /// Exchange starting price for a place.
    pub place_bsp: Option<Odds>,
}

/// By position: a season has a row for every start. A test holds the order.
impl FromRow for Runner {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            rug: row.get(0)?,
            box_no: row.get(1)?,
            dog_id: row.get(2)?,
            dog: row.get(3)?,
            trainer: row.get(4)?,
            weight: row.get(5)?,
            reserve: row.get(6)?,
            scratched: row.get(7)?,
            place: row.get(8)?,
            won: row.get(9)?,
            placed: row.get(10)?,
            outcome: row.get(11)?,
            run_time: row.get(12)?,
            winner_time: row.get(13)?,
            sectional: row.get(14)?,
            margin: row.get(15)?,
            sp: row.get(16)?,
            bsp: row.get(17)?,
            place_bsp: row.get(18)?,
        })
    }
}

struct OfRace {
    race: RaceId,
    runner: Runner,
}

impl FromRow for OfRace {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            runner: Runner::from_row(row)?,
            race: row.get(19)?,
        })
    }
}

/// Replaces the field of a race by its new standing; a race nobody knew has none to forget.
///
/// Not an upsert: that would open a statement journal for every row.
pub(super) fn replace(
    tx: &Tx<'_>,
    race: RaceId,
    runners: &[StandingRunner],
    fresh: bool,
) -> Result<(), Error> {
    if !fresh {
        tx.change(query!("runner/forget"), named_params! { ":race_id": race })?;
    }
    runners
        .iter()
        .try_for_each(|runner| insert(tx, race, runner))
}

fn insert(tx: &Tx<'_>, race: RaceId, runner: &StandingRunner) -> Result<(), Error> {
    let claimed = &runner.claimed;
    let performance = &claimed.performance;
    let weight = performance.weight.or(claimed.weight);
    let params: [&dyn ToSql; 19] = [
        &race,
        &claimed.rug,
        &claimed.box_no,
        &claimed.dog,
        &claimed.trainer,
        &weight,
        &claimed.reserve,
        &runner.scratched,
        &performance.place,
        &performance.won,
        &performance.placed,
        &performance.outcome,
        &performance.run_time,
        &performance.winner_time,
        &performance.sectional,
        &performance.margin,
        &performance.sp,
        &performance.bsp,
        &performance.place_bsp,
    ];
    tx.change(query!("runner/insert"), params.as_slice())
        .map(drop)
}

/// The field of a race, in the order of rugs.
pub fn of_race(reader: &Reader<'_>, race: RaceId) -> Result<Vec<Runner>, Error> {
    reader.all(query!("runner/of_race"), named_params! { ":race_id": race })
}

/// The fields of the races of a day that are over and whole, each in the order of rugs.
pub fn finished_on(
    reader: &Reader<'_>,
    day: RaceDay,
) -> Result<BTreeMap<RaceId, Vec<Runner>>, Error> {
    let rows: Vec<OfRace> = reader.all(query!("runner/of_day"), named_params! { ":day": day })?;
    let mut fields: BTreeMap<RaceId, Vec<Runner>> = BTreeMap::new();
    for OfRace { race, runner } in rows {
        fields.entry(race).or_default().push(runner);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::performances;

    #[test]
    fn a_runner_is_bound_in_the_order_of_its_statement() {
        let names = performances::named(query!("runner/insert").sql).join(" ");

        assert_eq!(
            names,
            ":race_id :rug :box :dog_id :trainer_id :weight_g :reserve :scratched :place :won \
             :placed :outcome :run_time_ms :winner_time_ms :sectional_ms :margin_cl :sp_price \
             :bsp_price :place_bsp_price"
        );
    }

    /// What the columns of a statement are called.
    fn columns(sql: &str) -> Vec<&str> {
        let (head, _) = sql.split_once("FROM").unwrap();
        let head = head.trim_start().strip_prefix("SELECT").unwrap();
        // Of `coalesce(line.outcome = 'SCR', 0) AS scratched` only the half with the name counts.
        let columns = head.split(',').filter(|column| !column.contains('('));
        columns
            .map(|column| column.trim().rsplit([' ', '.', '\n']).next().unwrap())
            .collect()
    }

    #[test]
    fn a_runner_is_read_in_the_order_of_its_columns() {
        let names = "rug box dog_id dog trainer weight_g reserve scratched place won placed \
                     outcome run_time_ms winner_time_ms sectional_ms margin_cl sp_price bsp_price \
                     place_bsp_price";

        for query in [
            query!("runner/of_race"),
            query!("runner/of_day"),
            query!("card/field"),
            query!("result/field"),
        ] {
            let columns = columns(query.sql).join(" ");
            let rest = columns.strip_prefix(names);
            assert!(rest.is_some(), "{}: {columns}", query.name);
        }
        assert!(
            columns(query!("runner/of_day").sql)
                .join(" ")
                .ends_with("place_bsp_price race_id")
        );
    }
}
