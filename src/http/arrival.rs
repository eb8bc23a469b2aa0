//! A file on its way in: it goes to disk piece by piece, whatever its size.

use std::pin::Pin;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::time::{Instant, timeout_at};

use super::intake::pace;
use super::problem::Problem;
use crate::domain::Fault;
use crate::ingest::Ingest;
use crate::ingest::upload::{Received, Receiving};

/// Pieces are put together to this size before they are written.
const PIECE: usize = 256 * 1_024;
/// Parts of a form that are looked at.
const PARTS: usize = 8;

/// What came.
pub(super) struct Arrived {
    pub(super) received: Received,
    /// What the form calls it.
    pub(super) name: Option<String>,
}

/// How large it may be, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) bytes: u64,
    pub(super) time: Duration,
}

/// Receives the file that a body is, or that a form holds.
pub(super) async fn receive(
    request: &HttpRequest,
    payload: Payload,
    ingest: &Ingest,
    bounds: Bounds,
) -> Result<Arrived, Problem> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    let mut arrival = Arrival {
        receiving: ingest.receive().await?,
        piece: BytesMut::with_capacity(PIECE),
        began: Instant::now(),
        bounds,
    };
    match kind.to_ascii_lowercase().as_str() {
        "multipart/form-data" => {
            arrival
                .form(Multipart::new(request.headers(), payload))
                .await
        }
        // What a browser sends across sites without asking, and what curl says when it is not told.
        "application/x-www-form-urlencoded" | "text/plain" => Err(Problem::unsupported(format!(
            "{kind} may be anything: say Content-Type: application/octet-stream, or send a form"
        ))),
        _ => {
            let announced = request.headers().get(CONTENT_LENGTH);
            let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
            if announced.is_some_and(|length| length > bounds.bytes) {
                return Err(arrival.too_large());
            }
            arrival.take(payload, std::convert::identity).await?;
            arrival.finish(None).await
        }
    }
}

struct Arrival {
    receiving: Receiving,
    piece: BytesMut,
    began: Instant,
    bounds: Bounds,
}

impl Arrival {
    /// The one file of a form; other parts are passed over.
    async fn form(mut self, mut form: Multipart) -> Result<Arrived, Problem> {
        let mut name = None;
        for _part in 0..PARTS {
            let deadline = self.deadline();
            let next = timeout_at(deadline, next(&mut form)).await.map_err(slow)?;
            let Some(field) = next else {
                return match name {
                    Some(name) => self.finish(Some(name)).await,
                    None => Err(malformed("must hold a file: a part with a file name")),
                };
            };
            let field = field.map_err(|error| malformed(&error.to_string()))?;
            let file = field
                .content_disposition()
                .and_then(|part| part.get_filename().map(str::to_owned));
            match file {
                Some(_) if name.is_some() => {
                    return Err(malformed(
                        "must hold one file; send each alone, or an archive",
                    ));
                }
                Some(file) => {
                    name = Some(file);
                    self.take(field, std::convert::identity).await?;
                }
                None => self.skip(field).await?,
            }
        }
        Err(malformed(&format!("must have fewer than {PARTS} parts")))
    }

    async fn take<S, E>(
        &mut self,
        stream: S,
        open: impl Fn(Result<Bytes, E>) -> Result<Bytes, E>,
    ) -> Result<(), Problem>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: std::fmt::Display,
    {
        let mut stream = std::pin::pin!(stream);
        loop {
            let deadline = self.deadline();
            let Some(chunk) = timeout_at(deadline, next(&mut stream))
                .await
                .map_err(slow)?
            else {
                return Ok(());
            };
            let chunk = open(chunk).map_err(|error| malformed(&format!("broke off: {error}")))?;
            self.piece.extend_from_slice(&chunk);
            if self.size() > self.bounds.bytes {
                return Err(self.too_large());
            }
            if self.piece.len() >= PIECE {
                self.write().await?;
            }
        }
    }

    /// Reads a part that is no file, which must be short.
    async fn skip<S, E>(&self, stream: S) -> Result<(), Problem>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: std::fmt::Display,
    {
        let mut stream = std::pin::pin!(stream);
        let mut skipped = 0;
        while let Some(chunk) = timeout_at(self.deadline(), next(&mut stream))
            .await
            .map_err(slow)?
        {
            let chunk = chunk.map_err(|error| malformed(&format!("broke off: {error}")))?;
            skipped += chunk.len();
            if skipped > PIECE {
                return Err(Problem::too_large(
                    "a part of the form that is no file is long",
                ));
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<(), Problem> {
        let piece = self.piece.split().freeze();
        Ok(self.receiving.write(piece).await?)
    }

    async fn finish(mut self, name: Option<String>) -> Result<Arrived, Problem> {
        self.write().await?;
        if self.receiving.size() == 0 {
            return Err(malformed("must not be empty"));
        }
        Ok(Arrived {
            received: self.receiving.finish().await?,
            name,
        })
    }

    fn size(&self) -> u64 {
        let waiting = u64::try_from(self.piece.len()).unwrap_or(u64::MAX);
        self.receiving.size().saturating_add(waiting)
    }

    /// A body must come at a pace, and in all the time there is.
    fn deadline(&self) -> Instant {
        let so_far = usize::try_from(self.size()).unwrap_or(usize::MAX);
        self.began + pace(so_far).min(self.bounds.time)
    }

    fn too_large(&self) -> Problem {
        Problem::too_large(format!("a file is at most {} bytes", self.bounds.bytes))
    }
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

fn malformed(why: &str) -> Problem {
    Problem::malformed(Fault::new(why).under("body"))
}

fn slow(_elapsed: tokio::time::error::Elapsed) -> Problem {
    Problem::timeout("the file came too slowly")
}
