//! Alive, ready, well.

use serde_json::Value;

use crate::world::{World, to_come};

#[test]
fn a_daemon_lives_and_is_ready() {
    let world = World::empty();

    let live = world.get("/livez");
    let ready = world.get("/readyz");

    assert_eq!((live.status, live.body.as_str()), (200, "ok\n"));
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
}

#[test]
fn health_names_the_model_in_force() {
    let world = World::of_season();
    let digests = world
        .house
        .texts("SELECT digest FROM model WHERE active = 1");

    let health = world.get("/api/health");

    let body = health.json();
    assert_eq!(health.status, 200);
    assert_eq!(body["status"], "ok");
    assert_eq!(body["checks"]["database"]["ok"], true);
    assert_eq!(body["checks"]["model"]["ok"], true);
    assert_eq!(body["checks"]["model"]["active"], *digests.first().unwrap());
    assert!(body["performance"]["uptime"].as_f64().unwrap() > 0.0);
}

#[test]
fn health_without_a_model_is_still_well() {
    let world = World::empty();

    let health = world.get("/api/health");

    let body = health.json();
    assert_eq!(health.status, 200);
    assert_eq!(body["status"], "ok");
    assert_eq!(body["checks"]["model"]["ok"], false);
    assert!(body["checks"]["model"]["active"].is_null());
}

#[test]
fn health_measures_itself_against_its_targets() {
    let world = World::of_season();
    let race = format!("/api/races/{}/prediction", to_come());
    for _ in 0..20 {
        world.get(&race);
    }

    let body = world.get("/api/health").json();

    let performance = &body["performance"];
    for (name, target) in [
        ("startup_time", 8.0),
        ("memory_usage_mb", 120.0),
        ("cpu_percent", 30.0),
        ("cache_hit_ratio", 0.85),
    ] {
        let entry = &body["targets"][name];
        assert_eq!(entry["target"], target, "{name}");
        assert_eq!(entry["value"], performance[name], "{name}");
        assert!(
            entry["value"].is_number() && entry["ok"].is_boolean(),
            "{body}"
        );
    }
    assert_eq!(performance["cache_hit_ratio"], 0.95);
    assert_eq!(body["targets"]["startup_time"]["ok"], true);
    assert_eq!(body["targets"]["cache_hit_ratio"]["ok"], true);
}

#[test]
fn a_cache_that_misses_its_target_is_not_ok_and_one_that_nobody_asked_is() {
    let world = World::of_season();
    let unasked = world.get("/api/health").json();
    world.get(&format!("/api/races/{}/prediction", to_come()));

    let missed = world.get("/api/health").json();

    let unasked = &unasked["targets"]["cache_hit_ratio"];
    assert_eq!(
        (&unasked["value"], &unasked["ok"]),
        (&Value::Null, &true.into())
    );
    let missed = &missed["targets"]["cache_hit_ratio"];
    assert_eq!(
        (&missed["value"], &missed["ok"]),
        (&0.0.into(), &false.into())
    );
}

#[test]
fn a_probe_is_tagged_as_every_get_is() {
    let world = World::empty();

    for (path, word) in [("/livez", "ok\n"), ("/readyz", "ready\n")] {
        let said = world.get(path);
        assert_eq!((said.status, said.body.as_str()), (200, word));
        assert_eq!(said.header("content-type"), "text/plain");
        let again = world.get_with(path, &[("If-None-Match", said.header("etag"))]);
        assert_eq!((again.status, again.body.as_str()), (304, ""));
    }
}
