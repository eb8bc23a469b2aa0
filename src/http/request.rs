//! What surrounds every request: an id, a clock, and a net under panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use rand::Rng;

use super::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");

/// The id of a request: the caller's, when it is short and plain, else a new one.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(&REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        match given {
            Some(id) if (1..=64).contains(&id.len()) && id.chars().all(plain) => {
                Self(id.to_owned())
            }
            _ => Self(format!("{:032x}", rand::rng().next_u64())),
        }
    }
}

/// Gives the request its id, times it, logs it once, and turns a panic into one failed answer.
pub(super) async fn surround(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let mut work = pin!(next.call(request));
    let outcome = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
            Err(_panic) => Poll::Ready(Err(Problem::panicked())),
        }
    })
    .await;
    // No handle on the request is kept for this: the router wants the only one.
    let mut response = named(outcome??, &id);
    let took = started.elapsed();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    if let Ok(value) = HeaderValue::from_str(&format!("{:.6}", took.as_secs_f64())) {
        headers.insert(PROCESS_TIME, value);
    }
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    tracing::debug!(
        request.id = id.0,
        method = response.request().method().as_str(),
        route = response.request().match_pattern().unwrap_or_default(),
        status = response.status().as_u16(),
        took_ms = took.as_millis(),
        "request"
    );
    Ok(response)
}

/// The response; a problem learns the id of its request here, and nowhere else.
fn named(
    response: ServiceResponse<impl MessageBody + 'static>,
    id: &RequestId,
) -> ServiceResponse<BoxBody> {
    let problem = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>());
    match problem.map(|problem| problem.answer(&id.0)) {
        Some(answer) => response.into_response(answer),
        None => response.map_into_boxed_body(),
    }
}
