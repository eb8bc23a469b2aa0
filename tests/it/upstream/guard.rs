//! Promise 43: nobody is sent to an address of this machine or network, by configuration, by name
//! or by redirect. What counts is who was connected to, so somebody listens and counts.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lurcher::runtime::Secret;
use lurcher::upstream::{Ask, Error, Names};

use super::chaos::{Chaos, Reply};
use super::{Kennel, ask};

/// Ways to write a host that is this machine.
const LOOPBACK: &[&str] = &[
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0177.0x0.1",
    "127.0.0.1.",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[::ffff:0:127.0.0.1]",
    "0",
    "0.0.0.0",
    "[::]",
    "[::ffff:0.0.0.0]",
    "localhost",
    "LOCALHOST.",
    "ip6-localhost",
    "127.0.0.1.nip.example",
    "dogs.example",
    "both.example",
];

/// Hosts that are neither this machine nor anybody's.
const ELSEWHERE: &[&str] = &[
    "10.0.0.1",
    "10.255.255.255",
    "0xa.1",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "3232235521",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "169.254.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "0.1.2.3",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[2001::1]",
    "[100::1]",
    "[64:ff9b:1::1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[::a9fe:a9fe]",
    "[2002:c0a8:1::]",
    "[5f00::1]",
    "private.example",
    "metadata.example",
];

fn addresses(host: &str) -> Vec<IpAddr> {
    let addresses: &[&str] = match host {
        "private.example" => &["192.168.1.1"],
        "metadata.example" => &["169.254.169.254"],
        // One good address does not make the other one good.
        "both.example" => &["93.184.215.14", "127.0.0.1"],
        _ => &["127.0.0.1", "::1"],
    };
    addresses.iter().map(|text| text.parse().unwrap()).collect()
}

fn guarded() -> Kennel {
    Kennel::with(|settings| settings.names = Names::told(|host| Ok(addresses(host))))
}

/// A source that said nothing about its own network.
fn public(url: impl Into<String>) -> Ask {
    Ask {
        allow_private: false,
        ..ask(url)
    }
}

#[test]
fn no_way_to_write_a_host_leads_to_this_machine_or_network() {
    let kennel = guarded();
    let listener = Chaos::at("0.0.0.0:0", |_| Reply::ok("dogs"));
    let mut urls = 0;

    for host in [LOOPBACK, ELSEWHERE].concat() {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/", listener.port());
            let error = kennel.fetch(public(&url)).expect_err(&url);
            let refused = matches!(error, Error::Address { .. } | Error::Url { .. });
            assert!(refused, "{url}: {error:?}");
            urls += 1;
        }
    }

    assert!(urls >= 80, "{urls}");
    assert_eq!(listener.accepted(), 0);
    // The listener does count.
    let url = format!("http://127.0.0.1:{}/", listener.port());
    assert!(kennel.fetch(ask(url)).is_ok());
    assert_eq!(listener.accepted(), 1);
}

#[test]
fn a_source_on_our_own_network_must_say_so_and_even_then_not_everything_goes() {
    let kennel = guarded();
    let server = Chaos::always(Reply::ok("dogs"));

    assert!(kennel.fetch(public(server.url("/"))).is_err());
    assert!(kennel.fetch(ask(server.url("/"))).is_ok());
    for host in [
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "metadata.example",
        "[fe80::1]",
    ] {
        let error = kennel
            .fetch(ask(format!("http://{host}:8080/")))
            .unwrap_err();
        assert!(matches!(error, Error::Address { .. }), "{host}: {error:?}");
    }

    // What is kept of it is not for who did not say so.
    assert!(kennel.fetch(public(server.url("/"))).is_err());
    assert_eq!(server.accepted(), 1);
}

#[test]
fn other_schemes_ports_and_passwords_are_not_asked() {
    let kennel = guarded();

    for url in [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "ws://127.0.0.1/",
        "http://127.0.0.1:22/",
        "http://127.0.0.1:25/",
        "http://127.0.0.1:6379/",
        "http://user:hunter2@127.0.0.1:8080/",
    ] {
        let error = kennel.fetch(ask(url)).expect_err(url);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert_eq!(kennel.tally().requests, 0);
}

#[test]
fn a_name_is_asked_once_and_what_it_said_is_what_is_connected_to() {
    let good = Chaos::at("127.0.0.1:0", |_| Reply::ok("dogs"));
    let bad = Chaos::at(&format!("127.0.0.2:{}", good.port()), |_| Reply::ok("cats"));
    let asked = Arc::new(AtomicUsize::new(0));
    let kennel = Kennel::with(|settings| {
        let asked = asked.clone();
        settings.names = Names::told(move |_| {
            let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
            Ok(vec![
                if first { "127.0.0.1" } else { "127.0.0.2" }
                    .parse()
                    .unwrap(),
            ])
        });
    });

    let fetched = kennel.fetch(ask(format!("http://dogs.example:{}/", good.port())));

    assert_eq!(fetched.unwrap().body, b"dogs");
    assert_eq!((asked.load(Ordering::SeqCst), bad.accepted()), (1, 0));
}

#[test]
fn a_name_that_turns_bad_between_two_fetches_is_refused() {
    let server = Chaos::always(Reply::ok("dogs"));
    let asked = AtomicUsize::new(0);
    let kennel = Kennel::with(|settings| {
        settings.names = Names::told(move |_| {
            let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
            Ok(vec![
                if first {
                    "127.0.0.1"
                } else {
                    "169.254.169.254"
                }
                .parse()
                .unwrap(),
            ])
        });
    });
    let url = |path| format!("http://dogs.example:{}{path}", server.port());

    assert!(kennel.fetch(ask(url("/one"))).is_ok());
    let error = kennel.fetch(ask(url("/two"))).unwrap_err();

    assert!(matches!(error, Error::Address { .. }), "{error:?}");
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_redirect_does_not_lead_to_another_house_on_our_network() {
    let kennel = guarded();
    let neighbour = Chaos::always(Reply::ok("secrets of the house"));
    let hosts = [
        "127.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "dogs.example",
        "2130706433",
    ];

    for host in hosts {
        let to = format!("http://{host}:{}/", neighbour.port());
        let server = Chaos::always(Reply::redirect(&to));
        let error = kennel.fetch(ask(server.url("/"))).expect_err(&to);
        assert!(matches!(error, Error::Address { .. }), "{to}: {error:?}");
    }

    assert_eq!(neighbour.accepted(), 0);
}

#[test]
fn a_redirect_at_home_is_followed_with_the_secrets_and_the_answer_says_where_it_is_from() {
    let kennel = guarded();
    let server = Chaos::start(|request| match request.path.as_str() {
        "/old" => Reply::redirect("newer?x=1"),
        "/newer?x=1" => Reply::of(308, &[("Location", "/newest?token=abc")], ""),
        _ => Reply::ok("dogs"),
    });
    let asks = Ask {
        headers: vec![("Authorization".to_owned(), Secret::new("hunter2"))],
        ..ask(server.url("/old"))
    };

    let fetched = kennel.fetch(asks).unwrap();

    assert_eq!(fetched.url, server.url("/newest?token=***"));
    let secrets = server.requests();
    assert_eq!(secrets.len(), 3);
    assert!(
        secrets
            .iter()
            .all(|request| request.header("authorization") == "hunter2")
    );
}
