//! Who writes reads it at once: in the race, in the list of its day and in its history, and no 304
//! hides it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::world::World;

const CLIENTS: usize = 64;
/// Changes that each client makes; after each it reads in four ways.
const CHANGES: usize = 40;
/// Clients whose races are on one day.
const A_DAY: usize = 8;

/// A collector with a connection and a race of its own.
struct Client<'w> {
    agent: ureq::Agent,
    url: &'w str,
    number: usize,
    day: String,
    race: String,
}

/// What was read: status, tag, body.
struct Read {
    status: u16,
    tag: String,
    body: Value,
}

impl<'w> Client<'w> {
    fn new(url: &'w str, n: usize) -> Self {
        let day = format!("2026-12-{:02}", n / A_DAY + 1);
        let number = n % A_DAY + 1;
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        Self {
            agent: config.build().into(),
            url,
            number,
            race: format!("{day}-angle-park-{number}"),
            day,
        }
    }

    fn write(&self, mark: &str) {
        let card = json!({
            "source": "test", "track": "angle-park", "day": self.day, "number": self.number,
            "name": mark, "distance_m": 530, "runners": [{"rug": 1, "dog": format!("Dog {}", self.race)}],
        });
        let posted = self
            .agent
            .post(format!("{}/api/cards", self.url))
            .send_json(&card);
        let mut answer = posted.unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 200, "{text}");
    }

    fn read(&self, path: &str, known: &str) -> Read {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        if !known.is_empty() {
            request = request.header("If-None-Match", known);
        }
        let mut answer = request.call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        Read {
            status: answer.status().as_u16(),
            tag: answer.headers()["etag"].to_str().unwrap().to_owned(),
            body: serde_json::from_str(&text).unwrap_or_default(),
        }
    }

    /// The title of its race in the list of the day.
    fn listed<'a>(&self, list: &'a Value) -> &'a Value {
        let items = list["items"].as_array().unwrap();
        let own = items.iter().find(|item| item["race"] == self.race.as_str());
        &own.unwrap()["name"]
    }

    /// Changes its race again and again and looks at it; counts what was read.
    fn work(&self, pairs: &AtomicUsize) {
        let race = format!("/api/races/{}", self.race);
        let list = format!("/api/races?day={}", self.day);
        let history = format!("{race}/history?limit=500");
        let mut tags = [String::new(), String::new(), String::new()];
        for n in 0..CHANGES {
            let mark = format!("Change {n} of {}", self.race);
            self.write(&mark);

            let shown = self.read(&race, &tags[0]);
            let listed = self.read(&list, &tags[1]);
            let told = self.read(&history, &tags[2]);
            let again = self.read(&race, &shown.tag);

            assert_eq!(
                (shown.status, listed.status, again.status),
                (200, 200, 304),
                "{mark}"
            );
            assert_eq!(shown.body["name"], mark);
            assert_eq!(self.listed(&listed.body), &mark);
            assert_eq!(told.body["items"][n]["name"], mark);
            assert_eq!(again.status, 304, "{mark}");
            tags = [shown.tag, listed.tag, told.tag];
            pairs.fetch_add(4, Ordering::Relaxed);
        }
    }
}

#[test]
fn sixty_four_clients_read_what_they_just_wrote_wherever_they_look() {
    let world = World::empty();
    let pairs = AtomicUsize::new(0);

    thread::scope(|scope| {
        for n in 0..CLIENTS {
            let (world, pairs) = (&world, &pairs);
            scope.spawn(move || Client::new(world.url(), n).work(pairs));
        }
    });

    assert_eq!(pairs.into_inner(), CLIENTS * CHANGES * 4);
}
