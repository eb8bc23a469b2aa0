//! Much more than the daemon can do: some of it is answered, the rest is told so, and nothing breaks.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{fs, thread};

use lurcher::store::DATABASE;
use serde_json::Value;
use ureq::Agent;

use crate::answer::Answer;
use crate::process::Daemon;
use crate::world::{House, key, season};

/// Who asks, each over a connection of its own.
const CLIENTS: usize = 150;
/// How often each does.
const TIMES: usize = 20;
/// What the memory of the daemon may grow by, MiB.
const GROWTH_MB: f64 = 64.0;

/// A house with next to no room for waiting.
const SMALL: &str = "
[store]
readers = 1
queue = 4
[workers]
queue = 2
[limits]
read = 0
predict = 0
ingest = 0
";

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_mins(1)));
    config.build().into()
}

/// What the n-th request is, four of five of them reads.
fn ask(agent: &Agent, url: &str, races: &[String], n: usize) -> Answer {
    let race = &races[n % races.len()];
    let get = |path: String| Answer::of(agent.get(format!("{url}{path}")).call().unwrap());
    match n % 5 {
        0 => {
            let body = serde_json::json!({"source": "test", "race": race, "kind": "fixed",
                "at": "2026-11-19T23:00:00Z", "prices": [{"rug": 1, "win": 2.0 + n as f64 / 100.0}]});
            let post = agent.post(format!("{url}/api/prices"));
            let post = post.header("content-type", "application/json");
            Answer::of(post.send(body.to_string()).unwrap())
        }
        1 | 2 => {
            // Of another instant each time, so that nobody has asked it before.
            let (minute, second) = (n / 60 % 60, n % 60);
            let at = format!("2026-11-20T00:{minute:02}:{second:02}Z");
            get(format!("/api/races/{race}/prediction?as_of={at}"))
        }
        _ => get(format!("/api/races?limit={}", 1 + n % 400)),
    }
}

/// Good, or a problem that says when to come again; which of them.
fn judged(answer: &Answer) -> u16 {
    match answer.status {
        200 => assert!(answer.json().is_object(), "{}", answer.body),
        503 => {
            assert_eq!(answer.problem().1, "busy", "{}", answer.body);
            let wait: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            assert!(!answer.json()["request_id"].as_str().unwrap().is_empty());
        }
        other => panic!("{other}: {}", answer.body),
    }
    answer.status
}

fn memory_mb(agent: &Agent, url: &str) -> f64 {
    let page = agent.get(format!("{url}/api/performance")).call().unwrap();
    let page: Value = Answer::of(page).json();
    page["system"]["rss_mb"].as_f64().unwrap()
}

#[test]
fn under_far_too_much_every_answer_is_good_or_says_when_to_come_again() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("lurcher.toml"), SMALL).unwrap();
    let bytes = House::of_season().into_bytes();
    fs::write(data.path().join(DATABASE), bytes).unwrap();
    let mut daemon = Daemon::start(data.path());
    let url = daemon.url.clone();
    let races: Vec<String> = season().to_come().map(key).collect();
    let judged_one = |agent: &Agent, n| judged(&ask(agent, &url, &races, n));
    for n in 0..10 {
        assert_eq!(judged_one(&agent(), n), 200, "alone");
    }
    let before = memory_mb(&agent(), &url);

    let (next, counts) = (AtomicUsize::new(10), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        let client = || {
            let agent = agent();
            for _ in 0..TIMES {
                let status = judged_one(&agent, next.fetch_add(1, Ordering::Relaxed));
                *counts.lock().unwrap().entry(status).or_default() += 1;
            }
        };
        for _ in 0..CLIENTS {
            scope.spawn(client);
        }
    });
    let counts: BTreeMap<u16, usize> = counts.into_inner().unwrap();

    let all = counts.values().sum::<usize>();
    assert_eq!(all, CLIENTS * TIMES, "{counts:?}");
    let (good, refused) = (counts[&200], counts.get(&503).copied().unwrap_or(0));
    assert!(good > 0 && refused > 0, "{counts:?}");
    let agent = agent();
    for n in 0..10 {
        assert_eq!(judged_one(&agent, n), 200, "afterwards");
    }
    let grown = memory_mb(&agent, &url) - before;
    assert!(grown < GROWTH_MB, "{grown} MiB more");
    assert!(daemon.stop().success());
}
