//! Asks over several connections at once, one request at a time on each.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::{Connection, Error, Figures};

/// Connections that may break before a client gives up.
const BROKEN: u64 = 8;

/// How much is asked.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Connections, each with a thread of its own.
    pub connections: usize,
    /// Requests over all of them together.
    pub requests: usize,
    /// Nothing more is asked from then on.
    pub until: Option<Instant>,
}

/// What the threads share.
struct Work<'a> {
    address: SocketAddr,
    requests: &'a [Vec<u8>],
    plan: Plan,
    next: AtomicUsize,
    start: Barrier,
}

/// Asks each of the requests in turn, and again from the first, until all that are planned have been
/// asked. What comes before the first request is not timed. Fails when connections break again and again.
pub fn drive(address: SocketAddr, requests: &[Vec<u8>], plan: Plan) -> Result<Figures, Error> {
    let work = Work {
        address,
        requests,
        plan,
        next: AtomicUsize::new(0),
        start: Barrier::new(plan.connections + 1),
    };
    let connections: Vec<Connection> = (0..plan.connections)
        .map(|_| Connection::open(address))
        .collect::<Result<_, _>>()?;
    let mut all = Figures::default();
    let mut began = Instant::now();
    thread::scope(|scope| {
        let threads: Vec<_> = connections
            .into_iter()
            .map(|connection| scope.spawn(|| work.serve(connection)))
            .collect();
        work.start.wait();
        began = Instant::now();
        for thread in threads {
            all.beside(thread.join().map_err(|_panic| Error::Client)??);
        }
        Ok::<_, Error>(())
    })?;
    all.took = began.elapsed();
    Ok(all)
}

impl Work<'_> {
    /// The next request, while there is one and time for it.
    fn next(&self) -> Option<&[u8]> {
        let late = self.plan.until.is_some_and(|until| Instant::now() >= until);
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        if late || n >= self.plan.requests {
            return None;
        }
        let request = self.requests.get(n.checked_rem(self.requests.len())?);
        request.map(Vec::as_slice)
    }

    fn serve(&self, mut connection: Connection) -> Result<Figures, Error> {
        let mut figures = Figures::default();
        let mut broken = 0;
        self.start.wait();
        while let Some(request) = self.next() {
            let began = Instant::now();
            match answer(&mut connection, request) {
                Ok(Some(bytes)) => figures.book(began.elapsed(), bytes),
                Ok(None) => figures.errors += 1,
                Err(error) => {
                    figures.errors += 1;
                    broken += 1;
                    if broken > BROKEN {
                        return Err(error);
                    }
                    connection = Connection::open(self.address)?;
                }
            }
        }
        Ok(figures)
    }
}

/// How long the body of a 200 is; `None` when it is none.
fn answer(connection: &mut Connection, request: &[u8]) -> Result<Option<usize>, Error> {
    connection.ask(request)?;
    let reply = connection.reply()?;
    Ok((reply.status == 200).then_some(reply.body.len()))
}

#[cfg(test)]
mod tests {
    use super::super::{Server, request, says};
    use super::*;

    fn plan(requests: usize) -> Plan {
        Plan {
            connections: 3,
            requests,
            until: None,
        }
    }

    #[test]
    fn every_planned_request_is_asked_once_and_what_is_no_200_is_an_error() {
        let server = Server::start(|listener| says(listener, b"hello".to_vec())).unwrap();
        let ask = |path| request(server.address, path, None);

        let figures = drive(server.address, &[ask("/"), ask("/nothing")], plan(50)).unwrap();

        let summary = figures.summary();
        assert_eq!((summary.answers, summary.errors), (25, 25));
        assert_eq!(figures.bytes, 125);
        server.stop().unwrap();
    }

    #[test]
    fn nothing_is_asked_when_the_time_is_over_or_there_is_nothing_to_ask() {
        let server = Server::start(|listener| says(listener, b"hello".to_vec())).unwrap();
        let over = Plan {
            until: Some(Instant::now()),
            ..plan(50)
        };

        for (asked, plan) in [
            (vec![request(server.address, "/", None)], over),
            (Vec::new(), plan(50)),
        ] {
            let figures = drive(server.address, &asked, plan).unwrap();
            assert_eq!(figures.summary().answers, 0);
        }
        server.stop().unwrap();
    }

    #[test]
    fn a_server_that_is_gone_is_told_of() {
        let server = Server::start(|listener| says(listener, Vec::new())).unwrap();
        let address = server.address;
        server.stop().unwrap();

        let asked = drive(address, &[request(address, "/", None)], plan(5));

        assert!(matches!(asked, Err(Error::Io(_))), "{asked:?}");
    }
}
