//! Promise 29: no upstream can crash, stall or fool us.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lurcher::upstream::{Ask, Expect, Names};

use super::chaos::{Chaos, Reply};
use super::modes::{
    CARD, Ends, HOUR, Mode, bodies, brotli, encoded, gzip, is_timeout, is_transport, redirects,
    sizes, slow, statuses,
};
use super::{Kennel, ask};

/// Ends within the time of a fetch, in the way it should, and leaves nothing that could be taken
/// for an answer.
fn endure(mode: &Mode) {
    let kennel = Kennel::new();
    let server = Chaos::always(mode.reply.clone());
    let began = Instant::now();

    let outcome = kennel.fetch(Ask {
        expect: Expect::Json,
        ..ask(server.url("/"))
    });

    let error = outcome.expect_err(mode.name);
    assert!((mode.ends)(&error), "{}: {error:?}", mode.name);
    assert_eq!(
        server.requests().len(),
        mode.requests,
        "{}: {error}",
        mode.name
    );
    assert!(began.elapsed() < Duration::from_secs(40), "{}", mode.name);
    let said = error.to_string();
    let host = ["127.0.0.", "169.254."]
        .iter()
        .any(|host| said.contains(host));
    assert!(host, "{}: {said}", mode.name);
    assert_eq!(kennel.tally().failed, 1, "{}", mode.name);
}

#[test]
fn a_slow_server_costs_one_fetch_its_time_and_no_more() {
    slow().iter().for_each(endure);
}

#[test]
fn what_is_too_large_is_not_read_to_the_end() {
    sizes().iter().for_each(endure);
}

#[test]
fn what_is_no_answer_is_an_error_and_never_an_empty_day() {
    bodies().iter().for_each(endure);
}

#[test]
fn a_status_is_an_error_that_says_what_comes_of_it() {
    statuses().iter().for_each(endure);
}

#[test]
fn a_redirect_leads_nowhere_bad() {
    redirects().iter().for_each(endure);
}

#[test]
fn an_old_copy_stands_in_whatever_the_server_does_but_for_a_page_that_is_gone() {
    for mode in [sizes(), bodies(), statuses(), redirects()].concat() {
        let kennel = Kennel::new();
        let (reply, first) = (mode.reply.clone(), AtomicBool::new(true));
        let server = Chaos::start(move |_| {
            let first = first.swap(false, Ordering::SeqCst);
            if first {
                Reply::ok(CARD)
            } else {
                reply.clone()
            }
        });
        let ask = || Ask {
            expect: Expect::Json,
            ..ask(server.url("/"))
        };
        kennel.fetch(ask()).unwrap();
        kennel.later(HOUR);

        let outcome = kennel.fetch(ask());

        if mode.name == "404" {
            assert!(outcome.is_err());
            continue;
        }
        let old = outcome.expect(mode.name);
        assert_eq!(old.body, CARD.as_bytes(), "{}", mode.name);
        assert_eq!((old.from_cache, old.age), (true, HOUR), "{}", mode.name);
        assert!((mode.ends)(old.stale.as_ref().unwrap()), "{}", mode.name);
        assert_eq!(kennel.tally().stale, 1, "{}", mode.name);
    }
}

#[test]
fn names_and_connections_that_lead_nowhere_are_errors_too() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let plain = Chaos::always(Reply::ok(CARD));
    let cases: [(&str, String, Ends); 4] = [
        (
            "a name without an address",
            "http://nowhere.example:8080/".to_owned(),
            is_transport,
        ),
        (
            "a name that takes for ever",
            "http://slow.example:8080/".to_owned(),
            is_timeout,
        ),
        ("nobody listens", format!("http://{closed}/"), is_transport),
        (
            "no TLS",
            format!("https://127.0.0.1:{}/", plain.port()),
            is_transport,
        ),
    ];

    for (name, url, ends) in cases {
        let kennel = Kennel::with(|settings| {
            settings.names = Names::told(|host| {
                if host == "slow.example" {
                    thread::sleep(Duration::from_secs(3));
                }
                Err(ErrorKind::NotFound.into())
            });
        });
        let error = kennel.fetch(ask(url)).expect_err(name);
        assert!(ends(&error), "{name}: {error:?}");
    }
}

#[test]
fn what_is_well_packed_arrives() {
    let server = Chaos::start(|request| {
        assert_eq!(request.header("accept-encoding"), "gzip, br, zstd, deflate");
        assert_eq!(request.header("user-agent"), "lurcher-test");
        match request.path.as_str() {
            "/gzip" => encoded("gzip", &gzip(CARD.as_bytes())),
            "/br" => encoded("BR", &brotli(CARD.as_bytes())),
            "/zstd" => encoded("zstd", &zstd::bulk::compress(CARD.as_bytes(), 1).unwrap()),
            "/chunked" => Reply::head(200, &[("Transfer-Encoding", "chunked")])
                .send(format!("{:x}\r\n{CARD}\r\n0\r\n\r\n", CARD.len())),
            "/close" => Reply::head(200, &[("Content-Type", "application/json")]).send(CARD),
            _ => Reply::ok(CARD),
        }
    });
    let kennel = Kennel::new();

    for path in ["/gzip", "/br", "/zstd", "/chunked", "/close", "/plain"] {
        let fetched = kennel.fetch(ask(server.url(path))).expect(path);
        assert_eq!(fetched.body, CARD.as_bytes(), "{path}");
        assert_eq!(fetched.url, server.url(path));
        assert_eq!((fetched.from_cache, &fetched.stale), (false, &None));
    }
}
