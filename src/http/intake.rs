//! A body on its way in: its kind, its size and its pace are bounded before anything is made of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::de::DeserializeOwned;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::caller::Who;
use super::problem::Problem;
use super::request::RequestId;
use super::settings::Settings;
use crate::domain::Fault;
use crate::formats::facts::{Item, Loose};

/// Bodies that are held at one time, all together.
const HELD: usize = 32 * 1024 * 1024;
/// How long a body may come at any pace.
const GRACE: Duration = Duration::from_secs(5);
/// The least it must bring in every second after that.
const PACE: usize = 1024;

/// The room for bodies, shared by all workers.
#[derive(Clone)]
pub(super) struct Room(Arc<Semaphore>);

impl Room {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(HELD)))
    }

    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Arc::clone(&self.0)
            .try_acquire_many_owned(bytes)
            .map_err(|_full| Problem::busy("too many bodies are on their way in"))
    }
}

/// What a body says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`
    Json,
    /// `application/x-ndjson`
    Lines,
}

/// A whole body, and what its answer is kept by.
pub(super) struct Intake {
    pub(super) bytes: Bytes,
    pub(super) media: Media,
    /// The public id of the caller's key; empty without keys.
    pub(super) caller: String,
    pub(super) path: String,
    /// `Idempotency-Key`
    pub(super) once: Option<String>,
    pub(super) request_id: Arc<str>,
    _held: OwnedSemaphorePermit,
}

impl FromRequest for Intake {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move { receive(&request, payload).await })
    }
}

impl Intake {
    /// The one object that the body is.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.is_json()?;
        // Serde would take a list for the fields of a struct, one after the other.
        if self.bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Problem::malformed(
                Fault::new("must be an object").under("body"),
            ));
        }
        serde_json::from_slice(&self.bytes).map_err(|error| not_json(&error))
    }

    /// The same, read on past its faults.
    pub(super) fn item<T: Loose>(&self) -> Result<Item<T>, Problem> {
        self.is_json()?;
        let mut input = serde_json::Deserializer::from_slice(&self.bytes);
        let item = Item::read(&mut input);
        item.and_then(|item| input.end().map(|()| item))
            .map_err(|error| not_json(&error))
    }

    fn is_json(&self) -> Result<(), Problem> {
        match self.media {
            Media::Json => Ok(()),
            Media::Lines => Err(Problem::unsupported("the body must be application/json")),
        }
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::malformed(Fault::new(error.to_string()).under("body"))
}

async fn receive(request: &HttpRequest, payload: Payload) -> Result<Intake, Problem> {
    let media = media(request)?;
    let once = once(request)?;
    let set_up = || Problem::internal(&"the door was not set up");
    let settings = request.app_data::<Data<Settings>>().ok_or_else(set_up)?;
    let room = request.app_data::<Data<Room>>().ok_or_else(set_up)?;
    let most = settings.max_body;
    let announced = announced(request);
    if announced.is_some_and(|size| size > most) {
        return Err(too_large(most));
    }
    let mut held = room.take(0)?;
    let bytes = gather(payload, most, settings.body_deadline, |chunk| {
        held.merge(room.take(chunk)?);
        Ok(())
    })
    .await?;
    let extensions = request.extensions();
    let caller = match extensions.get::<Who>() {
        Some(Who::Key { id, .. }) => id.clone(),
        _ => String::new(),
    };
    Ok(Intake {
        bytes,
        media,
        caller,
        path: request.path().to_owned(),
        once,
        request_id: RequestId::given(&extensions),
        _held: held,
    })
}

fn announced(request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

fn too_large(most: usize) -> Problem {
    Problem::too_large(format!("a body is at most {most} bytes"))
}

/// Only these two: a browser sends neither across sites without asking first.
fn media(request: &HttpRequest) -> Result<Media, Problem> {
    let value = request.headers().get(CONTENT_TYPE);
    let name = value.and_then(|value| value.to_str().ok()).unwrap_or("");
    let name = name.split(';').next().unwrap_or("").trim();
    match name.to_ascii_lowercase().as_str() {
        "application/json" => Ok(Media::Json),
        "application/x-ndjson" => Ok(Media::Lines),
        _ => Err(Problem::unsupported(
            "Content-Type must be application/json or application/x-ndjson",
        )),
    }
}

/// `Idempotency-Key`
pub(super) fn once(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => {
            let fault = Fault::new("must be 1 to 255 printable characters");
            Err(Problem::malformed(fault.under("Idempotency-Key")))
        }
    }
}

/// The whole body, or 408 when it comes too slowly. Every chunk is announced before it is kept.
async fn gather(
    mut payload: Payload,
    most: usize,
    patience: Duration,
    mut announce: impl FnMut(usize) -> Result<(), Problem>,
) -> Result<Bytes, Problem> {
    let began = Instant::now();
    let mut body = BytesMut::new();
    loop {
        let deadline = began + pace(body.len()).min(patience);
        let next = std::future::poll_fn(|context| {
            futures_core::Stream::poll_next(Pin::new(&mut payload), context)
        });
        let chunk = timeout_at(deadline, next)
            .await
            .map_err(|_elapsed| Problem::timeout("the body came too slowly"))?;
        match chunk {
            None => return Ok(body.freeze()),
            Some(Ok(chunk)) if body.len() + chunk.len() > most => return Err(too_large(most)),
            Some(Ok(chunk)) => {
                announce(chunk.len())?;
                body.extend_from_slice(&chunk);
            }
            Some(Err(error)) => {
                let fault = Fault::new(format!("broke off: {error}"));
                return Err(Problem::malformed(fault.under("body")));
            }
        }
    }
}

/// How long a body may have taken to get this far.
pub(super) fn pace(bytes: usize) -> Duration {
    let seconds = u64::try_from(bytes / PACE).unwrap_or(u64::MAX);
    GRACE + Duration::from_secs(seconds)
}
