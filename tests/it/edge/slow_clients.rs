//! Clients that do as little as they can, by the hundred, while somebody else wants an answer.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::Wire;
use crate::process::Daemon;
use crate::time::{PATIENCE, eventually};
use crate::world::House;

const GET: &str = "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n";

/// How slow clients begin, and what they trickle. Who is not sent away goes on for ever.
struct Kind {
    name: &'static str,
    count: usize,
    begin: fn(&mut Wire),
    trickle: &'static [u8],
    /// Whether they take what comes.
    reads: bool,
    answer: &'static [u8],
}

/// The head of a post whose body is a megabyte.
const POST: &str = "POST /api/cards HTTP/1.1\r\nHost: 127.0.0.1\r\n\
                    Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";

const KINDS: [Kind; 5] = [
    Kind {
        name: "a head without end",
        count: 500,
        begin: |wire| wire.send(GET),
        trickle: b"X-a: b\r\n",
        reads: true,
        answer: b"HTTP/1.1 408 ",
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
    },
    Kind {
        name: "a body that comes drop by drop",
        count: 500,
        begin: |wire| wire.send(POST),
        trickle: &[b' '; 100],
        reads: true,
        answer: b"HTTP/1.1 408 ",
    },
    // Fast enough for every second of it, and still not done after ten.
    Kind {
        name: "a body without end",
        count: 100,
        begin: |wire| wire.send(POST),
        trickle: &[b' '; 2_048],
        reads: true,
        answer: b"HTTP/1.1 408 ",
    },
    // The system buffers four megabytes of unread answers for each, and only when they are written
    // does the client hold anything up; so there are fewer of these.
    Kind {
        name: "answers that nobody reads",
        count: 3,
        begin: |wire| {
            let list = "GET /api/races?limit=500 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
            wire.send(list.repeat(60));
        },
        trickle: b"\r\n",
        reads: false,
        answer: b"",
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
        // Reading comes first: writing to what is closed throws away what came before the end.
        if kind.reads {
            let mut bytes = [0; 4_096];
            match self.wire.0.read(&mut bytes) {
                Ok(0) => return false,
                Ok(count) => {
                    self.got.extend_from_slice(&bytes[..count]);
                    // Who was told to go, goes.
                    return false;
                }
                Err(error) if is_the_end(&error) => return false,
                Err(_nothing_yet) => {}
            }
        }
        !trickles
            || !self
                .wire
                .0
                .write(kind.trickle)
                .is_err_and(|error| is_the_end(&error))
    }
}

fn is_the_end(error: &std::io::Error) -> bool {
    error.kind() != ErrorKind::WouldBlock
}

/// Opens the clients of a kind and sees each of them gone.
fn endure(kind: &Kind, url: &str) {
    let mut alive: Vec<Client> = (0..kind.count).map(|_| Client::begin(kind, url)).collect();
    let mut answered = 0;
    let mut round = 0_u32;
    while !alive.is_empty() {
        alive.retain_mut(|client| {
            if client.lives(kind, round.is_multiple_of(5)) {
                let age = client.began.elapsed();
                assert!(age <= 2 * PATIENCE, "{}: {age:?}", kind.name);
                return true;
            }
            answered += usize::from(client.got.starts_with(kind.answer));
            false
        });
        thread::sleep(Duration::from_millis(100));
        round += 1;
    }
    // The answer is lost on the few that wrote just when it was on its way.
    assert!(answered >= kind.count * 9 / 10, "{}: {answered}", kind.name);
}

/// How many sockets the daemon has open. Its readers open the database when they are first needed.
fn sockets(daemon: &Daemon) -> usize {
    let open = fs::read_dir(format!("/proc/{}/fd", daemon.pid())).unwrap();
    let targets = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    targets
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count()
}

/// Asks like somebody who is not slow, every tenth of a second until told to stop, and counts the
/// answers; none may fail to come while the wire has patience.
fn probe(url: &str, stop: &AtomicBool) -> usize {
    let mut answers = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut wire = Wire::at(url);
        wire.send(format!("{GET}Connection: close\r\n\r\n"));
        assert_eq!(wire.reply().unwrap().status, 200);
        answers += 1;
        thread::sleep(Duration::from_millis(100));
    }
    answers
}

#[test]
fn slow_clients_go_and_hurt_nobody() {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let data = tempfile::tempdir().unwrap();
    let database = data.path().join(lurcher::store::DATABASE);
    fs::write(database, House::of_season().into_bytes()).unwrap();
    let mut daemon = Daemon::start(data.path());
    let url = daemon.url.clone();
    let mut first = Wire::at(&url);
    first.send(format!("{GET}Connection: close\r\n\r\n"));
    assert_eq!(first.reply().unwrap().status, 200);
    drop(first);
    let before = sockets(&daemon);
    let stop = AtomicBool::new(false);

    let answers = thread::scope(|scope| {
        let probe = scope.spawn(|| probe(&url, &stop));
        let mut kinds = Vec::new();
        for kind in &KINDS {
            kinds.push(scope.spawn(|| endure(kind, &url)));
        }
        let ends: Vec<_> = kinds
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        stop.store(true, Ordering::Relaxed);
        let answers = probe.join().unwrap();
        assert!(ends.iter().all(Result::is_ok), "a kind was not sent away");
        answers
    });

    assert!(answers > 20, "{answers}");
    eventually("their sockets are closed", || {
        (sockets(&daemon) <= before + 5).then_some(())
    });
    assert!(daemon.stop().success());
}
