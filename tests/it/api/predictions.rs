//! Predictions, as clients see them.

use chrono::{DateTime, TimeDelta};
use lurcher::runtime::Lane;
use lurcher::store::{Class, models};
use serde_json::{Value, json};

use crate::world::{House, World, key, season, to_come, wait, write_season};

fn path(race: &str) -> String {
    format!("/api/races/{race}/prediction")
}

#[test]
fn the_chances_of_every_race_to_come_sum_to_one() {
    let world = World::of_season();

    for race in season().to_come() {
        let answer = world.get(&path(&key(race)));

        let body = answer.json();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(
            (&body["status"], &body["stale"]),
            (&"ready".into(), &false.into())
        );
        let runners = body["runners"].as_array().unwrap();
        let sum: f64 = runners.iter().map(|r| r["win"].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        for runner in runners {
            let (win, fair) = (runner["win"].as_f64(), runner["fair_price"].as_f64());
            assert!(runner["place"].as_f64() >= win, "{runner}");
            assert!(
                (fair.unwrap() * win.unwrap() - 1.0).abs() < 1e-9,
                "{runner}"
            );
        }
    }
}

#[test]
fn a_client_that_has_the_answer_already_is_told_so() {
    let world = World::of_season();
    let first = world.get(&path(&to_come()));
    let tag = first.header("etag");

    let again = world.get_with(&path(&to_come()), &[("If-None-Match", tag)]);
    let other = world.get_with(&path(&to_come()), &[("If-None-Match", "\"r0-t0-mnone\"")]);

    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), tag);
    assert_eq!((other.status, other.body), (200, first.body));
}

#[test]
fn before_anybody_was_known_to_run_there_is_no_prediction() {
    let world = World::of_season();
    let path = format!("{}?as_of=2020-01-01T00:00:00Z", path(&to_come()));

    let answer = world.get(&path);

    assert_eq!(answer.problem(), (409, "not_ready".to_owned()));
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("nobody was known to run"), "{detail}");
}

#[test]
fn without_a_model_there_is_no_prediction() {
    let files = tempfile::tempdir().unwrap();
    let written = write_season(files.path());
    let house = House::empty();
    house.import(&written.cards);
    let world = World::serve(house);

    let answer = world.get(&path(&to_come()));

    assert_eq!(answer.problem(), (409, "not_ready".to_owned()));
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("no model"), "{detail}");
}

#[test]
fn a_race_that_nobody_told_of_is_unknown_and_a_name_that_is_none_malformed() {
    let world = World::of_season();

    let unknown = world.get(&path("2026-11-20-angle-park-60"));
    let name = world.get(&path("the-derby"));
    let as_of = world.get(&format!("{}?as_of=yesterday", path(&to_come())));

    assert_eq!(unknown.problem(), (404, "unknown_race".to_owned()));
    assert_eq!(name.problem(), (400, "malformed".to_owned()));
    assert_eq!(as_of.problem(), (400, "malformed".to_owned()));
}

#[test]
fn an_instant_in_any_zone_means_the_same() {
    let world = World::of_season();
    let path = path(&to_come());

    let utc = world.get(&format!("{path}?as_of=2026-11-20T00:00:00Z"));
    let adelaide = world.get(&format!("{path}?as_of=2026-11-20T10:30:00%2B10:30"));

    assert_eq!(utc.status, 200, "{}", utc.body);
    assert_eq!(utc.body, adelaide.body);
}

#[test]
fn an_answer_tells_where_its_time_went() {
    let world = World::of_season();
    let path = format!("/api/races/{}/prediction", to_come());

    let cold = world.get(&path);
    let warm = world.get(&path);
    let written = world.post_json("/api/cards", &super::facts::card(3, 6));

    let parts = |header: &str| -> Vec<String> {
        let parts = header
            .split(", ")
            .map(|part| part.split(';').next().unwrap());
        parts.map(str::to_owned).collect()
    };
    assert_eq!(
        parts(cold.header("server-timing")),
        ["total", "db", "model", "queue"]
    );
    assert_eq!(parts(warm.header("server-timing")), ["total", "cache"]);
    assert_eq!(
        parts(written.header("server-timing")),
        ["total", "db", "cache"],
        "whose key it is was looked up in a cache"
    );
}

/// Posts a price to win on a rug of the race.
fn price(world: &World, race: &str, at: &str, rug: &Value, win: f64) {
    let body = json!({
        "source": "bookie", "race": race, "at": at, "kind": "fixed",
        "prices": [{"rug": rug, "win": win}],
    });
    let answer = world.post_json("/api/prices", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn runners(world: &World, path: &str) -> Vec<Value> {
    let answer = world.get(path);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["runners"].as_array().unwrap().clone()
}

fn assert_close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} {expected}");
}

#[test]
fn a_price_is_told_with_its_edge_and_what_to_put_on_it() {
    let world = World::of_season();
    let (race, path) = (to_come(), path(&to_come()));
    let rug = runners(&world, &path)[0]["rug"].clone();
    price(&world, &race, "2026-11-20T00:00:00Z", &rug, 30.0);

    let all = runners(&world, &format!("{path}?commission=0.1&edge=0.2"));

    let (runner, other) = (&all[0], &all[1]);
    let win = runner["win"].as_f64().unwrap();
    let edge = win * (1.0 + 29.0 * 0.9) - 1.0;
    assert_close(&runner["market_price"], 30.0);
    assert_close(&runner["edge"], edge);
    assert_close(&runner["min_price"], 1.0 + (1.2 / win - 1.0) / 0.9);
    let quarter = 0.25 * edge / (29.0 * 0.9);
    assert_close(&runner["stake_fraction"], quarter.clamp(0.0, 0.05));
    assert_eq!(other["market_price"], Value::Null);
    assert_eq!(other["edge"], Value::Null);
    assert_eq!(other["stake_fraction"], Value::Null);
    assert!(other["min_price"].as_f64() > other["fair_price"].as_f64());
}

#[test]
fn the_usual_terms_are_eight_in_a_hundred_off_and_an_edge_of_five() {
    let world = World::of_season();
    let path = path(&to_come());

    let usual = runners(&world, &path);
    let said = runners(
        &world,
        &format!("{path}?market=latest&commission=0.08&edge=0.05"),
    );

    assert_eq!(usual, said);
}

#[test]
fn without_the_market_the_races_own_prices_change_nothing() {
    let world = World::of_season();
    let (race, path) = (to_come(), path(&to_come()));
    let bare = format!("{path}?market=none");
    let before = (runners(&world, &path), runners(&world, &bare));
    let rug = before.0[0]["rug"].clone();
    price(&world, &race, "2026-11-20T00:00:00Z", &rug, 1.5);

    let after = (runners(&world, &path), runners(&world, &bare));

    assert_eq!(after.1, before.1);
    assert_ne!(after.0, before.0);
    let wins = |all: &[Value]| all.iter().map(|one| one["win"].clone()).collect::<Vec<_>>();
    assert_eq!(wins(&after.0), wins(&before.0));
}

/// Puts a model in force that is the one there is, with these powers for itself and the market.
fn listen(world: &World, model: f64, market: f64) {
    let store = world.house.app().store.clone();
    let stored = wait(store.read(Lane::Live, models::active))
        .unwrap()
        .unwrap();
    let mut artifact: Value = serde_json::from_slice(&stored.artifact).unwrap();
    let fit = json!({
        "discount": {"second": 0.6, "third": 0.6}, "second_se": 0.1, "third_se": 0.1, "races": 300,
    });
    artifact["parts"][0]["rehearsal"] = json!({
        "fitted_races": 1200, "from": "2026-11-01", "until": "2026-11-17", "races": 300,
        "discounts": {"five": fit, "six": fit, "seven": fit, "eight": fit, "all": fit},
        "blend": {
            "blend": {"model": model, "market": market}, "model_se": 0.1, "market_se": 0.1,
            "market_alone": {"model": 0.0, "market": 1.0}, "races": 300,
            "model_likelihood": -1.0, "market_likelihood": -1.0, "likelihood": -1.0,
        },
    });
    let bytes = serde_json::to_vec(&artifact).unwrap();
    let digest = "ab".repeat(32);
    let written = wait(store.write(Class::Admin, move |tx| {
        let until = stored.trained_until;
        models::put(
            tx,
            &digest,
            until,
            &bytes,
            "{}",
            DateTime::UNIX_EPOCH + TimeDelta::days(1),
        )?;
        models::activate(tx, &digest)
    }));
    written.unwrap();
}

#[test]
fn the_blend_is_told_beside_the_chance_that_it_does_not_change() {
    let world = World::of_season();
    let (race, path) = (to_come(), path(&to_come()));
    listen(&world, 2.0, 1.0);
    let before = runners(&world, &path);
    let fair = before.len() as f64;
    for runner in &before[1..] {
        price(&world, &race, "2026-11-20T00:00:00Z", &runner["rug"], fair);
    }
    let partly = runners(&world, &path);
    price(
        &world,
        &race,
        "2026-11-20T00:00:00Z",
        &before[0]["rug"],
        fair,
    );

    let (after, blind) = (
        runners(&world, &path),
        runners(&world, &format!("{path}?market=none")),
    );

    let win = |all: &[Value]| -> Vec<f64> {
        all.iter().map(|one| one["win"].as_f64().unwrap()).collect()
    };
    let wins = win(&before);
    for all in [&partly, &after, &blind] {
        assert_eq!(win(all), wins);
    }
    // Prices that are all alike say nothing: what is left is the model's own chance, squared.
    let squares: f64 = wins.iter().map(|win| win * win).sum();
    for (runner, win) in after.iter().zip(&wins) {
        assert_close(&runner["win_blended"], win * win / squares);
        assert_close(&runner["edge"], win * (1.0 + (fair - 1.0) * 0.92) - 1.0);
    }
    let told = |all: &[Value]| {
        all.iter()
            .filter(|one| !one["win_blended"].is_null())
            .count()
    };
    assert_eq!([&before, &blind].map(|all| told(all)), [0, 0]);
    assert_eq!(told(&partly), before.len() - 1);
    assert_eq!(partly[0]["win_blended"], Value::Null);
    let sum: f64 = partly
        .iter()
        .filter_map(|one| one["win_blended"].as_f64())
        .sum();
    assert!((sum - (1.0 - wins[0])).abs() < 1e-9, "{sum}");
}

#[test]
fn a_price_counts_from_the_instant_that_it_could_be_known() {
    let world = World::of_season();
    let (race, path) = (to_come(), path(&to_come()));
    let rug = runners(&world, &path)[0]["rug"].clone();
    world.house.set_clock("2026-11-20T00:02:00Z");
    price(&world, &race, "2026-11-19T23:00:00Z", &rug, 5.0);
    world.house.set_clock("2026-11-20T00:10:00Z");
    price(&world, &race, "2026-11-20T00:05:00Z", &rug, 4.0);
    world.house.set_clock("2026-11-20T00:20:00Z");
    price(&world, &race, "2026-11-20T00:05:00Z", &rug, 4.4);

    let at = |instant: &str| {
        let all = runners(&world, &format!("{path}?as_of={instant}"));
        all[0]["market_price"].clone()
    };

    assert_eq!(at("2026-11-20T00:01:59Z"), Value::Null, "nobody had told");
    assert_eq!(at("2026-11-20T00:09:59Z"), 5.0);
    assert_eq!(at("2026-11-20T00:10:00Z"), 4.0);
    assert_eq!(at("2026-11-20T00:20:00Z"), 4.4, "a correction");
}

#[test]
fn terms_that_make_no_sense_are_told_all_at_once() {
    let world = World::of_season();
    let path = path(&to_come());

    let answer = world.get(&format!("{path}?market=open&commission=0.9&edge=-1"));
    let text = world.get(&format!("{path}?edge=much"));

    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    let faults = answer.json()["faults"].as_array().unwrap().clone();
    let at: Vec<_> = faults.iter().map(|fault| fault["at"].clone()).collect();
    assert_eq!(at, ["market", "commission", "edge"]);
    assert_eq!(text.problem(), (400, "malformed".to_owned()));
}

#[test]
fn every_chance_lies_in_its_interval_and_has_its_reasons() {
    let world = World::of_season();
    let mut told = 0;

    for race in season().to_come() {
        for runner in runners(&world, &path(&key(race))) {
            let number = |name: &str| runner[name].as_f64().unwrap();
            let (low, win, high) = (number("win_low"), number("win"), number("win_high"));
            assert!(
                0.0 < low && low < win && win < high && high < 1.0,
                "{runner}"
            );
            let reasons = runner["reasons"].as_array().unwrap();
            let weights: Vec<f64> = reasons
                .iter()
                .map(|reason| reason["lengths"].as_f64().unwrap().abs())
                .collect();
            assert!(weights.is_sorted_by(|one, two| one >= two), "{runner}");
            assert!(weights.iter().all(|weight| *weight >= 0.1), "{runner}");
            told += reasons.len();
        }
    }

    assert!(told > 0);
}

#[test]
fn notes_tell_what_there_was_to_do_without() {
    let world = World::of_season();
    let (race, path) = (to_come(), path(&to_come()));
    let notes = |path: &str| world.get(path).json()["notes"].as_array().unwrap().clone();
    let unpriced = notes(&path);
    let rug = runners(&world, &path)[0]["rug"].clone();
    price(&world, &race, "2026-11-20T00:00:00Z", &rug, 3.0);

    let (priced, blind) = (notes(&path), notes(&format!("{path}?market=none")));

    let says = |notes: &[Value], text: &str| {
        let mut notes = notes.iter();
        notes.any(|note| note.as_str().unwrap().contains(text))
    };
    assert!(says(&unpriced, "no market price is known"));
    assert!(says(&priced, "have no market price"));
    assert!(!says(&blind, "market price"));
}
