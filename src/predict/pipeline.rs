//! From what is known of a race to what is said of it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Error, Predicted, Prediction, Question, notes, quote, why};
use crate::domain::{Rug, Snapshot};
use crate::model::interval::{self, Interval};
use crate::model::{Fitted, Part, Rules, features, placing};
use crate::store::prices::{self, Price};
use crate::store::races::Race;
use crate::store::runners::Runner;
use crate::store::snapshots::Snapshots;
use crate::store::{self, Reader, Tag, races, runners, snapshots};

/// What one read brings up from the store.
pub(super) struct Known {
    pub(super) race: Race,
    pub(super) as_of: DateTime<Utc>,
    pub(super) snapshot: Snapshot,
    pub(super) field: Vec<Runner>,
    pub(super) prices: Vec<Price>,
    pub(super) model: Option<String>,
    until_jump: Option<Duration>,
}

/// What can be known of one race.
pub(super) fn look(
    reader: &Reader<'_>,
    question: Question,
    now: DateTime<Utc>,
) -> Result<Known, Error> {
    let (race, as_of) = find(reader, question, now)?;
    let snapshot = snapshots::load(reader, &race, as_of)?;
    let model = store::models::active_digest(reader)?;
    Ok(Known::of(reader, race, as_of, now, snapshot, model)?)
}

/// What can be known of each of some races; dogs that run in several are read once.
pub(super) fn look_at_all(
    reader: &Reader<'_>,
    questions: Vec<Question>,
    now: DateTime<Utc>,
) -> Result<Vec<Result<Known, Error>>, store::Error> {
    let mut found = Vec::with_capacity(questions.len());
    for question in questions {
        found.push(match find(reader, question, now) {
            Err(Error::Store(error)) => return Err(error),
            found => found,
        });
    }
    let asked = found.iter().flatten().map(|(race, at)| (race, *at));
    let asked: Vec<_> = asked.collect();
    let snapshots = Snapshots::load(reader, &asked)?;
    let all = 0..asked.len();
    let mut snapshots = snapshots.some(all);
    let model = store::models::active_digest(reader)?;
    let mut known = Vec::with_capacity(found.len());
    for found in found {
        known.push(match found {
            Ok((race, as_of)) => match snapshots.next() {
                Some(snapshot) => {
                    let model = model.clone();
                    Ok(Known::of(reader, race, as_of, now, snapshot, model)?)
                }
                None => Err(Error::UnknownRace(race.key)),
            },
            Err(error) => Err(error),
        });
    }
    Ok(known)
}

/// The race that is meant, and from when on nothing counts.
fn find(
    reader: &Reader<'_>,
    question: Question,
    now: DateTime<Utc>,
) -> Result<(Race, DateTime<Utc>), Error> {
    let race = races::by_key(reader, &question.race)?.ok_or(Error::UnknownRace(question.race))?;
    let as_of = question.as_of.unwrap_or_else(|| now.min(race.cutoff()));
    Ok((race, as_of))
}

impl Known {
    fn of(
        reader: &Reader<'_>,
        race: Race,
        as_of: DateTime<Utc>,
        now: DateTime<Utc>,
        snapshot: Snapshot,
        model: Option<String>,
    ) -> Result<Self, store::Error> {
        let until_jump = race.jump_at.map(|jump| (jump - now).to_std());
        Ok(Self {
            field: runners::of_race(reader, race.id)?,
            prices: prices::known(reader, race.id, as_of)?,
            until_jump: until_jump.and_then(Result::ok),
            snapshot,
            model,
            race,
            as_of,
        })
    }

    /// What the answer hangs on. Pars, boxes and the like change when ratings are walked.
    fn tags(&self) -> Vec<Tag> {
        let id = self.race.id;
        let race = [Tag::Race(id), Tag::Prices(id), Tag::Model, Tag::Ratings];
        let entered = self.snapshot.entries.iter().filter_map(|entry| entry.dog);
        race.into_iter().chain(entered.map(Tag::Dog)).collect()
    }

    /// What is in the way when nobody was known to run.
    pub(super) fn no_field(&self) -> Option<Error> {
        self.snapshot.entries.is_empty().then(|| Error::NoField {
            race: self.race.key.clone(),
            as_of: self.as_of,
        })
    }
}

/// What the model with this digest says.
pub(super) fn answer(
    fitted: &Fitted,
    model: Option<&str>,
    known: &Known,
) -> Result<Prediction, Error> {
    if let Some(error) = known.no_field() {
        return Err(error);
    }
    let rules = Rules::of(known.race.zone);
    let part = fitted.part(rules);
    let runners = runners_of(part, rules, known)?;
    Ok(Prediction {
        notes: notes::notes(&known.snapshot, Some((fitted, rules))),
        until_jump: known.until_jump,
        tags: known.tags(),
        discount: part.discount(runners.len()),
        blend: part.blend(),
        race: known.race.key.clone(),
        as_of: known.as_of,
        model: model.unwrap_or_default().to_owned(),
        runners,
    })
}

fn runners_of(part: &Part, rules: Rules, known: &Known) -> Result<Vec<Predicted>, Error> {
    let pipeline = part.pipeline();
    let snapshot = &known.snapshot;
    let field = snapshot.entries.len();
    let features = features::matrix(snapshot);
    let chances = pipeline.chances_of(&features)?;
    let place = placing::place_chances(&chances, rules.paid_places(field), part.discount(field))?;
    let doubts = interval::doubts(snapshot, pipeline.races());
    let said = chances.all().iter().zip(place).zip(doubts);
    let runners = snapshot
        .entries
        .iter()
        .zip(said)
        .zip(why::reasons(pipeline, &features));
    let runners = runners.map(|((entry, ((win, place), doubt)), reasons)| Predicted {
        rug: entry.rug,
        box_no: entry.box_no,
        dog_id: entry.dog,
        dog: named(&known.field, entry.rug).and_then(|runner| runner.dog.clone()),
        win: win.get(),
        interval: Interval::around(win.get(), doubt),
        place: place.get(),
        runs: entry.history.runs.len(),
        market: quote::newest(&known.prices, entry.rug),
        reasons,
    });
    Ok(runners.collect())
}

/// The runner with that rug.
pub(super) fn named(field: &[Runner], rug: Rug) -> Option<&Runner> {
    field.iter().find(|runner| runner.rug == rug)
}
