//! A file, folder or archive becomes facts, in batches, with a report.
//!
//! One thread opens, decodes, reads and checks; the writer commits what it sends. A bad row is a
//! line in the report, not the end. What a report counts has been committed.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tokio::sync::mpsc;

use super::{Counts, Error, Fact, Ingest, Receipt};
use crate::domain::{Draft, Fault};
use crate::formats::{self, Format, Item, Mapping, Opened, RowFault};

/// Rows that are handed to the writer together; each fact is a change of its own, and the writer
/// bounds how many of them share a commit.
const BATCH_ROWS: usize = 1_000;
/// Batches that are read ahead.
const READ_AHEAD: usize = 4;
/// Facts that are with the writer at a time: enough for one large commit while the last one is
/// still being written, and less than may wait in its lane.
const IN_FLIGHT: usize = 3_000;
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
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Files that were read or refused.
    pub files: u64,
    /// Data rows that were read.
    pub rows: u64,
    /// What became of the facts; `failed` counts refused rows, facts and files.
    #[serde(flatten)]
    pub counts: Counts,
    /// What was wrong, in the order it was met; at most 10,000.
    pub faults: Vec<FileFault>,
    /// Faults that were met and not kept.
    pub faults_dropped: u64,
}

/// One thing wrong with one row of one file; row 0 is the file itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
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
}

/// What the reading thread sends.
enum Message {
    Batch(Batch),
    Fault(FileFault),
    /// Another file is done; so many rows stood in it.
    File(u64),
    /// Reading cannot go on.
    End(Error),
}

#[derive(Default)]
struct Batch {
    facts: Vec<Fact>,
    places: Vec<Place>,
    rows: usize,
}

/// Where a fact began.
struct Place {
    file: Arc<str>,
    row: u64,
}

impl Ingest {
    /// Imports everything, behind whatever somebody waits for. What cannot be opened at all ends it with an error;
    /// what was committed before stands.
    pub async fn files(&self, request: Request, progress: Arc<Progress>) -> Result<Report, Error> {
        let (send, mut messages) = mpsc::channel(READ_AHEAD);
        let reader = thread::Builder::new()
            .name("import-reader".to_owned())
            .spawn({
                let progress = Arc::clone(&progress);
                move || Reader::new(send, progress).run(&request)
            })
            .map_err(|source| Error::Store(source.into()))?;
        let mut report = Report::default();
        let mut in_flight = VecDeque::new();
        let mut failure = None;
        let mut waiting = 0;
        while let Some(message) = messages.recv().await {
            match message {
                Message::Batch(batch) => {
                    waiting += batch.facts.len();
                    let committed = self.facts_of_file(batch.facts);
                    in_flight.push_back((committed, batch.places, batch.rows));
                }
                Message::Fault(fault) => report.refuse(fault),
                Message::File(rows) => {
                    report.files += 1;
                    report.rows += rows;
                    progress.files.fetch_add(1, Ordering::Relaxed);
                }
                Message::End(error) => failure = Some(error),
            }
            while waiting > IN_FLIGHT {
                waiting -= settle(in_flight.pop_front(), &mut report, &progress).await?;
            }
        }
        while !in_flight.is_empty() {
            settle(in_flight.pop_front(), &mut report, &progress).await?;
        }
        if reader.join().is_err() {
            return Err(Error::File {
                path: "the import".to_owned(),
                why: "the reading thread died".to_owned(),
            });
        }
        failure.map_or(Ok(report), Err)
    }
}

/// Waits for a batch to be durable, books its receipts, and says how many facts it was.
async fn settle<F>(
    batch: Option<(F, Vec<Place>, usize)>,
    report: &mut Report,
    progress: &Progress,
) -> Result<usize, Error>
where
    F: Future<Output = Result<Vec<Receipt>, Error>>,
{
    let Some((committed, places, rows)) = batch else {
        return Ok(0);
    };
    let receipts = committed.await?;
    let facts = receipts.len();
    for (receipt, place) in receipts.into_iter().zip(places) {
        report.book(receipt, &place);
    }
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    progress.committed.fetch_add(rows, Ordering::Relaxed);
    Ok(facts)
}

impl Report {
    fn book(&mut self, receipt: Receipt, place: &Place) {
        self.counts.extend(receipt.form);
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
        if self.faults.len() < FAULTS_KEPT {
            self.faults.push(fault);
        } else {
            self.faults_dropped += 1;
        }
    }
}

/// Nobody listens any more.
struct Gone;

/// The thread that reads.
struct Reader {
    send: mpsc::Sender<Message>,
    progress: Arc<Progress>,
    batch: Batch,
}

impl Reader {
    fn new(send: mpsc::Sender<Message>, progress: Arc<Progress>) -> Self {
        Self {
            send,
            progress,
            batch: Batch::default(),
        }
    }

    fn run(mut self, request: &Request) {
        for path in &request.paths {
            if let Err(error) = self.path(path, request) {
                // A receiver that has gone wants no reason either.
                drop(self.send.blocking_send(Message::End(error)));
                return;
            }
        }
        drop(self.flush());
    }

    fn path(&mut self, path: &Path, request: &Request) -> Result<(), Error> {
        let bytes = Arc::clone(&self.progress.bytes);
        formats::walk(
            path,
            &bytes,
            &mut |name, opened| match self.file(name, opened, request) {
                Ok(()) => ControlFlow::Continue(()),
                Err(Gone) => ControlFlow::Break(()),
            },
        )
        .map_err(|error| Error::File {
            path: path.display().to_string(),
            why: error.to_string(),
        })
    }

    fn file(&mut self, name: &str, opened: Opened<'_>, request: &Request) -> Result<(), Gone> {
        let file: Arc<str> = Arc::from(name);
        let read = opened.and_then(|bytes| {
            let mut sink = |item| match self.item(&file, item) {
                Ok(()) => ControlFlow::Continue(()),
                Err(Gone) => ControlFlow::Break(()),
            };
            match &request.mapping {
                Some(mapping) => formats::read_mapped(bytes, mapping, &mut sink),
                None => formats::read(name, bytes, request.format, &mut sink),
            }
        });
        let rows = match read {
            Ok(summary) => summary.rows,
            Err(refusal) => {
                self.fault(&file, 0, "", "", refusal.reason)?;
                0
            }
        };
        self.tell(Message::File(rows))
    }

    fn item(&mut self, file: &Arc<str>, item: Item) -> Result<(), Gone> {
        let (row, draft) = match item {
            Item::Draft { row, draft } => (row, draft),
            Item::Fault(RowFault {
                row,
                column,
                value,
                rule,
            }) => return self.fault(file, row, &column, &value, rule),
        };
        let rows = rows_of(&draft);
        let read = u64::try_from(rows).unwrap_or(u64::MAX);
        self.progress.rows.fetch_add(read, Ordering::Relaxed);
        match Fact::check(&draft) {
            Ok(fact) => {
                self.batch.facts.push(fact);
                self.batch.places.push(Place {
                    file: Arc::clone(file),
                    row,
                });
                self.batch.rows += rows;
            }
            Err(faults) => {
                for fault in faults {
                    self.fault(file, row, &fault.at, "", fault.why)?;
                }
            }
        }
        if self.batch.rows >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    fn fault(
        &self,
        file: &str,
        row: u64,
        column: &str,
        value: &str,
        rule: String,
    ) -> Result<(), Gone> {
        self.tell(Message::Fault(FileFault {
            file: file.to_owned(),
            row,
            column: column.to_owned(),
            value: value.to_owned(),
            rule,
        }))
    }

    fn flush(&mut self) -> Result<(), Gone> {
        let batch = std::mem::take(&mut self.batch);
        if batch.facts.is_empty() {
            return Ok(());
        }
        self.tell(Message::Batch(batch))
    }

    fn tell(&self, message: Message) -> Result<(), Gone> {
        self.send.blocking_send(message).map_err(|_message| Gone)
    }
}

/// How many rows of a file a draft stands for.
fn rows_of(draft: &Draft) -> usize {
    match draft {
        Draft::Card(card) => card
            .runners
            .iter()
            .map(|runner| runner.form.len().max(1))
            .sum(),
        Draft::Result(result) => result.runners.len(),
        Draft::Form(_) => 1,
        Draft::Prices(prices) => prices.prices.len(),
    }
}
