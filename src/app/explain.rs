//! `lurcher import --explain`: what files are taken for and why. Opens no database.

use std::io::{Write, stdout};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cli::Done;
use crate::domain::Fault;
use crate::formats::{self, Explanation, Mapping};
use crate::ingest::file::Request;

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", path.display(), shown(faults))]
pub(super) struct WrongMapping {
    path: PathBuf,
    faults: Vec<Fault>,
}

fn shown(faults: &[Fault]) -> String {
    let lines: Vec<_> = faults.iter().map(Fault::to_string).collect();
    lines.join("; ")
}

/// The mapping of a file.
pub(super) fn mapping(path: &Path) -> anyhow::Result<Mapping> {
    let wrong = |faults| WrongMapping {
        path: path.to_owned(),
        faults,
    };
    Ok(Mapping::open(path).map_err(wrong)?)
}

/// Explains every file; how many there can be is limited by the walk.
pub(super) fn run(request: &Request, json: bool) -> anyhow::Result<Done> {
    let mut explained = Vec::new();
    for path in &request.paths {
        formats::walk(path, None, &Arc::default(), &mut |name, opened| {
            explained.push(match opened {
                Ok(bytes) => formats::explain(name, bytes, request.mapping.as_ref()),
                Err(refusal) => Explanation::refused(name, &refusal),
            });
            ControlFlow::Continue(())
        })?;
    }
    if json {
        serde_json::to_writer(stdout(), &explained)?;
        writeln!(stdout())?;
    } else {
        for said in &explained {
            print(said)?;
        }
    }
    if explained.iter().any(|said| said.refusal.is_some()) {
        return Ok(Done::WithFaults);
    }
    Ok(Done::Well)
}

fn print(said: &Explanation) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    let taken_for = said.format.unwrap_or("no known format");
    writeln!(out, "{}: {taken_for}", said.file)?;
    if !said.encoding.is_empty() {
        write!(out, "  written in {}", said.encoding)?;
        match said.delimiter {
            Some('\t') => writeln!(out, ", tabs between fields")?,
            Some(delimiter) => writeln!(out, ", {delimiter:?} between fields")?,
            None => writeln!(out)?,
        }
    }
    if !said.evidence.is_empty() {
        writeln!(out, "  known by {}", said.evidence.join(", "))?;
    }
    if let Some(refusal) = &said.refusal {
        writeln!(out, "  not read: {refusal}")?;
    }
    if let Some(first) = &said.first {
        writeln!(out, "  {} rows sampled; first {first}", said.rows_sampled)?;
    }
    for fault in &said.faults {
        writeln!(out, "  {fault}")?;
    }
    if let Some(mapping) = &said.mapping {
        writeln!(out, "  perhaps this, saved and given with --mapping:\n")?;
        for line in mapping.lines() {
            writeln!(out, "    {line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
