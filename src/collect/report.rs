//! What came of asking a source.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::Source;
use crate::ingest::Counts;
use crate::store::collections::Collection;

/// Fetches that a report names; the rest are only counted.
const NAMED: usize = 500;

/// Of one collection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Who was asked.
    pub source: Source,
    /// What became of the facts.
    #[serde(flatten)]
    pub counts: Counts,
    /// Rows or items that came.
    pub rows: u64,
    /// Every fetch, in the order in which they were made; at most 500.
    pub fetches: Vec<Collection>,
    /// How many there were.
    pub asked: u64,
    /// How many of them brought nothing, or an old copy.
    pub broken: u64,
    /// What went wrong first.
    pub error: Option<String>,
    /// The source asked not to be asked again before.
    #[serde(skip)]
    pub retry_at: Option<DateTime<Utc>>,
}

impl Report {
    pub(super) fn of(source: Source) -> Self {
        Self {
            source,
            counts: Counts::default(),
            rows: 0,
            fetches: Vec::new(),
            asked: 0,
            broken: 0,
            error: None,
            retry_at: None,
        }
    }

    /// How many fetches brought nothing, or an old copy.
    #[must_use]
    pub const fn broken(&self) -> u64 {
        self.broken
    }

    pub(super) fn add(&mut self, fetch: &Collection) {
        self.counts.extend(Counts {
            created: fetch.created,
            updated: fetch.updated,
            unchanged: fetch.unchanged,
            failed: fetch.failed,
        });
        self.rows += fetch.rows;
        self.asked += 1;
        if !fetch.outcome.is_good() {
            self.broken += 1;
            if self.error.is_none() {
                self.error.clone_from(&fetch.error);
            }
        }
        if self.fetches.len() < NAMED {
            self.fetches.push(fetch.clone());
        }
    }

    /// For people.
    pub(super) fn said(&self) -> String {
        let Self { broken, asked, .. } = self;
        let why = self.error.as_deref().unwrap_or("nothing was to be had");
        format!(
            "{broken} of {asked} fetches from {} failed: {why}",
            self.source
        )
    }
}
