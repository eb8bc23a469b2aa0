//! SQL is never made of what is asked: whatever stands in a query or a path, nothing breaks and
//! nothing changes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rusqlite::Connection;
use serde_json::Value;

use super::payloads::injected;
use crate::world::World;

/// Clients at a time.
const CLIENTS: usize = 4;

/// One parameter of one GET, the others filled in.
#[derive(Debug, Clone)]
struct Hole {
    path: String,
    query: Option<String>,
}

impl Hole {
    /// The target with that in the hole.
    fn filled(&self, payload: &str) -> String {
        let sent = percent(payload);
        match &self.query {
            Some(name) => format!("{}?{name}={sent}", self.path),
            None => self.path.replace("{}", &sent),
        }
    }
}

/// Every byte that is not a letter or digit, escaped.
fn percent(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}

/// The GETs of the document: path, and the names of the parameters in the query.
fn gets(document: &Value) -> Vec<(String, Vec<String>)> {
    let paths = document["paths"].as_object().unwrap();
    let gets = paths.iter().filter_map(|(path, item)| {
        let get = item.get("get")?;
        let parameters = get["parameters"].as_array().into_iter().flatten();
        let queried = parameters.filter(|parameter| parameter["in"] == "query");
        let names = queried.map(|parameter| parameter["name"].as_str().unwrap().to_owned());
        Some((path.clone(), names.collect()))
    });
    gets.collect()
}

/// The path with something that is there in every hole.
fn known(path: &str, race: &str) -> String {
    let filled = [
        ("{race}", race),
        ("{track}", "sale"),
        ("{dog}", "1"),
        ("{trainer}", "1"),
        ("{what}", "runs"),
        ("{source}", "mine"),
        ("{job}", "1"),
        ("{model}", "0123456789abcdef"),
        ("{id}", "1"),
    ];
    filled.iter().fold(path.to_owned(), |path, (hole, value)| {
        path.replace(hole, value)
    })
}

fn holes(document: &Value, race: &str) -> Vec<Hole> {
    let mut holes = Vec::new();
    for (path, queried) in gets(document) {
        if let Some((before, rest)) = path.split_once('{') {
            let after = rest.split_once('}').unwrap().1;
            assert!(!after.contains('{'), "{path}: fill in all but one hole");
            holes.push(Hole {
                path: format!("{before}{{}}{after}"),
                query: None,
            });
        }
        let path = known(&path, race);
        assert!(
            queried.is_empty() || !path.contains('{'),
            "{path}: what could stand there?"
        );
        let queried = queried.into_iter();
        holes.extend(queried.map(|name| Hole {
            path: path.clone(),
            query: Some(name),
        }));
    }
    holes
}

/// What is there and how much of it: the schema, and the rows of each table.
fn inventory(conn: &Connection) -> BTreeMap<String, (Option<String>, i64)> {
    let mut things = conn
        .prepare("SELECT name, sql, type = 'table' FROM sqlite_master")
        .unwrap();
    let things = things.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get(1)?,
            row.get::<_, bool>(2)?,
        ))
    });
    let mut found = BTreeMap::new();
    for thing in things.unwrap() {
        let (name, sql, table) = thing.unwrap();
        let count = format!("SELECT count(*) FROM \"{name}\"");
        let rows = if table {
            conn.query_row(&count, [], |row| row.get(0)).unwrap()
        } else {
            0
        };
        found.insert(name, (sql, rows));
    }
    found
}

/// Changes whenever another connection commits.
fn commits(conn: &Connection) -> i64 {
    conn.query_row("PRAGMA data_version", [], |row| row.get(0))
        .unwrap()
}

/// Asks for everything, a few clients at a time; says how often each status came.
fn ask_all(world: &World, targets: &[String]) -> BTreeMap<u16, usize> {
    let next = AtomicUsize::new(0);
    let client = || {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut statuses = BTreeMap::new();
        while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut answer = agent
                .get(format!("{}{target}", world.url()))
                .call()
                .unwrap();
            let status = answer.status().as_u16();
            let body = answer.body_mut().read_to_vec().unwrap();
            assert!(
                status < 500,
                "{status} {target}: {}",
                String::from_utf8_lossy(&body)
            );
            *statuses.entry(status).or_insert(0) += 1;
        }
        statuses
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let mut all = BTreeMap::new();
        for client in clients {
            for (status, count) in client.join().unwrap() {
                *all.entry(status).or_insert(0) += count;
            }
        }
        all
    })
}

#[test]
fn whatever_stands_in_a_query_or_a_path_nothing_breaks_and_nothing_changes() {
    let world = World::empty();
    let mut card = crate::api::facts::card(3, 6);
    card["runners"][0]["trainer"] = "Somebody".into();
    world.post_json("/api/cards", &card);
    let document = world.get("/api/openapi.json").json();
    let holes = holes(&document, "2026-11-21-angle-park-3");
    assert!(holes.len() > 30, "{}", holes.len());
    let look = world.house.look();
    let (before, committed) = (inventory(&look), commits(&look));
    let targets: Vec<String> = injected()
        .iter()
        .flat_map(|payload| holes.iter().map(|hole| hole.filled(payload)))
        .collect();

    let statuses = ask_all(&world, &targets);

    assert_eq!(statuses.values().sum::<usize>(), targets.len());
    // 409: nobody has trained a model here.
    let understood = [200, 400, 404, 409, 414, 422];
    assert!(
        statuses.keys().all(|status| understood.contains(status)),
        "{statuses:?}"
    );
    assert!(statuses[&200] < targets.len() / 4, "{statuses:?}");
    assert!(
        inventory(&look) == before,
        "something is there that was not"
    );
    assert_eq!(commits(&look), committed, "somebody wrote");
    assert_eq!(world.get("/api/health").status, 200);
}

#[test]
fn a_parameter_that_nobody_knows_is_refused_where_there_are_any() {
    let world = World::empty();
    world.post_json("/api/cards", &crate::api::facts::card(3, 6));
    let document = world.get("/api/openapi.json").json();
    let mut asked = 0;

    for (path, queried) in gets(&document) {
        if queried.is_empty() {
            continue;
        }
        let path = known(&path, "2026-11-21-angle-park-3");
        for name in ["sort", "order_by", "DAY", "limit%00", "limit[]"] {
            let answer = world.get(&format!("{path}?{name}=1"));
            assert_eq!(
                answer.problem(),
                (400, "malformed".to_owned()),
                "{path} {name}"
            );
        }
        asked += 1;
    }

    assert!(asked > 8, "{asked}");
}
