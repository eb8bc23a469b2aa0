//! Why a source brought nothing, or not all.

use chrono::{DateTime, Utc};

use super::Report;
use crate::domain::{Fault, Source};
use crate::ingest;
use crate::store;

/// See the room.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no source of that name in the configuration.
    #[error("no source {0} in the configuration")]
    Unknown(Source),
    /// The source is switched off.
    #[error("the source {0} is switched off; `enabled = true` switches it on")]
    Off(Source),
    /// The source cannot be read as it is configured.
    #[error("the source {name} cannot be read: {fault}")]
    Configured {
        /// Which.
        name: Source,
        /// What is wrong.
        fault: Fault,
    },
    /// Some of what was asked for was not to be had.
    #[error("{}", .0.said())]
    Broken(Box<Report>),
    /// Below.
    #[error(transparent)]
    Ingest(#[from] ingest::Error),
    /// Below.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// Whether another try would end the same way.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Unknown(_) | Self::Off(_) | Self::Configured { .. }
        )
    }

    /// Before when another try is not wanted.
    #[must_use]
    pub fn retry_at(&self) -> Option<DateTime<Utc>> {
        self.report().and_then(|report| report.retry_at)
    }

    /// What came of it all the same.
    #[must_use]
    pub const fn report(&self) -> Option<&Report> {
        match self {
            Self::Broken(report) => Some(report),
            _ => None,
        }
    }
}
