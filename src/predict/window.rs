//! Questions that come one by one within a moment, answered together.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Error, Prediction, Predictor, Question, WORKERS};
use crate::runtime::Refused;

/// Questions that are answered together, at most; the last of them ends the wait.
const TOGETHER: usize = 50;

type Said = Result<Prediction, Error>;
type Waiting = Vec<(Question, oneshot::Sender<Said>)>;

/// Who waits. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Window {
    open: Duration,
    waiting: Arc<Mutex<Waiting>>,
}

impl Window {
    /// Open for so long from the first question on; for no time, everybody is answered alone.
    pub(super) fn new(open: Duration) -> Self {
        Self {
            open,
            ..Self::default()
        }
    }

    pub(super) const fn is_shut(&self) -> bool {
        self.open.is_zero()
    }

    /// Waits from now on; says who has come together by now.
    fn enter(&self, question: Question, tell: oneshot::Sender<Said>) -> usize {
        let mut waiting = self.lock();
        waiting.push((question, tell));
        waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Predictor {
    /// Waits for others who ask, and is answered with them.
    pub(super) async fn compute_together(&self, question: Question) -> Said {
        let (tell, told) = oneshot::channel();
        let place = self.window.enter(question, tell);
        let full = place >= TOGETHER;
        if place == 1 || full {
            let predictor = self.clone();
            let open = if full {
                Duration::ZERO
            } else {
                self.window.open
            };
            tokio::spawn(async move {
                tokio::time::sleep(open).await;
                predictor.answer_those_who_wait().await;
            });
        }
        let dropped = |_gone| Error::Workers(Refused::Dropped { crew: WORKERS });
        told.await.map_err(dropped)?
    }

    async fn answer_those_who_wait(&self) {
        let waiting = mem::take(&mut *self.window.lock());
        if waiting.is_empty() {
            return;
        }
        let (questions, tell): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        match self.look_and_answer(&questions).await {
            Ok(answers) => {
                for (tell, answer) in tell.into_iter().zip(answers) {
                    // Who has gone does not want it.
                    drop(tell.send(answer));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for tell in tell {
                    drop(tell.send(Err(Error::Together(Arc::clone(&error)))));
                }
            }
        }
    }
}
