//! What we said, kept for judging later: only what was said before the jump counts.
//!
//! The newest models that are not in force say silently what they think of the same snapshot: their
//! lines are shadows, for judging and never the answer.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Error, Prediction, Predictor, Question};
use crate::domain::{RaceDay, RaceId, RaceKey};
use crate::runtime::Lane;
use crate::store::predictions::{self, NewPrediction};
use crate::store::{self, Class, races};

/// How long before the jump the last word is said; it is said again when the race changes.
const LEAD: TimeDelta = TimeDelta::minutes(10);

/// What became of a race's line in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Which race.
    pub race: RaceKey,
    /// SHA-256 of the model.
    pub model: String,
    /// From what was known then.
    pub as_of: DateTime<Utc>,
    /// Whether the line is new.
    pub new: bool,
}

/// A chance in the ledger.
#[derive(Serialize)]
struct Line {
    rug: u8,
    win: f64,
    place: f64,
}

impl Predictor {
    /// Races of which something is to be said now: they jump soon, or nobody has told when.
    pub async fn due(&self) -> Result<Vec<RaceKey>, store::Error> {
        let now = self.clock.now();
        // West of Greenwich it is still yesterday, and east of it tomorrow.
        let today = RaceDay::new(now.date_naive()).ok();
        self.store
            .read(Lane::Batch, move |reader| {
                let mut due = predictions::due(reader, now, LEAD)?;
                if let Some(today) = today {
                    let days = (today.plus(-1), today.plus(1));
                    due.extend(predictions::due_without_jump(reader, days)?);
                }
                Ok(due)
            })
            .await
    }

    /// Says who wins a race, from what is known now, and keeps it. `None` once it has jumped.
    pub async fn record(&self, race: &RaceKey) -> Result<Option<Recorded>, Error> {
        let now = self.clock.now();
        let known = race.clone();
        let found = self
            .store
            .read(Lane::Batch, move |reader| races::by_key(reader, &known))
            .await?;
        let found = found.ok_or_else(|| Error::UnknownRace(race.clone()))?;
        if found.jump_at.is_some_and(|jump| jump <= now) {
            return Ok(None);
        }
        let question = Question {
            race: race.clone(),
            as_of: Some(now),
        };
        let (prediction, shadows) = self.compute_with_shadows(question).await?;
        let lines: Vec<NewPrediction> = std::iter::once(line(&prediction, found.id, false))
            .chain(shadows.iter().map(|said| line(said, found.id, true)))
            .collect();
        let said_at = self.clock.now();
        let new = self
            .store
            .write(Class::Backfill, move |tx| {
                let mut new = false;
                for line in &lines {
                    let added = predictions::add(tx, line, said_at)?;
                    new |= added && !line.shadow;
                }
                Ok(new)
            })
            .await
            .map_err(Error::Store)?;
        Ok(Some(Recorded {
            race: prediction.race,
            model: prediction.model,
            as_of: prediction.as_of,
            new,
        }))
    }
}

fn line(prediction: &Prediction, race: RaceId, shadow: bool) -> NewPrediction {
    NewPrediction {
        race,
        model: prediction.model.clone(),
        as_of: prediction.as_of,
        chances: chances(prediction),
        shadow,
    }
}

fn chances(prediction: &Prediction) -> String {
    let lines = prediction.runners.iter().map(|runner| Line {
        rug: runner.rug.get(),
        win: runner.win,
        place: runner.place,
    });
    serde_json::to_string(&lines.collect::<Vec<_>>()).unwrap_or_default()
}
