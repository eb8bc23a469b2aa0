//! `lurcher reparse`: what a source sent is read again, after a parser has been mended. What would
//! be different is printed; `--commit` takes it in.

use std::io::{Write, stdout};

use anyhow::Context;
use serde_json::{Value, json};

use super::cli::Done;
use super::collect::is_held;
use super::remote::Remote;
use super::{App, Config};
use crate::domain::{RaceDay, Source};
use crate::runtime::Clock;

/// Changes that are printed for people; `--json` has more.
const SHOWN: usize = 50;

pub(super) fn run(
    config: &Config,
    source: &Source,
    since: RaceDay,
    commit: bool,
    json: bool,
) -> anyhow::Result<Done> {
    let replay = match App::build(config, Clock::system()) {
        Ok(app) => {
            let runtime = super::runtime()?;
            let replay = app.collector.reparse(source, since, commit, |_, _| ());
            let replay = serde_json::to_value(runtime.block_on(replay)?)?;
            if commit {
                runtime.block_on(app.trainer.rate())?;
            }
            replay
        }
        Err(error) if is_held(&error) => there(config, source, since, commit)?,
        Err(error) => return Err(error),
    };
    if json {
        writeln!(stdout(), "{replay}")?;
    } else {
        print(&replay)?;
    }
    if replay["failed"].as_u64() > Some(0) {
        return Ok(Done::WithFaults);
    }
    Ok(Done::Well)
}

fn there(config: &Config, source: &Source, since: RaceDay, commit: bool) -> anyhow::Result<Value> {
    let remote = Remote::of(config.folder())?;
    let body = json!({ "source": source, "since": since, "commit": commit });
    let job = remote.post("/api/reparses", &body)?;
    let over = remote.over(job["id"].as_i64().context("a job has no number")?)?;
    anyhow::ensure!(
        over["state"] == "succeeded",
        "the job ended {}: {}",
        over["state"],
        over["error"]
    );
    Ok(over["report"].clone())
}

fn print(replay: &Value) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    let verb = match replay["committed"].as_bool() {
        Some(true) => "taken in",
        _ => "not taken in (--commit does)",
    };
    writeln!(
        out,
        "{} payloads, {} rows: {} created, {} updated, {} unchanged, {} failed; {verb}",
        replay["payloads"],
        replay["rows"],
        replay["created"],
        replay["updated"],
        replay["unchanged"],
        replay["failed"]
    )?;
    let changed = replay["changed"].as_array().map_or(&[][..], Vec::as_slice);
    for change in changed.iter().take(SHOWN) {
        let word = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
        writeln!(
            out,
            "  {} {} by {}",
            word("status"),
            word("race"),
            word("payload")
        )?;
    }
    if changed.len() > SHOWN {
        writeln!(
            out,
            "  and {} more; --json shows them",
            changed.len() - SHOWN
        )?;
    }
    for fault in replay["faults"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .take(SHOWN)
    {
        writeln!(out, "  {}", fault.as_str().unwrap_or_default())?;
    }
    Ok(())
}
