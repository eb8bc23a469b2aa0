//! Many races asked about at once: what is not in the cache is read together and computed side by
//! side.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use tokio::task::JoinSet;

use super::pipeline::{Known, answer, look_at_all};
use super::{Error, Prediction, Predictor, Question, WORKERS};
use crate::model::Fitted;
use crate::runtime::{Lane, Refused, Subject};

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

    /// What is said of each, read together and computed side by side.
    pub(super) async fn look_and_answer(
        &self,
        questions: &[Question],
    ) -> Result<Vec<Result<Prediction, Error>>, Error> {
        let now = self.clock.now();
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
        self.answer_all(fitted, known).await
    }

    /// As many workers as there are cores take an equal share each.
    async fn answer_all(
        &self,
        fitted: Option<Arc<Fitted>>,
        mut known: Vec<Result<Known, Error>>,
    ) -> Result<Vec<Result<Prediction, Error>>, Error> {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = known.len().div_ceil(cores).max(1);
        // A set, because what is dropped must also stop.
        let mut shares = JoinSet::new();
        while !known.is_empty() {
            let rest = known.split_off(share.min(known.len()));
            let (some, fitted) = (std::mem::replace(&mut known, rest), fitted.clone());
            let fuses = self.workers.fuses();
            let work = move |(): &mut ()| {
                let answers = some.into_iter().map(|known| {
                    let known = known?;
                    let fitted = fitted.as_deref().ok_or(Error::NoModel)?;
                    let about = Subject::of(&known.race.key);
                    fuses.guard(about, || answer(fitted, known.model.as_deref(), &known))?
                });
                answers.collect::<Vec<_>>()
            };
            let (workers, place) = (self.workers.clone(), shares.len());
            shares.spawn(async move { (place, workers.ask(Lane::Live, work).await) });
        }
        let mut answers = BTreeMap::new();
        while let Some(share) = shares.join_next().await {
            let dropped = |_panic| Refused::Dropped { crew: WORKERS };
            let (place, share) = share.map_err(dropped)?;
            answers.insert(place, share?);
        }
        Ok(answers.into_values().flatten().collect())
    }
}
