//! Promise 30: a restart with fifty sources that are due is no herd.

use std::thread;
use std::time::Duration;

use lurcher::runtime::Cron;
use lurcher::upstream::{Manners, SourceSpec};

use super::{DAY, draft, results};
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World, eventually, instant};

/// Sources that are due.
const SOURCES: usize = 50;
/// Hosts that they are asked at.
const HOSTS: usize = 2;
/// When they were last asked, and not in the hours that followed.
const SEEN: &str = "2026-11-19T20:00:00Z";
/// When it is noticed that they are due, five minutes late.
const NOTICED: &str = "2026-11-20T00:20:00Z";

fn servers() -> Vec<Chaos> {
    let answer = || {
        Reply::head(200, &[])
            .wait(Duration::from_millis(20))
            .send(results(DAY))
    };
    (0..HOSTS).map(|_| Chaos::always(answer())).collect()
}

/// As politely as sources are asked that say nothing about it.
fn sources(servers: &[Chaos]) -> Vec<SourceSpec> {
    let source = |n: usize| {
        let address = servers[n % HOSTS].url(&format!("/{n}"));
        let mut source = draft(&format!("source-{n}"), &[address]);
        source.manners = Manners {
            allow_private: true,
            ..Manners::default()
        };
        source.cron = Some(Cron::parse("*/15 * * * *").unwrap());
        source.check().unwrap()
    };
    (0..SOURCES).map(source).collect()
}

#[test]
fn fifty_sources_that_are_due_at_a_restart_are_asked_one_after_the_other() {
    let servers = servers();
    let house = House::asking(sources(&servers));
    let seen = instant(SEEN).timestamp_millis();
    for n in 0..SOURCES {
        let seen = format!("INSERT INTO schedule VALUES ('source-{n}', {seen})");
        house.look().execute(&seen, []).unwrap();
    }
    house.set_clock(NOTICED);
    let world = World::working(house);
    let count = |of: &str| {
        let count = world.house.number(&format!("SELECT count(*) FROM {of}"));
        usize::try_from(count).unwrap()
    };
    eventually("all are made up for", || {
        (count("job WHERE kind = 'collect'") == SOURCES).then_some(())
    });
    let due = |which: &str| {
        let sql = format!("SELECT {which}(due_at_ms) FROM job WHERE kind = 'collect'");
        world.house.number(&sql) - instant(NOTICED).timestamp_millis()
    };
    let (first, last) = (due("min"), due("max"));

    // All at once, as if they had not been spread.
    world.house.set_clock("2026-11-20T00:20:30Z");
    let done = "job WHERE kind = 'collect' AND state = 'succeeded'";
    for part in 1..=HOSTS {
        eventually("they are asked", || {
            (count(done) >= part * SOURCES / HOSTS).then_some(())
        });
    }
    thread::sleep(Duration::from_secs(2));

    assert!(first >= 0, "{first} ms");
    assert!(last <= 30_000, "{last} ms");
    assert!(last - first >= 25_000, "{first} to {last} ms");
    assert_eq!(count("job WHERE kind = 'collect'"), SOURCES);
    let at_once: usize = servers.iter().map(Chaos::most_at_once).sum();
    assert!(at_once <= 4, "{at_once}");
    for server in &servers {
        let mut asked: Vec<_> = server.requests().iter().map(|one| one.at).collect();
        asked.sort_unstable();
        assert_eq!(asked.len(), SOURCES / HOSTS);
        // Two in a second, and one that was held up on its way.
        let second = Duration::from_secs(1);
        let crowded = asked.windows(4).any(|four| four[3] - four[0] < second);
        assert!(!crowded, "{asked:?}");
        let all = asked[asked.len() - 1] - asked[0];
        assert!(all >= Duration::from_millis(11_500), "{all:?}");
    }
}
