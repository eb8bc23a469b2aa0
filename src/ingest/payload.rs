//! What a source sent is taken in like a file: the same formats, the same report.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{Report, Request};
use super::passing::Passing;
use super::upload::{self, PAYLOAD};
use super::{Error, Ingest};
use crate::formats::Format;
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

    /// Takes in a file that lies somewhere.
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
            rehearsal: reading.rehearsal,
            ..Request::default()
        };
        self.files(request, Arc::default()).await
    }
}
