//! How a source is, as `/api/sources` tells.

use lurcher::runtime::Cron;
use serde_json::{Value, json};

use super::{DAY, Feed, HEAD, results};
use crate::upstream::chaos::Reply;
use crate::world::World;

fn told(world: &World) -> Value {
    world.get("/api/sources").json()["items"][0].clone()
}

#[test]
fn a_source_tells_when_it_last_did_its_part_and_what_went_wrong_since() {
    let feed = Feed::new(|draft| {
        draft.cron = Some(Cron::parse("*/15 * * * *").unwrap());
    });
    feed.collect();
    feed.house.set_clock("2026-11-20T00:20:00Z");
    feed.says(Reply::ok("<html>"));
    // The copy of before is given out until it is too old; this server is to be asked anew.
    feed.collect();
    feed.collect();
    let Feed {
        house,
        says: _,
        _server,
    } = feed;
    let world = World::serve(house);

    let source = told(&world);

    assert_eq!(
        source["last_success_at"], "2026-11-20T00:00:00.000Z",
        "{source:#}"
    );
    assert_eq!(source["last_attempt_at"], "2026-11-20T00:20:00.000Z");
    assert_eq!(source["next_expected_at"], "2026-11-20T00:30:00.000Z");
    assert_eq!(source["failures"], 2);
    let error = source["last_error"].as_str().unwrap();
    assert!(error.contains("looks like a web page"), "{error}");
    assert_eq!(source["drift"], Value::Null);
}

#[test]
fn a_column_that_goes_and_one_that_comes_are_drift() {
    let feed = Feed::new(|_| {});
    feed.collect();
    feed.house.set_clock("2026-11-21T12:00:00Z");
    let renamed = results(DAY).replacen(",bsp\n", ",betfair_sp\n", 1);
    feed.says(Reply::ok(renamed));
    feed.collect();
    let Feed {
        house,
        says: _,
        _server,
    } = feed;
    let world = World::serve(house);

    let drift = told(&world)["drift"].clone();

    assert_eq!(drift["added"], json!(["betfair_sp"]), "{drift:#}");
    assert_eq!(drift["gone"], json!(["bsp"]));
}

#[test]
fn an_empty_day_is_a_success_and_no_drift() {
    let feed = Feed::new(|_| {});
    feed.says(Reply::ok(HEAD));
    feed.collect();
    let Feed {
        house,
        says: _,
        _server,
    } = feed;
    let world = World::serve(house);

    let source = told(&world);

    assert_eq!(source["last_success_at"], "2026-11-20T00:00:00.000Z");
    assert_eq!(source["failures"], 0);
    assert_eq!(source["drift"], Value::Null);
}
