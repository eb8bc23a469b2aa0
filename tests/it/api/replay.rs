//! `Idempotency-Key`.

use serde_json::json;

use super::facts::card;
use crate::world::World;

const KEY: [(&str, &str); 1] = [("idempotency-key", "night-17")];

#[test]
fn the_same_post_again_gets_the_answer_it_got_before() {
    let world = World::empty();
    let body = card(3, 6).to_string();

    let first = world.post_with("/api/cards", body.as_bytes(), &KEY);
    let again = world.post_with("/api/cards", body.as_bytes(), &KEY);

    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.json()["created"], 1);
}

#[test]
fn the_key_with_another_body_is_refused_and_changes_nothing() {
    let world = World::empty();
    world.post_with("/api/cards", card(3, 6).to_string().as_bytes(), &KEY);

    let other = world.post_with("/api/cards", card(4, 6).to_string().as_bytes(), &KEY);

    assert_eq!(other.problem(), (422, "idempotency_mismatch".to_owned()));
    assert_eq!(world.house.number("SELECT count(*) FROM race"), 1);
}

#[test]
fn a_verdict_is_kept_and_an_accident_is_not() {
    let world = World::empty();
    let bad = json!({"source": "test"}).to_string();

    let first = world.post_with("/api/cards", bad.as_bytes(), &KEY);
    let again = world.post_with("/api/cards", bad.as_bytes(), &KEY);
    let accident = [("idempotency-key", "night-18")];
    let broken = world.post_with("/api/cards", b"{", &accident);
    let mended = world.post_with("/api/cards", card(3, 6).to_string().as_bytes(), &accident);

    assert_eq!(first.problem(), (422, "invalid".to_owned()));
    assert_eq!((again.status, &again.body), (422, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((broken.status, mended.status), (400, 200));
}

#[test]
fn a_key_is_free_again_after_a_day_and_outlives_a_restart_before() {
    let world = World::empty();
    let body = card(3, 6).to_string();
    world.post_with("/api/cards", body.as_bytes(), &KEY);

    world.house.set_clock("2026-11-20T23:59:00Z");
    let within = world.post_with("/api/cards", body.as_bytes(), &KEY);
    world.house.set_clock("2026-11-21T00:01:00Z");
    let after = world.post_with("/api/cards", body.as_bytes(), &KEY);

    assert_eq!(within.json()["created"], 1);
    assert_eq!(after.header("idempotency-replayed"), "");
    assert_eq!(after.json()["unchanged"], 1);
}

#[test]
fn the_key_belongs_to_its_place() {
    let world = World::empty();
    let body = card(3, 6).to_string();
    world.post_with("/api/cards", body.as_bytes(), &KEY);

    let elsewhere = world.post_with("/api/results", body.as_bytes(), &KEY);

    assert_eq!(elsewhere.header("idempotency-replayed"), "");
    assert_eq!(elsewhere.problem(), (422, "invalid".to_owned()));
}
