//! `lurcher doctor`: checks the installation and says what to do about what it finds.

use std::io::{Write, stdout};
use std::path::Path;

use serde::Serialize;

use super::cli::Done;
use super::sums::{self, Checked};
use super::{App, Config};
use crate::runtime::{Clock, Lane};
use crate::store::{self, DATABASE, Reader, Store, maintenance, models, races, ratings};
use crate::train::{self, DriftState, Trainer};

/// A WAL above this says that checkpoints do not get through.
const WAL_BYTES: u64 = 64 * 1024 * 1024;

/// What one check found.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    todo: Option<String>,
}

impl Finding {
    const fn good(check: &'static str, found: String) -> Self {
        Self {
            check,
            ok: true,
            found,
            todo: None,
        }
    }

    fn bad(check: &'static str, found: String, todo: &str) -> Self {
        Self {
            check,
            ok: false,
            found,
            todo: Some(todo.to_owned()),
        }
    }
}

pub(super) fn run(config: &Config, json: bool) -> anyhow::Result<Done> {
    let mut findings = vec![sqlite()];
    let path = config.folder().join(DATABASE);
    if path.exists() {
        findings.push(permissions(&path));
        findings.push(wal(&path));
        findings.extend(database(config)?);
    } else {
        findings.push(Finding::bad(
            "database",
            format!("none at {}", path.display()),
            "import something, or run `lurcher demo`",
        ));
    }
    let well = findings.iter().all(|finding| finding.ok);
    print(&findings, json)?;
    Ok(if well { Done::Well } else { Done::WithFaults })
}

fn sqlite() -> Finding {
    let version = maintenance::sqlite_version().to_owned();
    if maintenance::sqlite_is_safe() {
        return Finding::good("sqlite", version);
    }
    Finding::bad("sqlite", version, "rebuild with SQLite 3.51.3 or newer")
}

#[cfg(unix)]
fn permissions(path: &Path) -> Finding {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0, |meta| meta.permissions().mode() & 0o777);
    let found = format!("{mode:o}");
    let open_to_others = mode & 0o077;
    if open_to_others == 0 {
        return Finding::good("permissions", found);
    }
    Finding::bad("permissions", found, "chmod 600 the database file")
}

#[cfg(not(unix))]
fn permissions(_path: &Path) -> Finding {
    Finding::good("permissions", "not checked on this system".to_owned())
}

fn wal(path: &Path) -> Finding {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    // Size by name only: opening the file would drop SQLite's locks on it.
    let size = std::fs::metadata(Path::new(&name)).map_or(0, |meta| meta.len());
    let found = format!("{} KiB", size / 1_024);
    if size <= WAL_BYTES {
        return Finding::good("wal", found);
    }
    Finding::bad(
        "wal",
        found,
        "look for a reader that never ends, then restart the daemon",
    )
}

fn database(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let app = App::build_to_read(config, Clock::system())?;
    let runtime = super::runtime()?;
    let looked = runtime.block_on(app.store.read(Lane::Live, look));
    Ok(match looked {
        Ok(mut findings) => {
            findings.push(runtime.block_on(summed(&app.store))?);
            findings.extend(runtime.block_on(drift(&app.trainer))?);
            findings
        }
        Err(error) => vec![Finding::bad(
            "database",
            error.to_string(),
            "restore a backup, or run the lurcher that wrote it",
        )],
    })
}

fn look(reader: &Reader<'_>) -> Result<Vec<Finding>, store::Error> {
    let schema = maintenance::schema_version(reader)?;
    let damage = maintenance::quick_check(reader)?;
    let counts = maintenance::counts(reader)?;
    let span = races::span(reader)?;
    let debt = ratings::debt(reader)?;
    let model = models::active(reader)?;
    let mut findings = vec![Finding::good("schema", schema.to_string())];
    findings.push(if damage.is_empty() {
        Finding::good("integrity", "ok".to_owned())
    } else {
        Finding::bad(
            "integrity",
            damage.join("; "),
            "stop the daemon and restore a backup",
        )
    });
    let days = match (span.first, span.last) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    findings.push(Finding::good(
        "facts",
        format!(
            "{} races, {} runs, {} dogs{days}",
            counts.races, counts.runs, counts.dogs
        ),
    ));
    findings.push(match debt {
        None => Finding::good("ratings", "up to date".to_owned()),
        Some(day) => Finding::bad(
            "ratings",
            format!("results from {day} on are not rated yet"),
            "run `lurcher train`, or import again",
        ),
    });
    findings.push(match model {
        Some(model) => Finding::good(
            "model",
            format!(
                "{} trained until {}",
                model.digest.get(..12).unwrap_or_default(),
                model.trained_until
            ),
        ),
        None => Finding::bad("model", "none".to_owned(), "run `lurcher train`"),
    });
    Ok(findings)
}

/// Whether what is added up is what the facts come to.
async fn summed(store: &Store) -> Result<Finding, store::Error> {
    Ok(match sums::check(store).await? {
        Checked::Right { races, runs } => {
            Finding::good("summaries", format!("right: {races} races, {runs} runs"))
        }
        Checked::Moving => Finding::good(
            "summaries",
            "not compared: facts came in meanwhile".to_owned(),
        ),
        Checked::Wrong(differences) => Finding::bad(
            "summaries",
            sums::in_words(&differences),
            "stop the daemon and run `lurcher doctor --rebuild`",
        ),
    })
}

/// How the model in force has done lately; nothing without one.
async fn drift(trainer: &Trainer) -> Result<Option<Finding>, train::Error> {
    let Some(model) = trainer.in_force().await? else {
        return Ok(None);
    };
    let drift = trainer.evaluation(&model.digest).await?.drift;
    Ok(Some(match drift.state {
        DriftState::TooEarly | DriftState::Steady => Finding::good("drift", drift.in_words()),
        DriftState::Drifted => Finding::bad(
            "drift",
            drift.in_words(),
            "train a new model, or look at the feeds: `lurcher train`",
        ),
    }))
}

fn print(findings: &[Finding], json: bool) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, findings)?;
        writeln!(out)?;
        return Ok(());
    }
    for finding in findings {
        let mark = if finding.ok { "ok  " } else { "BAD " };
        writeln!(out, "{mark} {:<12} {}", finding.check, finding.found)?;
        if let Some(todo) = &finding.todo {
            writeln!(out, "     {:<12} -> {todo}", "")?;
        }
    }
    Ok(())
}
