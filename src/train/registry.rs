//! The models there are: looked at, put in force, taken back.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::live::{Drift, Live};
use super::{Error, Trainer};
use crate::domain::{ModelId, RaceDay};
use crate::model::artifact;
use crate::runtime::Lane;
use crate::store;
use crate::store::audit::{self, Actor};
use crate::store::models::{self, ModelRow, StoredModel};
use crate::store::{Class, Reader};

/// Hex digits that a name must have at least.
const SHORTEST: usize = 8;
/// Hex digits of a whole digest.
const WHOLE: usize = 64;

/// A model, as the registry has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Identity.
    pub id: ModelId,
    /// SHA-256 of the artifact.
    pub digest: String,
    /// When it was first stored.
    pub created_at: DateTime<Utc>,
    /// The last day it was fitted on.
    pub trained_until: RaceDay,
    /// Whether it is in force.
    pub active: bool,
    /// Whether it says silently what it thinks.
    pub shadow: bool,
    /// Size of the artifact.
    pub bytes: u64,
    /// The report of its training.
    pub report: Value,
}

/// How a model does.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The model.
    pub model: Model,
    /// What it said of races before they jumped, held against the results.
    pub live: Live,
    /// Whether it does as it did on its unseen days.
    pub drift: Drift,
}

impl Model {
    fn of(row: ModelRow, shadows: &[String]) -> Self {
        Self {
            shadow: shadows.contains(&row.digest),
            report: serde_json::from_str(&row.report).unwrap_or_default(),
            id: row.id,
            digest: row.digest,
            created_at: row.created_at,
            trained_until: row.trained_until,
            active: row.active,
            bytes: row.bytes,
        }
    }
}

impl Trainer {
    /// Models, newest first, before the one of that id.
    pub async fn models(&self, after: Option<i64>, limit: u32) -> Result<Vec<Model>, Error> {
        let found = self.store.read(Lane::Live, move |reader| {
            let shadows = models::shadows(reader)?;
            let rows = models::page(reader, after, limit)?;
            Ok::<_, store::Error>(
                rows.into_iter()
                    .map(|row| Model::of(row, &shadows))
                    .collect(),
            )
        });
        found.await.map_err(Error::Store)
    }

    /// The model of that digest, or whose digest alone begins so.
    pub async fn model(&self, name: &str) -> Result<Model, Error> {
        let known = named(name)?;
        let found = self
            .store
            .read(Lane::Live, move |reader| find(reader, &known))
            .await
            .map_err(Error::Store)?;
        found.ok_or_else(|| Error::UnknownModel(name.to_owned()))
    }

    /// The model in force, if there is one.
    pub async fn in_force(&self) -> Result<Option<Model>, Error> {
        let digest = self
            .store
            .read(Lane::Live, models::active_digest)
            .await
            .map_err(Error::Store)?;
        match digest {
            Some(digest) => self.model(&digest).await.map(Some),
            None => Ok(None),
        }
    }

    /// How a model does on what has been run since.
    pub async fn evaluation(&self, name: &str) -> Result<Evaluation, Error> {
        let model = self.model(name).await?;
        let (live, drift) = self.live(&model).await?;
        Ok(Evaluation { model, live, drift })
    }

    /// Puts a model in force, whichever it is: to promote one, or to roll back. Fails on one that
    /// this build cannot read.
    pub async fn activate(&self, name: &str, by: Actor) -> Result<Model, Error> {
        let digest = self.model(name).await?.digest;
        let stored = self.stored(digest.clone()).await?;
        if let Some(stored) = stored {
            artifact::read(&stored.artifact).map_err(|error| Error::Broken {
                model: digest.clone(),
                error,
            })?;
        }
        let now = self.clock.now();
        self.store
            .write(Class::Admin, move |tx| {
                models::activate(tx, &digest)?;
                audit::record(tx, &by, "model.activate", &digest, now)
            })
            .await
            .map_err(Error::Store)?;
        self.model(name).await
    }

    async fn stored(&self, digest: String) -> Result<Option<StoredModel>, Error> {
        let found = self
            .store
            .read(Lane::Live, move |reader| models::by_digest(reader, &digest));
        found.await.map_err(Error::Store)
    }
}

/// What can be the beginning of a digest.
fn named(name: &str) -> Result<String, Error> {
    let hex = name
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hex && (SHORTEST..=WHOLE).contains(&name.len()) {
        return Ok(name.to_owned());
    }
    Err(Error::UnknownModel(name.to_owned()))
}

fn find(reader: &Reader<'_>, name: &str) -> Result<Option<Model>, store::Error> {
    let shadows = models::shadows(reader)?;
    let mut found = models::by_prefix(reader, name)?;
    let one = if found.len() == 1 { found.pop() } else { None };
    Ok(one.map(|row| Model::of(row, &shadows)))
}
