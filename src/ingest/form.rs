//! A form line becomes a row of the form book.

use super::knowledge::{self, Kind};
use super::{Desk, Refusal, Status, Taken, identity};
use crate::domain::{DogClaim, DogId, FormRun};
use crate::store::runs::{Known, RunKey, RunLine};
use crate::store::{Tx, dogs, runs};

impl Desk {
    /// A form line that comes alone.
    pub(super) fn form(
        &self,
        tx: &mut Tx<'_>,
        claim: &DogClaim,
        run: &FormRun,
    ) -> Result<Taken, Refusal> {
        let spot = identity::track(tx, &run.source, &run.track, Some(run.distance), run.day)?;
        let dog = identity::dog(tx, &spot.track.country, claim)?;
        let status = self.form_line(tx, dog, run)?;
        Ok(Taken::plain(None, status))
    }

    /// A form line of a dog that is known.
    pub(super) fn form_line(
        &self,
        tx: &Tx<'_>,
        dog: DogId,
        run: &FormRun,
    ) -> Result<Status, Refusal> {
        let spot = identity::track(tx, &run.source, &run.track, Some(run.distance), run.day)?;
        let key = RunKey {
            dog,
            day: run.day,
            circuit: spot.circuit.id,
            distance: run.distance,
            rug: run.rug,
            source: run.source.clone(),
        };
        let trainer = match &run.trainer {
            Some(name) => Some(dogs::trainer(tx, name)?),
            None => None,
        };
        let line = RunLine {
            number: run.number,
            grade: run.grade.clone(),
            box_no: run.box_no,
            field_size: run.field_size,
            trial: run.trial,
            trainer,
            performance: run.performance.clone(),
        };
        let usual = knowledge::known_at(Kind::Form, run.day, spot.track.zone, self.now);
        let Some(told) = runs::form_line(tx, &key)? else {
            let known = Known {
                at: usual,
                gone: None,
            };
            runs::add(tx, &key, None, &line, known)?;
            return Ok(Status::Created);
        };
        if told.line == line {
            return Ok(Status::Unchanged);
        }
        let arrived = self
            .now
            .max(told.known_at + chrono::TimeDelta::milliseconds(1));
        runs::supersede(tx, &key, arrived)?;
        let known = Known {
            at: arrived,
            gone: None,
        };
        runs::add(tx, &key, None, &line, known)?;
        Ok(Status::Updated)
    }
}
