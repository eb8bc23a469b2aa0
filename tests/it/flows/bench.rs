//! `lurcher bench`: what it measures, saves and compares; never how fast that must be.

use std::fs;
use std::path::Path;
use std::process::Output;

use lurcher::access::KeyDraft;
use lurcher::store::DATABASE;
use lurcher::store::audit::Actor;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Daemon, assert_well, lurcher, text};
use crate::world::{House, wait};

/// A data folder with the season of the tests, and a key, so that no stranger may ask.
fn folder() -> TempDir {
    let house = House::of_season();
    let draft = KeyDraft {
        name: "somebody".to_owned(),
        scopes: vec!["admin".to_owned()],
        ..KeyDraft::default()
    };
    wait(house.app().access.issue(&draft, Actor::default())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(DATABASE), house.into_bytes()).unwrap();
    folder
}

fn bench(data: &Path, words: &[&str]) -> Output {
    lurcher(data).arg("bench").args(words).output().unwrap()
}

#[test]
fn every_route_is_measured_cold_warm_and_off_beside_a_daemon_and_compared_with_a_saved_run() {
    let folder = folder();
    let saved = folder.path().join("before.json");
    let saved = saved.to_str().unwrap();
    let mut daemon = Daemon::start(folder.path());

    let output = bench(
        folder.path(),
        &["--requests", "50", "--json", "--save", saved],
    );

    assert_well(&output);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["data"], &report["requests"]),
        (&json!("database"), &json!(50))
    );
    assert_eq!(report["left_out"], json!([]));
    let routes = report["routes"].as_array().unwrap();
    assert_eq!(routes.len(), 9);
    for row in routes {
        for side in ["cold", "warm", "off", "bare"] {
            let told = &row[side];
            assert!(told["answers"].as_u64().unwrap() >= 50, "{row}");
            assert_eq!(told["errors"], 0, "{row}");
            let times = ["p50_ms", "p95_ms", "p99_ms", "max_ms"];
            let times = times.map(|name| told[name].as_f64().unwrap());
            assert!(times[0] > 0.0 && times.is_sorted(), "{row}");
        }
        for name in ["ratio", "bytes", "keys"] {
            assert!(row[name].as_f64().unwrap() > 0.0, "{row}");
        }
    }
    let keys = routes.iter().map(|row| row["keys"].as_u64().unwrap());
    assert_eq!(
        keys.filter(|keys| *keys == 50).count(),
        3,
        "races, dogs, predictions"
    );
    assert_eq!(report["statements"].as_array().unwrap().len(), 10);
    let kept: Value = serde_json::from_slice(&fs::read(saved).unwrap()).unwrap();
    assert_eq!(kept, report);

    let output = bench(folder.path(), &["--requests", "5", "--compare", saved]);

    assert_well(&output);
    let table = text(&output.stdout);
    assert!(table.contains("against lurcher"), "{table}");
    let measured = table.lines().filter(|line| line.contains(" warm  "));
    assert_eq!(measured.count(), 9, "{table}");
    let compared = table.split("ratio was").nth(1).unwrap();
    assert_eq!(
        compared.lines().filter(|line| line.contains('%')).count(),
        9,
        "{table}"
    );
    assert!(daemon.stop().success());
}

#[test]
fn a_saved_run_that_cannot_be_read_is_told_before_anything_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.json");
    for (content, why) in [
        (Some("{\"version\": \"1"), "EOF while parsing"),
        (Some("{\"version\": 7}"), "expected a string"),
        (Some("{\"version\": \"1\"}"), "missing field"),
        (None, "No such file"),
    ] {
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }

        let output = bench(folder.path(), &["--compare", path.to_str().unwrap()]);

        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(
            told.contains("cannot compare with") && told.contains("broken.json"),
            "{told}"
        );
        assert!(told.contains(why), "{told}");
        assert!(output.stdout.is_empty());
    }
}
