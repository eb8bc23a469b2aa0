//! Other people's servers, as bad as they come, and the client that has to deal with them.

pub(crate) mod chaos;
mod copies;
mod endure;
mod guard;
mod manners;
mod modes;
mod tls;
mod wishes;

use std::sync::Arc;
use std::time::Duration;

use lurcher::domain::Source;
use lurcher::runtime::Clock;
use lurcher::upstream::{Ask, Client, Error, Fetched, Names, Settings, Tally};
use tempfile::TempDir;

use crate::world::{now, wait};

/// A client with a folder and a clock of its own, and no time to lose.
struct Kennel {
    client: Client,
    clock: Clock,
    folder: TempDir,
}

impl Kennel {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(now());
        let client = start(&folder, &clock, change);
        Self {
            client,
            clock,
            folder,
        }
    }

    /// Ends this client and starts another one on its folder.
    fn restart(self) -> Self {
        let Self {
            client,
            clock,
            folder,
        } = self;
        drop(client);
        let client = start(&folder, &clock, |_| {});
        Self {
            client,
            clock,
            folder,
        }
    }

    fn fetch(&self, ask: Ask) -> Result<Arc<Fetched>, Error> {
        wait(self.client.fetch(ask))
    }

    fn tally(&self) -> Tally {
        let tallies = self.client.tallies();
        let own = tallies.into_iter().find(|(name, _)| *name == source());
        own.unwrap_or_else(|| (source(), Tally::default())).1
    }

    /// Moves the clock.
    fn later(&self, time: Duration) {
        self.clock.set(self.clock.now() + time);
    }
}

fn start(folder: &TempDir, clock: &Clock, change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = Settings::new(folder.path().join("upstream"), "lurcher-test");
    settings.names = Names::told(|_| Ok(vec!["127.0.0.1".parse().unwrap()]));
    settings.connect = Duration::from_secs(2);
    settings.total = Duration::from_secs(2);
    settings.max_bytes = 8 << 20;
    settings.backoff = Duration::from_millis(5);
    settings.jitter_seed = Some(1);
    change(&mut settings);
    Client::start(settings, clock.clone()).unwrap()
}

fn source() -> Source {
    Source::new("chaos").unwrap()
}

/// Asks a server on this machine, as often as one likes.
fn ask(url: impl Into<String>) -> Ask {
    Ask {
        requests_per_second: 10_000.0,
        host_concurrency: 100,
        allow_private: true,
        ..Ask::new(source(), url)
    }
}
