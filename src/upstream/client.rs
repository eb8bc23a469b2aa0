//! The way of one ask: copy, flight, network, copy.

use std::io;
use std::sync::Arc;

use super::tally::Tallies;
use super::{Ask, Circuit, Error, Fetched, Settings, Tally};
use crate::domain::Source;
use crate::runtime::Clock;

/// See the room. Cheap to clone; all handles share everything.
#[derive(Clone)]
pub struct Client {
    desk: Arc<Desk>,
}

struct Desk {
    tallies: Tallies,
}

impl Client {
    /// Makes the folder, reads what is in it, and starts the threads.
    pub fn start(settings: Settings, clock: Clock) -> io::Result<Self> {
        drop((settings, clock));
        Ok(Self {
            desk: Arc::new(Desk {
                tallies: Tallies::default(),
            }),
        })
    }

    /// The page, or the last good copy of it marked stale, or why there is neither.
    #[expect(clippy::unused_async, reason = "a skeleton")]
    pub async fn fetch(&self, ask: Ask) -> Result<Arc<Fetched>, Error> {
        self.desk
            .tallies
            .count(&ask.source, |tally| tally.asks += 1);
        Err(Error::Stopped)
    }

    /// How it stands with every host that was asked.
    #[must_use]
    pub fn circuits(&self) -> Vec<Circuit> {
        Vec::new()
    }

    /// What was fetched for whom.
    #[must_use]
    pub fn tallies(&self) -> Vec<(Source, Tally)> {
        self.desk.tallies.all()
    }

    /// Ends every wait; what is on the wire may finish. No fetch begins any more.
    pub fn stop(&self) {}
}
