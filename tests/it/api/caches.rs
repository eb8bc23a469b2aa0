//! What is told of the caches, and what an operator does to them.

use serde_json::{Value, json};

use crate::world::{House, World, eventually, key, season, to_come};

fn cache(world: &World, name: &str) -> Value {
    of(&world.get("/api/cache/stats").json(), name)
}

fn of(stats: &Value, name: &str) -> Value {
    let mut caches = stats["caches"].as_array().unwrap().iter();
    caches.find(|cache| cache["name"] == name).unwrap().clone()
}

#[test]
fn every_question_is_a_hit_a_miss_or_a_wait_and_every_cache_is_named() {
    let world = World::of_season();
    let path = format!("/api/races/{}", to_come());

    for _ in 0..4 {
        assert_eq!(world.get(&path).status, 200);
    }

    let races = cache(&world, "races");
    assert_eq!(
        [&races["hits"], &races["misses"], &races["total_requests"]],
        [3, 1, 4]
    );
    assert_eq!(races["hit_rate_percent"], 75.0);
    assert!(races["bytes"].as_u64().unwrap() > 1_000);
    let stats = world.get("/api/cache/stats").json();
    let names = stats["caches"].as_array().unwrap().iter();
    let names: Vec<&Value> = names.map(|cache| &cache["name"]).collect();
    for name in [
        "races",
        "dogs",
        "aggregates",
        "meetings",
        "leaderboards",
        "responses",
        "predictions",
        "keys",
    ] {
        assert!(names.contains(&&json!(name)), "{name}: {names:?}");
    }
    for total in [
        "hits",
        "misses",
        "total_requests",
        "cache_size",
        "max_cache_size",
        "ttl_seconds",
    ] {
        assert!(stats["cache_stats"][total].is_u64(), "{total}");
    }
}

#[test]
fn parameters_in_another_order_are_the_same_question_and_shapes_are_not() {
    let world = World::of_season();

    let first = world.get("/api/races?limit=3&day=2026-11-19");
    let again = world.get("/api/races?day=2026-11-19&limit=3");
    let table = world.get_with(
        "/api/races?day=2026-11-19&limit=3",
        &[("accept", "text/csv")],
    );

    assert_eq!(first.body, again.body);
    assert!(table.body.starts_with("race,"), "{}", table.body);
    let races = cache(&world, "races");
    assert_eq!([&races["hits"], &races["misses"]], [1, 2]);
}

#[test]
fn what_is_kept_ready_is_known_by_its_tag_in_each_encoding() {
    let world = World::of_season();
    let path = format!("/api/races/{}/prediction", to_come());
    let mut tags = Vec::new();
    for encoding in ["identity", "gzip", "br", "zstd"] {
        let any = [("accept-encoding", encoding), ("if-none-match", "*")];
        let (first, kept) = (world.get_with(&path, &any), world.get_with(&path, &any));
        let tag = kept.header("etag").to_owned();
        assert_eq!((first.status, first.header("etag")), (304, tag.as_str()));
        let known = [
            ("accept-encoding", encoding),
            ("if-none-match", tag.as_str()),
        ];
        let nothing = world.get_with(&path, &known);
        assert_eq!((nothing.status, nothing.body.len()), (304, 0), "{encoding}");
        tags.push(tag);
    }

    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
    assert_eq!(cache(&world, "responses")["misses"], 1);
}

#[test]
fn clearing_drops_one_cache_or_all_and_a_strange_name_none() {
    let world = World::of_season();
    let path = format!("/api/races/{}", to_come());
    world.get(&path);
    world.get(&format!("{path}/prediction"));

    let strange = world.post("/api/cache/clear?cache=rabbits");
    let one = world.post("/api/cache/clear?cache=races").json();
    let rest = world.post("/api/cache/clear").json();

    assert_eq!(strange.status, 422);
    assert!(
        strange.body.contains("must be one of races"),
        "{}",
        strange.body
    );
    assert_eq!(
        one,
        json!({"success": true, "message": "Cache cleared successfully", "cleared": 1})
    );
    // The prediction, as it is and as it is sent, and the table of keys.
    assert_eq!(rest["cleared"], 3);
    assert_eq!(cache(&world, "races")["cache_size"], 0);
}

#[test]
fn a_cache_that_is_switched_off_answers_the_same_and_keeps_nothing() {
    let world = World::of_season();
    let path = format!("/api/races/{}", to_come());
    let kept = world.get(&path);

    let off = world.post("/api/cache/switch?cache=races&on=false");
    let loaded = world.get(&path);

    assert_eq!(off.status, 200, "{}", off.body);
    assert_eq!((loaded.status, &loaded.body), (200, &kept.body));
    assert_eq!(loaded.header("etag"), kept.header("etag"));
    let races = cache(&world, "races");
    assert_eq!(
        (&races["on"], &races["cache_size"]),
        (&json!(false), &json!(0))
    );
    world.post("/api/cache/switch?cache=races&on=true");
    world.get(&path);
    assert_eq!(cache(&world, "races")["cache_size"], 1);
    assert_eq!(
        world.post("/api/cache/switch?cache=rabbits&on=true").status,
        422
    );
}

#[test]
fn keys_copies_and_lazy_loading_have_their_switches_too() {
    let world = World::of_season();
    for name in ["keys", "upstream", "lazy_loading"] {
        let state = |said: &Value| match name {
            "lazy_loading" => said[name].clone(),
            _ => of(said, name)["on"].clone(),
        };
        for on in [false, true] {
            let path = format!("/api/cache/switch?cache={name}&on={on}");
            let answer = world.post(&path);

            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(state(&answer.json()), json!(on), "{name}");
        }
    }
    let strange = world.post("/api/cache/switch?cache=rabbits&on=true");
    assert!(strange.body.contains("lazy_loading"), "{}", strange.body);
}

#[test]
fn predictions_are_ready_soon_after_the_start_and_again_when_somebody_says_so() {
    let world = World::working(House::of_season());
    let races: Vec<String> = season().to_come().map(key).collect();
    let ready = || cache(&world, "predictions")["cache_size"].as_u64().unwrap();
    eventually("the races to come are ready", || {
        (ready() == races.len() as u64).then_some(())
    });
    world.post("/api/cache/clear");

    let one = world.post_json("/api/cache/warm", &json!({"races": [races[0]]}));
    let one = world.over(&one.json()["id"]);
    let none = json!({"day": "2026-11-20", "tracks": ["sandown"], "dogs": [1_000_000]});
    let none = world.post_json("/api/cache/warm", &none);
    let none = world.over(&none.json()["id"]);

    assert_eq!(one["report"], json!({"races": 1, "ready": 1, "failed": 0}));
    assert_eq!(none["report"], json!({"races": 0, "ready": 0, "failed": 0}));
    assert_eq!(ready(), 1);
    let wrong = json!({"day": "tomorrow", "races": ["rabbit"], "dogs": [0], "kinds": ["hares"]});
    let wrong = world.post_json("/api/cache/warm", &wrong);
    assert_eq!(wrong.status, 422);
    let places: Vec<Value> = wrong.json()["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["at"].clone())
        .collect();
    assert_eq!(places, ["day", "races[0]", "dogs[0]", "kinds[0]"]);
}

#[test]
fn what_does_not_exist_is_looked_for_once_until_it_may_have_come() {
    let world = World::of_season();
    let path = "/api/dogs/987654321";
    let looks = || {
        let hits = cache(&world, "dogs");
        (
            hits["misses"].as_u64().unwrap(),
            hits["hits"].as_u64().unwrap(),
        )
    };
    for _ in 0..3 {
        assert_eq!(world.get(path).status, 404);
    }
    assert_eq!(looks(), (1, 2));

    let out = json!({"rug": 1});
    let told = world.post_json(&format!("/api/races/{}/scratchings", to_come()), &out);
    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(world.get(path).status, 404);

    assert_eq!(looks(), (2, 2));
}
