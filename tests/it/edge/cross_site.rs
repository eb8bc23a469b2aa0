//! No page of another site writes here, and no name but ours leads here.

use super::wire::{Wire, ask};
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
