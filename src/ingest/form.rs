//! A form line becomes a row of the form book.

use chrono::{DateTime, TimeDelta, Utc};

use super::knowledge::{self, Kind};
use super::{Desk, Refusal, Status, Taken, identity};
use crate::domain::{DogClaim, DogId, FormRun};
use crate::store::runs::{Known, RunKey, RunLine, Told};
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
            number: run.number,
            source: run.source.clone(),
        };
        let trainer = match &run.trainer {
            Some(name) => Some(dogs::trainer(tx, name)?),
            None => None,
        };
        let line = RunLine {
            grade: run.grade.clone(),
            box_no: run.box_no,
            field_size: run.field_size,
            trial: run.trial,
            trainer,
            performance: run.performance.clone(),
        };
        let usual = knowledge::known_at(Kind::Form, run.day, spot.track.zone, self.now);
        self.tell(tx, &key, &line, usual)
    }

    /// What a line leaves out contradicts nothing: it completes what its source said, as of then.
    /// Only another value for the same thing is a correction, known when it arrives.
    fn tell(
        &self,
        tx: &Tx<'_>,
        key: &RunKey,
        line: &RunLine,
        usual: DateTime<Utc>,
    ) -> Result<Status, Refusal> {
        let told = runs::form_lines(tx, key)?;
        let Some(newest) = told.first() else {
            runs::add(tx, key, None, line, since(usual))?;
            return Ok(Status::Created);
        };
        let said = |told: &Told| told.line.agrees(line) && told.line.with(line) == told.line;
        if told.iter().any(said) {
            return Ok(Status::Unchanged);
        }
        if newest.line.agrees(line) {
            runs::forget_line(tx, key, newest.known_at)?;
            let fuller = newest.line.with(line);
            runs::add(tx, key, None, &fuller, since(newest.known_at))?;
            return Ok(Status::Updated);
        }
        let arrived = self.now.max(newest.known_at + TimeDelta::milliseconds(1));
        runs::supersede(tx, key, arrived)?;
        runs::add(tx, key, None, line, since(arrived))?;
        Ok(Status::Updated)
    }
}

const fn since(at: DateTime<Utc>) -> Known {
    Known { at, gone: None }
}
