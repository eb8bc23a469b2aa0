//! A job outlives its daemon, however that ends: it goes on from where it was, and what comes of it
//! is what would have come of it.

use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use lurcher::ingest::file::Request;
use lurcher::season::{Season, SeasonSettings};
use lurcher::store::DATABASE;
use rand::RngExt;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::facts::{assert_same, facts};
use crate::process::Daemon;
use crate::world::{House, assert_sound, day, eventually, wait};

/// How often the daemon is killed at most.
const KILLS: i64 = 10;
/// How long anything here may take.
const PATIENCE: Duration = Duration::from_mins(3);
/// The one job of these tests.
const JOB: &str = "/api/jobs/1";

/// The runs of a season of so many days, about 210 a day, and how many races they are.
fn season(days: u32) -> (String, i64) {
    let settings = SeasonSettings {
        days,
        ..SeasonSettings::demo().unwrap()
    };
    // All of it lies in the past for every clock, so that none bounds what was known when.
    let season = Season::generate(&settings.ending(day("2025-11-20"))).unwrap();
    let races = i64::try_from(season.finished().count()).unwrap();
    (season.runs_csv(0), races)
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20)));
    config.build().into()
}

fn get(daemon: &Daemon, path: &str) -> Value {
    let mut answer = agent().get(format!("{}{path}", daemon.url)).call().unwrap();
    answer.body_mut().read_json().unwrap()
}

fn upload(daemon: &Daemon, csv: &str) {
    let to = format!("{}/api/uploads?name=runs.csv", daemon.url);
    let request = agent().post(to);
    let mut answer = request
        .header("content-type", "application/octet-stream")
        .send(csv.as_bytes())
        .unwrap();
    let spooled: Value = answer.body_mut().read_json().unwrap();
    assert_eq!(spooled["job"], 1, "{spooled}");
}

/// Waits until the job is as is wished.
fn until(daemon: &Daemon, wished: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let job = get(daemon, JOB);
        if wished(&job) {
            return job;
        }
        assert!(began.elapsed() < PATIENCE, "{job:#}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn is_over(job: &Value) -> bool {
    !["queued", "running"].contains(&job["state"].as_str().unwrap())
}

/// What the row of the job says, when no daemon holds it: state, interruptions, and how many items
/// and how many facts that were known already the checkpoint has.
fn row(data: &Path) -> (String, i64, i64, i64) {
    let conn = Connection::open(data.join(DATABASE)).unwrap();
    let row = "SELECT state, interruptions, coalesce(checkpoint ->> '$.items', 0), \
               coalesce(checkpoint ->> '$.report.unchanged', 0) FROM job WHERE id = 1";
    conn.query_row(row, [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })
    .unwrap()
}

fn results(data: &Path) -> i64 {
    let conn = Connection::open(data.join(DATABASE)).unwrap();
    conn.query_row("SELECT count(*) FROM result", [], |row| row.get(0))
        .unwrap()
}

/// The facts of an import that nobody disturbed, and how long it took.
fn calm(csv: &str) -> (std::collections::BTreeSet<String>, Duration) {
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("runs.csv");
    std::fs::write(&path, csv).unwrap();
    let house = House::empty();
    let request = Request {
        paths: vec![path],
        ..Request::default()
    };
    let began = Instant::now();
    let report = wait(house.app().ingest.files(request, Arc::default())).unwrap();
    let took = began.elapsed();
    assert_eq!(report.counts.failed, 0);
    (facts(&house.database()), took)
}

#[test]
fn an_upload_whose_daemon_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let (csv, races) = season(200);
    let (known, whole) = calm(&csv);
    let mut daemon = Daemon::start(data);
    upload(&daemon, &csv);

    let mut furthest = (0, 0);
    let mut kills = 0;
    while kills < KILLS {
        // Any instant is a good one to die. Some are late enough for a checkpoint.
        if kills % 2 == 1 {
            eventually("a checkpoint", || {
                let (state, _, items, _) = row(data);
                (items > furthest.0 || state == "succeeded").then_some(())
            });
        }
        thread::sleep(rand::rng().random_range(Duration::ZERO..whole / 25));
        drop(daemon);
        let (state, interruptions, items, unchanged) = row(data);
        if state == "succeeded" {
            daemon = Daemon::start(data);
            break;
        }
        assert!(["running", "queued"].contains(&state.as_str()), "{state}");
        assert!(interruptions <= kills);
        kills += 1;
        assert!(items >= furthest.0, "{items} after {furthest:?}");
        assert!(
            results(data) >= items - 1,
            "a checkpoint of what is not there"
        );
        furthest = (items, unchanged);
        daemon = Daemon::start(data);
    }
    let over = until(&daemon, is_over);
    assert!(daemon.stop().success());

    assert_eq!(over["state"], "succeeded", "{over:#}");
    // A fast machine may be through before the last of them.
    assert!(kills >= 3, "{kills}");
    assert_eq!(over["interruptions"], kills);
    assert_eq!(over["attempt"], 0);
    let count = |name: &str| over["report"][name].as_i64().unwrap();
    assert_eq!(count("created") + count("unchanged"), races);
    assert_eq!(count("failed") + count("updated"), 0);
    // What stands before the last checkpoint was not read again: nobody found it known.
    let (items, unchanged) = furthest;
    assert!(items > 0, "no checkpoint in {kills} kills");
    assert!(
        count("unchanged") - unchanged <= races - items,
        "{over:#}, {furthest:?}"
    );
    assert_sound(&data.join(DATABASE));
    assert_same(&facts(&data.join(DATABASE)), &known);
    assert_eq!(std::fs::read_dir(data.join("spool")).unwrap().count(), 1);
}

#[test]
fn a_daemon_that_is_told_to_stop_gives_its_job_back_and_no_watcher_holds_it_up() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let (csv, races) = season(60);
    let mut daemon = Daemon::start(data);
    upload(&daemon, &csv);
    let mut watcher = TcpStream::connect(daemon.url.trim_start_matches("http://")).unwrap();
    std::io::Write::write_all(
        &mut watcher,
        format!("GET {JOB}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").as_bytes(),
    )
    .unwrap();
    until(&daemon, |job| job["state"] == "running");
    thread::sleep(Duration::from_millis(300));

    let told = Instant::now();
    assert!(daemon.stop().success());
    let took = told.elapsed();

    assert!(took < Duration::from_secs(30), "{took:?}");
    let mut seen = String::new();
    watcher.read_to_string(&mut seen).unwrap();
    assert!(seen.contains("event: job\ndata: {\"id\":1,"), "{seen}");
    let (state, interruptions, ..) = row(data);
    assert_eq!((state.as_str(), interruptions), ("queued", 0));
    let daemon = Daemon::start(data);
    let over = until(&daemon, is_over);
    assert_eq!(over["state"], "succeeded", "{over:#}");
    assert_eq!(over["interruptions"], 0);
    assert_eq!(results(data), races);
}

#[test]
fn a_job_that_is_cancelled_ends_at_once_and_keeps_what_it_committed() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    // More than may be with the writer at a time, so that there is something to leave undone.
    let (csv, races) = season(180);
    let daemon = Daemon::start(data);
    upload(&daemon, &csv);
    until(&daemon, |job| {
        job["state"] == "running" && results(data) > 0
    });

    agent()
        .delete(format!("{}{JOB}", daemon.url))
        .call()
        .unwrap();
    let over = until(&daemon, is_over);

    assert_eq!(over["state"], "cancelled", "{over:#}");
    thread::sleep(Duration::from_millis(700));
    let kept = results(data);
    assert!(kept > 0 && kept < races, "{kept} of {races}");
    thread::sleep(Duration::from_millis(700));
    assert_eq!(results(data), kept, "it goes on");
    assert_eq!(over["report"]["created"], kept);
    let shown = get(&daemon, "/api/uploads/1");
    assert_eq!(
        (&shown["state"], &shown["created"]),
        (&json!("cancelled"), &json!(kept))
    );

    let again = agent().post(format!("{}{JOB}/retry", daemon.url));
    assert_eq!(again.send_empty().unwrap().status(), 202);
    let over = until(&daemon, is_over);
    assert_eq!(over["state"], "succeeded", "{over:#}");
    assert_eq!(over["report"]["unchanged"], kept);
    assert_eq!(results(data), races);
}
