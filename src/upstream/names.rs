//! How host names become addresses: the system's word, or a test's.

use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

type LookUp = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// The system cannot be told to give up, so a look-up that nobody waits for any more goes on. No
/// more than this many go on at once.
const AT_ONCE: usize = 32;

/// Looks names up. Cheap to clone.
#[derive(Clone)]
pub struct Names {
    look_up: Arc<LookUp>,
    out: Arc<AtomicUsize>,
}

impl Names {
    /// The system's resolver.
    #[must_use]
    pub fn system() -> Self {
        Self::told(|host| {
            let addresses = (host, 0).to_socket_addrs()?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }

    /// Whatever `look_up` says; it may block.
    pub fn told(look_up: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self {
            look_up: Arc::new(look_up),
            out: Arc::default(),
        }
    }

    /// Every address of the host; at least one.
    pub(super) fn of(&self, host: &str, patience: Duration) -> io::Result<Vec<IpAddr>> {
        let (send, receive) = mpsc::sync_channel(1);
        let (look_up, host, ticket) = (self.look_up.clone(), host.to_owned(), self.ticket()?);
        thread::Builder::new()
            .name("upstream-name".to_owned())
            .spawn(move || {
                let _ticket = ticket;
                // Whoever asked may have gone meanwhile.
                drop(send.send(look_up(&host)));
            })?;
        let found = match receive.recv_timeout(patience) {
            Ok(found) => found?,
            Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("it panicked")),
        };
        if found.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(found)
    }

    fn ticket(&self) -> io::Result<Ticket> {
        let ticket = Ticket(self.out.clone());
        if self.out.fetch_add(1, Ordering::SeqCst) < AT_ONCE {
            return Ok(ticket);
        }
        Err(io::Error::other("too many names are being looked up"))
    }
}

/// One look-up that is out; dropping it says that it is not.
struct Ticket(Arc<AtomicUsize>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    #[test]
    fn a_resolver_that_hangs_is_not_waited_for_and_does_not_pile_up() {
        let gate = Arc::new(Mutex::new(()));
        let shut = gate.lock().unwrap();
        let names = Names::told({
            let gate = gate.clone();
            move |_| {
                drop(gate.lock().unwrap_or_else(PoisonError::into_inner));
                Ok(Vec::new())
            }
        });
        let ask = || {
            names
                .of("dogs.example", Duration::from_millis(1))
                .unwrap_err()
        };

        for _ in 0..AT_ONCE {
            assert_eq!(ask().kind(), io::ErrorKind::TimedOut);
        }
        assert_eq!(ask().to_string(), "too many names are being looked up");

        drop(shut);
        while names.out.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
        }
        let none = names
            .of("dogs.example", Duration::from_secs(9))
            .unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::NotFound);
    }
}
