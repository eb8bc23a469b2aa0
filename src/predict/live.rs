//! The pipeline now in force; loaded on first use and swapped whole.

use std::sync::{Arc, Mutex, PoisonError};

use super::Error;
use crate::model::{Pipeline, artifact};
use crate::runtime::Lane;
use crate::store::{Store, models};

/// Keeps the pipeline whose digest was asked for last.
#[derive(Clone)]
pub(super) struct Live {
    store: Store,
    held: Arc<Mutex<Option<Held>>>,
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

    /// The pipeline of that digest, which must be the one in force.
    pub(super) async fn pipeline(&self, digest: &str) -> Result<Arc<Pipeline>, Error> {
        if let Some(pipeline) = self.held(digest) {
            return Ok(pipeline);
        }
        let stored = self.store.read(Lane::Live, models::active).await?;
        let stored = stored.ok_or(Error::NoModel)?;
        let pipeline = Arc::new(artifact::read(&stored.artifact)?);
        tracing::info!(model = stored.digest, "model loaded");
        let held = Held {
            digest: stored.digest,
            pipeline: Arc::clone(&pipeline),
        };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(pipeline)
    }

    fn held(&self, digest: &str) -> Option<Arc<Pipeline>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref()
            .filter(|held| held.digest == digest)
            .map(|held| Arc::clone(&held.pipeline))
    }
}
