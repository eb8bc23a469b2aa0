//! A line of the ledger is written.

use serde_json::Value;

use super::work::{self, Desks, Failure};
use crate::domain::RaceKey;
use crate::predict::Error;

/// Says who wins a race and keeps it; a race that has jumped meanwhile is left alone.
pub(super) async fn perform(desks: &Desks, race: &RaceKey) -> Result<Value, Failure> {
    match desks.predictor.record(race).await {
        Ok(Some(recorded)) => work::json(&recorded),
        Ok(None) => Ok(serde_json::json!({ "race": race, "late": true })),
        Err(error @ (Error::Store(_) | Error::Workers(_))) => Err(Failure::passing(error)),
        Err(error) => Err(Failure::last(error)),
    }
}
