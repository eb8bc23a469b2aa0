//! The field of a race as it stands: one row a rug, derived from every claim.

use rusqlite::{Row, ToSql, named_params};

use super::query::query;
use super::{Error, FromRow, Reader, Tx};
use crate::domain::{
    BoxNo, DogId, Grams, Lengths, Millis, Odds, Outcome, Place, RaceId, Rug, StandingRunner,
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

impl FromRow for Runner {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            rug: row.get("rug")?,
            box_no: row.get("box")?,
            dog_id: row.get("dog_id")?,
            dog: row.get("dog")?,
            trainer: row.get("trainer")?,
            weight: row.get("weight_g")?,
            reserve: row.get("reserve")?,
            scratched: row.get("scratched")?,
            place: row.get("place")?,
            won: row.get("won")?,
            placed: row.get("placed")?,
            outcome: row.get("outcome")?,
            run_time: row.get("run_time_ms")?,
            winner_time: row.get("winner_time_ms")?,
            sectional: row.get("sectional_ms")?,
            margin: row.get("margin_cl")?,
            sp: row.get("sp_price")?,
            bsp: row.get("bsp_price")?,
            place_bsp: row.get("place_bsp_price")?,
        })
    }
}

/// Replaces the field of a race by its new standing; a race nobody knew has none to forget.
///
/// Not an upsert: that would open a statement journal for every row.
pub fn replace(
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
}
