//! The one thread that writes.
//!
//! It drains its queue into one transaction, a savepoint for each change, and answers only after
//! `COMMIT`: many callers share one fsync. A change that fails or panics is taken back alone. It
//! also owns every checkpoint, so nobody's commit pays for one by surprise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use rusqlite::{Connection, TransactionBehavior};

use super::conn::{Reader, Tx};
use super::profile::Profile;
use super::{Error, Touched};
use crate::runtime::{Lane, Lanes, Next, Refused};

/// The name of the queue, for refusals and threads.
const CREW: &str = "store-writer";
/// The most changes that share one commit.
const GROUP: usize = 256;
/// No further change is added to a commit that has been open this long.
const GROUP_TIME: Duration = Duration::from_millis(25);
/// A WAL above this is checkpointed between commits.
const CHECKPOINT_BYTES: u64 = 16 * 1024 * 1024;
/// A WAL above this is also cut back to nothing when readers allow.
const TRUNCATE_BYTES: u64 = 48 * 1024 * 1024;
/// How long the queue must be empty before an idle checkpoint.
const IDLE: Duration = Duration::from_millis(500);

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

/// A change and when it was asked for.
struct Asked {
    change: Change,
    at: Instant,
}

/// Called after each commit and before its callers are answered.
pub(super) type OnCommit = Box<dyn Fn(&Touched) + Send>;

/// The handle; dropping the last one drains the queue and closes the database.
pub(super) struct Writer {
    lanes: Arc<Lanes<Asked>>,
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
    pub(super) fn post(&self, lane: Lane, change: Change) -> Result<(), Refused> {
        let asked = Asked {
            change,
            at: Instant::now(),
        };
        self.lanes
            .post(lane, asked)
            .map_err(|_asked| Refused::Full { crew: CREW })
    }

    /// How many changes wait.
    pub(super) fn waiting(&self) -> usize {
        self.lanes.waiting()
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
}

impl Desk {
    fn serve(mut self, lanes: &Lanes<Asked>) {
        loop {
            let patience = self.dirty.then_some(IDLE);
            match lanes.wait(false, patience) {
                Next::Work(first) => self.commit_group(first, lanes),
                Next::Idle => {
                    self.checkpoint("PASSIVE");
                    self.dirty = false;
                }
                Next::Closed => return self.close(),
            }
        }
    }

    fn commit_group(&mut self, first: Asked, lanes: &Lanes<Asked>) {
        let mut replies = Vec::new();
        let mut touched = Touched::default();
        let committed = self.run_group(first, lanes, &mut replies, &mut touched);
        if committed.is_ok() {
            (self.on_commit)(&touched);
        }
        for reply in replies {
            reply(match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(Error::Commit(error.to_string())),
            });
        }
        self.dirty = true;
        self.bound_wal();
    }

    fn run_group(
        &mut self,
        first: Asked,
        lanes: &Lanes<Asked>,
        replies: &mut Vec<Reply>,
        touched: &mut Touched,
    ) -> rusqlite::Result<()> {
        let opened = Instant::now();
        let mut tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut next = Some(first);
        while let Some(asked) = next {
            let savepoint = tx.savepoint()?;
            let reader = Reader::new(&savepoint, &self.profile, asked.at.elapsed());
            let mut change = Tx::new(reader);
            let outcome = catch_unwind(AssertUnwindSafe(|| (asked.change)(&mut change)));
            let changed = change.into_touched();
            match outcome {
                Ok(Outcome { keep: true, reply }) => {
                    savepoint.commit()?;
                    touched.extend(changed);
                    replies.push(reply);
                }
                Ok(Outcome { keep: false, reply }) => {
                    drop(savepoint);
                    replies.push(reply);
                }
                Err(_panic) => tracing::error!(crew = CREW, "a change panicked"),
            }
            let room = replies.len() < GROUP && opened.elapsed() < GROUP_TIME;
            next = if room { lanes.take() } else { None };
        }
        tx.commit()
    }

    fn bound_wal(&self) {
        // Size by name only: opening the file ourselves would drop SQLite's locks on it.
        let size = std::fs::metadata(&self.wal).map_or(0, |meta| meta.len());
        if size > TRUNCATE_BYTES {
            self.checkpoint("TRUNCATE");
        } else if size > CHECKPOINT_BYTES {
            self.checkpoint("PASSIVE");
        }
    }

    fn checkpoint(&self, mode: &'static str) {
        let done = self
            .conn
            .pragma_update_and_check(None, "wal_checkpoint", mode, |_row| Ok(()));
        if let Err(error) = done {
            tracing::warn!(mode, %error, "the checkpoint has to wait");
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
