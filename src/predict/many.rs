//! Many races asked about at once: what is not in the cache is read in as many shares as there are
//! cores, each share together, and computed side by side.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;

use super::pipeline::{answer, look_at_all};
use super::{Error, Prediction, Predictor, Question};
use crate::runtime::{Lane, Subject};

/// What came of one question.
type Answer = Result<Arc<Prediction>, Arc<Error>>;

impl Predictor {
    /// The chances in each race, in the order asked; a race that is named again is computed once.
    pub async fn races(&self, questions: Vec<Question>) -> Vec<Answer> {
        let mut answers: HashMap<Question, Answer> = HashMap::new();
        let mut missing = Vec::new();
        for question in &questions {
            if answers.contains_key(question) || missing.contains(question) {
                continue;
            }
            match self.cache.peek(question) {
                Some(prediction) => drop(answers.insert(question.clone(), Ok(prediction))),
                None => missing.push(question.clone()),
            }
        }
        if !missing.is_empty() {
            match self.compute_all(&missing).await {
                Ok(computed) => answers.extend(missing.into_iter().zip(computed)),
                Err(error) => {
                    let error = Arc::new(error);
                    let failed = |question| (question, Err(Arc::clone(&error)));
                    answers.extend(missing.into_iter().map(failed));
                }
            }
        }
        let answers = questions
            .iter()
            .filter_map(|question| answers.get(question));
        answers.cloned().collect()
    }

    async fn compute_all(&self, questions: &[Question]) -> Result<Vec<Answer>, Error> {
        let since = self.store.changes().now();
        let answers = self.look_and_answer(questions).await?.into_iter();
        let answers = answers.map(|answer| answer.map(Arc::new).map_err(Arc::new));
        let answers: Vec<Answer> = answers.collect();
        for (question, answer) in questions.iter().zip(&answers) {
            if let Ok(prediction) = answer {
                self.cache
                    .offer(question.clone(), Arc::clone(prediction), since);
            }
        }
        Ok(answers)
    }

    /// What is said of each. As many shares as there are cores are read and computed side by side.
    pub(super) async fn look_and_answer(
        &self,
        questions: &[Question],
    ) -> Result<Vec<Result<Prediction, Error>>, Error> {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = questions.len().div_ceil(cores).max(1);
        let now = self.clock.now();
        // Joined, not spawned: the time of each is booked on the request that asks.
        let shares = questions.chunks(share);
        let shares = try_join_all(shares.map(|share| self.share(share, now))).await?;
        Ok(shares.into_iter().flatten().collect())
    }

    /// What is said of each, read together.
    async fn share(
        &self,
        questions: &[Question],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Prediction, Error>>, Error> {
        let asked = questions.to_vec();
        let known = self
            .store
            .read(Lane::Live, move |reader| look_at_all(reader, asked, now))
            .await?;
        let model = known.iter().flatten().find_map(|known| known.model.clone());
        let fitted = if known.iter().any(Result::is_ok) {
            Some(self.in_force(model.as_deref()).await?)
        } else {
            None
        };
        let fuses = self.workers.fuses();
        let work = move |(): &mut ()| {
            let answers = known.into_iter().map(|known| {
                let known = known?;
                let fitted = fitted.as_deref().ok_or(Error::NoModel)?;
                let about = Subject::of(&known.race.key);
                fuses.guard(about, || answer(fitted, known.model.as_deref(), &known))?
            });
            answers.collect()
        };
        Ok(self.workers.ask(Lane::Live, work).await?)
    }
}
