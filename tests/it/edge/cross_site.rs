//! No page of another site writes here, and no name but ours leads here.

use serde_json::json;

use super::wire::{Wire, ask};
use crate::api::facts::{card, result};
use crate::world::World;

/// The status and code of a POST with these headers. What passes the edge finds nothing to post to.
fn post(world: &World, head: &str) -> (u16, String) {
    let head = format!("{head}Content-Length: 0\r\n");
    ask(world, "POST /api/cats", &head, b"").unwrap().problem()
}

fn passed() -> (u16, String) {
    (404, "unknown_path".to_owned())
}

fn refused() -> (u16, String) {
    (403, "cross_site".to_owned())
}

#[test]
fn a_write_from_another_site_is_refused() {
    let world = World::empty();
    let host = "Host: 127.0.0.1:8080\r\n";

    for from in [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: null",
        "Origin: http://evil.example",
        "Origin: http://127.0.0.1:3000",
        "Origin: http://127.0.0.1:8080.evil.example",
        "Origin: ",
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
    ] {
        assert_eq!(
            post(&world, &format!("{host}{from}\r\n")),
            refused(),
            "{from}"
        );
    }
    for from in [
        "X-None: 1",
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Site: none",
        "Origin: http://127.0.0.1:8080",
    ] {
        assert_eq!(
            post(&world, &format!("{host}{from}\r\n")),
            passed(),
            "{from}"
        );
    }
}

#[test]
fn a_page_of_another_site_may_not_even_ask_whether_it_may() {
    let world = World::empty();
    let head = "Host: 127.0.0.1\r\nOrigin: http://evil.example\r\n\
                Access-Control-Request-Method: POST\r\n";

    for line in ["OPTIONS /api/races", "GET /api/races", "DELETE /api/races"] {
        let reply = ask(&world, line, head, b"").unwrap();

        assert_eq!(reply.header("access-control-allow-origin"), "", "{line}");
        assert_eq!(reply.header("access-control-allow-methods"), "", "{line}");
    }
}

#[test]
fn only_addresses_and_names_of_ours_lead_here() {
    let world = World::empty();
    let misdirected = (421, "misdirected".to_owned());
    let malformed = (400, "malformed".to_owned());
    let get = |line: &str, head: &str| ask(&world, line, head, b"").unwrap();

    for host in [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "",
    ] {
        let reply = get("GET /livez", &format!("Host: {host}\r\n"));
        assert_eq!(reply.problem(), misdirected, "{host}");
    }
    for host in ["127.0.0.1", "[::1]:8080", "localhost:9"] {
        assert_eq!(
            get("GET /livez", &format!("Host: {host}\r\n")).status,
            200,
            "{host}"
        );
    }
    let absolute = get("GET http://evil.example/livez", "Host: 127.0.0.1\r\n");
    assert_eq!(absolute.problem(), misdirected);
    for host in ["X-None: 1\r\n", "Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n"] {
        assert_eq!(get("GET /livez", host).status, 400, "{host}");
    }
    let mut old = Wire::to(&world);
    old.send("GET /livez HTTP/1.0\r\n\r\n");
    assert_eq!(old.reply().unwrap().problem(), malformed);
}

const RACE: &str = "2026-11-21-angle-park-3";

/// What takes no JSON: a file, which a form may bring, and nothing at all.
const OTHERS: [&str; 5] = [
    "/api/uploads",
    "/api/jobs/{job}/retry",
    "/api/models/{model}/activate",
    "/api/cache/clear",
    "/api/cache/switch",
];
/// What wants a source, and there is none.
const SOURCES: [&str; 2] = ["/api/collections", "/api/reparses"];
/// What asks and writes nothing.
const ASKS: [&str; 4] = [
    "/api/predictions",
    "/api/settlements",
    STAKES,
    "/api/benchmark",
];
/// What wants a model, and there is none.
const STAKES: &str = "/api/stakes";

/// Every POST of JSON in the document with a body that it takes, in an order in which all are taken.
fn posts(world: &World) -> Vec<(String, String)> {
    let ticks = json!({
        "source": "book", "race": RACE, "at": "2026-11-20T00:00:00Z", "kind": "fixed",
        "prices": [{"rug": 1, "win": 2.5}],
    });
    let known = [
        ("/api/cards", card(3, 6)),
        ("/api/races/{race}/scratchings", json!({"rug": 6})),
        ("/api/prices", ticks),
        ("/api/results", result(3, &[1, 2, 3, 4, 5])),
        (SOURCES[0], json!({"source": "mine"})),
        (SOURCES[1], json!({"source": "mine", "since": "2026-11-20"})),
        (ASKS[0], json!({"races": [RACE]})),
        (ASKS[1], json!({"stake": 10, "price": 4, "outcome": "won"})),
        (
            STAKES,
            json!({"bets": [{"race": RACE, "rug": 1, "price": 2.5}]}),
        ),
        ("/api/cache/warm", json!({})),
        (ASKS[3], json!({"requests": 1})),
        ("/api/models", json!({"activate": false})),
        (
            "/api/backtests",
            json!({"from": "2026-10-01", "to": "2026-10-31"}),
        ),
        ("/api/keys", json!({"name": "theirs", "scopes": ["admin"]})),
    ];
    let document = world.get("/api/openapi.json").json();
    for (path, item) in document["paths"].as_object().unwrap() {
        let covered = known.iter().any(|(known, _)| known == path);
        let covered = covered || OTHERS.contains(&path.as_str());
        assert_eq!(item.get("post").is_some(), covered, "{path}");
    }
    let posts = known.map(|(path, body)| (path.replace("{race}", RACE), body.to_string()));
    posts.into()
}

/// Changes whenever another connection commits.
fn commits(conn: &rusqlite::Connection) -> i64 {
    conn.query_row("PRAGMA data_version", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn no_form_of_another_page_and_no_name_of_another_site_changes_anything() {
    let world = World::empty();
    world.house.set_clock("2026-11-21T10:00:00Z");
    let posts = posts(&world);
    let look = world.house.look();
    let before = commits(&look);
    let forms = [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: text/plain;charset=UTF-8\r\n",
        "Content-Type: text/plain; application/json\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
    ];
    let json = "Content-Type: application/json\r\n";
    let (own, foreign) = (
        "Origin: http://127.0.0.1\r\n",
        "Origin: http://evil.example\r\n",
    );
    let sites = [
        "",
        own,
        foreign,
        "Origin: null\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Sec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ];
    let send = |path: &str, body: &str, host: &str, head: &str| {
        let head = format!("Host: {host}\r\n{head}Content-Length: {}\r\n", body.len());
        ask(&world, &format!("POST {path}"), &head, body.as_bytes()).unwrap()
    };

    for (path, body) in &posts {
        for site in sites {
            let here = site.is_empty() || [own, sites[4], sites[5]].contains(&site);
            let kind = (415, "unsupported_format".to_owned());
            for form in forms {
                let told = send(path, body, "127.0.0.1", &format!("{form}{site}")).problem();
                assert_eq!(
                    told,
                    if here { kind.clone() } else { refused() },
                    "{path} {form}{site}"
                );
            }
            if !here {
                let told = send(path, body, "127.0.0.1", &format!("{json}{site}")).problem();
                assert_eq!(told, refused(), "{path} {site}");
            }
            for name in [
                "evil.example",
                "127.0.0.1.evil.example:80",
                "evil.example:8080",
            ] {
                let told = send(path, body, name, &format!("{json}{site}")).problem();
                assert_eq!(
                    told,
                    (421, "misdirected".to_owned()),
                    "{path} {name} {site}"
                );
            }
        }
    }
    assert_eq!(commits(&look), before, "somebody wrote");
    // The bodies are good: what was refused was refused for where it came from.
    for (path, body) in &posts {
        if SOURCES.contains(&path.as_str()) {
            let told = send(path, body, "127.0.0.1", json).problem();
            assert_eq!(told, (404, "unknown_source".to_owned()), "{path}");
            continue;
        }
        let (was, status) = (commits(&look), send(path, body, "127.0.0.1", json).status);
        let good: &[u16] = if path == STAKES {
            &[409]
        } else {
            &[200, 201, 202]
        };
        assert!(good.contains(&status), "{path}: {status}");
        let asks = ASKS.contains(&path.as_str());
        assert_eq!(commits(&look) == was, asks, "{path}");
    }
}

#[test]
fn no_other_site_sends_a_file_or_has_a_job_run_again() {
    let world = World::empty();
    let look = world.house.look();
    let before = commits(&look);
    let part = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\r\n\r\na\r\n--x--\r\n";
    let form = "Content-Type: multipart/form-data; boundary=x\r\n";
    let sites = [
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ];
    let send = |path: &str, head: &str| {
        let path = path.replace("{job}", "1");
        let head = format!(
            "Host: 127.0.0.1\r\n{head}Content-Length: {}\r\n",
            part.len()
        );
        ask(&world, &format!("POST {path}"), &head, part.as_bytes()).unwrap()
    };

    for path in OTHERS {
        for site in sites {
            for kind in ["", form] {
                let told = send(path, &format!("{kind}{site}")).problem();
                assert_eq!(told, refused(), "{path} {kind}{site}");
            }
        }
    }

    assert_eq!(commits(&look), before, "somebody wrote");
    assert_eq!(send(OTHERS[0], form).status, 202);
    assert_eq!(send(OTHERS[1], "").status, 409);
}
