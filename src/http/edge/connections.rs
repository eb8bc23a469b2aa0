//! Every open connection, and the end of those that only hold a place.
//!
//! actix watches the first head of a connection and nothing after it: a second head that trickles
//! in and an answer that nobody reads would stay for ever. Each connection therefore notes when
//! something last happened, and once a second [`Connections::reap`] shuts down the idle ones. To
//! be able to it holds a second handle on the socket.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_web::dev::Extensions;
use actix_web::rt::net;

/// No request for so long, since the last was answered, ends a connection. Clients that merely keep
/// it alive are let go by actix a second earlier.
const IDLE: Duration = Duration::from_secs(11);
/// An answer of which nobody takes a piece for so long ends the connection.
const UNREAD: Duration = Duration::from_secs(20);

/// The connections that are open.
#[derive(Clone)]
pub(in crate::http) struct Connections {
    began: Instant,
    open: Arc<Mutex<Vec<Weak<Connection>>>>,
}

impl Connections {
    /// None yet.
    pub(in crate::http) fn new() -> Self {
        Self {
            began: Instant::now(),
            open: Arc::default(),
        }
    }

    /// Notes a connection for as long as `extensions` live, which is as long as it is open. One
    /// that cannot be watched, because there is no descriptor left, is not noted.
    pub(in crate::http) fn note(&self, io: &dyn Any, extensions: &mut Extensions) {
        let Some(socket) = io.downcast_ref::<net::TcpStream>() else {
            return;
        };
        let Ok(second) = socket.as_fd().try_clone_to_owned() else {
            return;
        };
        let connection = Arc::new(Connection {
            socket: TcpStream::from(second),
            began: self.began,
            last_ms: AtomicU64::new(millis(self.began.elapsed())),
            requests: AtomicUsize::new(0),
            handed_out: AtomicBool::new(false),
        });
        self.lock().push(Arc::downgrade(&connection));
        extensions.insert(connection);
    }

    /// Shuts down the connections that hold a place and do nothing with it.
    pub(in crate::http) fn reap(&self) {
        self.lock().retain(|connection| {
            let Some(connection) = connection.upgrade() else {
                return false;
            };
            if connection.wastes(self.began.elapsed()) {
                // The other side may have been faster.
                drop(connection.socket.shutdown(Shutdown::Both));
                return false;
            }
            true
        });
    }

    /// Reaps once a second, for as long as the runtime lives.
    pub(in crate::http) async fn watch(self) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            second.tick().await;
            self.reap();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open connection.
pub(in crate::http) struct Connection {
    socket: TcpStream,
    began: Instant,
    last_ms: AtomicU64,
    requests: AtomicUsize,
    handed_out: AtomicBool,
}

impl Connection {
    /// A request has come.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.requests.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    fn touch(&self) {
        let now = millis(self.began.elapsed());
        self.last_ms.store(now, Ordering::Relaxed);
    }

    fn wastes(&self, now: Duration) -> bool {
        let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
        let idle = now.saturating_sub(last);
        if self.requests.load(Ordering::Relaxed) == 0 {
            return idle > IDLE;
        }
        self.handed_out.load(Ordering::Relaxed) && idle > UNREAD
    }
}

/// A request that is not answered to the end yet.
pub(in crate::http) struct InFlight(Arc<Connection>);

impl InFlight {
    /// A piece of the answer was handed out: until the next is asked for, the client is waited for.
    pub(super) fn handed_out(&self) {
        self.0.touch();
        self.0.handed_out.store(true, Ordering::Relaxed);
    }

    /// There is no piece to hand out yet: it is not the client who is waited for.
    pub(super) fn nothing_yet(&self) {
        self.0.touch();
        self.0.handed_out.store(false, Ordering::Relaxed);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.nothing_yet();
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How many connections each of `workers` may hold. A connection takes two descriptors, and as many
/// again are not spoken for: the database, its temporary files, uploads.
pub(in crate::http) fn most(workers: usize) -> usize {
    const OURS: usize = 128;
    const EACH: usize = 2;
    const LEAST: usize = 64;
    const USUAL: usize = 25_600;
    let files = match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => usize::try_from(files).unwrap_or(usize::MAX),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files is not known");
            1_024
        }
    };
    let most = (files.saturating_sub(OURS) / (EACH * workers)).clamp(LEAST, USUAL);
    tracing::info!(files, connections = most * workers, "limits");
    most
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn connection() -> Arc<Connection> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Arc::new(Connection {
            socket: TcpStream::connect(listener.local_addr().unwrap()).unwrap(),
            began: Instant::now(),
            last_ms: AtomicU64::new(0),
            requests: AtomicUsize::new(0),
            handed_out: AtomicBool::new(false),
        })
    }

    #[test]
    fn a_connection_without_a_request_wastes_its_place_and_one_with_does_not() {
        let connection = connection();
        let later = IDLE + Duration::from_secs(1);
        assert!(!connection.wastes(IDLE));
        assert!(connection.wastes(later));

        let request = connection.begin();

        assert!(!connection.wastes(later));
        assert!(!connection.wastes(UNREAD * 2));
        drop(request);
        assert!(connection.wastes(later + Duration::from_secs(1)));
    }

    #[test]
    fn an_answer_that_nobody_reads_wastes_its_place_and_one_that_waits_for_us_does_not() {
        let connection = connection();
        let later = UNREAD + Duration::from_secs(5);
        let request = connection.begin();

        request.handed_out();
        assert!(!connection.wastes(UNREAD));
        assert!(connection.wastes(later));

        request.nothing_yet();
        assert!(!connection.wastes(later));
    }
}
