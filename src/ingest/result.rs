//! A result becomes a version, a standing, and rows of the form book.

use std::collections::BTreeMap;

use super::knowledge::{self, Kind, Place};
use super::slot::Spot;
use super::{Desk, Refusal, Status, Taken, digest, identity};
use crate::domain::{Claimed, DogId, Fault, Outcome, RaceResult, ResultClaim, Rug};
use crate::store::{Tx, dogs, results};

impl Desk {
    pub(super) fn result(&self, tx: &mut Tx<'_>, result: &RaceResult) -> Result<Taken, Refusal> {
        let told = knowledge::told("known_at", result.known_at, self.now)?;
        let spot = self.slot(tx, &result.race)?;
        let digest = digest::of_result(result);
        let source = &result.race.source;
        let kind = Kind::Result {
            jump: spot.about.jump_at,
        };
        let usual = knowledge::known_at(kind, result.race.day, spot.place.track.zone, self.now);
        let newest = if spot.fresh {
            None
        } else {
            results::newest(tx, spot.race, source)?
        };
        let place = knowledge::place(newest, digest, told, usual, self.now, |known_at| {
            results::said(tx, spot.race, source, known_at, digest)
        })?;
        let (status, known_at) = match place {
            Place::Known => return Ok(Taken::plain(Some(spot.key), Status::Unchanged)),
            Place::New(known_at) => (Status::Created, known_at),
            Place::Newer(known_at) => (Status::Updated, known_at),
        };
        let claim = ResultClaim {
            source: source.clone(),
            known_at,
            about: spot.about.clone(),
            status: result.status,
            partial: result.partial,
            runners: lines(tx, result, &spot)?,
        };
        results::add(tx, spot.race, &result.race, &claim, digest, self.now)?;
        if spot.fresh {
            self.stand_first(tx, &spot, claim)?;
        } else {
            self.stand(tx, &spot)?;
        }
        Ok(Taken::plain(Some(spot.key), status))
    }
}

/// The lines with their dogs and trainers identified; all faults at once. A dog that was drawn
/// again stands twice, once as a scratching.
fn lines(tx: &Tx<'_>, result: &RaceResult, spot: &Spot) -> Result<Vec<Claimed>, Refusal> {
    let mut faults = Vec::new();
    let mut lines = Vec::with_capacity(result.runners.len());
    let mut rugs: BTreeMap<DogId, Rug> = BTreeMap::new();
    for (n, runner) in result.runners.iter().enumerate() {
        let place = format!("runners[{n}]");
        let dog = match &runner.dog {
            Some(claim) => match identity::dog(tx, &spot.place.track.country, claim) {
                Ok(dog) => Some(dog),
                Err(Refusal::Faults(inner)) => {
                    faults.extend(inner.into_iter().map(|fault| fault.under(&place)));
                    continue;
                }
                Err(store) => return Err(store),
            },
            None => None,
        };
        let ran = runner.performance.outcome != Some(Outcome::Scratched);
        let other = dog.filter(|_dog| ran);
        if let Some(other) = other.and_then(|dog| rugs.insert(dog, runner.rug)) {
            let why = format!("must run once, it also wears rug {}", other.get());
            faults.push(Fault::new(why).under("dog").under(&place));
        }
        let trainer = match &runner.trainer {
            Some(name) => Some(dogs::trainer(tx, name)?),
            None => None,
        };
        lines.push(Claimed {
            rug: runner.rug,
            box_no: runner.box_no,
            dog,
            trainer,
            weight: None,
            reserve: false,
            scratched: false,
            performance: runner.performance.clone(),
        });
    }
    if faults.is_empty() {
        return Ok(lines);
    }
    Err(Refusal::Faults(faults))
}
