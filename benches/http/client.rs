//! A client that costs little: two threads, eight connections each, one request at a time on every
//! connection.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use lurcher::bench::{Connection, request};

const THREADS: usize = 2;
const CONNECTIONS: usize = 8;

/// Asks `count` times over all connections; every body must be `expected`. Connecting is not timed.
pub(super) fn load(
    address: SocketAddr,
    path: &str,
    count: usize,
    expected: &[u8],
) -> anyhow::Result<Duration> {
    let request = request(address, path, None);
    let rounds = count / (THREADS * CONNECTIONS);
    let mut groups = Vec::new();
    for _ in 0..THREADS {
        let group = (0..CONNECTIONS).map(|_| Connection::open(address));
        groups.push(group.collect::<Result<Vec<_>, _>>()?);
    }
    let began = Instant::now();
    thread::scope(|scope| {
        let threads: Vec<_> = groups
            .into_iter()
            .map(|group| scope.spawn(|| drive(group, &request, rounds, expected)))
            .collect();
        for thread in threads {
            let outcome = thread.join();
            outcome.map_err(|_panic| anyhow::anyhow!("a client panicked"))??;
        }
        Ok(began.elapsed())
    })
}

/// How long each of the answers took that `readers` connections had, one request at a time on each,
/// for as long as the one with so many answers `goes_on`; every body must be `expected`.
pub(super) fn waits(
    address: SocketAddr,
    path: &str,
    readers: usize,
    expected: &[u8],
    goes_on: &(impl Fn(usize) -> bool + Sync),
) -> anyhow::Result<Vec<Duration>> {
    let request = request(address, path, None);
    let read = || {
        let mut connection = Connection::open(address)?;
        let mut waits = Vec::new();
        while goes_on(waits.len()) {
            let began = Instant::now();
            connection.ask(&request)?;
            let body = connection.body()?;
            waits.push(began.elapsed());
            anyhow::ensure!(body == expected, "another body than before");
        }
        anyhow::Ok(waits)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..readers).map(|_| scope.spawn(read)).collect();
        let mut all = Vec::new();
        for thread in threads {
            let outcome = thread.join();
            all.extend(outcome.map_err(|_panic| anyhow::anyhow!("a reader panicked"))??);
        }
        Ok(all)
    })
}

fn drive(
    mut group: Vec<Connection>,
    request: &[u8],
    rounds: usize,
    expected: &[u8],
) -> anyhow::Result<()> {
    for connection in &mut group {
        connection.ask(request)?;
    }
    for round in 0..rounds {
        for connection in &mut group {
            let body = connection.body()?;
            anyhow::ensure!(body == expected, "another body than before");
            if round + 1 < rounds {
                connection.ask(request)?;
            }
        }
    }
    Ok(())
}
