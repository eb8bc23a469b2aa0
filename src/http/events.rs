//! Server-sent events: what changes is told as it changes.
//!
//! Whoever watches takes a seat; there are only so many. A comment is sent now and then, so that a
//! watcher that has gone is noticed and proxies keep the line open.

use std::sync::Arc;
use std::time::Duration;

use actix_web::Error;
use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::jobs::View;
use super::problem::Problem;
use crate::domain::JobId;
use crate::jobs::{Board, Shown};

/// Watchers at one time.
const SEATS: usize = 64;
/// How long a line may be silent.
const SILENCE: Duration = Duration::from_secs(10);

/// The seats, shared by all workers.
#[derive(Clone)]
pub(super) struct Seats(Arc<Semaphore>);

impl Seats {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(SEATS)))
    }

    pub(super) fn take(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.0)
            .try_acquire_owned()
            .map_err(|_full| Problem::busy(format!("{SEATS} are watching already")))
    }
}

/// What is told of a job until it is over or the house closes.
pub(super) fn of_job(
    board: Board,
    id: JobId,
    seat: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Bytes, Error>> {
    let (send, receive) = mpsc::channel(1);
    actix_web::rt::spawn(async move {
        let _seat = seat;
        tell(&board, id, &send).await;
    });
    Receiving(receive)
}

async fn tell(board: &Board, id: JobId, send: &mpsc::Sender<Bytes>) {
    let mut last: Option<Shown> = None;
    loop {
        let glance = tokio::time::timeout(SILENCE, board.glance(id, last.as_ref())).await;
        let bytes = match glance {
            Err(_elapsed) => Bytes::from_static(b": still here\n\n"),
            Ok(Ok(Some(shown))) => {
                last = Some(shown.clone());
                event(&View::of(shown))
            }
            // It is over, or something is wrong that the next question will tell.
            Ok(Ok(None) | Err(_)) => return,
        };
        if send.send(bytes).await.is_err() {
            return;
        }
    }
}

fn event(view: &View) -> Bytes {
    let data = serde_json::to_string(view).unwrap_or_default();
    format!("event: job\ndata: {data}\n\n").into()
}

struct Receiving(mpsc::Receiver<Bytes>);

impl Stream for Receiving {
    type Item = Result<Bytes, Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(Ok))
    }
}
