//! How an answer to GET travels: its tag, and whether the client has it already.
//!
//! The tag comes from the answer itself: an older fact that comes late changes the answer and
//! nothing that could be counted beside it.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use sha2::{Digest, Sha256};

/// Tags the whole answers to GET and HEAD; a client that has it gets 304.
pub(super) async fn choose(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let seen = seen(request.headers());
    let response = next.call(request).await?;
    if !reads || response.status() != StatusCode::OK {
        return Ok(response.map_into_boxed_body());
    }
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => {
            return Ok(ServiceResponse::new(
                request,
                head.set_body(body).map_into_boxed_body(),
            ));
        }
    };
    let tag = tag(&bytes);
    let mut response = head.set_body(bytes).map_into_boxed_body();
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, value);
    }
    if seen.iter().any(|known| *known == tag || known == "*") {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response = response.set_body(BoxBody::new(()));
    }
    Ok(ServiceResponse::new(request, response))
}

fn tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let half = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    format!("\"{}\"", half.collect::<String>())
}

/// The tags that the client has.
fn seen(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().to_owned())
        .collect()
}
