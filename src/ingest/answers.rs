//! Answers that were given to posts with an `Idempotency-Key`, kept for a day.
//!
//! The facts themselves are idempotent by their natural keys; this keeps the *answer*, so that a
//! collector that never saw it learns what happened then, not that nothing happened now. It is
//! stored after the facts: a crash in between makes the repeated post answer `unchanged`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use crate::runtime::{Clock, Lane};
use crate::store::{self, Class, Store, answers};

pub use crate::store::answers::{Answer, Asked};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Answers {
    store: Store,
    clock: Clock,
    running: Arc<Mutex<HashSet<Asked>>>,
}

/// What is known of a request when it comes.
pub enum Begun {
    /// Nobody has asked this; do the work and keep the answer.
    First(Turn),
    /// It was answered.
    Again(Answer),
    /// It is being worked on.
    Running,
    /// The key was used for another body.
    Other,
}

/// The right to do the work of a key; others are told that it is running until this goes.
pub struct Turn {
    desk: Answers,
    asked: Asked,
    digest: [u8; 32],
}

impl Answers {
    /// Keeps answers in `store`, by the time of `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            running: Arc::default(),
        }
    }

    /// Whether this was asked before. `digest` is the body's.
    pub async fn begin(&self, asked: Asked, digest: [u8; 32]) -> Result<Begun, store::Error> {
        let fresh = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(asked.clone());
        if !fresh {
            return Ok(Begun::Running);
        }
        let turn = Turn {
            desk: self.clone(),
            asked,
            digest,
        };
        let since = self.clock.now() - KEPT;
        let key = turn.asked.clone();
        let found = self
            .store
            .read(Lane::Live, move |reader| answers::find(reader, &key, since))
            .await?;
        Ok(match found {
            None => Begun::First(turn),
            Some((known, answer)) if known == digest => Begun::Again(answer),
            Some(_other) => Begun::Other,
        })
    }
}

impl Turn {
    /// Keeps the answer, durably.
    pub async fn keep(self, answer: Answer) -> Result<(), store::Error> {
        let now = self.desk.clock.now();
        let (asked, digest) = (self.asked.clone(), self.digest);
        self.desk
            .store
            .write(Class::Result, move |tx| {
                answers::forget(tx, now - KEPT)?;
                answers::keep(tx, &asked, digest, &answer, now)
            })
            .await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = self
            .desk
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.asked);
    }
}
