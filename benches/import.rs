//! `import/…`: a file into a fresh database, beside the same rows put into one plain table.
//!
//! Ours is what `lurcher import` does short of the walk over the ratings: it reads, checks, finds
//! out who is who, normalises and indexes, and every commit is durable.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use lurcher::app::{App, Config};
use lurcher::ingest::file::{Progress, Report, Request};
use lurcher::runtime::Clock;
use lurcher::season::{Season, SeasonSettings};
use rusqlite::Connection;

use crate::{Bench, table, world};

/// Days of the season that is imported and parsed: the longest there is.
const DAYS: u32 = 400;
/// Real races beside the repository, where somebody has put them.
const AU_RUNS: &str = "../shared/data/02_au_results/au_runs.csv.zst";

/// A season for the benches that want many rows.
pub(crate) fn long_season(tiny: bool) -> anyhow::Result<Season> {
    if tiny {
        return world::season(true);
    }
    let settings = SeasonSettings {
        days: DAYS,
        ..SeasonSettings::demo()?
    };
    Ok(Season::generate(&settings)?)
}

pub(crate) fn commit(bench: &mut Bench) -> anyhow::Result<()> {
    let season = long_season(bench.tiny)?;
    let races = u64::try_from(season.finished().count())?;
    let rows = season.runs_csv(0);
    contest(bench, "import/commit", rows.as_bytes(), |report| {
        report.counts.failed == 0 && report.counts.created == races
    })
}

/// Real rows have real faults; what is good must still come in.
pub(crate) fn au_runs(bench: &mut Bench) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(AU_RUNS);
    if bench.tiny || !path.exists() {
        table::note("import/au_runs: SKIP, only when timed and where the file is");
        return Ok(());
    }
    let packed = std::fs::File::open(path)?;
    let rows = zstd::decode_all(packed)?;
    contest(bench, "import/au_runs", &rows, |report| {
        report.counts.created > 0 && report.counts.failed * 100 < report.counts.created
    })
}

fn contest(
    bench: &mut Bench,
    name: &str,
    text: &[u8],
    right: impl Fn(&Report) -> bool,
) -> anyhow::Result<()> {
    let folder = world::folder()?;
    let csv = folder.path().join("runs.csv");
    std::fs::write(&csv, text)?;
    let rows = csv::Reader::from_path(&csv)?.byte_records().count();
    let ours = &mut || {
        let data = world::folder()?;
        let app = App::build(&Config::new(data.path()), Clock::system())?;
        let request = Request {
            paths: vec![csv.clone()],
            ..Request::default()
        };
        let runtime = world::runtime()?;
        let began = Instant::now();
        let report = runtime.block_on(app.ingest.files(request, Arc::new(Progress::default())))?;
        let took = began.elapsed();
        anyhow::ensure!(report.rows == u64::try_from(rows)?, "{} rows", report.rows);
        anyhow::ensure!(right(&report), "{:?}", report.counts);
        Ok(table::rate(rows, took))
    };
    let target = folder.path().join("plain.db");
    let shell = Command::new("sqlite3")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let plain = &mut || {
        let began = Instant::now();
        if shell {
            by_shell(&csv, &target)?;
        } else {
            by_hand(&csv, &target)?;
        }
        let took = began.elapsed();
        forget(&target, rows)?;
        Ok(table::rate(rows, took))
    };
    let what = if shell {
        "sqlite3 .import, one table"
    } else {
        "plain inserts, one table"
    };
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [(what, plain)];
    bench.table.contest(name, "rows/s", ours, baselines)
}

fn by_shell(csv: &Path, target: &Path) -> anyhow::Result<()> {
    let status = Command::new("sqlite3")
        .arg(target)
        .arg(format!(".import --csv \"{}\" runs", csv.display()))
        .status()
        .context("could not run sqlite3")?;
    anyhow::ensure!(status.success(), "sqlite3: {status}");
    Ok(())
}

fn by_hand(csv: &Path, target: &Path) -> anyhow::Result<()> {
    let mut csv = csv::Reader::from_path(csv)?;
    let header = csv.headers()?.iter().map(|name| format!("\"{name}\" TEXT"));
    let columns = header.collect::<Vec<_>>();
    let mut conn = Connection::open(target)?;
    let marks = vec!["?"; columns.len()].join(",");
    conn.execute_batch(&format!("CREATE TABLE runs ({})", columns.join(",")))?;
    let tx = conn.transaction()?;
    let mut insert = tx.prepare(&format!("INSERT INTO runs VALUES ({marks})"))?;
    let mut record = csv::StringRecord::new();
    while csv.read_record(&mut record)? {
        insert.execute(rusqlite::params_from_iter(record.iter()))?;
    }
    drop(insert);
    Ok(tx.commit()?)
}

/// Checks that every row has arrived, and makes room for the next round.
fn forget(target: &PathBuf, rows: usize) -> anyhow::Result<()> {
    let conn = Connection::open(target)?;
    let found: i64 = conn.query_row("SELECT count(*) FROM runs", [], |row| row.get(0))?;
    anyhow::ensure!(found == i64::try_from(rows)?, "{found} rows of {rows}");
    drop(conn);
    Ok(std::fs::remove_file(target)?)
}
