//! Files that are sent: received into the spool, kept with a job that takes them in, and pruned.
//!
//! The spool is a folder beside the database. A file has its name there only when it is whole and
//! on disk; what a killed daemon left half-written is cleared away by the next one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::file::{Checkpoint, FileFault, Progress, Report, Request};
use super::passing::Passing;
use super::{Error, Ingest};
use crate::domain::{Job, JobId, UploadId};
use crate::runtime::{Crew, Lane};
use crate::store::uploads::{NewUpload, Spooled, UploadFault};
use crate::store::{self, Class, Tx, jobs, uploads};

/// The folder inside the data folder.
const SPOOL: &str = "spool";
/// How a file is called until it is whole.
const UNFINISHED: &str = "part";
/// How a file is called that is whole.
const WHOLE: &str = "file";
/// How a file is called that lies there for as long as it is read.
pub(super) const PAYLOAD: &str = "payload";
/// Files that are received at one time.
const RECEIVING: usize = 4;
/// Pieces that wait to be written; each file has one on its way.
const PIECES: usize = 64;
/// The longest name that is kept, in characters.
const NAME: usize = 200;

/// How long and how much of what was taken in lies on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// For how long.
    pub age: TimeDelta,
    /// How many bytes.
    pub bytes: u64,
}

/// Where files are received.
#[derive(Clone)]
pub(super) struct Spool {
    folder: PathBuf,
    hands: Crew<()>,
    room: Arc<Semaphore>,
}

/// A file on its way in. Dropping it unfinished takes it away again, also while a piece of it is
/// being written.
pub struct Receiving {
    hands: Crew<()>,
    open: Option<Open>,
    _room: OwnedSemaphorePermit,
}

struct Open {
    file: File,
    part: Passing,
    digest: Sha256,
    size: u64,
}

/// A file that is whole and on disk.
#[derive(Debug)]
pub struct Received {
    /// Once it is kept it has another name.
    part: Passing,
    digest: [u8; 32],
    /// Bytes.
    pub size: u64,
}

impl Received {
    /// What tells this file of that name from others.
    #[must_use]
    pub fn digest(&self, name: &str) -> [u8; 32] {
        let named = Sha256::new().chain_update(self.digest).chain_update(name);
        named.finalize().into()
    }
}

impl Spool {
    /// The spool of a data folder.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let folder = folder.join(SPOOL);
        Ok(Self {
            hands: Crew::start("spool", PIECES, vec![(), ()])?,
            room: Arc::new(Semaphore::new(RECEIVING)),
            folder,
        })
    }

    /// The folder; made when it is first needed.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Who writes in it.
    pub(super) const fn hands(&self) -> &Crew<()> {
        &self.hands
    }
}

impl Ingest {
    /// Clears away what a killed daemon was receiving, or had received and not yet asked a job for;
    /// only for whoever holds the data folder and receives nothing yet.
    pub async fn tidy_spool(&self) -> Result<(), Error> {
        if !self.spool.folder.exists() {
            return Ok(());
        }
        let found = self.store.read(Lane::Batch, uploads::spooled).await;
        let spooled = found.map_err(Error::Store)?;
        let named: BTreeSet<String> = spooled.into_iter().map(|file| file.name).collect();
        clear(&self.spool.folder, |name| {
            let kind = Path::new(name).extension();
            let ours = [UNFINISHED, PAYLOAD, WHOLE];
            kind.is_some_and(|kind| ours.iter().any(|ours| kind == *ours)) && !named.contains(name)
        })
        .map_err(Error::Spool)
    }

    /// Makes room for a file; refused when others are being received already.
    pub async fn receive(&self) -> Result<Receiving, Error> {
        let spool = &self.spool;
        let Ok(room) = Arc::clone(&spool.room).try_acquire_owned() else {
            return Err(Error::Crowded(RECEIVING));
        };
        let folder = spool.folder.clone();
        let opened = spool.hands.ask(Lane::Live, move |()| Open::begin(&folder));
        let open = opened
            .await
            .map_err(store::Error::Crew)?
            .map_err(Error::Spool)?;
        Ok(Receiving {
            hands: spool.hands.clone(),
            open: Some(open),
            _room: room,
        })
    }

    /// Keeps a file that is whole, and asks for the job that takes it in; both or neither.
    pub async fn uploaded(
        &self,
        received: Received,
        name: &str,
        caller: String,
    ) -> Result<(UploadId, JobId), Error> {
        let spool = format!("{:x}.{WHOLE}", rand::random::<u128>());
        let kept = self.spool.folder.join(&spool);
        let moved = self.spool.hands.ask(Lane::Live, {
            let (from, to) = (received.part.path().to_owned(), kept.clone());
            move |()| settle(&from, &to)
        });
        moved
            .await
            .map_err(store::Error::Crew)?
            .map_err(Error::Spool)?;
        let now = self.clock.now();
        let upload = NewUpload {
            name: shown(name),
            spool,
            size_bytes: received.size,
            digest: received.digest,
            caller,
        };
        let added = self.store.write(Class::Admin, move |tx| {
            let id = uploads::add(tx, &upload, now)?;
            let (job, _new) = jobs::enqueue(tx, &Job::Import { upload: id }, now, now)?;
            uploads::assign(tx, id, job)?;
            Ok::<_, store::Error>((id, job))
        });
        match added.await {
            Ok(ids) => Ok(ids),
            Err(error) => {
                // Nobody will ask for it.
                drop(fs::remove_file(kept));
                Err(error.into())
            }
        }
    }

    /// An upload, for taking it in.
    pub async fn uploaded_file(&self, id: UploadId) -> Result<uploads::Upload, Error> {
        let found = self
            .store
            .read(Lane::Batch, move |reader| uploads::by_id(reader, id));
        let found = found.await.map_err(Error::Store)?;
        found
            .filter(|upload| upload.kept)
            .ok_or_else(|| Error::File {
                path: format!("upload {id}"),
                why: "it lies in the spool no longer; send it again".to_owned(),
            })
    }

    /// Takes an upload in, from where it was broken off.
    pub async fn upload(
        &self,
        upload: &uploads::Upload,
        from: Checkpoint,
        progress: Arc<Progress>,
    ) -> Result<Report, Error> {
        let request = Request {
            paths: vec![self.spool.folder.join(&upload.spool)],
            name: Some(upload.name.clone()),
            from,
            ..Request::default()
        };
        self.files(request, progress).await
    }

    /// Forgets what was wrong with an upload, because it is read from its beginning again.
    pub async fn forget_faults(&self, id: UploadId) -> Result<(), Error> {
        self.in_turn(move |tx| uploads::forget_faults(tx, id)).await
    }

    /// Keeps the faults that an upload had up to a checkpoint and that were not kept before.
    pub async fn keep_faults(
        &self,
        id: UploadId,
        settled: &Checkpoint,
        faults: Vec<FileFault>,
    ) -> Result<(), Error> {
        if faults.is_empty() {
            return Ok(());
        }
        let first = settled.report.faults_kept.saturating_sub(faults.len());
        let numbered: Vec<_> = (first..)
            .zip(faults)
            .map(|(seq, fault)| UploadFault {
                seq: u64::try_from(seq).unwrap_or(u64::MAX),
                file: fault.file,
                row: fault.row,
                column: fault.column,
                value: fault.value,
                rule: fault.rule,
            })
            .collect();
        self.in_turn(move |tx| uploads::keep_faults(tx, id, &numbered))
            .await
    }

    /// A change that belongs to an import, and waits for room as its facts do.
    async fn in_turn(
        &self,
        change: impl FnOnce(&mut Tx<'_>) -> Result<(), store::Error> + Send + 'static,
    ) -> Result<(), Error> {
        let changes = vec![(Class::Backfill, change)];
        let made = self.store.write_all_in_turn(changes).await?.await;
        made.into_iter().collect::<Result<(), _>>()?;
        Ok(())
    }

    /// Takes files out of the spool that are older or more than is kept, and those that nobody
    /// knows. One whose job is not over stays.
    pub async fn prune_spool(&self, keeping: Keeping) -> Result<usize, Error> {
        let found = self.store.read(Lane::Batch, uploads::spooled).await;
        let spooled = found.map_err(Error::Store)?;
        let known: BTreeSet<String> = spooled.iter().map(|file| file.name.clone()).collect();
        let gone = too_much(&spooled, keeping, self.clock.now());
        let count = gone.len();
        for id in &gone {
            let id = *id;
            let let_go = self
                .store
                .write(Class::Backfill, move |tx| uploads::let_go(tx, id));
            let_go.await.map_err(Error::Store)?;
        }
        let names: BTreeSet<String> = spooled
            .into_iter()
            .filter(|file| !gone.contains(&file.upload))
            .map(|file| file.name)
            .collect();
        let folder = self.spool.folder.clone();
        let cleared = self.spool.hands.ask(Lane::Batch, move |()| {
            clear(&folder, |name| {
                !names.contains(name) && (known.contains(name) || is_old(&folder, name))
            })
        });
        cleared
            .await
            .map_err(store::Error::Crew)?
            .map_err(Error::Spool)?;
        Ok(count)
    }
}

/// Those that go: the oldest first until the rest is young and small enough.
fn too_much(spooled: &[Spooled], keeping: Keeping, now: DateTime<Utc>) -> BTreeSet<UploadId> {
    let mut total = 0_u64;
    let mut gone = BTreeSet::new();
    for file in spooled {
        total = total.saturating_add(file.size_bytes);
        let old = now - file.received_at > keeping.age;
        if file.over && (old || total > keeping.bytes) {
            gone.insert(file.upload);
        }
    }
    gone
}

/// A file that is being received right now has no row yet; an hour is longer than that takes.
fn is_old(folder: &Path, name: &str) -> bool {
    let changed = fs::metadata(folder.join(name)).and_then(|meta| meta.modified());
    let age = changed.ok().and_then(|changed| changed.elapsed().ok());
    age.is_some_and(|age| age > std::time::Duration::from_hours(2))
}

fn clear(folder: &Path, goes: impl Fn(&str) -> bool) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if goes(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A name that can be shown: printable, without folders, not too long.
fn shown(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = last.chars().filter(|c| crate::domain::printable(*c));
    let plain: String = plain.take(NAME).collect();
    if plain.trim().is_empty() {
        return "upload".to_owned();
    }
    plain
}

/// Makes the spool, for nobody else to look into.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Gives a file its name in the spool, for good.
fn settle(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    match to.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

impl Open {
    fn begin(folder: &Path) -> io::Result<Self> {
        make(folder)?;
        let path = folder.join(format!("{:x}.{UNFINISHED}", rand::random::<u128>()));
        Ok(Self {
            file: File::create_new(&path)?,
            part: Passing::new(path),
            digest: Sha256::new(),
            size: 0,
        })
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece)?;
        self.digest.update(piece);
        self.size += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}

impl Receiving {
    /// Adds a piece.
    pub async fn write(&mut self, piece: impl AsRef<[u8]> + Send + 'static) -> Result<(), Error> {
        let Some(mut open) = self.open.take() else {
            return Err(Error::Spool(io::ErrorKind::BrokenPipe.into()));
        };
        let written = self.hands.ask(Lane::Live, move |()| {
            let written = open.write(piece.as_ref());
            (open, written)
        });
        let (open, written) = written.await.map_err(store::Error::Crew)?;
        self.open = Some(open);
        written.map_err(Error::Spool)
    }

    /// How much has come so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.size)
    }

    /// Puts the file on disk for good.
    pub async fn finish(mut self) -> Result<Received, Error> {
        let Some(open) = self.open.take() else {
            return Err(Error::Spool(io::ErrorKind::BrokenPipe.into()));
        };
        let finished = self.hands.ask(Lane::Live, move |()| {
            open.file.sync_all()?;
            Ok(Received {
                digest: open.digest.finalize().into(),
                size: open.size,
                part: open.part,
            })
        });
        let finished = finished.await.map_err(store::Error::Crew)?;
        finished.map_err(Error::Spool)
    }
}
