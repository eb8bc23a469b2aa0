//! Alive, ready, well.

use crate::world::World;

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
