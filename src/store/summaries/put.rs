//! Sums on their way into the tables.

use rusqlite::named_params;

use super::super::query::query;
use super::super::{Error, Tx};
use super::{MonthSum, Score, Sums};

/// Adds the differences to what is added up already; sums that were made anew take its place.
pub(in crate::store) fn put(tx: &Tx<'_>, sums: &Sums) -> Result<(), Error> {
    if sums.anew {
        forget(tx)?;
    }
    known(tx, sums)?;
    places(tx, sums)?;
    months(tx, sums)?;
    scores(tx, sums)
}

fn forget(tx: &Tx<'_>) -> Result<(), Error> {
    tx.change(query!("summary/forget_known"), [])?;
    tx.change(query!("summary/forget_tracks"), [])?;
    tx.change(query!("summary/forget_circuits"), [])?;
    tx.change(query!("summary/forget_months"), [])?;
    tx.change(query!("summary/forget_scores"), []).map(drop)
}

fn known(tx: &Tx<'_>, sums: &Sums) -> Result<(), Error> {
    if (sums.dogs, sums.trainers) == (0, 0) && !sums.anew {
        return Ok(());
    }
    let params = named_params! { ":dogs": sums.dogs, ":trainers": sums.trainers };
    tx.change(query!("summary/add_known"), params).map(drop)
}

fn places(tx: &Tx<'_>, sums: &Sums) -> Result<(), Error> {
    for (track, sum) in &sums.tracks {
        let params = named_params! {
            ":track_id": track,
            ":races": sum.races,
            ":first_day": sum.first,
            ":last_day": sum.last,
        };
        tx.change(query!("summary/add_track"), params)?;
    }
    for (circuit, runs) in sums.circuits.iter().filter(|(_, runs)| **runs != 0) {
        let params = named_params! { ":circuit_id": circuit, ":runs": runs };
        tx.change(query!("summary/add_circuit"), params)?;
    }
    Ok(())
}

fn months(tx: &Tx<'_>, sums: &Sums) -> Result<(), Error> {
    for (month, sum) in &sums.months {
        if *sum == MonthSum::default() {
            continue;
        }
        let params = named_params! {
            ":month": month,
            ":races": sum.races,
            ":runs": sum.runs,
            ":results_pending": sum.results_pending,
        };
        tx.change(query!("summary/add_month"), params)?;
    }
    Ok(())
}

fn scores(tx: &Tx<'_>, sums: &Sums) -> Result<(), Error> {
    for (key, score) in &sums.scores {
        if *score == Score::default() {
            continue;
        }
        let params = named_params! {
            ":subject": key.subject,
            ":track_id": key.place(),
            ":subject_id": key.id,
            ":starts": score.starts,
            ":wins": score.wins,
            ":priced": score.priced,
            ":profit_milli": score.profit_milli,
        };
        tx.change(query!("summary/add_score"), params)?;
    }
    Ok(())
}
