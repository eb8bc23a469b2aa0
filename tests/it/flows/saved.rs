//! Predictions outlive a restart, and only as long as nothing has changed that they hang on.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use lurcher::predict::{Prediction, SAVED, Saving};
use lurcher::runtime::sealed::Packing;
use serde_json::{Value, json};
use ureq::Agent;

use crate::process::Daemon;
use crate::world::{House, World, key, season, to_come, wait};

/// Damaged files that are tried.
const DAMAGED: usize = 1_000;

fn file(house: &House) -> PathBuf {
    house.database().with_file_name(SAVED)
}

fn races() -> Vec<String> {
    season().races.iter().rev().step_by(5).map(key).collect()
}

/// Asks for every race.
fn say(house: &House) -> Vec<Arc<Prediction>> {
    let said = races().into_iter();
    said.map(|race| house.predict(&race, None).unwrap())
        .collect()
}

fn save(house: &House, packing: Packing) {
    let saving = Saving {
        packing,
        ..Saving::default()
    };
    wait(house.app().predictor.save(saving));
}

/// Takes up what was saved; says how many predictions that were.
fn take_up(house: &House) -> usize {
    wait(house.app().predictor.take_up(Saving::default()));
    house.app().predictor.cache_stats().size
}

fn drop_all(house: &House) {
    assert!(house.app().predictor.clear_cache() <= races().len());
}

#[test]
fn what_was_said_before_a_restart_is_said_after_it_without_computing() {
    for packing in [Packing::Zstd, Packing::Plain] {
        let mut house = House::of_season();
        let before = say(&house);
        assert!(house.app().predictor.cache_stats().dirty);
        save(&house, packing);
        assert!(!house.app().predictor.cache_stats().dirty);

        house.restart();
        assert_eq!(take_up(&house), before.len());
        let after = say(&house);

        assert_eq!(before, after);
        let stats = house.app().predictor.cache_stats();
        assert_eq!((stats.misses, stats.dirty), (0, false));
    }
}

#[test]
fn a_damaged_file_costs_warmth_and_nothing_else() {
    let house = House::of_season();
    say(&house);
    save(&house, Packing::Zstd);
    let file = file(&house);
    let whole = fs::read(&file).unwrap();
    let text = String::from_utf8_lossy(&whole);
    let line = text.lines().next().unwrap().to_owned();
    let length = line.split(' ').nth(4).unwrap();
    let relabelled = |from: &str, to: &str| {
        let line = line.replace(from, to);
        [line.as_bytes(), &whole[line.len().min(whole.len())..]].concat()
    };
    let mut damaged = vec![
        Vec::new(),
        fs::read(house.database()).unwrap(),
        relabelled(length, "10737418240"),
        relabelled("predictions 1", "predictions 9"),
        relabelled("zstd", "plain"),
    ];
    damaged.extend(
        (0..whole.len())
            .step_by(4_096)
            .map(|at| whole[..at].to_vec()),
    );
    let mut at = 17;
    while damaged.len() < DAMAGED {
        let mut bytes = whole.clone();
        at = (at * 6_151) % whole.len();
        bytes[at] ^= 1 << (damaged.len() % 8);
        damaged.push(bytes);
    }

    for bytes in damaged {
        drop_all(&house);
        fs::write(&file, bytes).unwrap();
        assert_eq!(take_up(&house), 0);
    }

    fs::write(&file, whole).unwrap();
    assert_eq!(take_up(&house), races().len());
}

#[test]
fn nothing_is_taken_up_after_a_commit_nor_over_another_database_nor_when_it_is_too_old() {
    let mut house = House::of_season();
    say(&house);
    house.close();
    let copy = fs::read(house.database()).unwrap();
    house.restart();
    let said = say(&house);
    save(&house, Packing::Zstd);
    let file = file(&house);

    house.set_clock("2026-11-20T12:00:00Z");
    house.restart();
    assert_eq!(take_up(&house), 0, "too old");
    house.set_clock("2026-11-20T00:00:00Z");
    assert_eq!(take_up(&house), said.len(), "the file is good");

    let world = World::serve(house);
    let out = json!({"rug": 1});
    let path = format!("/api/races/{}/scratchings", to_come());
    assert_eq!(world.post_json(&path, &out).status, 200);
    drop_all(&world.house);
    assert_eq!(take_up(&world.house), 0, "the facts are others");

    // The database as it was before, whose facts are those of the file, but which went on from there.
    let other = House::copy_of(&copy);
    fs::copy(file, other.database().with_file_name(SAVED)).unwrap();
    assert_eq!(take_up(&other), said.len(), "it is the same yet");
    let world = World::serve(other);
    assert_eq!(world.post_json(&path, &out).status, 200);
    drop_all(&world.house);
    assert_eq!(take_up(&world.house), 0, "it went on");
}

#[test]
fn a_commit_makes_the_file_be_written_anew_though_nothing_new_was_said() {
    let house = House::of_season();
    let said = say(&house).len();
    save(&house, Packing::Zstd);
    save(&house, Packing::Zstd);
    assert_eq!(house.app().predictor.save_stats().saves, 1);
    let world = World::serve(house);
    let out = json!({"rug": 1});
    let told = world.post_json(&format!("/api/races/{}/scratchings", races()[0]), &out);
    assert_eq!(told.status, 200, "{}", told.body);
    save(&world.house, Packing::Zstd);
    assert_eq!(world.house.app().predictor.save_stats().saves, 2);

    drop_all(&world.house);
    // All but those that hang on the race or its dogs.
    let taken = take_up(&world.house);
    assert!(taken > 0 && taken < said, "{taken} of {said}");
}

#[test]
fn a_daemon_that_is_told_to_stop_leaves_what_it_said_for_the_next_one() {
    let data = tempfile::tempdir().unwrap();
    let house = House::of_season();
    fs::write(data.path().join("lurcher.db"), house.into_bytes()).unwrap();
    let (race, get) = (to_come(), Agent::new_with_defaults());
    let ask = |daemon: &Daemon, path: &str| {
        let answer = get.get(format!("{}{path}", daemon.url)).call().unwrap();
        answer.into_body().read_to_string().unwrap()
    };
    let page = format!("/api/races/{race}/prediction");

    let mut first = Daemon::start(data.path());
    let said = ask(&first, &page);
    assert!(first.stop().success());
    let mut second = Daemon::start(data.path());
    let metrics = ask(&second, "/metrics");
    let again = ask(&second, &page);
    assert!(second.stop().success());

    let taken = metrics
        .lines()
        .find_map(|line| line.strip_prefix("cache_taken_up "));
    assert!(taken.unwrap().parse::<f64>().unwrap() >= 1.0, "{taken:?}");
    let as_of = |page: &str| serde_json::from_str::<Value>(page).unwrap()["as_of"].clone();
    assert_eq!(as_of(&said), as_of(&again));
    assert_eq!(said, again);
}
