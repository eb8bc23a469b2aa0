//! `lurcher import`: files become facts, with a bar on a terminal and plain lines elsewhere.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::cli::Done;
use super::{App, Config};
use crate::ingest::file::{Progress, Report, Request};
use crate::runtime::Clock;

/// How often the bar is drawn.
const FRAME: Duration = Duration::from_millis(100);
/// How often a plain line is printed.
const LINE: Duration = Duration::from_secs(1);
/// Faults that are printed for people; `--json` has them all.
const FAULTS_SHOWN: usize = 20;

pub(super) fn run(config: &Config, request: Request, json: bool) -> anyhow::Result<Done> {
    let app = App::build(config, Clock::system())?;
    let report = import(&app, request, stderr().is_terminal())?;
    if json {
        serde_json::to_writer(stdout(), &report)?;
        writeln!(stdout())?;
    } else {
        print(&report)?;
    }
    for query in app.store.profile().queries() {
        tracing::debug!(
            query = query.name,
            count = query.count,
            total_us = query.took.total().as_micros(),
            max_us = query.took.longest().as_micros(),
            rows = query.rows,
            steps = query.steps,
            full_scans = query.full_scans,
            "profile"
        );
    }
    if report.counts.failed > 0 {
        return Ok(Done::WithFaults);
    }
    Ok(Done::Well)
}

/// Imports and brings the ratings up to date.
pub(super) fn import(app: &App, request: Request, bar: bool) -> anyhow::Result<Report> {
    let runtime = super::runtime()?;
    let progress = Arc::new(Progress::default());
    let total = request.paths.iter().map(|path| size(path)).sum();
    runtime.block_on(async {
        let mut work = std::pin::pin!(app.ingest.files(request, Arc::clone(&progress)));
        let mut show = Show::new(total, bar);
        let report = loop {
            match tokio::time::timeout(FRAME, &mut work).await {
                Ok(report) => break report?,
                Err(_elapsed) => show.tick(&progress)?,
            }
        };
        show.end(&progress)?;
        app.trainer.rate().await?;
        Ok(report)
    })
}

/// Bytes below a path; what cannot be read counts nothing here and is reported by the import.
fn size(path: &Path) -> u64 {
    let Ok(meta) = std::fs::metadata(path) else {
        return 0;
    };
    if meta.is_file() {
        return meta.len();
    }
    let inside = std::fs::read_dir(path).into_iter().flatten().flatten();
    inside.map(|entry| size(&entry.path())).sum()
}

struct Show {
    began: Instant,
    said: Instant,
    bar: Option<ProgressBar>,
}

impl Show {
    fn new(total: u64, bar: bool) -> Self {
        let style = "{bar:30} {percent}% {msg}, {eta} left";
        let bar = bar.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            bar.with_style(
                ProgressStyle::with_template(style)
                    .unwrap_or_else(|_template| ProgressStyle::default_bar()),
            )
        });
        Self {
            began: Instant::now(),
            said: Instant::now(),
            bar,
        }
    }

    fn tick(&mut self, progress: &Progress) -> anyhow::Result<()> {
        if let Some(bar) = &self.bar {
            bar.set_position(progress.bytes.load(Ordering::Relaxed));
            bar.set_message(self.line(progress));
        } else if self.said.elapsed() >= LINE {
            self.said = Instant::now();
            writeln!(stderr(), "{}", self.line(progress))?;
        }
        Ok(())
    }

    fn end(&self, progress: &Progress) -> anyhow::Result<()> {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        writeln!(stderr(), "{}", self.line(progress))?;
        Ok(())
    }

    /// What is committed; the line is a promise.
    fn line(&self, progress: &Progress) -> String {
        let rows = progress.committed.load(Ordering::Relaxed);
        let files = progress.files.load(Ordering::Relaxed);
        let rate = rows as f64 / self.began.elapsed().as_secs_f64();
        format!("{rows} rows of {files} files committed, {rate:.0} rows/s")
    }
}

fn print(report: &Report) -> anyhow::Result<()> {
    let counts = report.counts;
    let mut out = stdout().lock();
    writeln!(
        out,
        "{} files, {} rows: {} created, {} updated, {} unchanged, {} failed",
        report.files, report.rows, counts.created, counts.updated, counts.unchanged, counts.failed
    )?;
    for fault in report.faults.iter().take(FAULTS_SHOWN) {
        writeln!(out, "{fault}")?;
    }
    let more = report.faults.len().saturating_sub(FAULTS_SHOWN);
    if more > 0 {
        writeln!(out, "and {more} more; --json shows them")?;
    }
    Ok(())
}
