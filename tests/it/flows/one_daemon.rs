//! One data folder, one writing process; readers beside it.

use std::path::Path;

use lurcher::store::DATABASE;

use crate::process::{Daemon, assert_well, import, lurcher, text};
use crate::world::{House, assert_sound, to_come, write_season};

/// A data folder with the season and its model.
fn data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = House::of_season().into_bytes();
    std::fs::write(folder.path().join(DATABASE), bytes).unwrap();
    folder
}

fn wal_bytes(data: &Path) -> u64 {
    let wal = data.join(format!("{DATABASE}-wal"));
    std::fs::metadata(wal).map_or(0, |meta| meta.len())
}

#[test]
fn a_second_writer_is_turned_away_by_the_name_of_the_first() {
    let data = data();
    let files = tempfile::tempdir().unwrap();
    let written = write_season(files.path());
    let daemon = Daemon::start(data.path());

    let second = import(data.path(), &[written.runs]).output().unwrap();
    let third = lurcher(data.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();

    for output in [second, third] {
        assert_eq!(output.status.code(), Some(75));
        let said = text(&output.stderr);
        assert!(said.contains(&format!("pid {}", daemon.pid())), "{said}");
    }
}

#[test]
fn predict_and_doctor_work_beside_a_daemon() {
    let data = data();
    let daemon = Daemon::start(data.path());
    let url = format!("{}/api/races/{}/prediction", daemon.url, to_come());
    let served: serde_json::Value = ureq::get(url)
        .call()
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap();

    let predict = lurcher(data.path())
        .args(["predict", &to_come(), "--format", "json", "--as-of"])
        .arg(served["as_of"].as_str().unwrap())
        .output()
        .unwrap();
    let doctor = lurcher(data.path())
        .args(["doctor", "--json"])
        .output()
        .unwrap();

    assert_well(&predict);
    let printed: serde_json::Value = serde_json::from_slice(&predict.stdout).unwrap();
    assert_eq!(printed[0], served);
    let findings: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    assert!(doctor.status.success(), "{findings:#}");
    assert!(
        findings
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["ok"] == true)
    );
}

#[test]
fn a_daemon_that_is_told_to_stop_leaves_nothing_undone() {
    let data = data();
    let mut daemon = Daemon::start(data.path());
    let answer = ureq::get(format!("{}/readyz", daemon.url)).call().unwrap();
    assert_eq!(answer.status().as_u16(), 200);

    let status = daemon.stop();

    assert_eq!(status.code(), Some(0));
    assert_eq!(wal_bytes(data.path()), 0);
    assert_sound(&data.path().join(DATABASE));
}

#[test]
fn a_daemon_does_not_listen_to_strangers() {
    let data = tempfile::tempdir().unwrap();

    let output = lurcher(data.path())
        .args(["serve", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(78));
    let said = text(&output.stderr);
    assert!(said.contains("0.0.0.0"), "{said}");
}

#[test]
fn wrong_usage_and_faults_have_exit_codes_of_their_own() {
    let data = tempfile::tempdir().unwrap();
    let page = data.path().join("page.csv");
    std::fs::write(&page, "<html></html>").unwrap();

    let usage = lurcher(data.path()).arg("bark").output().unwrap();
    let faults = import(data.path(), &[page]).output().unwrap();
    let help = lurcher(data.path()).arg("--help").output().unwrap();

    let codes = [usage, faults, help].map(|output| output.status.code().unwrap());
    assert_eq!(codes, [64, 2, 0]);
}
