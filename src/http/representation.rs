//! How an answer travels: its tag, whether the client has it already, and in which encoding it goes.
//!
//! The tag comes from the answer itself: an older fact that comes late changes the answer and
//! nothing that could be counted beside it. Every encoding has a tag of its own, because its bytes
//! are others.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes};
use actix_web::{Error, HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use super::encoding::{Accepted, Encoding};
use super::problem::Problem;
use crate::runtime::hex;

/// Answers over this are worked on by another thread, so that the others do not wait.
pub(super) const LONG: usize = 64 * 1_024;

/// What a request says about the form of its answer.
struct Wish {
    reads: bool,
    known: Vec<String>,
    accepted: Accepted,
}

/// Tags the whole answers to GET and HEAD, says 304 to a client that has them, and encodes.
pub(super) async fn choose(
    response: ServiceResponse<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = response.headers();
    // What is sent piece by piece is encoded already, and what was kept ready is dressed.
    if headers.contains_key(CONTENT_ENCODING) || headers.contains_key(ETAG) {
        return Ok(response.map_into_boxed_body());
    }
    let wish = Wish::of(response.request());
    let (request, response) = response.into_parts();
    let error = response
        .error()
        .and_then(|error| error.as_error::<Problem>());
    if let Some(problem) = error.cloned() {
        // It is written outside, where its request has an id, and it is short.
        return Ok(ServiceResponse::from_err(problem, request));
    }
    let (head, body) = response.into_parts();
    let response = match body.try_into_bytes() {
        Ok(bytes) => wish.fulfil(head, bytes).await?,
        Err(body) => head.set_body(body).map_into_boxed_body(),
    };
    Ok(ServiceResponse::new(request, response))
}

impl Wish {
    fn of(request: &HttpRequest) -> Self {
        let headers = request.headers();
        Self {
            reads: matches!(*request.method(), Method::GET | Method::HEAD),
            known: known(headers),
            accepted: Accepted::of(headers),
        }
    }

    async fn fulfil(self, head: HttpResponse<()>, bytes: Bytes) -> Result<HttpResponse, Problem> {
        let mut head = head;
        let encoding = if is_compressible(head.headers()) {
            vary(head.headers_mut());
            self.accepted.for_length(bytes.len())
        } else {
            None
        };
        let length = bytes.len();
        let tagged = self.reads && head.status() == StatusCode::OK;
        let work = move || {
            let tag = tagged.then(|| tag(&bytes, encoding));
            if tag.as_ref().is_some_and(|tag| has(&self.known, tag)) {
                return Ok((tag, None));
            }
            let bytes = match encoding {
                Some(encoding) => encoding.encode(&bytes)?.into(),
                None => bytes,
            };
            std::io::Result::Ok((tag, Some(bytes)))
        };
        let done = if length > LONG {
            web::block(work)
                .await
                .map_err(|error| Problem::internal(&error))?
        } else {
            work()
        };
        let (tag, bytes) = done.map_err(|error| Problem::internal(&error))?;
        if let Some(value) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
            head.headers_mut().insert(ETAG, value);
        }
        let Some(bytes) = bytes else {
            *head.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(head.set_body(BoxBody::new(())));
        };
        if let Some(encoding) = encoding {
            let value = HeaderValue::from_static(encoding.name());
            head.headers_mut().insert(CONTENT_ENCODING, value);
        }
        Ok(head.set_body(BoxBody::new(bytes)))
    }
}

/// Whether the client has what is tagged so.
pub(super) fn has(known: &[String], tag: &str) -> bool {
    known.iter().any(|known| known == tag || known == "*")
}

/// The tag of the answer as it is sent.
pub(super) fn tag(bytes: &[u8], encoding: Option<Encoding>) -> String {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let half = hex(&digest[..16]);
    match encoding {
        Some(encoding) => format!("\"{half}-{}\"", encoding.name()),
        None => format!("\"{half}\""),
    }
}

/// The tags that the client has. A weak one names the same bytes or none of ours.
pub(super) fn known(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
        .collect()
}

/// Text gets shorter; pictures and archives are short already.
fn is_compressible(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let kind = kind.trim();
    kind.starts_with("text/")
        || kind.ends_with("json")
        || ["javascript", "openmetrics-text", "xml"]
            .iter()
            .any(|end| kind.ends_with(end))
}

/// Says that the answer depends on `Accept-Encoding`, besides what it says already.
fn vary(headers: &mut HeaderMap) {
    let said: Vec<&str> = headers
        .get_all(VARY)
        .filter_map(|value| value.to_str().ok())
        .collect();
    let said = said.join(", ");
    let lower = said.to_ascii_lowercase();
    if lower.contains("accept-encoding") || lower.contains('*') {
        return;
    }
    let all = match said.as_str() {
        "" => "Accept-Encoding".to_owned(),
        said => format!("{said}, Accept-Encoding"),
    };
    if let Ok(all) = HeaderValue::from_str(&all) {
        headers.insert(VARY, all);
    }
}
