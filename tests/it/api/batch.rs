//! Predictions of several races at once.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{World, key, season, to_come};

const PATH: &str = "/api/predictions";

fn faults(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    let body = answer.json();
    let faults = body["faults"].as_array().unwrap().iter();
    faults.map(|fault| fault["at"].clone()).collect()
}

#[test]
fn every_race_is_answered_as_if_it_had_been_asked_for_alone() {
    let world = World::of_season();
    let races: Vec<String> = season().to_come().take(4).map(key).collect();
    let terms = "?as_of=2026-11-20T00:00:00Z&market=none&commission=0.1&edge=0.2";

    let answer = world.post_json(
        PATH,
        &json!({
            "races": races, "as_of": "2026-11-20T00:00:00Z", "market": "none",
            "commission": 0.1, "edge": 0.2,
        }),
    );

    let body = answer.json();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        (&body["succeeded"], &body["failed"]),
        (&json!(4), &json!(0))
    );
    assert_eq!(body["errors"], json!([]));
    for (race, found) in races.iter().zip(body["results"].as_array().unwrap()) {
        let alone = world.get(&format!("/api/races/{race}/prediction{terms}"));
        assert_eq!(*found, alone.json());
    }
}

#[test]
fn a_race_that_fails_keeps_no_other_back_and_one_named_twice_is_computed_once() {
    let world = World::of_season();
    let unknown = "2026-11-20-angle-park-60";
    let before = world.house.app().predictor.cache_stats();

    let answer = world.post_json(PATH, &json!({"races": [to_come(), unknown, to_come()]}));

    let (body, after) = (answer.json(), world.house.app().predictor.cache_stats());
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        (&body["succeeded"], &body["failed"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(body["results"][0], body["results"][1]);
    assert_eq!(
        body["errors"],
        json!([{"race": unknown, "code": "unknown_race", "detail": format!("no race {unknown}")}])
    );
    let (hits, misses) = (after.hits - before.hits, after.misses - before.misses);
    assert_eq!((hits, misses), (0, 2));
}

#[test]
fn a_race_without_a_field_is_not_ready() {
    let world = World::of_season();

    let body = json!({"races": [to_come()], "as_of": "2020-01-01T00:00:00Z"});
    let answer = world.post_json(PATH, &body).json();

    assert_eq!(answer["errors"][0]["code"], "not_ready");
    assert_eq!(
        (&answer["succeeded"], &answer["failed"]),
        (&json!(0), &json!(1))
    );
}

#[test]
fn fifty_races_are_taken_and_more_are_too_many() {
    let world = World::of_season();
    let ask = |n: usize| world.post_json(PATH, &json!({"races": vec![to_come(); n]}));

    assert_eq!(ask(50).json()["succeeded"], 50);
    assert_eq!(ask(51).problem(), (413, "too_large".to_owned()));
    assert_eq!(ask(1_001).problem(), (413, "too_large".to_owned()));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let world = World::of_season();

    let values = world.post_json(
        PATH,
        &json!({
            "races": [to_come(), "the-derby", 7, null], "as_of": "yesterday", "market": "open",
            "commission": 0.9, "edge": -1, "cat": 1,
        }),
    );
    let none = world.post_json(PATH, &json!({"races": []}));
    let nothing = world.post_json(PATH, &json!({}));
    let list = world.post_json(PATH, &json!([to_come()]));

    let mut at = faults(&values);
    at.sort_by_key(Value::to_string);
    assert_eq!(
        at,
        [
            "as_of",
            "cat",
            "commission",
            "edge",
            "market",
            "races[1]",
            "races[2]",
            "races[3]"
        ]
    );
    assert_eq!(faults(&none), ["races"]);
    assert_eq!(faults(&nothing), ["races"]);
    assert_eq!(faults(&list), [""]);
}

#[test]
fn what_is_no_json_is_malformed_and_lines_are_not_understood() {
    let world = World::of_season();

    let text = world.post_with(PATH, b"{\"races\":", &[]);
    let lines = world.post_with(PATH, b"{}", &[("content-type", "application/x-ndjson")]);

    assert_eq!(text.problem(), (400, "malformed".to_owned()));
    assert_eq!(lines.problem(), (415, "unsupported_format".to_owned()));
}
