//! A file, folder or archive becomes facts, in batches, with a report.
//!
//! One thread opens, decodes, reads and checks; the writer commits what it sends. A bad row is a
//! line in the report, not the end. What a report counts has been committed.

mod reader;

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};

use super::{Counts, Error, Fact, Ingest, Receipt, Status};
use crate::domain::{Fault, RaceDay, RaceKey};
use crate::formats::{Format, Mapping};
use reader::{Batch, Message, Place, Reader};

/// Batches that are read ahead.
const READ_AHEAD: usize = 4;
/// Facts of all files together that are with the writer at a time, where its lane is long enough: for
/// one large commit while the last one is still being written.
const IN_FLIGHT: usize = 3_000;
/// Batches that are with the writer at a time.
const BATCHES: usize = 3;
/// Races that a report names.
const RACES_KEPT: usize = 10_000;
/// Faults that a report keeps; the rest are only counted.
const FAULTS_KEPT: usize = 10_000;

/// What to import.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Files, folders or archives, in the order given.
    pub paths: Vec<PathBuf>,
    /// Refuse every file that is of another format.
    pub format: Option<Format>,
    /// What the columns of every file mean; their formats are not asked for.
    pub mapping: Option<Mapping>,
    /// What the one file given is called, where that is not its name on disk.
    pub name: Option<String>,
    /// Only say what would become of each fact.
    pub rehearsal: bool,
    /// Where an import of the same files was broken off; the beginning by default.
    pub from: Checkpoint,
}

/// How far an import of certain files has come: what was read up to here is committed, and the
/// report counts it. It is data, so that another process may go on from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Facts and faults, in the order of the files.
    pub items: u64,
    /// The report so far, without its faults.
    pub report: Report,
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Files that were read or refused.
    pub files: u64,
    /// Data rows that were read.
    pub rows: u64,
    /// What became of the facts; `failed` counts refused rows, facts and files.
    #[serde(flatten)]
    pub counts: Counts,
    /// What was wrong, in the order it was met; at most 10,000.
    #[serde(default)]
    pub faults: Vec<FileFault>,
    /// How many of them there are, those that were met before a checkpoint among them.
    #[serde(default)]
    pub faults_kept: usize,
    /// Faults that were met and not kept.
    pub faults_dropped: u64,
    /// Races that were told of, and what became of what was told; at most 10,000.
    #[serde(skip)]
    pub races: Vec<(RaceKey, Status)>,
}

/// One thing wrong with one row of one file; row 0 is the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFault {
    /// Which file, `archive.zip/inner.csv` inside an archive.
    pub file: String,
    /// Row as a spreadsheet counts; the header is row 1.
    pub row: u64,
    /// Column heading, or the place inside the fact that the row belongs to.
    pub column: String,
    /// What stood there.
    pub value: String,
    /// The rule it breaks.
    pub rule: String,
}

impl std::fmt::Display for FileFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            file,
            row,
            column,
            value,
            rule,
        } = self;
        write!(f, "{file}:{row}: {column} {value:?}: {rule}")
    }
}

/// How far an import has come; every number only grows.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the files given that have been read.
    pub bytes: Arc<AtomicU64>,
    /// Rows read.
    pub rows: AtomicU64,
    /// Rows whose facts are committed.
    pub committed: AtomicU64,
    /// Files done.
    pub files: AtomicU64,
    settled: Mutex<Settled>,
    stop: Notify,
}

/// What is committed, for whoever wants to go on from there.
#[derive(Debug, Default)]
struct Settled {
    checkpoint: Checkpoint,
    faults: Vec<FileFault>,
}

impl Progress {
    /// What is committed by now, and the faults that were met since this was last asked.
    pub fn settled(&self) -> (Checkpoint, Vec<FileFault>) {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        (
            settled.checkpoint.clone(),
            std::mem::take(&mut settled.faults),
        )
    }

    /// Ends the import early: nothing more is read, what the writer has not begun stays undone, and
    /// the report counts the rest.
    pub fn stop(&self) {
        self.stop.notify_one();
    }

    /// `kept` faults of the report have been told here before.
    fn settle(&self, items: u64, report: &Report, kept: usize) {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        settled.checkpoint.items = items;
        settled.checkpoint.report = report.without_faults();
        let new = report.faults.get(kept..).unwrap_or_default();
        settled.faults.extend_from_slice(new);
    }
}

impl Ingest {
    /// Imports everything, behind whatever somebody waits for. What cannot be opened at all ends it with an error;
    /// what was committed before stands. Dropping it stops it.
    pub async fn files(&self, request: Request, progress: Arc<Progress>) -> Result<Report, Error> {
        let mut report = request.from.report.clone();
        let most = (share(self.store.queue()) / BATCHES).max(1);
        let (mut messages, reader) = read(&request, &progress, most)?;
        let mut in_flight: VecDeque<Sent> = VecDeque::new();
        let mut failure = None;
        let mut wanted = Some(Arc::new(()));
        loop {
            // What is committed is booked at once, so that a checkpoint is not far behind.
            let (receipts, message) = tokio::select! {
                biased;
                () = progress.stop.notified() => {
                    wanted = None;
                    (None, None)
                }
                receipts = first(&mut in_flight) => (Some(receipts), None),
                message = messages.recv() => (None, message),
            };
            if let Some(receipts) = receipts {
                book(in_flight.pop_front(), receipts?, &mut report, &progress);
                continue;
            }
            let (Some(message), Some(wanted)) = (message, &wanted) else {
                break;
            };
            match message {
                Message::Batch(mut batch) => {
                    let facts = std::mem::take(&mut batch.facts);
                    let room = loop {
                        if let Some(room) = self.room(facts.len(), in_flight.is_empty()).await {
                            break room;
                        }
                        settle(in_flight.pop_front(), &mut report, &progress).await?;
                    };
                    let committed = self.facts_of_file(facts, wanted, request.rehearsal).await?;
                    in_flight.push_back((Box::pin(committed), batch, room));
                }
                Message::End(error) => failure = Some(error),
            }
        }
        while !in_flight.is_empty() {
            settle(in_flight.pop_front(), &mut report, &progress).await?;
        }
        if wanted.is_none() {
            return Ok(report);
        }
        join(reader)?;
        failure.map_or(Ok(report), Err)
    }

    /// Room for so many facts at the writer, which all imports share. Who has facts there already
    /// must not wait for it: they may be what takes the room.
    async fn room(&self, facts: usize, patient: bool) -> Option<OwnedSemaphorePermit> {
        let facts = u32::try_from(facts).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.in_flight);
        if patient {
            return room.acquire_many_owned(facts).await.ok();
        }
        room.try_acquire_many_owned(facts).ok()
    }
}

/// Begins to read, at `most` facts a batch, on a thread of its own, which ends when nobody listens
/// any more.
fn read(
    request: &Request,
    progress: &Arc<Progress>,
    most: usize,
) -> Result<(mpsc::Receiver<Message>, JoinHandle<()>), Error> {
    let (send, messages) = mpsc::channel(READ_AHEAD);
    let (request, progress) = (request.clone(), Arc::clone(progress));
    let reader = thread::Builder::new()
        .name("import-reader".to_owned())
        .spawn(move || Reader::new(send, progress, &request.from, most).run(&request))
        .map_err(|source| Error::Store(source.into()))?;
    Ok((messages, reader))
}

fn join(reader: JoinHandle<()>) -> Result<(), Error> {
    reader.join().map_err(|_panic| Error::File {
        path: "the import".to_owned(),
        why: "the reading thread died".to_owned(),
    })
}

/// The days of the races that files tell of; nothing is taken in, and no fault is told.
pub(super) async fn days(request: &Request) -> Result<BTreeSet<RaceDay>, Error> {
    let (mut messages, reader) = read(request, &Arc::default(), IN_FLIGHT)?;
    let mut days = BTreeSet::new();
    while let Some(message) = messages.recv().await {
        match message {
            Message::Batch(batch) => days.extend(batch.facts.iter().filter_map(Fact::day)),
            Message::End(error) => return Err(error),
        }
    }
    join(reader)?;
    Ok(days)
}

/// Receipts on their way.
type Committed = Pin<Box<dyn Future<Output = Result<Vec<Receipt>, Error>> + Send>>;
/// A batch that is with the writer.
type Sent = (Committed, Batch, OwnedSemaphorePermit);

/// How many facts of files may be with a writer in whose lane so many changes may wait: less, because
/// others have work there too.
pub(super) fn share(queue: usize) -> usize {
    (queue - queue / 4).clamp(1, IN_FLIGHT)
}

/// What becomes of the batch that was sent first; nothing as long as there is none.
async fn first(in_flight: &mut VecDeque<Sent>) -> Result<Vec<Receipt>, Error> {
    match in_flight.front_mut() {
        Some((committed, ..)) => committed.await,
        None => std::future::pending().await,
    }
}

/// Waits for a batch to be durable, and books what became of it.
async fn settle(sent: Option<Sent>, report: &mut Report, progress: &Progress) -> Result<(), Error> {
    let Some(mut sent) = sent else {
        return Ok(());
    };
    let receipts = sent.0.as_mut().await?;
    book(Some(sent), receipts, report, progress);
    Ok(())
}

/// Books what became of a batch that is durable.
fn book(sent: Option<Sent>, receipts: Vec<Receipt>, report: &mut Report, progress: &Progress) {
    let Some((_, batch, _room)) = sent else {
        return;
    };
    let kept = report.faults.len();
    let stopped = receipts.len() < batch.places.len();
    let mut faults = batch.faults.into_iter().peekable();
    for (met, (receipt, place)) in receipts.into_iter().zip(batch.places).enumerate() {
        while let Some((_, fault)) = faults.next_if(|(before, _)| *before <= met) {
            report.refuse(fault);
        }
        report.book(receipt, &place);
    }
    if stopped {
        return;
    }
    for (_, fault) in faults {
        report.refuse(fault);
    }
    report.files += batch.files;
    report.rows += batch.rows_of_files;
    let rows = u64::try_from(batch.rows).unwrap_or(u64::MAX);
    progress.committed.fetch_add(rows, Ordering::Relaxed);
    progress.files.fetch_add(batch.files, Ordering::Relaxed);
    progress.settle(batch.until, report, kept);
}

impl Report {
    /// The same without its faults; how many there were stays known.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        Self {
            faults: Vec::new(),
            races: Vec::new(),
            ..*self
        }
    }

    /// Of a file of which nothing was taken in.
    pub(super) fn refused(file: &str, rule: String) -> Self {
        let mut report = Self {
            files: 1,
            ..Self::default()
        };
        report.refuse(FileFault {
            file: file.to_owned(),
            row: 0,
            column: String::new(),
            value: String::new(),
            rule,
        });
        report
    }

    fn book(&mut self, receipt: Receipt, place: &Place) {
        self.counts.extend(receipt.form);
        if let (Some(race), Ok(status)) = (receipt.race, &receipt.outcome)
            && self.races.len() < RACES_KEPT
        {
            self.races.push((race, *status));
        }
        match receipt.outcome {
            Ok(status) => self.counts.add(status),
            Err(faults) => {
                self.counts.failed += 1;
                self.keep_all(faults, place);
            }
        }
        self.keep_all(receipt.form_faults, place);
    }

    fn keep_all(&mut self, faults: Vec<Fault>, place: &Place) {
        for fault in faults {
            self.keep(FileFault {
                file: place.file.to_string(),
                row: place.row,
                column: fault.at,
                value: String::new(),
                rule: fault.why,
            });
        }
    }

    /// A fault met while reading; several of one row are one failure.
    fn refuse(&mut self, fault: FileFault) {
        let same_row = self
            .faults
            .last()
            .is_some_and(|last| last.file == fault.file && last.row == fault.row);
        if !same_row {
            self.counts.failed += 1;
        }
        self.keep(fault);
    }

    fn keep(&mut self, fault: FileFault) {
        if self.faults_kept < FAULTS_KEPT {
            self.faults_kept += 1;
            self.faults.push(fault);
        } else {
            self.faults_dropped += 1;
        }
    }
}
