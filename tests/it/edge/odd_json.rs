//! Deep, wide and odd bodies are the sender's fault, never ours.

use super::wire::{ask, routes};
use crate::world::World;

/// Bodies that no honest sender sends, by what is odd about them.
pub(crate) fn odd_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let utf16: Vec<u8> = "{\"a\":1}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let keys: Vec<String> = (0..1_000_000).map(|key| format!("\"{key}\":0")).collect();
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", Vec::new()),
        ("spaces", vec![b' '; 100_000]),
        ("depth of arrays", vec![b'['; 100_000]),
        ("depth of objects", "{\"a\":".repeat(100_000).into_bytes()),
        (
            "a million keys",
            format!("{{{}}}", keys.join(",")).into_bytes(),
        ),
        ("a key twice", text("{\"source\":\"a\",\"source\":\"b\"}")),
        ("a lone surrogate", text("{\"source\":\"\\ud800\"}")),
        ("NUL, escaped", text("{\"source\":\"\\u0000\"}")),
        ("NUL, bare", text("{\"source\":\"\0\"}")),
        ("a byte order mark", text("\u{feff}{}")),
        ("UTF-16", utf16),
        (
            "bytes that are no UTF-8",
            b"{\"source\":\"\xff\xfe\"}".to_vec(),
        ),
        ("overlong UTF-8", b"{\"source\":\"\xc0\xaf\"}".to_vec()),
        ("a number of two megabytes", vec![b'9'; 2_000_000]),
        ("infinity", text("{\"number\":1e999}")),
        ("minus infinity", text("{\"number\":-1e999}")),
        ("NaN", text("{\"number\":NaN}")),
        ("a huge exponent", text("{\"number\":1e-999999999999}")),
        ("a scalar", text("1")),
        ("null", text("null")),
        ("a word", text("undefined")),
        ("a trailing comma", text("{\"source\":\"a\",}")),
        ("two documents", text("{}{}")),
        ("an unknown field", text("{\"__proto__\":{}}")),
        ("a comment", text("/* */ {}")),
        ("half", text("{\"source\":")),
        ("a string without end", text("{\"source\":\"")),
        (
            "an array of nulls",
            format!("[{}]", ["null"; 400_000].join(",")).into_bytes(),
        ),
        ("a control character", text("{\"source\":\"\u{1b}[2J\"}")),
        (
            "a bidirectional override",
            text("{\"source\":\"\u{202e}gpj.exe\"}"),
        ),
    ]
}

#[test]
fn every_odd_body_is_refused_by_every_route_that_takes_one() {
    let world = World::empty();
    let mut routes = routes(&world);
    // A file may be anything: what is wrong with it is told by its job. And what takes nothing does
    // not look whether it gets something.
    let free = ["/api/uploads", "/api/cache/clear"];
    routes.retain(|(method, path)| method == "POST" && !free.contains(&path.as_str()));
    routes.push(("POST".to_owned(), "/api/races".to_owned()));

    for (method, path) in routes {
        for (what, body) in odd_bodies() {
            let head = format!(
                "Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            );

            let reply = ask(&world, &format!("{method} {path}"), &head, &body).unwrap();

            let (status, _) = reply.problem();
            assert!((400..500).contains(&status), "{path}, {what}: {status}");
        }
    }
    assert_eq!(world.get("/livez").status, 200);
}
