//! A process that dies at any instant keeps its promises.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use lurcher::season::{Season, SeasonSettings};
use lurcher::store::DATABASE;
use rand::RngExt;
use rusqlite::Connection;

use crate::facts::{assert_same, facts, ratings};
use crate::process::{assert_well, import, text};
use crate::world::assert_sound;

/// How often the import is killed.
const KILLS: u64 = 20;
/// Every so manieth kill is late: after the import has promised something.
const LATE: u64 = 4;

/// The rows that the last line on stderr promised to be committed.
fn promised(stderr: &str) -> i64 {
    let mut lines = stderr.lines().rev();
    let last = lines.find(|line| line.contains("committed"));
    let last = last.and_then(|line| line.split(' ').next());
    last.map_or(0, |rows| rows.parse().unwrap())
}

fn runs(data: &Path) -> i64 {
    let conn = Connection::open(data.join(DATABASE)).unwrap();
    let count = "SELECT count(*) FROM run WHERE race_id > 0";
    conn.query_row(count, [], |row| row.get(0)).unwrap()
}

/// Starts an import and kills it after so many milliseconds; says what it had promised.
fn kill_after(data: &Path, paths: &[PathBuf], wait_ms: u64) -> i64 {
    let log = data.with_extension("stderr");
    let mut command = import(data, paths);
    command.stdout(Stdio::null());
    command.stderr(File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    // Not waiting for anything: any instant is a good one to die.
    thread::sleep(Duration::from_millis(wait_ms));
    child.kill().unwrap();
    child.wait().unwrap();
    promised(&std::fs::read_to_string(log).unwrap())
}

#[test]
fn an_import_that_is_killed_keeps_what_it_promised_and_can_be_finished() {
    let folder = tempfile::tempdir().unwrap();
    let (killed, calm) = (folder.path().join("killed"), folder.path().join("calm"));
    let settings = SeasonSettings {
        days: 60,
        ..SeasonSettings::demo().unwrap()
    };
    let season = Season::generate(&settings).unwrap();
    let ran: usize = season.finished().map(|race| race.starters().count()).sum();
    let ran = i64::try_from(ran).unwrap();
    let files = season
        .write(&folder.path().join("season"), 2, None)
        .unwrap();
    let paths = [files.runs, folder.path().join("season/cards")];

    for kill in 1..=KILLS {
        let quick = rand::rng().random_range(20..400);
        let late = if kill % LATE == 0 { 1_000 } else { 0 };
        let promised = kill_after(&killed, &paths, quick + late);
        if killed.join(DATABASE).exists() {
            assert_sound(&killed.join(DATABASE));
        }
        // A kill may come before the schema is there.
        if promised > 0 {
            // The rows of runs come first; those of cards are no runs of finished races.
            let (there, promised) = (runs(&killed), promised.min(ran));
            assert!(there >= promised, "{there} runs, {promised} were promised");
        }
    }
    let finished = import(&killed, &paths).output().unwrap();
    let at_once = import(&calm, &paths).output().unwrap();

    assert_well(&finished);
    assert_well(&at_once);
    assert!(promised(&text(&at_once.stderr)) > 0);
    let (killed, calm) = (killed.join(DATABASE), calm.join(DATABASE));
    assert_sound(&killed);
    assert_same(&facts(&killed), &facts(&calm));
    assert_same(&ratings(&killed), &ratings(&calm));
}
