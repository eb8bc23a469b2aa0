//! The one thread that writes.
//!
//! It drains its queue into one transaction, a savepoint for each change, and answers only after
//! `COMMIT`: many callers share one fsync. A change that fails or panics is taken back alone. It
//! also owns every checkpoint, so nobody's commit pays for one by surprise.
//!
//! Changes wait by [`Class`]: what matters most goes first, and nobody waits for ever.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use rusqlite::{Connection, TransactionBehavior};

use super::conn::{Reader, Tx};
use super::profile::{Cost, Profile, Work};
use super::query::Query;
use super::summaries::{self, Sums};
use super::{Error, Touched, mark};
use crate::runtime::timing::{self, Origin};
use crate::runtime::{Lanes, Next, Refused};

/// The name of the queue, for refusals, threads and accounts.
pub const CREW: &str = "store-writer";
/// The most changes that share one commit.
const GROUP: usize = 4_096;
/// No further live change is added to a commit that has been open this long.
const LIVE_TIME: Duration = Duration::from_millis(25);
/// No further backfill change is added to a commit that has been open this long, nor after a live one:
/// an import gets large commits while nobody waits, and gives way as soon as somebody does.
const BATCH_TIME: Duration = Duration::from_millis(500);
/// A WAL file above this is checkpointed and cut back to nothing between commits. The size on disk
/// is all that can be seen from outside, and a checkpoint that leaves the file long says nothing.
const WAL_BYTES: u64 = 32 * 1024 * 1024;
/// How long such a checkpoint may wait for readers.
const WAL_PATIENCE: Duration = Duration::from_millis(50);
/// How long until the next try when readers would not let go.
const WAL_RETRY: Duration = Duration::from_secs(1);
/// How long the writer otherwise waits for a lock; the same as in `sql/pragma/writer.sql`.
const BUSY: Duration = Duration::from_secs(5);
/// How long the queue must be empty before an idle checkpoint.
const IDLE: Duration = Duration::from_millis(500);

/// What it does besides statements, as it is booked.
const COMMIT: Query = Query {
    name: "commit",
    sql: "",
};
const CHECKPOINT: Query = Query {
    name: "checkpoint",
    sql: "",
};

/// What a change is about; the writer takes them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The daemon's own affairs: keys, switches.
    Admin,
    /// What happened in a race.
    Result,
    /// Who runs: scratchings and cards.
    Scratching,
    /// What is paid.
    Price,
    /// What nobody waits for: imports, ratings, models.
    Backfill,
}

/// How many classes there are; each has a lane of its own.
pub(super) const CLASSES: usize = 5;
/// How many of them somebody waits for: all but [`Class::Backfill`].
const LIVE: usize = 4;

impl Class {
    const fn lane(self) -> usize {
        match self {
            Self::Admin => 0,
            Self::Result => 1,
            Self::Scratching => 2,
            Self::Price => 3,
            Self::Backfill => 4,
        }
    }

    /// Whether somebody waits for it.
    const fn is_live(self) -> bool {
        self.lane() < LIVE
    }
}

/// Tells a caller how the commit of its change went.
type Reply = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// What became of one change inside the open transaction.
pub(super) struct Outcome {
    /// Whether its rows stay.
    pub(super) keep: bool,
    /// Tells the caller, once the commit has succeeded or failed.
    pub(super) reply: Reply,
}

/// One change.
pub(super) type Change = Box<dyn FnOnce(&mut Tx<'_>) -> Outcome + Send>;

/// A change, of which class, when it was asked for, and for which request.
struct Asked {
    change: Change,
    class: Class,
    at: Instant,
    origin: Option<Origin>,
}

/// Called after each commit and before its callers are answered.
pub(super) type OnCommit = Box<dyn Fn(&Touched) + Send>;

/// The handle; dropping the last one drains the queue and closes the database.
pub(super) struct Writer {
    lanes: Arc<Lanes<Asked, CLASSES>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        conn: Connection,
        path: PathBuf,
        capacity: usize,
        profile: Arc<Profile>,
        on_commit: OnCommit,
    ) -> io::Result<Self> {
        let lanes = Arc::new(Lanes::new(capacity));
        let desk = Desk {
            conn,
            wal: wal_path(path),
            profile,
            on_commit,
            dirty: false,
            truncate_from: Instant::now(),
        };
        let thread = thread::Builder::new().name(CREW.to_owned()).spawn({
            let lanes = Arc::clone(&lanes);
            move || desk.serve(&lanes)
        })?;
        Ok(Self {
            lanes,
            thread: Some(thread),
        })
    }

    /// Queues a change, or refuses at once.
    pub(super) fn post(&self, class: Class, change: Change) -> Result<(), Refused> {
        let asked = Asked {
            change,
            class,
            at: Instant::now(),
            origin: timing::origin(),
        };
        self.lanes
            .post(class.lane(), asked)
            .map_err(|_asked| full())
    }

    /// Queues all of the changes, or gives all of them back.
    pub(super) fn post_all(
        &self,
        changes: Vec<(Class, Change)>,
    ) -> Result<(), Vec<(Class, Change)>> {
        let (at, origin) = (Instant::now(), timing::origin());
        let asked = changes.into_iter().map(|(class, change)| {
            let asked = Asked {
                change,
                class,
                at,
                origin: origin.clone(),
            };
            (class.lane(), asked)
        });
        let posted = self.lanes.post_all(asked.collect());
        posted.map_err(|asked| {
            let back = asked.into_iter().map(|(_, asked)| asked);
            back.map(|asked| (asked.class, asked.change)).collect()
        })
    }

    /// How many changes wait.
    pub(super) fn waiting(&self) -> usize {
        self.lanes.waiting()
    }

    /// How many changes of each class wait, in the order of [`Class`].
    pub(super) fn waiting_each(&self) -> [usize; CLASSES] {
        self.lanes.waiting_each()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lanes.close();
        let thread = self.thread.take();
        if let Some(thread) = thread
            && thread.thread().id() != thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the writer died");
        }
    }
}

/// There is no room.
pub(super) const fn full() -> Refused {
    Refused::Full { crew: CREW }
}

/// The change panicked, or the writer went first.
pub(super) const fn dropped() -> Refused {
    Refused::Dropped { crew: CREW }
}

fn wal_path(path: PathBuf) -> PathBuf {
    let mut name = path.into_os_string();
    name.push("-wal");
    PathBuf::from(name)
}

/// What the writer thread owns.
struct Desk {
    conn: Connection,
    wal: PathBuf,
    profile: Arc<Profile>,
    on_commit: OnCommit,
    dirty: bool,
    truncate_from: Instant,
}

impl Desk {
    fn serve(mut self, lanes: &Lanes<Asked, CLASSES>) {
        loop {
            let patience = self.dirty.then_some(IDLE);
            match lanes.wait(CLASSES, patience) {
                Next::Work(first) => self.commit_group(first, lanes),
                Next::Idle => {
                    self.checkpoint("PASSIVE");
                    self.dirty = false;
                }
                Next::Closed => return self.close(),
            }
        }
    }

    fn commit_group(&mut self, first: Asked, lanes: &Lanes<Asked, CLASSES>) {
        let mut replies = Vec::new();
        let mut touched = Touched::default();
        let committed = self.run_group(first, lanes, &mut replies, &mut touched);
        if committed.is_ok() {
            (self.on_commit)(&touched);
        }
        for reply in replies {
            reply(match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(Error::Commit {
                    code: error.code(),
                    why: error.to_string(),
                }),
            });
        }
        self.dirty = true;
        self.bound_wal();
    }

    fn run_group(
        &mut self,
        first: Asked,
        lanes: &Lanes<Asked, CLASSES>,
        replies: &mut Vec<Reply>,
        touched: &mut Touched,
    ) -> Result<(), Error> {
        let opened = Instant::now();
        let mut sums = Sums::default();
        let mut tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut next = Some(first);
        let mut live = false;
        while let Some(asked) = next {
            live |= asked.class.is_live();
            let savepoint = tx.savepoint()?;
            let work = Work {
                waited: asked.at.elapsed(),
                origin: asked.origin,
            };
            let reader = Reader::new(&savepoint, &self.profile, work);
            let mut change = Tx::new(reader);
            let outcome = catch_unwind(AssertUnwindSafe(|| (asked.change)(&mut change)));
            let (changed, noted) = change.into_notes();
            match outcome {
                Ok(Outcome { keep: true, reply }) => {
                    savepoint.commit()?;
                    touched.extend(changed);
                    sums.extend(noted);
                    replies.push(reply);
                }
                Ok(Outcome { keep: false, reply }) => {
                    drop(savepoint);
                    replies.push(reply);
                }
                Err(_panic) => tracing::warn!(crew = CREW, "a change panicked"),
            }
            let open = opened.elapsed();
            next = if replies.len() < GROUP && open < LIVE_TIME {
                lanes.take(if live { LIVE } else { CLASSES })
            } else if replies.len() < GROUP && open < BATCH_TIME && !live {
                lanes.take(CLASSES)
            } else {
                None
            };
        }
        let last = Tx::of(&tx, &self.profile);
        summaries::put(&last, &sums)?;
        mark::renew(&last, touched)?;
        let began = Instant::now();
        tx.commit()?;
        let cost = Cost::of(began.elapsed());
        self.profile
            .book(COMMIT, cost, &Work::default(), String::new);
        Ok(())
    }

    fn bound_wal(&mut self) {
        // Size by name only: opening the file ourselves would drop SQLite's locks on it.
        let size = std::fs::metadata(&self.wal).map_or(0, |meta| meta.len());
        if size <= WAL_BYTES || Instant::now() < self.truncate_from {
            return;
        }
        if !self.truncate() {
            tracing::warn!(wal_bytes = size, "a reader holds the write-ahead log");
            self.truncate_from = Instant::now() + WAL_RETRY;
        }
    }

    /// Checkpoints and cuts the WAL back, if readers let go in time.
    fn truncate(&self) -> bool {
        let patient = self.conn.busy_timeout(WAL_PATIENCE);
        let done = patient.is_ok() && self.checkpoint("TRUNCATE");
        if let Err(error) = self.conn.busy_timeout(BUSY) {
            tracing::warn!(%error, "could not restore the busy timeout");
        }
        done
    }

    /// Says whether the whole WAL went into the database.
    fn checkpoint(&self, mode: &'static str) -> bool {
        let began = Instant::now();
        let busy = self
            .conn
            .pragma_update_and_check(None, "wal_checkpoint", mode, |row| row.get::<_, i64>(0));
        let cost = Cost::of(began.elapsed());
        self.profile
            .book(CHECKPOINT, cost, &Work::default(), String::new);
        match busy {
            Ok(busy) => busy == 0,
            Err(error) => {
                tracing::warn!(mode, %error, "the checkpoint has to wait");
                false
            }
        }
    }

    fn close(self) {
        if let Err(error) = self.conn.execute_batch("PRAGMA optimize") {
            tracing::warn!(%error, "could not refresh the statistics");
        }
        self.checkpoint("TRUNCATE");
        if let Err((_conn, error)) = self.conn.close() {
            tracing::error!(%error, "the database did not close cleanly");
        }
    }
}
