//! API keys: who gets in, and who does not.

use std::collections::BTreeMap;
use std::time::Duration;

use lurcher::access::{Issued, KeyDraft};
use lurcher::store::audit::Actor;
use serde_json::{Value, json};

use super::facts::{card, result};
use crate::world::{House, World, wait};

/// Well-formed, and issued by nobody.
const UNKNOWN: &str = "lur_0123abcd_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3fd6be";

fn issue(house: &House, scope: &str, expires_at: Option<&str>) -> Issued {
    let draft = KeyDraft {
        name: format!("{scope} key"),
        scopes: vec![scope.to_owned()],
        expires_at: expires_at.map(str::to_owned),
    };
    wait(house.app().access.issue(&draft, Actor::default())).unwrap()
}

fn key(house: &House, scope: &str) -> String {
    issue(house, scope, None).key.reveal().to_owned()
}

/// A stranger with a connection of their own for every request.
struct Client {
    agent: ureq::Agent,
    url: String,
}

struct Got {
    status: u16,
    headers: BTreeMap<String, String>,
    body: ureq::Body,
}

impl Client {
    fn of(world: &World) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_idle_connections(0)
            .timeout_global(Some(Duration::from_mins(1)));
        Self {
            agent: config.build().into(),
            url: world.url.clone(),
        }
    }

    fn ask(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> Got {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        if let Some(key) = key {
            request = request.header("X-API-Key", key);
        }
        let answer = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            request = request.header("Content-Type", "application/json");
            self.agent.run(request.body(body).unwrap())
        };
        let (head, body) = answer.unwrap().into_parts();
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = head.headers.iter();
        Got {
            status: head.status.as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body,
        }
    }
}

impl Got {
    fn json(mut self) -> Value {
        self.body.read_json().unwrap()
    }

    /// The status and the code of a problem.
    fn problem(self) -> (u16, String) {
        let status = self.status;
        assert_eq!(self.headers["content-type"], "application/problem+json");
        (status, self.json()["code"].as_str().unwrap().to_owned())
    }
}

/// Every operation of the document: path, method, scope; `None` is open to everybody.
fn operations(document: &Value) -> Vec<(String, String, Option<String>)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"]
                .pointer("/0/key/0")
                .map(|scope| scope.as_str().unwrap().to_owned());
            found.push((path.clone(), method.to_uppercase(), scope));
        }
    }
    found
}

/// The path with something in every hole.
fn filled(path: &str) -> String {
    let parts = path.split('/');
    let parts = parts.map(|part| {
        if part.starts_with('{') {
            "nothing"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn rank(scope: &str) -> usize {
    let scopes = ["read", "write", "admin"];
    scopes.iter().position(|known| *known == scope).unwrap()
}

#[test]
fn every_operation_asks_for_the_scope_it_declares_and_holds_to_it() {
    let world = World::empty();
    let house = &world.house;
    let revoked = issue(house, "admin", None);
    wait(house.app().access.revoke(&revoked.id, Actor::default())).unwrap();
    let expired = issue(house, "admin", Some("2026-11-20T00:00:01Z"));
    let mut mistyped = key(house, "admin");
    mistyped.pop();
    let [read, write, admin] = ["read", "write", "admin"].map(|scope| key(house, scope));
    house.set_clock("2026-11-20T00:00:01Z");
    let client = Client::of(&world);
    let refused = [
        ("no_key", None),
        ("bad_key", Some(mistyped.as_str())),
        ("bad_key", Some("")),
        ("bad_key", Some(UNKNOWN)),
        ("bad_key", Some(revoked.key.reveal())),
        ("bad_key", Some(expired.key.reveal())),
    ];
    let scoped = [("read", &read), ("write", &write), ("admin", &admin)];
    let document = client
        .ask("GET", "/api/openapi.json", Some(&read), "")
        .json();

    for (path, method, scope) in operations(&document) {
        let path = filled(&path);
        let Some(scope) = scope else {
            assert_eq!(client.ask(&method, &path, None, "").status, 200, "{path}");
            continue;
        };
        for (code, key) in refused {
            let got = client.ask(&method, &path, key, "");
            assert_eq!(got.headers["www-authenticate"], "Bearer");
            let body = got.json();
            let names: Vec<_> = body.as_object().unwrap().keys().collect();
            assert_eq!(
                names,
                ["code", "detail", "request_id", "status", "title", "type"]
            );
            assert_eq!(
                (&body["status"], &body["code"]),
                (&json!(401), &json!(code)),
                "{path}"
            );
        }
        for (has, key) in scoped {
            let status = client.ask(&method, &path, Some(key), "").status;
            assert_ne!(status, 401, "{method} {path} with {has}");
            let may = rank(has) >= rank(&scope);
            assert_eq!(status == 403, !may, "{method} {path} with {has}: {status}");
        }
    }
}

#[test]
fn a_method_that_is_not_declared_is_not_there() {
    let world = World::empty();
    let client = Client::of(&world);
    let document = client.ask("GET", "/api/openapi.json", None, "").json();
    let mut methods: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, method, _scope) in operations(&document) {
        methods.entry(path).or_default().push(method);
    }

    for (path, declared) in methods {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            if declared.iter().any(|known| known == method) {
                continue;
            }
            let got = client.ask(method, &filled(&path), None, "");
            assert_eq!(
                got.problem(),
                (405, "method_not_allowed".to_owned()),
                "{method} {path}"
            );
        }
    }
}

#[test]
fn a_key_is_made_used_listed_and_revoked_over_http() {
    let world = World::empty();
    let client = Client::of(&world);
    let body = r#"{"name":"laptop","scopes":["admin"],"expires_at":"2027-01-01T00:00:00+11:00"}"#;

    let made = client.ask("POST", "/api/keys", None, body);
    assert_eq!(made.status, 201);
    assert_eq!(made.headers["cache-control"], "no-store");
    let made = made.json();
    let key = made["key"].as_str().unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["expires_at"], "2026-12-31T13:00:00.000Z");

    let second = client.ask(
        "POST",
        "/api/keys",
        Some(key),
        r#"{"name":"x","scopes":["read"]}"#,
    );
    let second = second.json();
    let list = |query: &str| {
        let got = client.ask("GET", &format!("/api/keys{query}"), Some(key), "");
        assert_eq!(got.status, 200);
        got.json()
    };
    let newest = list("?limit=1");
    assert_eq!(newest["items"][0]["id"], second["id"]);
    assert_eq!(newest["items"][0]["last_used_at"], Value::Null);
    let next = newest["next"].as_str().unwrap();
    let older = list(&format!("?limit=1&after={next}"));
    assert_eq!(older["items"][0]["id"], id);
    assert_eq!(
        older["items"][0]["last_used_at"],
        "2026-11-20T00:00:00.000Z"
    );
    assert!(!older.to_string().contains(key));

    let path = format!("/api/keys/{}", second["id"].as_str().unwrap());
    assert_eq!(client.ask("DELETE", &path, Some(key), "").status, 204);
    let gone = client.ask("GET", "/api/races", second["key"].as_str(), "");
    assert_eq!(gone.problem(), (401, "bad_key".to_owned()));
    let unknown = client.ask("DELETE", "/api/keys/nobody00", Some(key), "");
    assert_eq!(unknown.problem(), (404, "unknown_key".to_owned()));

    let audit = client.ask("GET", "/api/audit", Some(key), "").json();
    let acts = audit["items"].as_array().unwrap().iter();
    let acts: Vec<_> = acts
        .map(|act| json!([act["actor"], act["action"], act["subject"]]))
        .collect();
    let expected = [
        json!([id, "key.revoke", second["id"]]),
        json!([id, "key.create", second["id"]]),
        json!(["house", "key.create", id]),
    ];
    assert_eq!(acts, expected);
    assert!(audit["items"][0]["request_id"].is_string());
}

#[test]
fn everything_wrong_with_a_key_to_be_is_told_at_once() {
    let world = World::empty();
    let client = Client::of(&world);
    let body = r#"{"name":" ","scopes":["fly","read"],"expires_at":"2020-01-01T00:00:00Z"}"#;

    let faults = client.ask("POST", "/api/keys", None, body);

    assert_eq!(faults.status, 422);
    let faults = faults.json();
    let faults = faults["faults"].as_array().unwrap().iter();
    let places: Vec<_> = faults
        .map(|fault| fault["at"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(places, ["name", "scopes[0]", "expires_at"]);

    let many = format!(
        r#"{{"name":"x","scopes":[{}"read"]}}"#,
        r#""fly","#.repeat(9_999)
    );
    let faults = client.ask("POST", "/api/keys", None, &many).json();
    assert_eq!(faults["faults"].as_array().unwrap().len(), 1);
}

#[test]
fn a_body_that_is_none_is_told_so() {
    let world = World::empty();
    let client = Client::of(&world);
    let post = |body: &str| client.ask("POST", "/api/keys", None, body).problem();

    let long = format!(r#"{{"name":"{}","scopes":["read"]}}"#, "x".repeat(3 << 20));
    let extra = r#"{"name":"x","scopes":["read"],"admin":true}"#;
    let plain = world.post("/api/keys");

    assert_eq!(post("{"), (400, "malformed".to_owned()));
    assert_eq!(post(extra), (400, "malformed".to_owned()));
    assert_eq!(post(&long), (413, "too_large".to_owned()));
    assert_eq!(plain.problem(), (415, "unsupported_format".to_owned()));
}

#[test]
fn two_keys_that_differ_open_nothing_and_the_query_is_not_looked_at() {
    let world = World::empty();
    let [read, admin] = ["read", "admin"].map(|scope| key(&world.house, scope));
    let bearer = format!("Bearer {read}");

    let same = world.get_with(
        "/api/races",
        &[("Authorization", &bearer), ("X-API-Key", &read)],
    );
    let both = world.get_with(
        "/api/races",
        &[("Authorization", &bearer), ("X-API-Key", &admin)],
    );
    let query = world.get(&format!("/api/races?api_key={read}"));

    assert_eq!(same.status, 200);
    assert_eq!(both.problem(), (401, "bad_key".to_owned()));
    assert_eq!(query.problem(), (401, "no_key".to_owned()));
}

#[test]
fn a_key_to_write_brings_facts_of_every_kind_and_sees_no_log() {
    let world = World::empty();
    let client = Client::of(&world);
    let [read, write] = ["read", "write"].map(|scope| key(&world.house, scope));
    world.house.set_clock("2026-11-21T10:00:00Z");
    let race = "2026-11-21-angle-park-3";
    let ticks = json!({
        "source": "book", "race": race, "at": "2026-11-20T00:00:00Z", "kind": "fixed",
        "prices": [{"rug": 1, "win": 2.5}],
    });
    let posts = [
        ("/api/cards".to_owned(), card(3, 6)),
        (format!("/api/races/{race}/scratchings"), json!({"rug": 6})),
        ("/api/prices".to_owned(), ticks),
        ("/api/results".to_owned(), result(3, &[1, 2, 3, 4, 5])),
    ];

    for (path, body) in posts {
        let body = body.to_string();
        let refused = client.ask("POST", &path, Some(&read), &body);
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{path}");
        let taken = client.ask("POST", &path, Some(&write), &body);
        assert_eq!(
            (taken.status, &taken.json()["created"]),
            (200, &json!(1)),
            "{path}"
        );
    }
    for path in ["/api/audit", "/api/keys"] {
        let refused = client.ask("GET", path, Some(&write), "");
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{path}");
    }
    let shown = client.ask("GET", &format!("/api/races/{race}"), Some(&write), "");
    assert_eq!(shown.json()["status"], "official");
}
