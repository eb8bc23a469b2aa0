//! The pipelines in use: the one in force and its shadows; loaded on first use, swapped whole.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::Error;
use crate::model::{Pipeline, artifact};
use crate::runtime::Lane;
use crate::store::{Store, models};

/// Pipelines that are kept: the one in force, its shadows, and one that was just replaced.
const KEPT: usize = 4;

/// Keeps the pipelines whose digests were asked for last.
#[derive(Clone)]
pub(super) struct Live {
    store: Store,
    held: Arc<Mutex<VecDeque<Held>>>,
}

struct Held {
    digest: String,
    pipeline: Arc<Pipeline>,
}

impl Live {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            held: Arc::default(),
        }
    }

    /// The pipeline of that digest.
    pub(super) async fn pipeline(&self, digest: &str) -> Result<Arc<Pipeline>, Error> {
        if let Some(pipeline) = self.held(digest) {
            return Ok(pipeline);
        }
        let wanted = digest.to_owned();
        let stored = self
            .store
            .read(Lane::Live, move |reader| models::by_digest(reader, &wanted))
            .await?;
        let stored = stored.ok_or(Error::NoModel)?;
        let pipeline = Arc::new(artifact::read(&stored.artifact)?);
        tracing::info!(model = stored.digest, "model loaded");
        self.keep(stored.digest, Arc::clone(&pipeline));
        Ok(pipeline)
    }

    fn keep(&self, digest: String, pipeline: Arc<Pipeline>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push_front(Held { digest, pipeline });
        held.truncate(KEPT);
    }

    fn held(&self, digest: &str) -> Option<Arc<Pipeline>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|held| held.digest == digest)?;
        // The one asked for last stands in front.
        held.rotate_left(at);
        held.front().map(|held| Arc::clone(&held.pipeline))
    }
}
