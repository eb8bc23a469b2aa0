//! What is added up is what the facts come to, whatever happens. [`crate::world::assert_sound`], by
//! which every test ends that has a database, compares them as well.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use lurcher::ingest::file::Request;
use lurcher::store::DATABASE;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::told;
use super::twice::{corrected, runs};
use crate::process::{Daemon, assert_well, lurcher, text};
use crate::sums::wrong_sums;
use crate::world::{House, assert_sound, key, season, wait, write_season};

/// Seeds of the orders in which the season is told.
const SEEDS: u64 = 3;

/// What makes the sums wrong, each in a table of its own; the last two are months and scores of
/// nothing that there is.
const SPOILED: &str = "
    UPDATE summary SET dogs = dogs + 1;
    UPDATE summary_track SET races = races - 3, first_day = '1999-01-01'
    WHERE track_id = (SELECT min(track_id) FROM summary_track);
    UPDATE summary_circuit SET runs = 0
    WHERE circuit_id = (SELECT min(circuit_id) FROM summary_circuit);
    UPDATE summary_score SET wins = wins + 1 WHERE subject = 'trainers' AND track_id = 0;
    DELETE FROM summary_score WHERE subject = 'dogs' AND subject_id = 1;
    INSERT INTO summary_month VALUES ('1999-01', 1, 2, 3);
    INSERT INTO summary_score VALUES ('dogs', 0, 999999, 1, 1, 1, 500);";

/// Imports a file or folder and leaves the ratings as they are; says how many rows were refused.
fn take_in(house: &House, path: &Path) -> u64 {
    let request = Request {
        paths: vec![path.to_owned()],
        ..Request::default()
    };
    let report = wait(house.app().ingest.files(request, Arc::default())).unwrap();
    report.counts.failed
}

/// Tells one post of a race.
fn tell(house: &House, post: &str, race: &str, body: &Value) -> String {
    let fact = told::fact(post, race, body);
    let receipts = wait(house.app().ingest.facts(vec![fact])).unwrap();
    told::answer(&receipts[0])
}

/// Tells the season day by day in a random order, some days twice; scratches and voids on the way,
/// and corrects.
fn tell_season(house: &House, seed: u64) {
    let mut luck = Pcg64::seed_from_u64(seed);
    let files = tempfile::tempdir().unwrap();
    let written = write_season(files.path());
    let first = season().settings.first_day;
    let days = season().settings.last_day().since(first) + 1;
    let mut order: Vec<i64> = (0..days).chain((0..days).step_by(5)).collect();
    order.shuffle(&mut luck);
    let path = files.path().join("day.csv");
    let cards_at = luck.random_range(0..order.len());
    for (n, day) in order.into_iter().enumerate() {
        if n == cards_at {
            assert_eq!(take_in(house, &files.path().join("cards")), 0);
            scratch_some(house);
        }
        let text = runs(|race| race.day == first.plus(day));
        if n % 3 == 0
            && let Some(race) = told_race(day)
        {
            fs::write(&path, corrected(&text, race)).unwrap();
            take_in(house, &path);
        }
        fs::write(&path, text).unwrap();
        assert_eq!(take_in(house, &path), 0);
    }
    void_some(house);
    assert!(!written.cards.is_empty());
}

/// A race of a day with its first two places told.
fn told_race(day: i64) -> Option<&'static lurcher::season::SeasonRace> {
    let day = season().settings.first_day.plus(day);
    season().finished().find(|race| {
        let place = |n| {
            race.starters()
                .any(|one| one.place().is_some_and(|p| p.get() == n))
        };
        race.day == day
            && race.detail != lurcher::season::SeasonDetail::Bare
            && place(1)
            && place(2)
    })
}

fn scratch_some(house: &House) {
    let mut out = 0;
    for race in season().to_come().take(6) {
        let rug = race.starters().next().unwrap().rug.get();
        let answer = tell(house, "scratching", &key(race), &json!({ "rug": rug }));
        out += usize::from(answer == "created");
    }
    assert!(out > 0);
}

fn void_some(house: &House) {
    for (n, race) in season().finished().step_by(40).enumerate() {
        let status = ["no_race", "abandoned", "interim"][n % 3];
        let track = &season().tracks[race.track];
        let body = json!({
            "source": "stewards", "track": track.slug, "day": race.day.to_string(),
            "number": race.number, "status": status,
        });
        assert_eq!(tell(house, "result", &key(race), &body), "created");
    }
}

#[test]
fn a_season_in_any_order_with_corrections_adds_up_to_what_a_recount_says() {
    for seed in 1..=SEEDS {
        let mut house = House::empty();

        tell_season(&house, seed);

        let live = wrong_sums(&house.look());
        assert!(live.is_empty(), "seed {seed}: {live:#?}");
        house.restart();
        house.close();
        assert_sound(&house.database());
        let starts =
            "SELECT sum(starts) FROM summary_score WHERE subject = 'tracks' AND track_id = 0";
        let void = "SELECT count(*) FROM race WHERE status IN ('no_race', 'abandoned')";
        assert!(house.number(starts) > 1_000);
        assert!(house.number(void) > 5);
    }
}

#[test]
fn a_fact_that_is_refused_adds_nothing() {
    let house = House::empty();
    let body = json!({
        "source": "cards", "track": "Townsville", "day": "2026-11-19", "number": 3,
        "distance_m": 380,
        "runners": [{"rug": 1, "dog": "Amber Rocket"}, {"rug": 2, "dog": "Amber Rocket"}],
    });

    let refused = tell(&house, "card", "2026-11-19-townsville-3", &body);

    assert!(refused.starts_with("failed"), "{refused}");
    let rows = "SELECT (SELECT dogs FROM summary) + (SELECT count(*) FROM summary_track)";
    assert_eq!(house.number(rows), 0);
}

#[test]
fn a_database_from_before_there_were_sums_is_added_up_when_it_is_opened() {
    let bytes = House::of_season().into_bytes();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE);
    fs::write(&path, bytes).unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "DROP TABLE summary; DROP TABLE summary_track; DROP TABLE summary_circuit;
         DROP TABLE summary_month; DROP TABLE summary_score; DROP TABLE mark; PRAGMA user_version = 17;",
    )
    .unwrap();
    conn.close().unwrap();

    let mut house = House::configured(folder, |_| {});

    house.close();
    assert!(house.number("SELECT count(*) FROM summary") == 1);
    assert!(house.number("SELECT count(*) FROM summary_score") > 100);
    assert_sound(&house.database());
}

/// A data folder with the season, its sums spoiled.
fn spoiled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = House::of_season().into_bytes();
    let path = folder.path().join(DATABASE);
    fs::write(&path, bytes).unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(SPOILED).unwrap();
    assert!(wrong_sums(&conn).len() > 7);
    folder
}

fn doctor(data: &Path, more: &[&str]) -> Output {
    let mut command = lurcher(data);
    command.arg("doctor").args(more).output().unwrap()
}

/// What doctor finds of the sums.
fn finding(data: &Path) -> Value {
    let output = doctor(data, &["--json"]);
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = findings.as_array().unwrap().iter();
    let mut of_sums = findings.filter(|one| one["check"] == "summaries");
    of_sums.next().unwrap().clone()
}

#[test]
fn doctor_sees_spoiled_sums_and_makes_them_anew() {
    let data = spoiled();

    let before = finding(data.path());
    let seen = doctor(data.path(), &[]);
    let rebuilt = doctor(data.path(), &["--rebuild", "--json"]);
    let again = doctor(data.path(), &["--rebuild"]);
    let after = finding(data.path());

    assert_eq!(
        (&before["ok"], seen.status.code()),
        (&json!(false), Some(2))
    );
    assert!(before["todo"].as_str().unwrap().contains("--rebuild"));
    assert_well(&rebuilt);
    let differences: Value = serde_json::from_slice(&rebuilt.stdout).unwrap();
    let total = differences["total"].as_u64();
    let differences = differences["some"].as_array().unwrap().iter();
    let names: Vec<_> = differences
        .map(|one| one["what"].as_str().unwrap())
        .collect();
    for name in [
        "dogs and trainers",
        "1999-01",
        "dogs 999999 at track 0",
        "dogs 1 at track 0",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(total > Some(7), "{total:?}");
    assert_well(&again);
    assert!(text(&again.stdout).contains("0 sums differed"));
    assert_eq!(after["ok"], true, "{after}");
    assert_sound(&data.path().join(DATABASE));
}

#[test]
fn sums_are_not_made_anew_beside_a_daemon() {
    let data = spoiled();
    let daemon = Daemon::start(data.path());

    let turned_away = doctor(data.path(), &["--rebuild"]);
    let seen = finding(data.path());

    assert_eq!(turned_away.status.code(), Some(75));
    let said = text(&turned_away.stderr);
    assert!(said.contains(&format!("pid {}", daemon.pid())), "{said}");
    assert_eq!(seen["ok"], false, "a daemon may be looked beside: {seen}");
}
