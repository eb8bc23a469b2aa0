//! When sources are asked by themselves, and what happens when that fails.

use std::thread;
use std::time::Duration;

use lurcher::runtime::Cron;
use serde_json::json;

use super::{draft, results};
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World, eventually};

/// Longer than it takes until the clock is looked at again.
const LOOKED: Duration = Duration::from_millis(2_500);

fn asked_every_quarter(server: &Chaos) -> World {
    let mut source = draft("mine", &[server.url("/{day}.csv")]);
    source.cron = Some(Cron::parse("*/15 * * * *").unwrap());
    World::working(House::asking(vec![source.check().unwrap()]))
}

fn jobs(world: &World, state: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM job WHERE kind = 'collect' AND state = '{state}'");
    world.house.number(&sql)
}

#[test]
fn a_schedule_fires_once_and_what_was_slept_through_once() {
    let server = Chaos::start(|request| {
        let day = request
            .path
            .trim_start_matches('/')
            .trim_end_matches(".csv");
        Reply::ok(results(day))
    });
    let world = asked_every_quarter(&server);
    let seen = || (world.house.number("SELECT count(*) FROM schedule") == 1).then_some(());
    eventually("the source is seen", seen);
    let at_first_sight = world
        .house
        .number("SELECT count(*) FROM job WHERE kind = 'collect'");

    world.house.set_clock("2026-11-20T00:15:30Z");
    eventually("it fires", || {
        (jobs(&world, "succeeded") == 1).then_some(())
    });
    world.house.set_clock("2026-11-20T00:29:59Z");
    thread::sleep(LOOKED);
    let before_the_next = world
        .house
        .number("SELECT count(*) FROM job WHERE kind = 'collect'");
    world.house.set_clock("2026-11-20T17:00:01Z");
    eventually("it is made up for", || {
        (jobs(&world, "succeeded") == 2).then_some(())
    });
    thread::sleep(LOOKED);

    assert_eq!((at_first_sight, before_the_next), (0, 1));
    assert_eq!(
        world
            .house
            .number("SELECT count(*) FROM job WHERE kind = 'collect'"),
        2
    );
    assert_eq!(server.accepted(), 2);
}

#[test]
fn a_job_that_fails_is_tried_again_with_more_time_between_and_then_given_up() {
    let server = Chaos::always(Reply::of(404, &[], "gone"));
    let source = draft("mine", &[server.url("/{day}.csv")]).check().unwrap();
    let world = World::working(House::asking(vec![source]));
    let job = world
        .post_json("/api/collections", &json!({"source": "mine"}))
        .json()["id"]
        .clone();
    let failed = |attempt: u64| {
        eventually("it has failed", || {
            let shown = world.get(&format!("/api/jobs/{job}")).json();
            (shown["attempt"] == attempt && shown["state"] == "queued").then_some(shown)
        })
    };

    let first = failed(1);
    world.house.set_clock("2026-11-20T00:01:00Z");
    let second = failed(2);
    world.house.set_clock("2026-11-20T00:03:00Z");
    let last = world.over(&job);

    assert_eq!(first["due_at"], "2026-11-20T00:01:00.000Z", "{first:#}");
    assert_eq!(second["due_at"], "2026-11-20T00:03:00.000Z", "{second:#}");
    assert_eq!(last["state"], "failed");
    let error = last["error"].as_str().unwrap();
    assert!(
        error.starts_with("1 of 1 fetches from mine failed: "),
        "{error}"
    );
    assert_eq!(last["report"]["fetches"][0]["outcome"], "failed");
}

#[test]
fn a_host_that_says_when_is_not_asked_before() {
    let server = Chaos::always(Reply::of(503, &[("Retry-After", "600")], ""));
    let source = draft("mine", &[server.url("/{day}.csv")]);
    let world = World::working(House::asking(vec![source.check().unwrap()]));
    let asked = world.post_json("/api/collections", &json!({"source": "mine"}));
    let path = format!("/api/jobs/{}", asked.json()["id"]);
    let waiting = eventually("it has failed", || {
        Some(world.get(&path).json()).filter(|shown| shown["attempt"] == 1)
    });

    world.house.set_clock("2026-11-20T00:09:50Z");
    thread::sleep(LOOKED);

    // The client counts in the time that passes, which has gone on a little.
    let due = waiting["due_at"].as_str().unwrap();
    assert!(
        due.starts_with("2026-11-20T00:09:59.") || due.starts_with("2026-11-20T00:10:0"),
        "{due}"
    );
    assert_eq!(world.get(&path).json(), waiting);
    assert_eq!(server.accepted(), 1);
}
