//! How a JSON body is read, and what is said of one that cannot be.

use actix_web::error::{JsonPayloadError, PayloadError};
use actix_web::web::JsonConfig;

use super::problem::Problem;
use crate::domain::Fault;

/// Reads bodies of at most `limit` bytes.
pub(super) fn json(limit: usize) -> JsonConfig {
    JsonConfig::default()
        .limit(limit)
        .error_handler(move |error, _request| problem(&error, limit).into())
}

fn problem(error: &JsonPayloadError, limit: usize) -> Problem {
    use JsonPayloadError as E;
    match error {
        E::OverflowKnownLength { .. } | E::Overflow { .. } | E::Payload(PayloadError::Overflow) => {
            Problem::too_large(format!("a body is at most {limit} bytes"))
        }
        E::ContentType => Problem::unsupported("the body must be application/json"),
        _ => Problem::malformed(Fault::new(error.to_string()).under("body")),
    }
}
