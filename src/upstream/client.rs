//! The way of one ask: copy, flight, network, copy.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use ureq::http::{HeaderName, HeaderValue};

use super::disk::{Disk, Found};
use super::entry::Entry;
use super::flights::Flights;
use super::hosts::Hosts;
use super::jitter::Jitter;
use super::journey::{Arrival, Journey, Road};
use super::key::{Key, Salt};
use super::tally::{Tallies, Tally};
use super::target::Target;
use super::wire::Reply;
use super::{Ask, Circuit, Error, Fetched, Settings};
use crate::domain::Source;
use crate::runtime::{Clock, Crew, Lane};

/// See the room. Cheap to clone; all handles share everything. The last one to go waits for what is
/// on the wire, which is [`Settings::total`] at most.
#[derive(Clone)]
pub struct Client {
    desk: Arc<Desk>,
}

struct Desk {
    road: Road,
    disk: Crew<Disk>,
    salt: Salt,
    flights: Flights,
    seats: Semaphore,
    copies_on: AtomicBool,
}

/// A copy that is good enough to be given out, and how old it is.
type Copy = (Entry, Duration);

impl Client {
    /// Makes the folder, looks what is in it, and starts the threads.
    pub fn start(settings: Settings, clock: Clock) -> io::Result<Self> {
        let (disk, salt) = Disk::open(&settings.folder, settings.cache_bytes, settings.cache_age)?;
        let jitter = Arc::new(Jitter::new(settings.jitter_seed));
        let crew = vec![(); settings.threads.max(1)];
        let queue = settings.queue;
        let road = Road {
            hosts: Hosts::new(settings.clone(), clock.clone(), jitter.clone()),
            crew: Crew::start("upstream", queue, crew)?,
            tallies: Tallies::default(),
            stop: watch::Sender::new(false),
            settings,
            clock,
            jitter,
        };
        let desk = Desk {
            road,
            disk: Crew::start("upstream-disk", queue, vec![disk])?,
            salt,
            flights: Flights::default(),
            seats: Semaphore::new(queue),
            copies_on: AtomicBool::new(true),
        };
        Ok(Self {
            desk: Arc::new(desk),
        })
    }

    /// The page, or the last good copy of it marked stale, or why there is neither.
    pub async fn fetch(&self, ask: Ask) -> Result<Arc<Fetched>, Error> {
        let outcome = self.desk.fetch(&ask).await;
        self.desk.road.tallies.count(&ask.source, |tally| {
            tally.asks += 1;
            if let Err(error) = &outcome {
                tally.failed += 1;
                tally.refused += u64::from(error.is_ours());
            }
        });
        outcome
    }

    /// How it stands with every host that was asked.
    #[must_use]
    pub fn circuits(&self) -> Vec<Circuit> {
        self.desk.road.hosts.circuits()
    }

    /// What was fetched for whom.
    #[must_use]
    pub fn tallies(&self) -> Vec<(Source, Tally)> {
        self.desk.road.tallies.all()
    }

    /// Whether a copy that is young enough is given out without asking.
    #[must_use]
    pub fn copies_on(&self) -> bool {
        self.desk.copies_on.load(Ordering::Relaxed)
    }

    /// Switches that on or off; off, copies still bridge a fault and spare what has not changed.
    pub fn switch_copies(&self, on: bool) {
        self.desk.copies_on.store(on, Ordering::Relaxed);
    }

    /// Ends every wait; what is on the wire may finish. No fetch begins any more.
    pub fn stop(&self) {
        self.desk.road.stop.send_replace(true);
    }
}

impl Desk {
    async fn fetch(&self, ask: &Ask) -> Result<Arc<Fetched>, Error> {
        let target = Target::parse(&ask.url)?;
        check_headers(ask, &target)?;
        let seat = self.seats.try_acquire();
        let _seat = seat.map_err(|_none| Error::Busy {
            host: target.host().to_owned(),
        })?;
        let key = Key::of_copy(&self.salt, ask, &target);
        let flight = key.of_flight(ask);
        let go = async || self.answer(ask, &target, &key).await.map(Arc::new);
        let (outcome, shared) = Box::pin(self.flights.share(&flight, go)).await;
        if shared {
            self.count(ask, |tally| tally.shared += 1);
        }
        outcome
    }

    async fn answer(&self, ask: &Ask, target: &Target, key: &Key) -> Result<Fetched, Error> {
        let spares = self.copies_on.load(Ordering::Relaxed);
        let copy = match self.find(key).await? {
            Found::Copy(entry, age) if self.is_good(ask, &entry.body) => Some((entry, age)),
            Found::Missing if spares => {
                self.count(ask, |tally| tally.hits += 1);
                let host = target.host().to_owned();
                return Err(Error::Missing { host });
            }
            Found::Copy(..) | Found::Missing | Found::Nothing => None,
        };
        let copy = match copy {
            Some((entry, age)) if spares && age < ask.ttl => {
                self.count(ask, |tally| tally.hits += 1);
                return Ok(fetched(entry, age, true, None));
            }
            copy => copy,
        };
        self.count(ask, |tally| tally.misses += 1);
        let arrival = self.travel(ask, target, copy.as_ref()).await;
        let outcome = match arrival {
            Ok(arrival) => self.arrived(ask, key, copy.as_ref(), arrival).await,
            Err(error) => Err(error),
        };
        match (outcome, copy) {
            (Ok(fetched), _) => Ok(fetched),
            (Err(error), Some((entry, age))) if error.may_be_bridged() => {
                self.count(ask, |tally| tally.stale += 1);
                Ok(fetched(entry, age, true, Some(error)))
            }
            (Err(error), _) => {
                if let Error::Missing { .. } = error {
                    self.remember_missing(key).await?;
                }
                Err(error)
            }
        }
    }

    async fn travel(
        &self,
        ask: &Ask,
        target: &Target,
        copy: Option<&Copy>,
    ) -> Result<Arrival, Error> {
        let validators = copy.map(|(entry, _)| entry.validators.clone());
        let journey = Journey {
            road: &self.road,
            ask,
            target,
            validators: validators.unwrap_or_default(),
        };
        journey.travel().await
    }

    /// A 304 makes the copy new again; a 200 is believed if it is what was expected.
    async fn arrived(
        &self,
        ask: &Ask,
        key: &Key,
        copy: Option<&Copy>,
        (reply, from): Arrival,
    ) -> Result<Fetched, Error> {
        let no_store = reply.no_store;
        let entry = if let (304, Some((entry, _))) = (reply.status, copy) {
            self.count(ask, |tally| tally.revalidated += 1);
            Entry {
                fetched_at: self.road.clock.now(),
                ..entry.clone()
            }
        } else {
            self.believed(ask, reply, &from)?
        };
        if no_store {
            return Ok(fetched(entry, Duration::ZERO, false, None));
        }
        let key = key.clone();
        let kept = self.disk.ask(Lane::Live, move |disk| {
            disk.keep(&key, &entry);
            entry
        });
        Ok(fetched(kept.await?, Duration::ZERO, false, None))
    }

    fn believed(&self, ask: &Ask, reply: Reply, from: &Target) -> Result<Entry, Error> {
        let bytes = u64::try_from(reply.body.len()).unwrap_or(u64::MAX);
        self.count(ask, |tally| tally.bytes += bytes);
        if let Some(rule) = ask.expect.fault(&reply.body) {
            return Err(Error::Unexpected {
                host: from.host().to_owned(),
                expected: ask.expect.name(),
                rule,
            });
        }
        Ok(Entry {
            url: from.shown(),
            fetched_at: self.road.clock.now(),
            validators: reply.validators,
            media: reply.media,
            body: reply.body,
        })
    }

    async fn find(&self, key: &Key) -> Result<Found, Error> {
        let (key, now) = (key.clone(), self.road.clock.now());
        let found = self.disk.ask(Lane::Live, move |disk| disk.find(&key, now));
        Ok(found.await?)
    }

    async fn remember_missing(&self, key: &Key) -> Result<(), Error> {
        let until = self.road.clock.now() + self.road.settings.missing_ttl;
        let key = key.clone();
        let missed = self
            .disk
            .ask(Lane::Live, move |disk| disk.miss(&key, until));
        Ok(missed.await?)
    }

    /// Whether a copy would be taken if it came from the server now.
    fn is_good(&self, ask: &Ask, body: &[u8]) -> bool {
        let limit = ask.limit(&self.road.settings);
        let fits = u64::try_from(body.len()).is_ok_and(|length| length <= limit);
        fits && ask.expect.fault(body).is_none()
    }

    fn count(&self, ask: &Ask, count: impl FnOnce(&mut Tally)) {
        self.road.tallies.count(&ask.source, count);
    }
}

fn fetched(entry: Entry, age: Duration, from_cache: bool, stale: Option<Error>) -> Fetched {
    Fetched {
        body: entry.body,
        url: entry.url,
        fetched_at: entry.fetched_at,
        age,
        from_cache,
        stale,
        media: entry.media,
    }
}

fn check_headers(ask: &Ask, target: &Target) -> Result<(), Error> {
    let fine = ask.headers.iter().all(|(name, value)| {
        HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value.reveal()).is_ok()
    });
    let agent = ask.user_agent.iter();
    if fine && agent.map(HeaderValue::try_from).all(|value| value.is_ok()) {
        return Ok(());
    }
    Err(Error::Url {
        host: target.host().to_owned(),
        rule: "has a header that cannot be sent",
    })
}
