//! SQLite: one writer thread, many read connections, every statement named and timed.
//!
//! This is the only room that knows SQLite. Identity lives in functions, one file a noun:
//! `races::by_key(&Reader, …)`, `cards::add(&mut Tx, …)`. There are no repository objects.

pub mod answers;
pub mod audit;
mod bind;
mod book;
pub mod cards;
pub mod collections;
mod conn;
pub mod dog_pages;
pub mod dogs;
mod envelope;
mod error;
pub mod exports;
pub mod indexes;
pub mod jobs;
pub mod keys;
pub mod leaderboards;
mod lock;
pub mod maintenance;
pub mod mark;
pub mod meetings;
mod migrate;
pub mod models;
mod open;
mod past;
pub mod payloads;
mod performances;
mod pool;
pub mod predictions;
pub mod prices;
mod profile;
mod query;
pub mod race_pages;
pub mod races;
pub mod ratings;
pub mod results;
pub mod run_pages;
pub mod runners;
pub mod runs;
pub mod snapshots;
pub mod standings;
pub mod summaries;
pub mod told;
mod touched;
pub mod tracks;
pub mod trainers;
pub mod uploads;
pub mod versions;
pub mod walk;
mod writer;

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

pub use conn::{Reader, Tx};
pub use error::Error;
pub use pool::{CLASS_NAMES, PoolStats, WriterStats};
pub use profile::{PlanChange, Profile, QueryStats, SlowQuery};
pub use touched::{Tag, Touched};
pub use writer::Class;

use crate::runtime::{Changes, Crew, Lane, timing};
use envelope::{all_opened, envelope, envelopes, opened};
use lock::FolderLock;
use open::Pool;
use pool::Gauge;
use profile::Work;
use query::FromRow;
use writer::{Change, Writer};

/// The crew that reads, and the thread that writes, as they are named on threads and accounts.
pub const READERS: &str = "store-reader";
pub use writer::CREW as WRITER;

/// The database inside the data folder.
pub const DATABASE: &str = "lurcher.db";

/// How often whoever waits for room at the writer looks for it.
const ROOM: Duration = Duration::from_millis(5);

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// Until it is on disk. Nothing acknowledged is lost when the power goes.
    Full,
    /// For nothing; the last commits may be lost. No configuration offers it: it is there to
    /// measure what [`Synchronous::Full`] costs.
    Normal,
}

/// How to open the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The data folder.
    pub folder: PathBuf,
    /// Read connections, and threads that use them.
    pub readers: u32,
    /// How long a question may wait for a reader before it is answered `busy`.
    pub acquire: Duration,
    /// Questions that may wait, per lane, and changes, per class.
    pub queue: usize,
    /// Page cache of all connections together, KiB.
    pub cache_kib: u32,
    /// Statements that take this long are logged.
    pub slow: Duration,
    /// A question that runs this long is broken off.
    pub deadline: Duration,
    /// What a commit waits for.
    pub synchronous: Synchronous,
}

impl Settings {
    /// The defaults of the house, in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            readers: 20,
            acquire: Duration::from_secs(30),
            queue: 4_096,
            cache_kib: 64 * 1024,
            slow: Duration::from_millis(100),
            deadline: Duration::from_secs(10),
            synchronous: Synchronous::Full,
        }
    }
}

/// A cheap handle to the database. The writer finishes its queue when the last one is dropped.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

/// In the order in which they must go: readers first, then the writer, then the lock.
struct Shared {
    readers: Crew<Pool>,
    writer: RwLock<Option<Writer>>,
    settings: Settings,
    profile: Arc<Profile>,
    changes: Arc<Changes<Tag>>,
    gauge: Arc<Gauge>,
    lock: Mutex<Option<FolderLock>>,
}

impl Store {
    /// Opens for reading and writing: takes the folder, migrates, starts the threads.
    ///
    /// After every commit, and before the callers of [`Store::write`] hear of it, what it touched is
    /// noted in [`Store::changes`], so nobody can see their own write through a stale cache. Then
    /// `on_commit` runs, on the writer's thread.
    pub fn open(
        settings: Settings,
        on_commit: impl Fn(&Touched) + Send + 'static,
    ) -> Result<Self, Error> {
        prepare_folder(&settings.folder)?;
        let lock = FolderLock::take(&settings.folder)?;
        let path = settings.folder.join(DATABASE);
        let mut conn = open::writer(&path, settings.synchronous)?;
        private(&path, 0o600)?;
        migrate::run(&mut conn)?;
        let profile = Arc::new(Profile::new(settings.slow));
        summaries::fill(&mut conn, &profile)?;
        let changes = Arc::new(Changes::default());
        let noted = Arc::clone(&changes);
        let writer = Writer::start(
            conn,
            path,
            settings.queue,
            Arc::clone(&profile),
            Box::new(move |touched| {
                noted.note(touched.tags());
                on_commit(touched);
            }),
        )?;
        Self::assemble(settings, profile, changes, Some((writer, lock)))
    }

    /// Opens for reading; works beside a running daemon.
    pub fn open_to_read(settings: Settings) -> Result<Self, Error> {
        let path = settings.folder.join(DATABASE);
        if !path.exists() {
            return Err(Error::Missing(path));
        }
        let profile = Arc::new(Profile::new(settings.slow));
        Self::assemble(settings, profile, Arc::default(), None)
    }

    fn assemble(
        settings: Settings,
        profile: Arc<Profile>,
        changes: Arc<Changes<Tag>>,
        writer: Option<(Writer, FolderLock)>,
    ) -> Result<Self, Error> {
        let (writer, lock) = writer.unzip();
        let path = settings.folder.join(DATABASE);
        let pool = open::readers(
            &path,
            settings.readers,
            settings.acquire,
            settings.cache_kib,
        )?;
        let pools = (0..settings.readers).map(|_| pool.clone()).collect();
        let readers = Crew::start(READERS, settings.queue, pools)?;
        let shared = Shared {
            readers,
            writer: RwLock::new(writer),
            settings,
            profile,
            changes,
            gauge: Arc::default(),
            lock: Mutex::new(lock),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// When commits touched what; cached values stand or fall by it.
    #[must_use]
    pub fn changes(&self) -> Arc<Changes<Tag>> {
        Arc::clone(&self.shared.changes)
    }

    /// Asks a question on a read connection, all of it of one moment: no commit comes in between.
    /// Waits at most [`Settings::acquire`] for one, and is broken off after [`Settings::deadline`].
    pub async fn read<T, F, E>(&self, lane: Lane, ask: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let asked = Instant::now();
        let origin = timing::origin();
        let profile = Arc::clone(&self.shared.profile);
        let gauge = Arc::clone(&self.shared.gauge);
        let deadline = self.shared.settings.deadline;
        let begun = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&begun);
        let work = move |pool: &mut Pool| {
            begins.store(true, Ordering::Release);
            let waited = asked.elapsed();
            let _held = gauge.hold(waited);
            let mut conn = pool.get().map_err(Error::Pool)?;
            let until = Instant::now() + deadline;
            conn.progress_handler(10_000, Some(move || Instant::now() > until))
                .map_err(Error::Open)?;
            let moment = conn.transaction().map_err(Error::Open)?;
            ask(&Reader::new(&moment, &profile, Work { waited, origin }))
        };
        let patience = self.shared.settings.acquire;
        let mut answer = pin!(self.shared.readers.ask(lane, work));
        let answered = match tokio::time::timeout(patience, &mut answer).await {
            Ok(answered) => answered,
            Err(_elapsed) if begun.load(Ordering::Acquire) => answer.await,
            Err(_elapsed) => {
                self.shared.gauge.refuse();
                return Err(Error::Busy(patience).into());
            }
        };
        answered.unwrap_or_else(|refused| Err(Error::Crew(refused).into()))
    }

    /// Makes one change: kept and durable when `change` returns `Ok`, else as if it had not been.
    ///
    /// The change is queued at once, so changes of a class are made in the order of the calls; the
    /// future only waits for the commit.
    pub fn write<T, F, E>(
        &self,
        class: Class,
        change: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, F, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let asked = Instant::now();
        let (change, answer) = envelope(change);
        let queued = match &*self.shared.writer() {
            Some(writer) => writer.post(class, change).map_err(Error::Crew),
            None => Err(Error::ReadOnly),
        };
        async move {
            queued?;
            let outcome = opened(answer).await;
            timing::book(writer::CREW, asked.elapsed());
            outcome
        }
    }

    /// Makes several changes, each kept or taken back alone; all of them are queued, or none.
    pub fn write_all<T, F, E>(
        &self,
        changes: Vec<(Class, F)>,
    ) -> impl Future<Output = Result<Vec<Result<T, E>>, Error>> + Send + use<T, F, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let asked = Instant::now();
        let (changes, answers) = envelopes(changes);
        let queued = self.post_all(changes);
        async move {
            if queued?.is_some() {
                return Err(Error::Crew(writer::full()));
            }
            Ok(all_opened(answers, asked).await)
        }
    }

    /// The same for whoever can wait: when there has been room for all of them, gives what waits
    /// for the commits. Refused when there is none for as long as a reader is waited for.
    pub async fn write_all_in_turn<T, F, E>(
        &self,
        changes: Vec<(Class, F)>,
    ) -> Result<impl Future<Output = Vec<Result<T, E>>> + Send + use<T, F, E>, Error>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let asked = Instant::now();
        let (mut changes, answers) = envelopes(changes);
        while let Some(back) = self.post_all(changes)? {
            if asked.elapsed() > self.shared.settings.acquire {
                return Err(Error::Crew(writer::full()));
            }
            tokio::time::sleep(ROOM).await;
            changes = back;
        }
        Ok(all_opened(answers, asked))
    }

    /// Gives back what there is no room for.
    fn post_all(
        &self,
        changes: Vec<(Class, Change)>,
    ) -> Result<Option<Vec<(Class, Change)>>, Error> {
        match &*self.shared.writer() {
            Some(writer) => Ok(writer.post_all(changes).err()),
            None => Err(Error::ReadOnly),
        }
    }

    /// Empties the writer's queue, checkpoints, closes the database and frees the folder, whoever
    /// still holds a handle: threads of a server that has stopped let go of theirs in their own
    /// time. Later changes are refused.
    pub fn close(&self) {
        let mut writer = self
            .shared
            .writer
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        drop(writer.take());
        drop(writer);
        let mut lock = self
            .shared
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        drop(lock.take());
    }

    /// How every statement has done.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.shared.profile
    }

    /// Questions and changes that wait right now.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let writer = self.shared.writer().as_ref().map_or(0, Writer::waiting);
        (self.shared.readers.waiting(), writer)
    }

    /// How many changes of a class may wait.
    #[must_use]
    pub fn queue(&self) -> usize {
        self.shared.settings.queue
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.shared.settings.folder
    }
}

impl Shared {
    fn writer(&self) -> RwLockReadGuard<'_, Option<Writer>> {
        self.writer.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|source| Error::Folder {
        path: folder.to_owned(),
        source,
    })?;
    private(folder, 0o700)
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|source| Error::Folder {
        path: path.to_owned(),
        source,
    })
}

#[cfg(not(unix))]
fn private(_path: &Path, _mode: u32) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests;
