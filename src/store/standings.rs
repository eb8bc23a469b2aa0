//! A race as it stands from now on: its row, its field, and what both add to the sums.

use chrono::{DateTime, Utc};

use super::summaries::Field;
use super::{Error, Tx, races, runners};
use crate::domain::{CircuitId, RaceDay, RaceId, Standing};

/// Puts a standing in the place of the one before; `fresh` is a race that had none.
pub fn put(
    tx: &mut Tx<'_>,
    race: RaceId,
    day: RaceDay,
    circuit: CircuitId,
    standing: &Standing,
    fresh: bool,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let before = Field::of_race(tx, race, fresh)?;
    runners::replace(tx, race, &standing.runners, fresh)?;
    races::stand(tx, race, day, circuit, standing, !fresh, now)?;
    let after = before.now(standing);
    tx.note(|sums| {
        sums.field(&before, -1);
        sums.field(&after, 1);
    });
    Ok(())
}
