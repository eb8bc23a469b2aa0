//! `lurcher jobs`: work that takes time, seen and steered from the command line.

use std::io::{Write, stdout};

use serde_json::Value;

use super::cli::Done;
use super::collect::is_held;
use super::remote::Remote;
use super::{App, Config};
use crate::domain::JobId;
use crate::http::JobView;
use crate::runtime::Clock;
use crate::store::jobs::Filter;

/// The newest jobs; works beside a running daemon.
pub(super) fn list(
    config: &Config,
    filter: Filter,
    limit: u32,
    json: bool,
) -> anyhow::Result<Done> {
    let app = App::build_to_read(config, Clock::system())?;
    let found = super::runtime()?.block_on(app.board.list(filter, None, limit))?;
    let mut out = stdout().lock();
    for shown in found {
        let view = serde_json::to_value(JobView::of(shown))?;
        if json {
            writeln!(out, "{view}")?;
        } else {
            writeln!(out, "{}", line(&view))?;
        }
    }
    Ok(Done::Well)
}

/// One job, whole; works beside a running daemon.
pub(super) fn show(config: &Config, id: JobId) -> anyhow::Result<Done> {
    let app = App::build_to_read(config, Clock::system())?;
    let shown = super::runtime()?.block_on(app.board.show(id))?;
    let view = serde_json::to_value(JobView::of(shown))?;
    writeln!(stdout(), "{view:#}")?;
    Ok(Done::Well)
}

/// Cancels a job: the daemon's, when one runs.
pub(super) fn cancel(config: &Config, id: JobId) -> anyhow::Result<Done> {
    let view = match App::build(config, Clock::system()) {
        Ok(app) => {
            let shown = super::runtime()?.block_on(app.board.cancel(id))?;
            serde_json::to_value(JobView::of(shown))?
        }
        Err(error) if is_held(&error) => {
            Remote::of(config.folder())?.delete(&format!("/api/jobs/{id}"))?
        }
        Err(error) => return Err(error),
    };
    writeln!(stdout(), "{}", line(&view))?;
    Ok(Done::Well)
}

/// Lets a job run again; without a daemon it waits for one.
pub(super) fn retry(config: &Config, id: JobId) -> anyhow::Result<Done> {
    let view = match App::build(config, Clock::system()) {
        Ok(app) => {
            let shown = super::runtime()?.block_on(app.board.retry(id))?;
            serde_json::to_value(JobView::of(shown))?
        }
        Err(error) if is_held(&error) => {
            let path = format!("/api/jobs/{id}/retry");
            Remote::of(config.folder())?.post(&path, &Value::Null)?
        }
        Err(error) => return Err(error),
    };
    writeln!(stdout(), "{}", line(&view))?;
    Ok(Done::Well)
}

fn line(view: &Value) -> String {
    let word = |name: &str| view[name].as_str().unwrap_or_default().to_owned();
    let progress = &view["progress"];
    let of = progress["total"].as_u64().map(|total| format!("/{total}"));
    let done = format!(
        "{}{} {}",
        progress["done"],
        of.unwrap_or_default(),
        progress["unit"].as_str().unwrap_or_default()
    );
    let error = view["error"].as_str().map(|error| format!("  {error}"));
    format!(
        "{:>6}  {:<8} {:<10} {:<24} {}{}",
        view["id"],
        word("kind"),
        word("state"),
        done,
        word("created_at"),
        error.unwrap_or_default()
    )
}
