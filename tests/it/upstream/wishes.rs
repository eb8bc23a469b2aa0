//! What a source wishes for itself: how long, how much, and who asks.

use std::time::{Duration, Instant};

use lurcher::upstream::{Ask, Error, Settings};

use super::chaos::{Chaos, Reply};
use super::{Kennel, ask};

#[test]
fn a_source_may_say_who_asks() {
    let kennel = Kennel::new();
    let server = Chaos::always(Reply::ok("dogs"));
    let wish = Ask {
        user_agent: Some("racing club (club@example.org)".to_owned()),
        ..ask(server.url("/own"))
    };

    kennel.fetch(wish).unwrap();
    kennel.fetch(ask(server.url("/usual"))).unwrap();

    let agents: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("user-agent").to_owned())
        .collect();
    assert_eq!(agents, ["racing club (club@example.org)", "lurcher-test"]);
}

#[test]
fn a_name_that_would_be_two_headers_is_refused_before_anything_is_sent() {
    let kennel = Kennel::new();
    let server = Chaos::always(Reply::ok("dogs"));
    let wish = Ask {
        user_agent: Some("me\r\nX-Other: 1".to_owned()),
        ..ask(server.url("/"))
    };

    let outcome = kennel.fetch(wish);

    assert!(matches!(outcome, Err(Error::Url { .. })), "{outcome:?}");
    assert_eq!(server.accepted(), 0);
}

#[test]
fn a_source_may_wait_for_a_shorter_time_and_for_no_longer_one() {
    let kennel = Kennel::with(|settings| {
        settings.attempts = 1;
        settings.total = Duration::from_secs(5);
    });
    let slow = Reply::default()
        .wait(Duration::from_secs(25))
        .send("HTTP/1.1 200 OK\r\n\r\ndogs");
    let server = Chaos::always(slow);
    let wish = |time| Ask {
        timeout: Some(time),
        ..ask(server.url("/"))
    };
    let timed = |time| {
        let began = Instant::now();
        let outcome = kennel.fetch(wish(time));
        assert!(matches!(outcome, Err(Error::Timeout { .. })), "{outcome:?}");
        began.elapsed()
    };

    let (shorter, longer) = (
        timed(Duration::from_millis(200)),
        timed(Duration::from_mins(1)),
    );

    assert!(shorter < Duration::from_millis(4_500), "{shorter:?}");
    assert!(longer < Duration::from_secs(20), "{longer:?}");
}

#[test]
fn a_source_may_take_more_than_is_usual_and_no_more_than_the_client_allows() {
    const MIB: usize = 1 << 20;
    let promised = Settings::new("unused", "lurcher").max_bytes;
    assert_eq!(promised, 64 << 20);
    let kennel = Kennel::with(|settings| settings.max_bytes = 3 << 20);
    let server = Chaos::start(|request| {
        let size: usize = request.path.trim_start_matches('/').parse().unwrap();
        Reply::ok(vec![b'x'; size * MIB])
    });
    let wish = |size: usize, most: u64| {
        let wish = Ask {
            max_bytes: Some(most << 20),
            ..ask(server.url(&format!("/{size}")))
        };
        kennel.fetch(wish).map(|fetched| fetched.body.len())
    };

    assert_eq!(wish(2, 2), Ok(2 * MIB));
    assert!(wish(2, 1).is_err());
    assert!(wish(4, 60).is_err());
}
