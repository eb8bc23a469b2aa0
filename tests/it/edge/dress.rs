//! What every answer wears, and what is refused by its first line.

use super::wire::{Wire, ask, routes};
use crate::world::World;

const HOST: &str = "Host: 127.0.0.1\r\n";

#[test]
fn every_answer_of_every_route_wears_the_headers() {
    let world = World::of_season();
    let mut paths: Vec<String> = routes(&world).into_iter().map(|(_, path)| path).collect();
    paths.push("/nothing/here".to_owned());

    for path in paths {
        for line in [
            format!("GET {path}"),
            format!("POST {path}"),
            format!("TRACE {path}"),
        ] {
            let reply = ask(&world, &line, HOST, b"").unwrap();

            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-resource-policy", "same-origin"),
                ("server-timing", "total;dur="),
            ] {
                assert!(reply.header(name).starts_with(value), "{line}: {reply:?}");
            }
            assert!(!reply.header("x-request-id").is_empty());
            assert!(reply.header("x-process-time").parse::<f64>().is_ok());
            if reply.status >= 400 {
                reply.problem();
            }
        }
    }
}

#[test]
fn what_a_key_opened_is_not_kept_by_anybody() {
    let world = World::empty();
    let cache = |head: &str| {
        let head = format!("{HOST}{head}");
        let reply = ask(&world, "GET /api/races", &head, b"").unwrap();
        reply.header("cache-control").to_owned()
    };

    assert_eq!(cache(""), "no-cache");
    assert_eq!(cache("X-API-Key: lur_x\r\n"), "no-store");
    assert_eq!(cache("Authorization: Bearer lur_x\r\n"), "no-store");
}

#[test]
fn a_target_over_eight_kibibytes_is_too_long() {
    let world = World::empty();
    let status = |length: usize| {
        let line = format!("GET /api/cats?q={}", "x".repeat(length));
        ask(&world, &line, HOST, b"").unwrap().problem()
    };

    assert_eq!(status(8_000), (404, "unknown_path".to_owned()));
    assert_eq!(status(8_300), (414, "uri_too_long".to_owned()));
}

#[test]
fn methods_that_nobody_wants_are_refused() {
    let world = World::empty();

    for method in ["TRACE", "CONNECT", "BREW", "PUT", "PATCH"] {
        let reply = ask(&world, &format!("{method} /api/races"), HOST, b"").unwrap();
        assert_eq!(
            reply.problem(),
            (405, "method_not_allowed".to_owned()),
            "{method}"
        );
        let reply = ask(&world, &format!("{method} /api/cats"), HOST, b"").unwrap();
        assert_eq!(
            reply.problem(),
            (404, "unknown_path".to_owned()),
            "{method}"
        );
    }
    let tunnel = ask(&world, "CONNECT 127.0.0.1:22", HOST, b"").unwrap();
    assert!((400..500).contains(&tunnel.status), "{tunnel:?}");
}

/// actix answers these itself, before there is a request; there is nothing to dress.
#[test]
fn what_is_no_request_is_refused_and_the_connection_ends() {
    let world = World::empty();

    for (bytes, status) in [
        ("nonsense\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        (
            "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            400,
        ),
        (
            format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(200_000)),
            431,
        ),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "X: x\r\n".repeat(200)),
            431,
        ),
    ] {
        let mut wire = Wire::to(&world);
        wire.send(bytes);

        assert_eq!(wire.reply().unwrap().status, status);
        assert!(wire.reply().is_none());
    }
}
