//! `lurcher collect`: what cron runs. The daemon is asked when one runs; else it is done here.

use std::io::{Write, stdout};

use anyhow::Context;
use serde_json::{Value, json};

use super::cli::Done;
use super::remote::Remote;
use super::{App, Config};
use crate::collect;
use crate::domain::{RaceDay, Source};
use crate::runtime::Clock;
use crate::store;

/// What is to be collected.
pub(super) struct Asked {
    /// Which sources; none is all that are switched on.
    pub(super) sources: Vec<Source>,
    /// One day; else today with the days around it.
    pub(super) day: Option<RaceDay>,
    /// Stay until it is done.
    pub(super) wait: bool,
    /// Print the reports as JSON.
    pub(super) json: bool,
}

/// No source of that name is in the configuration.
#[derive(Debug, thiserror::Error)]
#[error("no source {0} in the configuration{1}")]
pub(super) struct Unknown(Source, String);

pub(super) fn run(config: &Config, asked: &Asked) -> anyhow::Result<Done> {
    let sources = sources(config, asked)?;
    match App::build(config, Clock::system()) {
        Ok(app) => here(&app, &sources, asked),
        Err(error) if is_held(&error) => there(config, &sources, asked),
        Err(error) => Err(error),
    }
}

/// Another process has the data folder.
pub(super) fn is_held(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(store::Error::Held { .. }))
}

fn sources(config: &Config, asked: &Asked) -> anyhow::Result<Vec<Source>> {
    for name in &asked.sources {
        if !config.sources.iter().any(|source| source.name == *name) {
            let names: Vec<_> = config.sources.iter().map(|one| one.name.as_str()).collect();
            let known = match names.as_slice() {
                [] => "; it has none".to_owned(),
                names => format!("; it has {}", names.join(", ")),
            };
            return Err(Unknown(name.clone(), known).into());
        }
    }
    if !asked.sources.is_empty() {
        return Ok(asked.sources.clone());
    }
    let on = config.sources.iter().filter(|source| source.enabled);
    let on: Vec<_> = on.map(|source| source.name.clone()).collect();
    anyhow::ensure!(!on.is_empty(), "no source is switched on");
    Ok(on)
}

/// In this process: there is no daemon to wait for.
fn here(app: &App, sources: &[Source], asked: &Asked) -> anyhow::Result<Done> {
    let runtime = super::runtime()?;
    let mut done = Done::Well;
    let mut broken = None;
    for source in sources {
        let collected = runtime.block_on(app.collector.collect(source, asked.day, |_, _| ()));
        let report = match collected {
            Ok(report) => report,
            Err(collect::Error::Broken(report)) => {
                broken = Some(collect::Error::Broken(report.clone()));
                *report
            }
            Err(error) => return Err(error.into()),
        };
        if report.counts.failed > 0 {
            done = Done::WithFaults;
        }
        print(&serde_json::to_value(&report)?, asked.json)?;
    }
    runtime.block_on(app.trainer.rate())?;
    match broken {
        Some(error) => Err(error.into()),
        None => Ok(done),
    }
}

/// By the daemon.
fn there(config: &Config, sources: &[Source], asked: &Asked) -> anyhow::Result<Done> {
    let remote = Remote::of(config.folder())?;
    let mut jobs = Vec::new();
    for source in sources {
        let mut body = json!({ "source": source });
        if let Some(day) = asked.day {
            body["day"] = json!(day);
        }
        let job = remote.post("/api/collections", &body)?;
        jobs.push((source, job["id"].as_i64().context("a job has no number")?));
    }
    let mut done = Done::Well;
    let mut failed = None;
    for (source, job) in jobs {
        if !asked.wait {
            writeln!(stdout(), "{source}: job {job}")?;
            continue;
        }
        let over = remote.over(job)?;
        print(&over["report"], asked.json)?;
        if over["state"] != "succeeded" {
            let why = over["error"].as_str().unwrap_or("it was cancelled");
            failed = Some(format!("job {job} for {source} {}: {why}", over["state"]));
        } else if over["report"]["failed"].as_u64() > Some(0) {
            done = Done::WithFaults;
        }
    }
    match failed {
        Some(why) => anyhow::bail!(why),
        None => Ok(done),
    }
}

fn print(report: &Value, json: bool) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if json {
        writeln!(out, "{report}")?;
        return Ok(());
    }
    let Ok(report) = serde_json::from_value::<Printed>(report.clone()) else {
        return Ok(());
    };
    writeln!(
        out,
        "{}: {} fetches, {} rows: {} created, {} updated, {} unchanged, {} failed",
        report.source,
        report.asked,
        report.rows,
        report.created,
        report.updated,
        report.unchanged,
        report.failed
    )?;
    for fetch in report.fetches {
        if let Some(error) = fetch.error {
            writeln!(out, "  {}: {error}", fetch.name)?;
        }
        for fault in fetch.faults {
            writeln!(out, "  {fault}")?;
        }
    }
    Ok(())
}

/// What is printed of a report, which may have come over HTTP.
#[derive(serde::Deserialize)]
struct Printed {
    source: String,
    asked: u64,
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
    fetches: Vec<PrintedFetch>,
}

#[derive(serde::Deserialize)]
struct PrintedFetch {
    name: String,
    error: Option<String>,
    faults: Vec<String>,
}
