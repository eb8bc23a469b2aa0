//! How a source is, as `/api/sources` tells.

use lurcher::domain::Source;
use lurcher::runtime::Cron;
use lurcher::upstream::SourceKind;
use serde_json::{Value, json};

use super::{DAY, Feed, HEAD, results};
use crate::upstream::chaos::Reply;
use crate::world::{World, day, wait};

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

#[test]
fn a_source_is_overdue_when_a_whole_round_has_gone_by_without_it() {
    let feed = Feed::new(|draft| {
        draft.cron = Some(Cron::parse("*/15 * * * *").unwrap());
    });
    feed.collect();
    let Feed {
        house,
        says,
        _server,
    } = feed;
    let world = World::serve(house);
    let overdue = |at: &str| {
        world.house.set_clock(at);
        told(&world)["overdue"].clone()
    };

    let in_time = overdue("2026-11-20T00:30:00Z");
    let late = overdue("2026-11-20T00:30:01Z");
    *says.lock().unwrap() = Reply::status(500);
    let collector = world.house.app().collector.clone();
    let ask = || {
        drop(wait(collector.collect(
            &Source::new("mine").unwrap(),
            None,
            |_, _| (),
        )));
    };
    ask();
    let asked_in_vain = overdue("2026-11-20T00:30:02Z");
    *says.lock().unwrap() = Reply::ok(HEAD);
    ask();
    let answered = overdue("2026-11-20T00:30:03Z");

    assert_eq!(
        [in_time, late, asked_in_vain, answered],
        [false, true, true, false].map(Value::from)
    );
}

#[test]
fn a_result_of_today_is_owed_half_an_hour_after_the_jump() {
    let feed = Feed::new(|draft| draft.kind = Some(SourceKind::HttpJson));
    let card = |number: u8, jump: &str| {
        json!({"source": "mine", "track": "angle-park", "day": DAY, "number": number, "jump_at": jump,
            "distance_m": 530, "runners": [{"rug": 1, "dog": "Tin Whistle"}, {"rug": 2, "dog": "Old Hat"}]})
    };
    let cards = [
        card(1, "2026-11-19T08:00:00Z"),
        card(2, "2026-11-19T08:00:01Z"),
    ];
    feed.house.set_clock("2026-11-19T07:00:00Z");
    feed.says(Reply::ok(json!({"items": cards}).to_string()));
    assert_eq!(feed.collect().counts.created, 2);
    let Feed {
        house,
        says,
        _server,
    } = feed;
    let world = World::serve(house);
    let owed = || {
        let meeting = format!("/api/meetings/{DAY}-angle-park/completeness");
        let pending = world.get(&meeting).json()["results_pending"].clone();
        (told(&world)["today"].clone(), pending)
    };

    world.house.set_clock("2026-11-19T08:30:00Z");
    let (not_yet, none) = owed();
    world.house.set_clock("2026-11-19T08:30:01Z");
    let (one, first) = owed();
    let result = json!({"source": "mine", "track": "angle-park", "day": DAY, "number": 1, "status": "official",
        "runners": [{"rug": 1, "place": 1}, {"rug": 2, "place": 2}]});
    *says.lock().unwrap() = Reply::ok(json!({"items": [result]}).to_string());
    let (collector, mine) = (
        world.house.app().collector.clone(),
        Source::new("mine").unwrap(),
    );
    let told_of = wait(collector.collect(&mine, Some(day(DAY)), |_, _| ())).unwrap();
    let (over, nothing) = owed();

    let counted = |today: &Value| {
        ["races", "with_card", "with_result", "results_pending"]
            .map(|of| today[of].as_u64().unwrap())
    };
    assert_eq!(counted(&not_yet), [2, 2, 0, 0], "{not_yet:#}");
    assert_eq!(counted(&one), [2, 2, 0, 1]);
    assert_eq!(told_of.counts.created, 1, "{told_of:?}");
    assert_eq!(counted(&over), [2, 2, 1, 0]);
    let named = json!([format!("{DAY}-angle-park-1")]);
    assert_eq!([none, first, nothing], [json!([]), named, json!([])]);
}
