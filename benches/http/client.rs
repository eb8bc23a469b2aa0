//! A client that costs little: two threads, eight connections each, one request at a time on every
//! connection. It knows no more HTTP than actix-web answers with: a status and a length.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

const THREADS: usize = 2;
const CONNECTIONS: usize = 8;
/// How long an answer may take before the bench fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that stays open.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The body of one answer, which must be a 200.
pub(crate) fn get(address: SocketAddr, path: &str) -> anyhow::Result<Vec<u8>> {
    let mut connection = Connection::open(address)?;
    connection.ask(&request(address, path))?;
    Ok(connection.body()?.to_vec())
}

/// Asks `count` times over all connections; every body must be `expected`. Connecting is not timed.
pub(super) fn load(
    address: SocketAddr,
    path: &str,
    count: usize,
    expected: &[u8],
) -> anyhow::Result<Duration> {
    let request = request(address, path);
    let rounds = count / (THREADS * CONNECTIONS);
    let mut groups = Vec::new();
    for _ in 0..THREADS {
        let group = (0..CONNECTIONS).map(|_| Connection::open(address));
        groups.push(group.collect::<anyhow::Result<Vec<_>>>()?);
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
    let request = request(address, path);
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

fn request(address: SocketAddr, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes()
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: vec![0; 64 * 1024],
        })
    }

    pub(super) fn ask(&mut self, request: &[u8]) -> anyhow::Result<()> {
        Ok(self.stream.write_all(request)?)
    }

    /// Reads one answer whole and gives its body.
    pub(super) fn body(&mut self) -> anyhow::Result<&[u8]> {
        let (from, until) = self.answer()?;
        Ok(self.buffer.get(from..until).unwrap_or_default())
    }

    /// Reads one answer whole and says where in the buffer its body is.
    fn answer(&mut self) -> anyhow::Result<(usize, usize)> {
        let mut held = 0;
        let mut body = None;
        loop {
            let room = self.buffer.get_mut(held..).unwrap_or_default();
            let read = self.stream.read(room)?;
            anyhow::ensure!(read > 0, "the server hung up");
            held += read;
            let got = self.buffer.get(..held).unwrap_or_default();
            if body.is_none() {
                body = head(got)?;
            }
            if let Some((from, until)) = body
                && held >= until
            {
                return Ok((from, until));
            }
        }
    }
}

/// Where the body begins and ends, once the head is whole.
fn head(got: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(got.get(..end).unwrap_or_default())?;
    anyhow::ensure!(head.starts_with("HTTP/1.1 200 "), "not a 200: {head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .context("an answer without a length")?;
    let from = end + 4;
    Ok(Some((from, from + length.parse::<usize>()?)))
}
