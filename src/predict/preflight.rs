//! Before a prediction: what is known and what is missing, runner by runner, and whether there can
//! be one at all.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::notes::{notes, raced};
use super::pipeline::{Known, look, named};
use super::{Error, Predictor, Question, quote};
use crate::domain::{BoxNo, DogId, Entry, Grams, Odds, RaceDay, RaceKey, Rug};
use crate::model::{Fitted, Rules};
use crate::runtime::Lane;

/// What is known of a race, and what is in the way of a prediction.
#[derive(Debug)]
pub struct Preflight {
    /// The race.
    pub race: RaceKey,
    /// When it jumps, where anybody said.
    pub jump_at: Option<DateTime<Utc>>,
    /// From what was known then.
    pub as_of: DateTime<Utc>,
    /// SHA-256 of the model in force.
    pub model: Option<String>,
    /// Why there can be no prediction; nothing when there can.
    pub blocked: Vec<Error>,
    /// The field, in the order of rugs.
    pub runners: Vec<Checked>,
    /// What a prediction would have to do without.
    pub notes: Vec<String>,
}

/// What is known of a runner.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
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
    /// Weight on the card.
    pub weight: Option<Grams>,
    /// The newest price to win.
    pub price: Option<Odds>,
    /// Past races; trials do not count, and 30 past runs are looked at.
    pub runs: usize,
    /// The day of the newest.
    pub last_run: Option<RaceDay>,
    /// Past races that were rated.
    pub rated: u32,
    /// Past races with a time.
    pub timed: usize,
}

impl Checked {
    /// What is not known, in words.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let known = [
            ("dog", self.dog_id.is_some()),
            ("box", self.box_no.is_some()),
            ("runs", self.runs > 0),
            ("rated races", self.rated > 0),
            ("timed runs", self.timed > 0),
            ("weight", self.weight.is_some()),
            ("trainer", self.trainer.is_some()),
            ("price", self.price.is_some()),
        ];
        let missing = known.into_iter().filter(|(_, known)| !known);
        missing.map(|(what, _)| what).collect()
    }
}

impl Predictor {
    /// What is known and missing of one race; fails only where nothing can be said.
    pub async fn preflight(&self, question: Question) -> Result<Preflight, Error> {
        let now = self.clock.now();
        let known = self
            .store
            .read(Lane::Live, move |reader| look(reader, question, now))
            .await?;
        let mut blocked = Vec::new();
        let fitted = match self.in_force(known.model.as_deref()).await {
            Ok(fitted) => Some(fitted),
            Err(error @ (Error::NoModel | Error::BrokenModel { .. })) => {
                blocked.push(error);
                None
            }
            Err(error) => return Err(error),
        };
        blocked.extend(known.no_field());
        Ok(Preflight::of(known, fitted.as_deref(), blocked))
    }

    /// The model of that digest.
    pub(super) async fn in_force(&self, digest: Option<&str>) -> Result<Arc<Fitted>, Error> {
        self.live.model(digest.ok_or(Error::NoModel)?).await
    }
}

impl Preflight {
    fn of(known: Known, fitted: Option<&Fitted>, blocked: Vec<Error>) -> Self {
        let entries = known.snapshot.entries.iter();
        let runners = entries.map(|entry| Checked::of(entry, &known)).collect();
        Self {
            notes: notes(
                &known.snapshot,
                fitted.map(|fitted| (fitted, Rules::of(known.race.zone))),
            ),
            jump_at: known.race.jump_at,
            race: known.race.key,
            as_of: known.as_of,
            model: known.model,
            blocked,
            runners,
        }
    }
}

impl Checked {
    fn of(entry: &Entry, known: &Known) -> Self {
        let runner = named(&known.field, entry.rug);
        let trainer = runner.and_then(|runner| runner.trainer.clone());
        Self {
            rug: entry.rug,
            box_no: entry.box_no,
            dog_id: entry.dog,
            dog: runner.and_then(|runner| runner.dog.clone()),
            trainer: trainer.filter(|_| entry.trainer.is_some()),
            weight: entry.weight,
            price: quote::newest(&known.prices, entry.rug),
            runs: raced(entry).count(),
            last_run: raced(entry).next().map(|run| run.day),
            rated: entry.rating.map_or(0, |rating| rating.races),
            timed: raced(entry)
                .filter(|run| run.performance.run_time.is_some())
                .count(),
        }
    }
}
