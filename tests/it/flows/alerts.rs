//! When something is too much for too long, somebody is told; and again when it is over.

use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use lurcher::runtime::{Cron, Secret};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::collect::{DAY, draft, results};
use crate::post::receive;
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World, eventually, now, wait};

const KEY: &str = "hunter2";

/// A post as it came: its signature and its body.
type Post = (String, String);

/// Somebody who takes posts: answers with each of these, and with 200 after that.
struct Receiver {
    url: String,
    posts: Arc<Mutex<Vec<Post>>>,
}

impl Receiver {
    fn start(answers: &'static [u16]) -> Self {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?token=s3cret", door.local_addr().unwrap());
        let posts = Arc::<Mutex<Vec<Post>>>::default();
        let seen = Arc::clone(&posts);
        // It ends with the tests.
        thread::spawn(move || {
            for stream in door.incoming() {
                let mut stream = stream.unwrap();
                let post = receive(&mut stream, "x-lurcher-signature");
                let mut posts = seen.lock().unwrap();
                let status = answers.get(posts.len()).copied().unwrap_or(200);
                posts.push(post);
                drop(posts);
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).unwrap();
            }
        });
        Self { url, posts }
    }

    fn wait_for(&self, count: usize) -> Vec<Post> {
        eventually("the posts are there", || {
            let posts = self.posts.lock().unwrap().clone();
            (posts.len() >= count).then_some(posts)
        })
    }
}

fn signed(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
    let hex: String = hex.collect();
    format!("sha256={hex}")
}

/// A world whose alerts go there, if anywhere.
fn world(receiver: Option<&Receiver>) -> World {
    let url = receiver.map(|receiver| Secret::new(receiver.url.clone()));
    let house = House::configured(tempfile::tempdir().unwrap(), |config| {
        config.alerts.webhook_url = url;
        config.alerts.webhook_secret = Some(Secret::new(KEY));
    });
    World::serve(house)
}

/// Sets the clock to so many seconds after the beginning, and looks.
fn look(world: &World, second: i64) {
    let at: DateTime<Utc> = now() + TimeDelta::seconds(second);
    world.house.set_clock(&at.to_rfc3339());
    wait(world.house.app().watch.look());
}

/// Answers that nobody waited for in earnest.
fn answer(world: &World, count: u32, status: u16) {
    let route = world.house.app().traffic.route("/api/races");
    for _ in 0..count {
        route.book("GET", status, Duration::from_millis(3));
    }
}

/// The alerts of a rule by state.
fn states(world: &World, rule: &str) -> Vec<String> {
    let alerts = world.get("/api/alerts").json();
    let items = alerts["items"].as_array().unwrap().iter();
    let of_rule = items.filter(|alert| alert["rule"] == rule);
    of_rule
        .map(|alert| alert["state"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn errors_that_last_fire_once_are_posted_until_taken_and_are_over_when_they_end() {
    let receiver = Receiver::start(&[500, 503]);
    let world = world(Some(&receiver));
    let watch = world.house.app().watch.clone();
    let running = thread::spawn({
        let watch = watch.clone();
        move || wait(watch.run())
    });
    look(&world, 0);

    let mut seen = Vec::new();
    for second in (10..=310).step_by(10) {
        answer(&world, 98, 200);
        answer(&world, 2, 503);
        look(&world, second);
        seen.push(states(&world, "error_percent"));
    }
    let posts = receiver.wait_for(3);
    for second in (320..=1_000).step_by(10) {
        answer(&world, 100, 200);
        look(&world, second);
    }
    let all = receiver.wait_for(4);

    watch.stop();
    running.join().unwrap();
    let (last, before) = seen.split_last().unwrap();
    assert!(
        before.iter().all(|states| *states == ["pending"]),
        "{seen:?}"
    );
    assert_eq!(*last, ["firing"]);
    assert!(posts.iter().all(|post| *post == posts[0]), "{posts:?}");
    for (signature, body) in &all {
        assert_eq!(*signature, signed(body));
    }
    let told: Vec<Value> = [&all[0], &all[3]]
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .into();
    for (told, state) in told.iter().zip(["firing", "resolved"]) {
        assert_eq!(
            (&told["rule"], &told["state"]),
            (&json!("error_percent"), &json!(state))
        );
        assert_eq!(told["threshold"], 1.0);
        assert_eq!(told["since"], "2026-11-20T00:00:10.000Z");
    }
    // The looks at the list of alerts are answers too.
    let value = told[0]["value"].as_f64().unwrap();
    assert!((1.9..=2.0).contains(&value), "{value}");
    assert_eq!(states(&world, "error_percent"), ["resolved"]);
    assert_eq!(world.get("/api/alerts").json()["firing"], 0);
    assert_eq!(receiver.wait_for(4).len(), 4);
}

#[test]
fn the_list_of_alerts_says_what_and_since_when_and_no_secret() {
    let receiver = Receiver::start(&[]);
    let world = world(Some(&receiver));
    look(&world, 0);
    answer(&world, 20, 500);
    look(&world, 10);

    let answer = world.get("/api/alerts");

    let body = answer.json();
    assert_eq!(
        (&body["enabled"], &body["firing"], &body["next"]),
        (&json!(true), &json!(0), &Value::Null)
    );
    let alert = &body["items"][0];
    assert_eq!(alert["rule"], "error_percent");
    assert_eq!(alert["since"], "2026-11-20T00:00:10.000Z");
    assert_eq!(
        (&alert["value"], &alert["threshold"]),
        (&json!(100.0), &json!(1.0))
    );
    assert!(alert["fired_at"].is_null() && alert["about"].is_string());
    for secret in [KEY, "s3cret", "token"] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
}

#[test]
fn nineteen_failures_are_nothing_yet() {
    let world = world(None);
    look(&world, 0);
    answer(&world, 19, 500);

    look(&world, 10);

    assert_eq!(states(&world, "error_percent"), Vec::<String>::new());
}

#[test]
fn a_source_that_is_late_fires_at_once_and_is_over_when_it_has_come() {
    let server = Chaos::always(Reply::ok(results(DAY)));
    let mut source = draft("mine", &[server.url("/{day}.csv")]);
    source.cron = Some(Cron::parse("0 * * * *").unwrap());
    let world = World::working(House::asking(vec![source.check().unwrap()]));
    let collect = || {
        let body = json!({"source": "mine", "day": DAY});
        world.over(&world.post_json("/api/collections", &body).json()["id"]);
    };
    collect();
    look(&world, 600);
    let on_time = states(&world, "feed_late");

    look(&world, 3 * 3_600);
    let late = world.get("/api/alerts").json();
    collect();
    look(&world, 3 * 3_600 + 600);

    assert_eq!(on_time, Vec::<String>::new());
    assert!(
        late["items"][0]["state"] == "firing" && late["items"][0]["subject"] == "mine",
        "{late}"
    );
    assert_eq!(states(&world, "feed_late"), ["resolved"]);
}
