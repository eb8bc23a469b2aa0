//! An upload is taken in: from its beginning, or from where the last attempt had come.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::ticket::Ticket;
use super::work::{self, Desks, Failure};
use crate::domain::UploadId;
use crate::ingest::file::{Checkpoint, Progress};

/// How often it is said how far it has come.
const PACE: Duration = Duration::from_millis(500);

/// Imports the file; rows that are refused are part of the report and no failure.
pub(super) async fn perform(
    desks: &Desks,
    upload: UploadId,
    checkpoint: Option<&Value>,
    ticket: &Ticket,
) -> Result<Value, Failure> {
    let from = checkpoint.map(Checkpoint::deserialize);
    let from = from.transpose().map_err(Failure::last)?.unwrap_or_default();
    let file = desks.ingest.uploaded_file(upload).await?;
    if from == Checkpoint::default() {
        desks.ingest.forget_faults(upload).await?;
    }
    let total = Some(file.size_bytes);
    let progress = Arc::new(Progress::default());
    let mut work = std::pin::pin!(desks.ingest.upload(&file, from, Arc::clone(&progress)));
    let mut stopping = false;
    let report = loop {
        let step = tokio::select! {
            step = tokio::time::timeout(PACE, &mut work) => step,
            () = ticket.cancelled(), if !stopping => {
                progress.stop();
                stopping = true;
                continue;
            }
        };
        let (settled, faults) = progress.settled();
        desks.ingest.keep_faults(upload, &settled, faults).await?;
        ticket.tell(progress.bytes.load(Ordering::Relaxed), total);
        if settled.items > 0 {
            ticket.checkpoint(work::json(&settled)?);
        }
        if let Ok(report) = step {
            break report?;
        }
    };
    ticket.tell(file.size_bytes, total);
    work::json(&report.without_faults())
}
