//! The thread that reads: it opens, decodes and checks, and sends what it finds in stretches.
//!
//! A stretch holds everything that was met between two places of the reading, faults and ends of
//! files too, so that a checkpoint after it says the whole truth.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;

use super::{Checkpoint, FileFault, Progress, Request};
use crate::domain::Draft;
use crate::formats::{self, Item, Opened, RowFault};
use crate::ingest::{Error, Fact};

/// Rows that are handed to the writer together; each fact is a change of its own, and the writer
/// bounds how many of them share a commit.
const BATCH_ROWS: usize = 1_000;
/// Faults, or ends of files, that one stretch holds at most.
const BATCH_FAULTS: usize = 1_000;

/// What the reading thread sends.
pub(super) enum Message {
    /// A stretch of the files.
    Batch(Batch),
    /// Reading cannot go on.
    End(Error),
}

/// A stretch of the files.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) facts: Vec<Fact>,
    /// Where each fact began.
    pub(super) places: Vec<Place>,
    /// Each with how many of the facts were met before it.
    pub(super) faults: Vec<(usize, FileFault)>,
    /// Rows that the facts stand for.
    pub(super) rows: usize,
    /// Files that ended in it, and their rows.
    pub(super) files: u64,
    pub(super) rows_of_files: u64,
    /// Items that were read up to its end.
    pub(super) until: u64,
}

/// Where a fact began.
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) row: u64,
}

/// Nobody listens any more.
struct Gone;

/// The thread that reads.
pub(super) struct Reader {
    send: mpsc::Sender<Message>,
    progress: Arc<Progress>,
    batch: Batch,
    /// Facts that one stretch holds at most.
    most: usize,
    /// Items and files that have been read, and how many of them were settled before.
    items: u64,
    files: u64,
    settled_items: u64,
    settled_files: u64,
}

impl Reader {
    pub(super) fn new(
        send: mpsc::Sender<Message>,
        progress: Arc<Progress>,
        from: &Checkpoint,
        most: usize,
    ) -> Self {
        Self {
            send,
            progress,
            batch: Batch::default(),
            most,
            items: 0,
            files: 0,
            settled_items: from.items,
            settled_files: from.report.files,
        }
    }

    pub(super) fn run(mut self, request: &Request) {
        for path in &request.paths {
            if let Err(error) = self.path(path, request) {
                drop(self.flush());
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
            request.name.as_deref(),
            &bytes,
            &mut |name, opened| match self.file(name, opened, request) {
                Ok(()) => ControlFlow::Continue(()),
                Err(Gone) => ControlFlow::Break(()),
            },
        )
        .map_err(|error| Error::File {
            path: request
                .name
                .clone()
                .unwrap_or_else(|| path.display().to_string()),
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
                if self.is_new() {
                    self.fault(&file, 0, "", "", refusal.reason);
                }
                0
            }
        };
        self.files += 1;
        if self.files > self.settled_files {
            self.batch.files += 1;
            self.batch.rows_of_files += rows;
        }
        self.flush_when_full()
    }

    /// Counts an item; whether it comes after what was settled before.
    const fn is_new(&mut self) -> bool {
        self.items += 1;
        self.items > self.settled_items
    }

    fn item(&mut self, file: &Arc<str>, item: Item) -> Result<(), Gone> {
        if !self.is_new() {
            // Whoever gave up must be noticed during a long way back, too.
            return if self.send.is_closed() {
                Err(Gone)
            } else {
                Ok(())
            };
        }
        let (row, draft) = match item {
            Item::Draft { row, draft } => (row, draft),
            Item::Fault(RowFault {
                row,
                column,
                value,
                rule,
            }) => {
                self.fault(file, row, &column, &value, rule);
                return self.flush_when_full();
            }
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
                    self.fault(file, row, &fault.at, "", fault.why);
                }
            }
        }
        self.flush_when_full()
    }

    fn flush_when_full(&mut self) -> Result<(), Gone> {
        let batch = &self.batch;
        let full = batch.rows >= BATCH_ROWS || batch.facts.len() >= self.most;
        if full || batch.faults.len() >= BATCH_FAULTS {
            self.flush()?;
        }
        Ok(())
    }

    fn fault(&mut self, file: &str, row: u64, column: &str, value: &str, rule: String) {
        let fault = FileFault {
            file: file.to_owned(),
            row,
            column: column.to_owned(),
            value: value.to_owned(),
            rule,
        };
        self.batch.faults.push((self.batch.facts.len(), fault));
    }

    fn flush(&mut self) -> Result<(), Gone> {
        let mut batch = std::mem::take(&mut self.batch);
        batch.until = self.items.max(self.settled_items);
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
        Draft::Prices(prices) => prices.prices.len(),
        Draft::Form(_) => 1,
    }
}
