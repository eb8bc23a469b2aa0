//! How the client treats a host: its distance, its patience, and when it lets go. Promise 30.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lurcher::upstream::{Ask, Circuit, Error, State};
use tokio::task::JoinSet;

use super::chaos::{Chaos, Reply};
use super::{Kennel, ask};
use crate::world::wait;

const MOMENT: Duration = Duration::from_millis(20);

/// Answers the first so many badly, and then well.
fn ill_for(times: usize, bad: Reply) -> Chaos {
    let asked = AtomicUsize::new(0);
    Chaos::start(move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < times {
            bad.clone()
        } else {
            Reply::ok("dogs")
        }
    })
}

/// Fetches all at once and tells how many came through.
fn at_once(kennel: &Kennel, asks: Vec<Ask>) -> usize {
    wait(async {
        let mut fetches = JoinSet::new();
        for ask in asks {
            let client = kennel.client.clone();
            fetches.spawn(async move { client.fetch(ask).await.is_ok() });
        }
        fetches
            .join_all()
            .await
            .into_iter()
            .filter(|ok| *ok)
            .count()
    })
}

fn circuit(kennel: &Kennel) -> Circuit {
    kennel.client.circuits().pop().unwrap()
}

#[test]
fn fifty_fetches_after_an_outage_are_no_herd() {
    let kennel = Kennel::with(|settings| settings.patience = Duration::from_mins(1));
    let servers: Vec<_> = (0..5)
        .map(|_| {
            Chaos::always(
                Reply::default()
                    .wait(MOMENT)
                    .send("HTTP/1.1 200 OK\r\n\r\ndogs"),
            )
        })
        .collect();
    let rate = 20.0;
    let asks = (0..50).map(|n| Ask {
        requests_per_second: rate,
        host_concurrency: 2,
        ..ask(servers[n % 5].url(&format!("/{n}")))
    });
    let began = Instant::now();

    let came = at_once(&kennel, asks.collect());

    assert_eq!(came, 50);
    assert!(began.elapsed() < Duration::from_secs(30));
    for server in &servers {
        assert!(server.most_at_once() <= 2, "{}", server.most_at_once());
        let mut starts: Vec<_> = server.requests().iter().map(|request| request.at).collect();
        starts.sort_unstable();
        // Ten fetches have nine distances, none of them shorter than the rate allows. On the way
        // here one may be held up, so it is most of the whole that is asked for.
        let spread = starts[9] - starts[0];
        assert!(spread >= Duration::from_secs_f64(6.0 / rate), "{spread:?}");
    }
}

#[test]
fn no_more_than_four_talk_at_once_whatever_the_hosts_would_take() {
    let kennel = Kennel::new();
    let server = Chaos::always(
        Reply::default()
            .wait(3 * MOMENT)
            .send("HTTP/1.1 200 OK\r\n\r\ndogs"),
    );
    let asks = (0..40).map(|n| ask(server.url(&format!("/{n}"))));

    let came = at_once(&kennel, asks.collect());

    assert_eq!((came, server.accepted()), (40, 40));
    assert!(
        (2..=4).contains(&server.most_at_once()),
        "{}",
        server.most_at_once()
    );
}

#[test]
fn who_waits_for_a_host_keeps_nobody_from_another() {
    let kennel = Kennel::new();
    let (slow, quick) = (
        Chaos::always(Reply::ok("dogs")),
        Chaos::always(Reply::ok("dogs")),
    );
    let waiting = |n| Ask {
        requests_per_second: 0.001,
        ..ask(slow.url(&format!("/{n}")))
    };

    wait(async {
        let mut fetches = JoinSet::new();
        for n in 0..20 {
            let client = kennel.client.clone();
            let ask = waiting(n);
            fetches.spawn(async move { client.fetch(ask).await });
        }
        tokio::time::sleep(MOMENT).await;
        kennel.client.fetch(ask(quick.url("/"))).await.unwrap();
        kennel.client.stop();
        let outcomes = fetches.join_all().await;
        let stopped = outcomes
            .iter()
            .filter(|outcome| **outcome == Err(Error::Stopped));
        assert_eq!(stopped.count(), 19);
    });

    assert_eq!(slow.accepted(), 1);
    assert_eq!(kennel.fetch(ask(quick.url("/new"))), Err(Error::Stopped));
}

#[test]
fn a_server_that_gets_well_is_asked_again() {
    let kennel = Kennel::new();

    for bad in [Reply::status(500), Reply::status(429), Reply::default()] {
        let server = ill_for(2, bad);
        assert_eq!(kennel.fetch(ask(server.url("/"))).unwrap().body, b"dogs");
        assert_eq!(server.accepted(), 3);
    }

    assert_eq!((kennel.tally().retries, kennel.tally().requests), (6, 9));
}

#[test]
fn a_short_pause_is_kept_by_everybody_and_a_long_one_is_told() {
    let kennel = Kennel::with(|settings| settings.total = Duration::from_secs(20));
    let server = ill_for(1, Reply::of(429, &[("Retry-After", "1")], ""));

    let came = at_once(&kennel, vec![ask(server.url("/"))]);

    assert_eq!(came, 1);
    let requests = server.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_millis(990));

    let server = ill_for(1, Reply::of(429, &[("Retry-After", "600")], ""));
    for path in ["/", "/another"] {
        let error = kennel.fetch(ask(server.url(path))).unwrap_err();
        let said = error.to_string();
        assert!(
            said.ends_with("wants to be left alone until 2026-11-20 00:10:00 UTC")
                || said.contains("until 2026-11-20 00:09:59"),
            "{said}"
        );
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_site_that_refuses_us_is_left_alone() {
    let kennel = Kennel::with(|settings| settings.refusal_pause = Duration::from_secs(1));
    let server = ill_for(1, Reply::status(403));

    for path in ["/", "/another"] {
        let error = kennel.fetch(ask(server.url(path))).unwrap_err();
        assert!(error.to_string().contains("refuses us with 403"), "{error}");
    }
    assert_eq!(
        (server.accepted(), circuit(&kennel).state),
        (1, State::Open)
    );

    thread::sleep(Duration::from_secs(1));
    assert_eq!(circuit(&kennel).state, State::Closed);
    assert!(kennel.fetch(ask(server.url("/"))).is_ok());
}

#[test]
fn after_five_failures_nobody_asks_until_one_has_looked() {
    let kennel = Kennel::with(|settings| {
        settings.attempts = 1;
        settings.breaker_pause = Duration::from_secs(1);
    });
    let server = ill_for(6, Reply::status(500));
    let fetch = |n: usize| kennel.fetch(ask(server.url(&format!("/{n}"))));

    for n in 0..5 {
        assert_eq!((circuit_state(&kennel), n), (State::Closed, n));
        assert!(matches!(fetch(n), Err(Error::Status { .. })), "{n}");
    }
    assert!(matches!(fetch(5), Err(Error::Open { .. })));
    assert_eq!((server.accepted(), circuit(&kennel).failures), (5, 5));
    assert!(circuit(&kennel).until.is_some());

    // A quarter more than the pause, and a little.
    let pause = Duration::from_millis(1_300);
    thread::sleep(pause);
    assert_eq!(circuit_state(&kennel), State::HalfOpen);
    assert!(
        matches!(fetch(6), Err(Error::Status { .. })),
        "the one that looks"
    );
    assert!(matches!(fetch(7), Err(Error::Open { .. })));
    assert_eq!(server.accepted(), 6);

    thread::sleep(pause);
    let asks = (10..30).map(|n| ask(server.url(&format!("/{n}"))));
    assert_eq!(at_once(&kennel, asks.collect()), 20);
    assert_eq!(
        (circuit_state(&kennel), circuit(&kennel).failures),
        (State::Closed, 0)
    );
}

fn circuit_state(kennel: &Kennel) -> State {
    let circuit = kennel.client.circuits().pop();
    circuit.map_or(State::Closed, |circuit| circuit.state)
}

#[test]
fn only_one_looks_whether_a_host_is_well_again() {
    let kennel = Kennel::with(|settings| {
        settings.attempts = 1;
        settings.breaker_pause = Duration::from_millis(500);
    });
    let ill = Reply::default()
        .wait(5 * MOMENT)
        .send("HTTP/1.1 500 No\r\n\r\n");
    let server = ill_for(usize::MAX, ill);
    let asks = |from: usize| {
        (from..from + 5)
            .map(|n| ask(server.url(&format!("/{n}"))))
            .collect()
    };
    at_once(&kennel, asks(0));
    assert_eq!(server.accepted(), 5);
    thread::sleep(Duration::from_millis(650));

    assert_eq!(at_once(&kennel, asks(10)), 0);

    assert_eq!(server.accepted(), 6);
}

#[test]
fn equal_asks_at_once_are_one_request() {
    let kennel = Kennel::new();
    let server = Chaos::always(
        Reply::default()
            .wait(5 * MOMENT)
            .send("HTTP/1.1 200 OK\r\n\r\ndogs"),
    );

    let came = at_once(&kennel, vec![ask(server.url("/")); 50]);

    assert_eq!((came, server.accepted()), (50, 1));
    let tally = kennel.tally();
    assert_eq!((tally.asks, tally.shared, tally.requests), (50, 49, 1));
}

#[test]
fn a_failure_is_shared_by_who_waits_and_not_by_who_comes_later() {
    let kennel = Kennel::new();
    let server = ill_for(
        1,
        Reply::default()
            .wait(5 * MOMENT)
            .send("HTTP/1.1 400 No\r\n\r\n"),
    );

    assert_eq!(at_once(&kennel, vec![ask(server.url("/")); 9]), 0);

    assert_eq!(server.accepted(), 1);
    assert!(kennel.fetch(ask(server.url("/"))).is_ok());
}

#[test]
fn who_goes_away_leaves_his_turn_to_others() {
    let kennel = Kennel::new();
    let server = Chaos::always(
        Reply::default()
            .wait(5 * MOMENT)
            .send("HTTP/1.1 200 OK\r\n\r\ndogs"),
    );
    let alone = |path| Ask {
        host_concurrency: 1,
        ..ask(server.url(path))
    };

    wait(async {
        let gone = kennel.client.fetch(alone("/gone"));
        assert!(tokio::time::timeout(MOMENT, gone).await.is_err());
        kennel.client.fetch(alone("/next")).await.unwrap();
    });

    assert_eq!(server.most_at_once(), 1);
}

#[test]
fn too_many_who_wait_are_refused() {
    let kennel = Kennel::with(|settings| settings.queue = 3);
    let server = Chaos::always(
        Reply::default()
            .wait(2 * MOMENT)
            .send("HTTP/1.1 200 OK\r\n\r\ndogs"),
    );
    let asks = (0..9).map(|n| ask(server.url(&format!("/{n}"))));

    assert_eq!(at_once(&kennel, asks.collect()), 3);

    assert_eq!(kennel.tally().refused, 6);
}
