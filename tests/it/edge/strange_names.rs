//! A dog called `<script>` is just a dog: strange names are refused with their place, or come out
//! everywhere as they went in.

use std::collections::BTreeMap;
use std::fs::{self, File};

use lurcher::domain::RaceDay;
use serde_json::{Value, json};

use super::payloads::{BIDI, strange};
use super::wire::{Reply, Wire};
use crate::process::{Daemon, lurcher};

/// A field of a card that takes text: its place in faults and its limit. The source is apart.
const FIELDS: [(&str, usize); 4] = [
    ("name", 200),
    ("grade", 200),
    ("runners[0].trainer", 200),
    ("runners[0].dog", 60),
];

/// What must come out of what is put in: nothing, when it must be refused.
fn expected(place: &str, limit: usize, payload: &str) -> Option<String> {
    let mut text = payload.trim().to_owned();
    if place.ends_with("dog") {
        text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let hostile = |c: char| c.is_control() || BIDI.contains(&c) || "\u{2028}\u{2029}".contains(c);
    let fits = (1..=limit).contains(&text.chars().count());
    (fits && !text.contains(hostile)).then_some(text)
}

/// The card of a race of its own, with the payload in one place.
fn card(n: usize, number: usize, place: &str, payload: &str) -> (String, Value) {
    let day = RaceDay::parse("2026-01-01").unwrap();
    let day = day.plus(i64::try_from(n).unwrap());
    let mut card = json!({
        "source": "test", "track": "angle-park", "day": day.to_string(), "number": number,
        "distance_m": 530, "runners": [{"rug": 1, "dog": format!("Rex {n} {number}"), "weight_kg": 31.5}],
    });
    let field = match place.strip_prefix("runners[0].") {
        Some(field) => &mut card["runners"][0][field],
        None => &mut card[place],
    };
    *field = json!(payload);
    (format!("{day}-angle-park-{number}"), card)
}

/// Everything goes over one connection, by hand, so that the heads can be seen as they are.
struct Line(Wire);

impl Line {
    fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.0.send(format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let reply: Reply = self.0.reply().unwrap();
        assert!(reply.is_plain(), "{reply:?}");
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }
}

/// Whether a card with the payload was taken; it is refused only for that.
fn taken(line: &mut Line, place: &str, card: &Value) -> bool {
    let (status, answer) = line.ask("POST", "/api/cards", &card.to_string());
    if status == 200 {
        return true;
    }
    assert_eq!(
        (status, &answer["code"]),
        (422, &json!("invalid")),
        "{answer}"
    );
    let faults = answer["faults"].as_array().unwrap();
    assert!(!faults.is_empty());
    assert!(
        faults.iter().all(|fault| fault["at"] == place),
        "{place}: {answer}"
    );
    false
}

/// The text at a place of a race.
fn at<'a>(race: &'a Value, place: &str) -> &'a Value {
    match place.strip_prefix("runners[0].") {
        Some(field) => &race["runners"][0][field],
        None => &race[place],
    }
}

fn text(url: &str) -> String {
    ureq::get(url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap()
}

/// What a spreadsheet must be given instead of a text.
fn guarded(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    format!("{}{text}", if formula { "'" } else { "" })
}

/// The table has a row for every race, with the texts that stand in JSON and numbers that are none.
fn assert_table(table: &str, races: &BTreeMap<String, Value>) {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|column| column == name).unwrap();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let race = &races[&row[column("race")]];
        for (place, _) in FIELDS {
            let name = place.trim_start_matches("runners[0].");
            let plain = at(race, place).as_str().unwrap_or_default();
            assert_eq!(row[column(name)], guarded(plain));
        }
        assert_eq!(row[column("weight_kg")].parse(), Ok(31.5));
        assert_eq!(row[column("distance_m")].parse(), Ok(530));
        rows += 1;
    }
    assert_eq!(rows, races.len());
}

#[test]
fn strange_names_are_refused_with_their_place_or_come_out_as_they_went_in() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let mut command = lurcher(data.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    command
        .env("LURCHER_LOG", "debug")
        .env("LURCHER_SLOW_MS", "0");
    let mut daemon = Daemon::of(command.stderr(File::create(&log).unwrap()));
    let mut line = Line(Wire::at(&daemon.url));
    let mut races = BTreeMap::new();
    let mut refused = 0;

    for (n, payload) in strange().iter().enumerate() {
        for (number, (place, limit)) in (1..).zip(FIELDS) {
            // A name that another has with other signs would be the same dog.
            let dog = place.ends_with("dog");
            let payload = if dog {
                format!("{payload} q{n}q")
            } else {
                payload.clone()
            };
            let (name, card) = card(n, number, place, &payload);
            let expected = expected(place, limit, &payload);
            let taken = taken(&mut line, place, &card);
            assert_eq!(taken, expected.is_some(), "{place} {payload:?}");
            let Some(expected) = expected else {
                refused += 1;
                continue;
            };
            let (_, race) = line.ask("GET", &format!("/api/races/{name}"), "");
            assert_eq!(at(&race, place), &json!(expected));
            races.insert(name, race);
        }
        let (name, card) = card(n, FIELDS.len() + 1, "source", payload);
        if taken(&mut line, "source", &card) {
            let (_, told) = line.ask("GET", &format!("/api/races/{name}/history"), "");
            let source = payload.trim().to_ascii_lowercase();
            assert_eq!(told["items"][0]["source"], source);
            races.insert(
                name.clone(),
                line.ask("GET", &format!("/api/races/{name}"), "").1,
            );
        }
    }

    assert!(
        races.len() > 500 && refused > 300,
        "{} and {refused}",
        races.len()
    );
    let url = format!("{}/api/export/races?format=", daemon.url);
    assert_table(&text(&format!("{url}csv")), &races);
    let mut exported = 0;
    for race in text(&format!("{url}ndjson")).lines() {
        let race: Value = serde_json::from_str(race).unwrap();
        let known = &races[race["race"].as_str().unwrap()];
        assert_eq!(race["runners"], known["runners"]);
        exported += 1;
    }
    assert_eq!(exported, races.len());
    assert!(daemon.stop().success());
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.lines().count() > 1_000, "it was told to say everything");
    for line in log.split_terminator('\n') {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(event["level"].is_string(), "{line}");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}
