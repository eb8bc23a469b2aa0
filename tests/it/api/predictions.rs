//! Predictions, as clients see them.

use crate::world::{House, World, key, season, to_come, write_season};

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
