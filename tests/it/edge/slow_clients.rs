//! Clients that do as little as they can, by the hundred, while somebody else wants an answer.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::Wire;
use crate::process::Daemon;
use crate::world::House;

const GET: &str = "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n";

/// How slow clients begin, what they trickle, and when they must be gone.
struct Kind {
    name: &'static str,
    count: usize,
    begin: fn(&mut Wire),
    trickle: &'static [u8],
    /// Whether they take what comes.
    reads: bool,
    answer: &'static [u8],
    gone: Duration,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "a head without end",
        count: 500,
        begin: |wire| wire.send(GET),
        trickle: b"X-a: b\r\n",
        reads: true,
        answer: b"HTTP/1.1 408 ",
        gone: Duration::from_secs(6),
    },
    Kind {
        name: "a second head without end",
        count: 500,
        begin: |wire| {
            wire.send(format!("{GET}\r\n"));
            assert_eq!(wire.reply().unwrap().status, 200);
            wire.send(GET);
        },
        trickle: b"X-a: b\r\n",
        reads: true,
        answer: b"",
        gone: Duration::from_secs(12),
    },
    // What the system buffers of unread answers is megabytes each, so there are fewer of these.
    Kind {
        name: "answers that nobody reads",
        count: 40,
        begin: |wire| {
            let list = "GET /api/races?limit=500 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
            wire.send(list.repeat(60));
        },
        trickle: b"\r\n",
        reads: false,
        answer: b"",
        gone: Duration::from_secs(30),
    },
];

/// One slow client.
struct Client {
    wire: Wire,
    began: Instant,
    got: Vec<u8>,
}

impl Client {
    fn begin(kind: &Kind, url: &str) -> Self {
        let mut wire = Wire::at(url);
        (kind.begin)(&mut wire);
        wire.0.set_nonblocking(true).unwrap();
        Self {
            wire,
            began: Instant::now(),
            got: Vec::new(),
        }
    }

    /// Whether the connection is still there.
    fn lives(&mut self, kind: &Kind, trickles: bool) -> bool {
        if trickles && self.wire.0.write(kind.trickle).is_err_and(is_the_end) {
            return false;
        }
        let mut bytes = [0; 4_096];
        if !kind.reads {
            return true;
        }
        match self.wire.0.read(&mut bytes) {
            Ok(0) => false,
            Ok(count) => {
                self.got.extend_from_slice(&bytes[..count]);
                true
            }
            Err(error) => !is_the_end(error),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is asked as a function")]
fn is_the_end(error: std::io::Error) -> bool {
    error.kind() != ErrorKind::WouldBlock
}

/// Opens the clients of a kind and sees each of them gone in time.
fn endure(kind: &Kind, url: &str) {
    let mut alive: Vec<Client> = (0..kind.count).map(|_| Client::begin(kind, url)).collect();
    let mut round = 0_u32;
    while !alive.is_empty() {
        alive.retain_mut(|client| {
            if client.lives(kind, round.is_multiple_of(10)) {
                let age = client.began.elapsed();
                assert!(age <= kind.gone, "{}: {age:?}", kind.name);
                return true;
            }
            assert!(client.got.starts_with(kind.answer), "{}", kind.name);
            false
        });
        thread::sleep(Duration::from_millis(100));
        round += 1;
    }
}

fn descriptors(daemon: &Daemon) -> usize {
    let open = fs::read_dir(format!("/proc/{}/fd", daemon.pid())).unwrap();
    open.count()
}

/// How long somebody who is not slow waits, every tenth of a second, until told to stop.
fn probe(url: &str, stop: &AtomicBool) -> Vec<Duration> {
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let mut wire = Wire::at(url);
        wire.send(format!("{GET}Connection: close\r\n\r\n"));
        assert_eq!(wire.reply().unwrap().status, 200);
        took.push(asked.elapsed());
        thread::sleep(Duration::from_millis(100));
    }
    took.sort();
    took
}

#[test]
fn slow_clients_go_and_hurt_nobody() {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let data = tempfile::tempdir().unwrap();
    let database = data.path().join(lurcher::store::DATABASE);
    fs::write(database, House::of_season().into_bytes()).unwrap();
    let mut daemon = Daemon::start(data.path());
    let url = daemon.url.clone();
    drop(probe(&url, &AtomicBool::new(true)));
    let before = descriptors(&daemon);
    let stop = AtomicBool::new(false);

    let took = thread::scope(|scope| {
        let probe = scope.spawn(|| probe(&url, &stop));
        let kinds = KINDS.iter().map(|kind| scope.spawn(|| endure(kind, &url)));
        let kinds: Vec<_> = kinds.collect();
        let ends: Vec<_> = kinds.into_iter().map(|kind| kind.join()).collect();
        stop.store(true, Ordering::Relaxed);
        let took = probe.join().unwrap();
        assert!(
            ends.iter().all(Result::is_ok),
            "a kind was not gone in time"
        );
        took
    });

    let p99 = took[took.len() * 99 / 100];
    assert!(
        p99 <= Duration::from_millis(250),
        "{p99:?} of {}",
        took.len()
    );
    let gone = Instant::now();
    while descriptors(&daemon) > before + 5 {
        let now = descriptors(&daemon);
        assert!(
            gone.elapsed() < Duration::from_secs(5),
            "{now}, {before} before"
        );
        thread::sleep(Duration::from_millis(100));
    }
    assert!(daemon.stop().success());
}
