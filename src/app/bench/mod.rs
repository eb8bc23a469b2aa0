//! `lurcher bench`: how fast is this box? The real door over the facts of the data folder, or over a
//! made season when there are none, beside a bare server that sends the same bytes.
//!
//! It passes no judgement. Absolute figures hang on the box and the hour; what can be compared is the
//! ratio to the bare server, which was measured in the same seconds.

mod change;
mod measure;
mod report;
mod stage;

use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Context;

use super::cli::Done;
use super::{App, Config};
use crate::http::benchmark::{CONNECTIONS, ROUTES, Stand};
use crate::runtime::machine;
use change::Compared;
use measure::measure;
use report::{LeftOut, Memory, Report, Statement};
use stage::Stage;

/// Names of races and of dogs that are asked about, at most.
const NAMES: usize = 500;
/// Statements that are told.
const STATEMENTS: usize = 10;
/// Bytes of a report that was saved, at most.
const SAVED: u64 = 4 * 1_024 * 1_024;

/// What is asked for.
pub(super) struct Asked {
    /// Of each route, warm and without caches.
    pub(super) requests: usize,
    /// How to print.
    pub(super) json: bool,
    /// Where to keep the report.
    pub(super) save: Option<PathBuf>,
    /// What to compare with.
    pub(super) compare: Option<PathBuf>,
}

pub(super) fn run(config: &Config, asked: &Asked) -> anyhow::Result<Done> {
    let before = asked.compare.as_deref().map(read).transpose()?;
    let stage = Stage::find(config)?;
    let mut report = measured(&stage, asked.requests)?;
    stage.app.store.close();
    if let Some(path) = &asked.save {
        save(path, &report)?;
    }
    report.compared = before.map(|before| Compared::of(before, &report));
    let mut out = stdout().lock();
    if asked.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(Done::Well)
}

fn measured(stage: &Stage, requests: usize) -> anyhow::Result<Report> {
    let app = &stage.app;
    let counts = stage.counts()?;
    let resident = machine::resident();
    let stand = Stand::open(&app.desks())?;
    let (courses, left_out) = stand.gather(&ROUTES, NAMES.min(requests))?;
    let mut routes = Vec::with_capacity(courses.len());
    for course in &courses {
        let row = measure(&stand, course, requests);
        routes.push(row.with_context(|| format!("could not measure {}", course.route))?);
    }
    stand.close()?;
    Ok(Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: app.clock.now(),
        data: stage.data.to_owned(),
        races: counts.races,
        runs: counts.runs,
        dogs: counts.dogs,
        cores: thread::available_parallelism()?.get(),
        requests,
        connections: CONNECTIONS,
        memory: Memory::of(resident, machine::resident()),
        routes,
        left_out: left_out.into_iter().map(LeftOut::of).collect(),
        statements: statements(app),
        compared: None,
    })
}

/// The statements that took the longest, all their executions together.
fn statements(app: &App) -> Vec<Statement> {
    let mut queries = app.store.profile().queries();
    queries.sort_by_key(|query| std::cmp::Reverse(query.took.total()));
    queries.truncate(STATEMENTS);
    queries.iter().map(Statement::of).collect()
}

fn read(path: &Path) -> anyhow::Result<Report> {
    let of = || format!("cannot compare with {}", path.display());
    let size = fs::metadata(path).with_context(of)?.len();
    anyhow::ensure!(size <= SAVED, "{}: more than {SAVED} bytes", of());
    let text = fs::read(path).with_context(of)?;
    let report = serde_json::from_slice(&text);
    report.with_context(|| format!("{}: not a report of `lurcher bench --save`", of()))
}

fn save(path: &Path, report: &Report) -> anyhow::Result<()> {
    let text = serde_json::to_vec_pretty(report)?;
    fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
}
