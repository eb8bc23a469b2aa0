//! Other people's feeds, and how whole a meeting is.

use serde_json::{Value, json};

use super::facts::{card, result};
use crate::collect::{DAY, draft, results};
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World};

fn world(server: &Chaos) -> World {
    let on = draft("mine", &[server.url("/{day}.csv?key=hunter2")]);
    let off = lurcher::upstream::SourceDraft {
        enabled: false,
        ..draft("off", &[])
    };
    World::working(House::asking(vec![
        on.check().unwrap(),
        off.check().unwrap(),
    ]))
}

#[test]
fn every_source_is_listed_with_how_it_is() {
    let server = Chaos::always(Reply::ok(results(DAY)));
    let world = world(&server);
    let body = json!({"source": "mine", "day": DAY});
    world.over(&world.post_json("/api/collections", &body).json()["id"]);

    let answer = world.get("/api/sources");

    let items = answer.json()["items"].clone();
    assert_eq!(
        (&items[0]["name"], &items[1]["name"]),
        (&json!("mine"), &json!("off"))
    );
    assert_eq!(
        (&items[0]["kind"], &items[0]["enabled"]),
        (&json!("http-csv"), &json!(true))
    );
    assert_eq!(items[1]["enabled"], false);
    assert_eq!(items[0]["last_success_at"], "2026-11-20T00:00:00.000Z");
    assert_eq!(items[1]["last_success_at"], Value::Null);
    assert_eq!(items[0]["circuits"][0]["state"], "closed");
    assert_eq!(
        (
            &items[0]["fetched"]["requests"],
            &items[0]["fetched"]["failed"]
        ),
        (&json!(1), &json!(0))
    );
    assert!(!answer.body.contains("hunter2"), "{}", answer.body);
}

#[test]
fn what_was_fetched_is_paged_and_tells_no_secret() {
    let server = Chaos::always(Reply::ok(results(DAY)));
    let world = world(&server);
    for _ in 0..3 {
        let body = json!({"source": "mine", "day": DAY});
        world.over(&world.post_json("/api/collections", &body).json()["id"]);
    }

    let first = world.get("/api/sources/mine/fetches?limit=2");
    let next = first.json()["next"].as_str().unwrap().to_owned();
    let rest = world.get(&format!("/api/sources/mine/fetches?limit=2&after={next}"));

    let outcomes: Vec<Value> = [&first, &rest]
        .iter()
        .flat_map(|page| page.json()["items"].as_array().unwrap().clone())
        .map(|fetch| fetch["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["same", "same", "taken"]);
    assert_eq!(
        rest.json()["items"][0]["meetings"],
        json!(["2026-11-19-angle-park"])
    );
    assert_eq!(rest.json()["next"], Value::Null);
    assert!(
        first.body.contains("key=***") && !first.body.contains("hunter2"),
        "{}",
        first.body
    );
    let stored = world
        .house
        .number("SELECT count(*) FROM collection WHERE name LIKE '%hunter2%'");
    assert_eq!(stored, 0);
}

#[test]
fn what_cannot_be_asked_for_is_refused_by_its_reason() {
    let server = Chaos::always(Reply::ok(results(DAY)));
    let world = world(&server);
    let ask = |body: Value| world.post_json("/api/collections", &body).problem();
    let again = |body: Value| world.post_json("/api/reparses", &body).problem();

    let problems = [
        (ask(json!({"source": "odd"})), (404, "unknown_source")),
        (ask(json!({"source": "off"})), (409, "not_ready")),
        (
            ask(json!({"source": "mine", "day": "soon"})),
            (422, "invalid"),
        ),
        (ask(json!({"source": "a b"})), (422, "invalid")),
        (
            again(json!({"source": "odd", "since": DAY})),
            (404, "unknown_source"),
        ),
        (
            again(json!({"source": "mine", "since": "x"})),
            (422, "invalid"),
        ),
        (
            world.get("/api/sources/odd/fetches").problem(),
            (404, "unknown_source"),
        ),
        (
            world
                .get("/api/meetings/2026-11-19-sale/completeness")
                .problem(),
            (404, "unknown_meeting"),
        ),
        (
            world.get("/api/meetings/sale/completeness").problem(),
            (400, "malformed"),
        ),
    ];

    for (seen, (status, code)) in problems {
        assert_eq!(seen, (status, code.to_owned()));
    }
    assert_eq!(world.house.number("SELECT count(*) FROM job"), 0);
}

#[test]
fn one_that_waits_is_the_answer_and_so_is_one_under_the_same_key() {
    let source = draft("mine", &["http://127.0.0.1:9/{day}".to_owned()])
        .check()
        .unwrap();
    let world = World::serve(House::asking(vec![source]));
    let body = json!({"source": "mine"}).to_string();
    let key = [("idempotency-key", "night-17")];

    let first = world.post_with("/api/collections", body.as_bytes(), &key);
    let second = world.post_with("/api/collections", body.as_bytes(), &[]);
    let replayed = world.post_with("/api/collections", body.as_bytes(), &key);

    assert_eq!(first.json()["id"], second.json()["id"]);
    assert_eq!(replayed.header("idempotency-replayed"), "true");
    assert_eq!(replayed.body, first.body);
}

#[test]
fn a_meeting_is_whole_when_every_race_has_all_four() {
    let world = World::empty();
    let path = "/api/meetings/2026-11-21-angle-park/completeness";
    world.post_json("/api/cards", &card(1, 6));
    world.post_json("/api/cards", &card(3, 6));

    let before = world.get(path).json();
    world.house.set_clock("2026-11-21T10:30:00Z");
    world.post_json("/api/results", &result(3, &[1, 2, 3]));
    let after = world.get(path).json();

    assert_eq!(
        (&before["expected"], &before["races"], &before["with_card"]),
        (&json!(3), &json!(2), &json!(2))
    );
    assert_eq!(before["missing"], json!([2]));
    assert_eq!(
        (&before["with_result"], &before["results_pending"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(after["with_result"], 1);
    assert_eq!(after["results_pending"], json!(["2026-11-21-angle-park-1"]));
    assert_eq!(after["complete"], false);
}
