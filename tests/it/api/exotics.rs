//! Bets on the order of finish, as clients see them.

use serde_json::Value;

use crate::world::{World, to_come};

const BETS: [(&str, usize); 5] = [
    ("quinella", 2),
    ("exacta", 2),
    ("trifecta", 3),
    ("box_trifecta", 3),
    ("first_four", 4),
];

fn path() -> String {
    format!("/api/races/{}/exotics", to_come())
}

fn list<'a>(body: &'a Value, bet: &str) -> &'a [Value] {
    body[bet].as_array().unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn every_bet_lists_its_likeliest_combinations_with_what_they_must_pay() {
    let world = World::of_season();

    let body = world.get(&path()).json();

    for (bet, size) in BETS {
        let found = list(&body, bet);
        assert!((1..=10).contains(&found.len()), "{bet}: {}", found.len());
        for one in found {
            let (p, fair) = (number(&one["probability"]), number(&one["fair_dividend"]));
            assert_eq!(one["runners"].as_array().unwrap().len(), size, "{bet}");
            assert!((p * fair - 1.0).abs() < 1e-9, "{one}");
            assert!((number(&one["min_dividend"]) / fair - 1.05).abs() < 1e-9);
        }
        let falls = found
            .windows(2)
            .all(|two| number(&two[0]["probability"]) >= number(&two[1]["probability"]));
        assert!(falls, "{bet}");
    }
}

#[test]
fn all_exactas_of_a_field_sum_to_one_and_those_on_a_winner_to_its_chance() {
    let world = World::of_season();
    let prediction = world.get(&format!("/api/races/{}/prediction", to_come()));

    let body = world.get(&format!("{}?limit=100", path())).json();

    let exactas = list(&body, "exacta");
    let sum = |of: &dyn Fn(&Value) -> bool| -> f64 {
        let those = exactas.iter().filter(|one| of(one));
        those.map(|one| number(&one["probability"])).sum()
    };
    assert!((sum(&|_| true) - 1.0).abs() < 1e-9);
    for runner in prediction.json()["runners"].as_array().unwrap() {
        let won = sum(&|one| one["runners"][0] == runner["rug"]);
        assert!((won - number(&runner["win"])).abs() < 1e-9, "{runner}");
    }
}

#[test]
fn a_takeout_has_to_be_earned_and_the_list_is_as_long_as_asked_for() {
    let world = World::of_season();

    let body = world.get(&format!("{}?edge=0.2&takeout=0.25&limit=3", path()));

    let body = body.json();
    let exactas = list(&body, "exacta");
    assert_eq!(exactas.len(), 3);
    let paid = number(&exactas[0]["min_dividend"]) / number(&exactas[0]["fair_dividend"]);
    assert!((paid - 1.6).abs() < 1e-9, "{paid}");
}

#[test]
fn what_makes_no_sense_is_told_as_everywhere() {
    let world = World::of_season();

    let odd = world.get(&format!("{}?edge=2&limit=101", path()));
    let unknown = world.get("/api/races/2026-11-20-angle-park-60/exotics");
    let early = world.get(&format!("{}?as_of=2020-01-01T00:00:00Z", path()));

    assert_eq!(odd.problem(), (422, "invalid".to_owned()));
    let faults = odd.json()["faults"].as_array().unwrap().clone();
    let at: Vec<_> = faults.iter().map(|fault| fault["at"].clone()).collect();
    assert_eq!(at, ["edge", "limit"]);
    assert_eq!(unknown.problem(), (404, "unknown_race".to_owned()));
    assert_eq!(early.problem(), (409, "not_ready".to_owned()));
}
