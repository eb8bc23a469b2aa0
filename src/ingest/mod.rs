//! The one door for facts: card, scratching, price, result, form line.
//!
//! A checked fact is identified (which track, which dog), compared with what its source said
//! before, and committed whole, together with the standing of its race. The same fact again
//! changes nothing. Ambiguity is an answer with candidates, never a guess.

mod answers;
mod card;
mod digest;
pub mod file;

mod form;
mod identity;
mod knowledge;
mod passing;
pub mod payload;
mod price;
mod result;
mod scratching;
mod slot;
mod stand;
pub mod upload;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

pub use answers::{Answer, Answers, Asked, Begun, Turn};

use crate::domain::{
    Card, DogClaim, Draft, Fault, FormRun, PriceFact, RaceDay, RaceKey, RaceResult, Scratching,
};
use crate::runtime::Clock;
use crate::store::{self, Class, Store, Tx};

/// Why nothing could be taken in at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Below.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A file could not be read.
    #[error("could not read {path}: {why}")]
    File {
        /// Which.
        path: String,
        /// The reason.
        why: String,
    },
    /// As many files as may be are being received.
    #[error("{0} files are being received already; try again in a moment")]
    Crowded(usize),
    /// The spool could not be written.
    #[error("the spool cannot be written: {0}")]
    Spool(std::io::Error),
}

impl Error {
    /// Whether the same may go through a little later.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_busy())
    }
}

/// One checked fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A race to come.
    Card(Box<Card>),
    /// A race that is over.
    Result(Box<RaceResult>),
    /// A past run of a dog.
    Form(Box<(DogClaim, FormRun)>),
    /// What is paid on the runners of a race.
    Prices(Box<PriceFact>),
    /// Somebody does not run.
    Scratching(Box<(RaceKey, Scratching)>),
}

/// What became of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// New.
    Created,
    /// A newer version of something known.
    Updated,
    /// Known already.
    Unchanged,
}

/// What became of facts, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// New.
    pub created: u64,
    /// Newer versions.
    pub updated: u64,
    /// Known already.
    pub unchanged: u64,
    /// Refused.
    pub failed: u64,
}

impl Counts {
    /// Counts one more.
    pub const fn add(&mut self, status: Status) {
        match status {
            Status::Created => self.created += 1,
            Status::Updated => self.updated += 1,
            Status::Unchanged => self.unchanged += 1,
        }
    }

    /// Adds the counts of a part.
    pub const fn extend(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
    }
}

/// What ingest did with one fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The race, once it is known which one is meant.
    pub race: Option<RaceKey>,
    /// What became of it, or everything that is wrong with it.
    pub outcome: Result<Status, Vec<Fault>>,
    /// It was refused because it names a race that nobody has heard of.
    pub unknown_race: bool,
    /// What became of the form lines that came with a card.
    pub form: Counts,
    /// What is wrong with form lines that came with a card, each with its place.
    pub form_faults: Vec<Fault>,
}

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Ingest {
    store: Store,
    clock: Clock,
    spool: upload::Spool,
    in_flight: Arc<Semaphore>,
}

/// A refusal inside the transaction: of the fact, or of the database.
enum Refusal {
    Faults(Vec<Fault>),
    UnknownRace,
    /// Whoever told of it has gone before it was begun.
    Unwanted,
    /// It would have been taken in.
    Rehearsed(Box<Taken>),
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Faults(vec![fault])
    }
}

/// What one accepted fact did.
struct Taken {
    race: Option<RaceKey>,
    status: Status,
    form: Counts,
    form_faults: Vec<Fault>,
}

impl Taken {
    const fn plain(race: Option<RaceKey>, status: Status) -> Self {
        Self {
            race,
            status,
            form: Counts {
                created: 0,
                updated: 0,
                unchanged: 0,
                failed: 0,
            },
            form_faults: Vec::new(),
        }
    }
}

impl Fact {
    /// The fact, or every fault of the draft.
    pub fn check(draft: &Draft) -> Result<Self, Vec<Fault>> {
        match draft {
            Draft::Card(card) => card.check().map(Box::new).map(Self::Card),
            Draft::Result(result) => result.check().map(Box::new).map(Self::Result),
            Draft::Form(form) => form.check_with_dog().map(Box::new).map(Self::Form),
            Draft::Prices(prices) => prices.check().map(Box::new).map(Self::Prices),
        }
    }

    /// The day of the race that it is about; a past run is about none.
    fn day(&self) -> Option<RaceDay> {
        match self {
            Self::Card(card) => Some(card.race.day),
            Self::Result(result) => Some(result.race.day),
            Self::Prices(prices) => Some(prices.race.day()),
            Self::Scratching(out) => Some(out.0.day),
            Self::Form(_) => None,
        }
    }

    /// Where it waits for the writer, when somebody waits for it.
    const fn class(&self) -> Class {
        match self {
            Self::Result(_) => Class::Result,
            Self::Card(_) | Self::Scratching(_) => Class::Scratching,
            Self::Prices(_) => Class::Price,
            Self::Form(_) => Class::Backfill,
        }
    }
}

impl Ingest {
    /// Writes through `store`, and takes the time of arrival from `clock`.
    pub fn start(store: Store, clock: Clock) -> std::io::Result<Self> {
        let spool = upload::Spool::open(store.folder())?;
        Ok(Self {
            in_flight: Arc::new(Semaphore::new(file::share(store.queue()))),
            store,
            clock,
            spool,
        })
    }

    /// Takes facts in, each one whole or not at all; one that is refused leaves the others
    /// standing. The receipts are in the order of the facts, and durable when they arrive.
    ///
    /// Every fact is a change of its own to the writer: changes that wait together share a commit,
    /// and the rollback journal of a refused one stays as small as the fact. All of them are queued
    /// at once or, where there is no room for all, none.
    pub fn facts(
        &self,
        facts: Vec<Fact>,
    ) -> impl Future<Output = Result<Vec<Receipt>, Error>> + Send + use<> {
        let taken = self.store.write_all(self.changes(facts, None, false));
        async move { receipts(taken.await?) }
    }

    /// The same for what was read from a file: nobody waits for it, so it waits for the others, and
    /// for room. A rehearsal takes each fact back again, so the receipts say what would become of it
    /// alone. What the writer has not begun when nothing is `wanted` any more stays undone and has no
    /// receipt.
    async fn facts_of_file(
        &self,
        facts: Vec<Fact>,
        wanted: &Arc<()>,
        rehearsal: bool,
    ) -> Result<impl Future<Output = Result<Vec<Receipt>, Error>> + Send + use<>, Error> {
        let changes = self.changes(facts, Some(wanted), rehearsal);
        let taken = self.store.write_all_in_turn(changes).await?;
        Ok(async move { receipts(taken.await) })
    }

    /// What the writer is to do, as long as it is `wanted`, which is said where nobody waits for it.
    fn changes(
        &self,
        facts: Vec<Fact>,
        wanted: Option<&Arc<()>>,
        rehearsal: bool,
    ) -> Vec<(
        Class,
        impl FnOnce(&mut Tx<'_>) -> Result<Taken, Refusal> + Send + use<>,
    )> {
        let now = self.clock.now();
        let changes = facts.into_iter().map(|fact| {
            let watched = wanted.map(Arc::downgrade);
            let class = watched
                .as_ref()
                .map_or_else(|| fact.class(), |_backfill| Class::Backfill);
            let change = move |tx: &mut Tx<'_>| {
                if watched.is_some_and(|wanted| wanted.strong_count() == 0) {
                    return Err(Refusal::Unwanted);
                }
                let taken = Desk { now }.take(tx, &fact)?;
                if rehearsal {
                    return Err(Refusal::Rehearsed(Box::new(taken)));
                }
                Ok(taken)
            };
            (class, change)
        });
        changes.collect()
    }
}

impl Receipt {
    fn of(taken: Taken) -> Self {
        Self {
            race: taken.race,
            outcome: Ok(taken.status),
            unknown_race: false,
            form: taken.form,
            form_faults: taken.form_faults,
        }
    }

    /// Of a fact that was not taken in.
    #[must_use]
    pub fn refused(faults: Vec<Fault>) -> Self {
        Self {
            race: None,
            outcome: Err(faults),
            unknown_race: false,
            form: Counts::default(),
            form_faults: Vec::new(),
        }
    }
}

fn receipts(taken: Vec<Result<Taken, Refusal>>) -> Result<Vec<Receipt>, Error> {
    taken.into_iter().filter_map(receipt).collect()
}

/// A refused fact is an answer; a failing database is not. There is none for what was not begun.
fn receipt(taken: Result<Taken, Refusal>) -> Option<Result<Receipt, Error>> {
    Some(match taken {
        Ok(taken) => Ok(Receipt::of(taken)),
        Err(Refusal::Rehearsed(taken)) => Ok(Receipt::of(*taken)),
        Err(Refusal::Faults(faults)) => Ok(Receipt::refused(faults)),
        Err(Refusal::UnknownRace) => {
            let fault = Fault::new("must be a known race").under("race");
            Ok(Receipt {
                unknown_race: true,
                ..Receipt::refused(vec![fault])
            })
        }
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::Unwanted) => return None,
    })
}

/// What is known while one fact is taken in.
struct Desk {
    now: DateTime<Utc>,
}

impl Desk {
    fn take(&self, tx: &mut Tx<'_>, fact: &Fact) -> Result<Taken, Refusal> {
        match fact {
            Fact::Card(card) => self.card(tx, card),
            Fact::Result(result) => self.result(tx, result),
            Fact::Form(form) => self.form(tx, &form.0, &form.1),
            Fact::Prices(prices) => self.prices(tx, prices),
            Fact::Scratching(out) => self.scratching(tx, &out.0, &out.1),
        }
    }
}
