//! Whose turn it is at a host: not too often, not too many, and not while it wants its peace.
//!
//! A turn is taken only together with a place on the crew, so nobody holds a thread while waiting
//! for a host, and what has waited for a thread still keeps its distance from the one before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::circuit::{Circuit, State};
use super::jitter::Jitter;
use super::target::Target;
use super::{Ask, Error, Settings};
use crate::runtime::Clock;

/// Hosts that are known at once, at most.
const HOSTS: usize = 1_024;
/// The slowest that anybody is asked: once an hour.
const SLOWEST: f64 = 1.0 / 3_600.0;

/// Every host, and the places on the crew.
pub(super) struct Hosts {
    settings: Settings,
    clock: Clock,
    jitter: Arc<Jitter>,
    places: Arc<Semaphore>,
    known: Mutex<HashMap<String, Arc<Host>>>,
}

/// One host: name and port.
pub(super) struct Host {
    name: String,
    freed: Notify,
    stand: Mutex<Stand>,
}

struct Stand {
    /// Requests that are out.
    running: usize,
    /// Nobody asks before.
    next: Instant,
    failures: u32,
    /// While set, the breaker is open, and after this instant half open.
    opened: Option<Instant>,
    /// Whether the one that tries a half-open host is out.
    probing: bool,
    hold: Option<(Instant, Hold)>,
}

/// Why a host is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// It asked for it.
    Later,
    /// It refuses us with this status.
    Unwelcome(u16),
}

enum Turn {
    Now(Pass),
    At(Instant),
    Full,
    Shut(Error),
}

/// The right to send one request; dropping it gives the turn back.
pub(super) struct Pass {
    host: Arc<Host>,
    probe: bool,
    failures: u32,
    pause: Duration,
    _place: OwnedSemaphorePermit,
}

impl Hosts {
    /// None yet.
    pub(super) fn new(settings: Settings, clock: Clock, jitter: Arc<Jitter>) -> Self {
        Self {
            places: Arc::new(Semaphore::new(settings.threads.max(1))),
            settings,
            clock,
            jitter,
            known: Mutex::default(),
        }
    }

    /// The host of a URL.
    pub(super) fn of(&self, target: &Target) -> Result<Arc<Host>, Error> {
        let name = target.authority();
        let mut hosts = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(&name) {
            return Ok(host.clone());
        }
        if hosts.len() >= HOSTS {
            let now = Instant::now();
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || !host.lock().is_forgettable(now));
        }
        if hosts.len() >= HOSTS {
            return Err(Error::Busy { host: name });
        }
        let host = Arc::new(Host::new(name.clone()));
        hosts.insert(name, host.clone());
        drop(hosts);
        Ok(host)
    }

    /// Waits for a turn, for as long as it takes; the caller has the deadline.
    pub(super) async fn turn(&self, host: &Arc<Host>, ask: &Ask) -> Result<Pass, Error> {
        loop {
            // Listening begins before looking.
            let freed = host.freed.notified();
            let places = self.places.clone();
            let place = places
                .acquire_owned()
                .await
                .map_err(|_closed| Error::Stopped)?;
            match self.look(host, ask, place) {
                Turn::Now(pass) => return Ok(pass),
                Turn::At(then) => sleep_until(then).await,
                Turn::Full => freed.await,
                Turn::Shut(error) => return Err(error),
            }
        }
    }

    fn look(&self, host: &Arc<Host>, ask: &Ask, place: OwnedSemaphorePermit) -> Turn {
        let now = Instant::now();
        let mut stand = host.lock();
        if let Some((until, hold)) = stand.hold.filter(|(until, _)| *until > now) {
            // A short pause is waited for, a long one is told.
            let short = hold == Hold::Later && until - now < self.settings.total;
            return if short {
                Turn::At(until)
            } else {
                Turn::Shut(self.held(host, hold, until))
            };
        }
        if let Some(until) = stand.opened.filter(|until| *until > now) {
            return Turn::Shut(Error::Open {
                host: host.name.clone(),
                until: self.instant(until),
            });
        }
        if stand.probing || stand.running >= ask.host_concurrency.max(1) {
            return Turn::Full;
        }
        if stand.next > now {
            return Turn::At(stand.next);
        }
        let distance = Duration::from_secs(1).div_f64(ask.requests_per_second.max(SLOWEST));
        stand.next = now + distance + self.jitter.up_to(distance / 2);
        stand.running += 1;
        stand.probing = stand.opened.is_some();
        let probe = stand.probing;
        drop(stand);
        let pause = self.settings.breaker_pause;
        Turn::Now(Pass {
            host: host.clone(),
            probe,
            failures: self.settings.breaker_failures,
            pause: pause + self.jitter.up_to(pause / 4),
            _place: place,
        })
    }

    /// Leaves a host alone for a while, and says so.
    pub(super) fn hold(&self, host: &Host, pause: Duration, hold: Hold) -> Error {
        let until = Instant::now() + pause;
        let mut stand = host.lock();
        let (until, hold) = stand
            .hold
            .filter(|(old, _)| *old > until)
            .unwrap_or((until, hold));
        stand.hold = Some((until, hold));
        drop(stand);
        self.held(host, hold, until)
    }

    fn held(&self, host: &Host, hold: Hold, until: Instant) -> Error {
        let (host, until) = (host.name.clone(), self.instant(until));
        match hold {
            Hold::Later => Error::Later { host, until },
            Hold::Unwelcome(status) => Error::Unwelcome {
                host,
                status,
                until,
            },
        }
    }

    /// How it stands with all of them.
    pub(super) fn circuits(&self) -> Vec<Circuit> {
        let hosts = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut circuits: Vec<_> = hosts.values().map(|host| self.circuit(host)).collect();
        drop(hosts);
        circuits.sort_unstable_by(|one, other| one.host.cmp(&other.host));
        circuits
    }

    fn circuit(&self, host: &Host) -> Circuit {
        let now = Instant::now();
        let stand = host.lock();
        let held = stand.hold.map(|(until, _)| until);
        let until = held.max(stand.opened).filter(|until| *until > now);
        let state = match (until, stand.opened) {
            (Some(_), _) => State::Open,
            (None, Some(_)) => State::HalfOpen,
            (None, None) => State::Closed,
        };
        Circuit {
            host: host.name.clone(),
            state,
            failures: stand.failures,
            until: until.map(|until| self.instant(until)),
        }
    }

    fn instant(&self, until: Instant) -> DateTime<Utc> {
        self.clock.now() + until.saturating_duration_since(Instant::now())
    }
}

impl Host {
    fn new(name: String) -> Self {
        Self {
            name,
            freed: Notify::new(),
            stand: Mutex::new(Stand {
                running: 0,
                next: Instant::now(),
                failures: 0,
                opened: None,
                probing: false,
                hold: None,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stand> {
        self.stand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stand {
    fn is_forgettable(&self, now: Instant) -> bool {
        let held = self.hold.is_some_and(|(until, _)| until > now);
        self.failures == 0 && self.next <= now && !held
    }
}

impl Pass {
    /// The host answered.
    pub(super) fn well(&self) {
        let mut stand = self.host.lock();
        stand.failures = 0;
        stand.opened = None;
    }

    /// It did not, or said itself that it is not well.
    pub(super) fn ill(&self) {
        let mut stand = self.host.lock();
        stand.failures = stand.failures.saturating_add(1);
        let opens = self.probe || (stand.opened.is_none() && stand.failures >= self.failures);
        if opens {
            stand.opened = Some(Instant::now() + self.pause);
        }
        drop(stand);
        if opens {
            tracing::warn!(
                host = self.host.name,
                pause_ms = self.pause.as_millis(),
                "an upstream host failed too often"
            );
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut stand = self.host.lock();
        stand.running -= 1;
        if self.probe {
            stand.probing = false;
        }
        drop(stand);
        self.host.freed.notify_waiters();
    }
}
