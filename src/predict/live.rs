//! The models in use: the one in force and its shadows; loaded on first use, swapped whole.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::Error;
use crate::model::{Fitted, artifact};
use crate::runtime::Lane;
use crate::store::{Store, models};

/// Models that are kept: the one in force, its shadows, and one that was just replaced.
const KEPT: usize = 4;

/// Keeps the models whose digests were asked for last.
#[derive(Clone)]
pub(super) struct Live {
    store: Store,
    held: Arc<Mutex<VecDeque<Held>>>,
}

struct Held {
    digest: String,
    fitted: Arc<Fitted>,
}

impl Live {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            held: Arc::default(),
        }
    }

    /// The model of that digest.
    pub(super) async fn model(&self, digest: &str) -> Result<Arc<Fitted>, Error> {
        if let Some(fitted) = self.held(digest) {
            return Ok(fitted);
        }
        let wanted = digest.to_owned();
        let stored = self
            .store
            .read(Lane::Live, move |reader| models::by_digest(reader, &wanted))
            .await?;
        let stored = stored.ok_or(Error::NoModel)?;
        let fitted = Arc::new(artifact::read(&stored.artifact)?);
        tracing::info!(model = stored.digest, "model loaded");
        self.keep(stored.digest, Arc::clone(&fitted));
        Ok(fitted)
    }

    fn keep(&self, digest: String, fitted: Arc<Fitted>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push_front(Held { digest, fitted });
        held.truncate(KEPT);
    }

    fn held(&self, digest: &str) -> Option<Arc<Fitted>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|held| held.digest == digest)?;
        // The one asked for last stands in front.
        held.rotate_left(at);
        held.front().map(|held| Arc::clone(&held.fitted))
    }
}
