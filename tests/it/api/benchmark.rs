//! The same requests with caches and without, while the house keeps its own.

use std::thread;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{World, eventually, to_come};

const PATH: &str = "/api/benchmark";
const RACE: &str = "/api/races/{race}";

/// How often a race was looked up in the database.
fn lookups(world: &World) -> u64 {
    let queries = world.get("/api/queries").json();
    let mut items = queries["items"].as_array().unwrap().iter();
    let found = items.find(|item| item["name"] == "race/by_key");
    found.map_or(0, |item| item["count"].as_u64().unwrap())
}

fn caches(world: &World) -> Value {
    world.get("/api/cache/stats").json()["caches"].clone()
}

#[test]
fn the_same_requests_are_made_with_caches_and_without_and_those_of_the_house_are_left_alone() {
    let world = World::of_season();
    world.get(&format!("/api/races/{}", to_come()));
    let (before, asked) = (caches(&world), lookups(&world));

    let answer = world.post_json(PATH, &json!({"requests": 300, "routes": [RACE, "/livez"]}));

    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = answer.json();
    let routes = told["routes"].as_array().unwrap();
    let names: Vec<_> = routes.iter().map(|route| &route["route"]).collect();
    assert_eq!(names, ["/livez", RACE]);
    assert_eq!(
        (&told["left_out"], &told["requests"]),
        (&json!([]), &json!(300))
    );
    for side in routes
        .iter()
        .flat_map(|route| [&route["on"], &route["off"]])
    {
        assert_eq!(
            (&side["answers"], &side["errors"]),
            (&json!(300), &json!(0))
        );
        let times = ["p50_ms", "p95_ms", "p99_ms", "max_ms"];
        let times = times.map(|name| side[name].as_f64().unwrap());
        assert!(times[0] > 0.0 && times.is_sorted(), "{side}");
    }
    assert!(routes[1]["speed_up"].is_number(), "{}", routes[1]);
    // Without caches each of them was looked up; with them each of 50 races when it was first asked
    // for.
    let found = lookups(&world) - asked;
    assert!((300..=450).contains(&found), "{found}");
    let (after, before) = (caches(&world), before);
    assert_eq!(after[0], before[0], "the races");
    let on = |caches: &Value| {
        let all = caches.as_array().unwrap().iter();
        all.map(|cache| cache["on"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(on(&after), vec![json!(true); on(&before).len()]);
}

#[test]
fn what_cannot_be_asked_is_left_out_and_says_why() {
    let world = World::empty();

    let told = world.post_json(PATH, &json!({"requests": 1})).json();

    let left = told["left_out"].as_array().unwrap();
    let left: Vec<_> = left
        .iter()
        .map(|out| out["route"].as_str().unwrap())
        .collect();
    assert_eq!(
        left,
        [RACE, "/api/dogs/{dog}", "/api/races/{race}/prediction"]
    );
    assert_eq!(told["left_out"][0]["why"], "there is nothing to ask about");
    assert_eq!(told["routes"].as_array().unwrap().len(), 6);
}

#[test]
fn one_benchmark_at_a_time_and_only_for_admins() {
    let world = World::of_season();
    let many = json!({"requests": 10_000, "routes": ["/livez"]});
    let (first, second) = thread::scope(|scope| {
        // The other may have the seat when it comes.
        let first = scope.spawn(|| {
            eventually("the first one has its turn", || {
                Some(world.post_json(PATH, &many)).filter(|answer| answer.status == 200)
            })
        });
        let second = eventually("a second one is turned away", || {
            let one = json!({"requests": 1, "routes": ["/livez"]});
            Some(world.post_json(PATH, &one)).filter(|answer| answer.status != 200)
        });
        (first.join().unwrap(), second)
    });
    assert_eq!(
        (first.status, second.problem()),
        (200, (503, "busy".to_owned()))
    );

    let key = |scope: &str, by: &[(&str, &str)]| {
        let body = json!({"name": scope, "scopes": [scope]}).to_string();
        let made = world.post_with("/api/keys", body.as_bytes(), by).json();
        made["key"].as_str().unwrap().to_owned()
    };
    let admin = key("admin", &[]);
    let admin = [("x-api-key", admin.as_str())];
    let write = key("write", &admin);
    let ask = |by: &[(&str, &str)]| -> Answer {
        world.post_with(PATH, br#"{"requests": 5, "routes": ["/api/stats"]}"#, by)
    };
    assert_eq!(ask(&[]).status, 401);
    assert_eq!(ask(&[("x-api-key", &write)]).status, 403);
    let told = ask(&admin);
    assert_eq!(told.status, 200, "{}", told.body);
    let route = &told.json()["routes"][0];
    assert_eq!(
        (&route["on"]["answers"], &route["off"]["errors"]),
        (&json!(5), &json!(0))
    );
}

#[test]
fn a_body_that_breaks_rules_is_told_all_of_them() {
    let world = World::empty();

    let wrong = world.post_json(PATH, &json!({"requests": 10_001, "routes": ["/api/cats"]}));
    let none = world.post_json(PATH, &json!({"requests": 0, "routes": []}));
    let twice = world.post_json(PATH, &json!({"requests": 1, "routes": vec!["/livez"; 10]}));
    assert_eq!(twice.status, 422, "{}", twice.body);
    let strange = world.post_json(PATH, &json!({"times": 3}));

    for answer in [&wrong, &none] {
        assert_eq!(answer.status, 422);
        let faults = answer.json()["faults"].clone();
        let places: Vec<_> = faults
            .as_array()
            .unwrap()
            .iter()
            .map(|at| at["at"].clone())
            .collect();
        assert_eq!(places, ["requests", "routes"], "{}", answer.body);
    }
    assert!(
        wrong.body.contains("must be 1 to 9 of /livez"),
        "{}",
        wrong.body
    );
    assert_eq!(strange.status, 400, "{}", strange.body);
}
