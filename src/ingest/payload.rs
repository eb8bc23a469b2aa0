//! What a source sent is taken in like a file: the same formats, the same report.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use super::file::{Report, Request, days};
use super::passing::Passing;
use super::upload::{self, PAYLOAD};
use super::{Error, Ingest};
use crate::domain::{Fault, RaceDay};
use crate::formats::{Format, Mapping};
use crate::runtime::Lane;
use crate::store;

/// How a payload is read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// It must be of this format; else its content tells.
    pub format: Option<Format>,
    /// A file that says what its columns or keys mean.
    pub mapping: Option<PathBuf>,
    /// Only say what would become of each fact.
    pub rehearsal: bool,
    /// Which days it may tell of; any by default.
    pub days: Option<Days>,
}

/// Which days a payload may tell of; of one that tells of others nothing is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// This must be among them.
    pub asked: Option<RaceDay>,
    /// None may come after this.
    pub latest: NaiveDate,
}

impl Days {
    /// Why a payload that tells of races on `days` is not taken in. One that tells of none is.
    fn refuse(self, days: &BTreeSet<RaceDay>) -> Option<String> {
        let first = days.first()?;
        if let Some(asked) = self.asked.filter(|asked| !days.contains(asked)) {
            return Some(format!("it was asked about {asked} and tells of {first}"));
        }
        let last = days.last().filter(|last| last.date() > self.latest)?;
        Some(format!(
            "it tells of {last}, which is further ahead than any card"
        ))
    }
}

impl Ingest {
    /// Takes a payload in; `name` is what it is called in faults, and where a format keeps facts in
    /// the name of a file.
    pub async fn payload(
        &self,
        name: &str,
        body: Vec<u8>,
        reading: &Reading,
    ) -> Result<Report, Error> {
        let folder = self.spool.folder().to_owned();
        let path = folder.join(format!("{:x}.{PAYLOAD}", rand::random::<u128>()));
        let passing = Passing::new(path.clone());
        let written = self.spool.hands().ask(Lane::Batch, move |()| {
            upload::make(&folder)?;
            fs::write(&path, body)
        });
        written
            .await
            .map_err(store::Error::Crew)?
            .map_err(Error::Spool)?;
        self.file_of(name, passing.path(), reading).await
    }

    /// Takes in a file that lies somewhere; its days are looked at first.
    pub async fn file_of(
        &self,
        name: &str,
        path: &Path,
        reading: &Reading,
    ) -> Result<Report, Error> {
        let request = Request {
            paths: vec![path.to_owned()],
            name: Some(name.to_owned()),
            format: reading.format,
            mapping: self.mapping(reading.mapping.as_deref()).await?,
            rehearsal: reading.rehearsal,
            ..Request::default()
        };
        if let Some(expected) = reading.days
            && let Some(rule) = expected.refuse(&days(&request).await?)
        {
            return Ok(Report::refused(name, rule));
        }
        self.files(request, Arc::default()).await
    }

    /// What a mapping says by now; it may be mended while the daemon runs.
    async fn mapping(&self, path: Option<&Path>) -> Result<Option<Mapping>, Error> {
        let Some(path) = path.map(Path::to_owned) else {
            return Ok(None);
        };
        let shown = path.display().to_string();
        let opened = self
            .spool
            .hands()
            .ask(Lane::Batch, move |()| Mapping::open(&path));
        let mapping = opened.await.map_err(store::Error::Crew)?;
        mapping.map(Some).map_err(|faults| {
            let why: Vec<_> = faults.iter().map(Fault::to_string).collect();
            Error::File {
                path: shown,
                why: why.join("; "),
            }
        })
    }
}
