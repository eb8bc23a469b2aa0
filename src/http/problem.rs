//! Every error that leaves the house, in one exhaustive table (RFC 9457).
//!
//! What the caller may know is `detail`; what the operator needs is the log line with the same
//! request id. A new error variant does not compile until it has a status here.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::Receipts;
use crate::access;
use crate::collect;
use crate::domain::{Fault, Scope};
use crate::ingest;
use crate::jobs;
use crate::predict;
use crate::runtime::Refused;
use crate::store;
use crate::train;

/// A request that went wrong. Boxed, because every handler's result has room for one.
#[derive(Debug, Clone)]
pub(super) struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    detail: String,
    faults: Vec<Fault>,
    receipts: Option<Receipts>,
    header: Option<(HeaderName, String)>,
}

/// RFC 9457, `application/problem+json`.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    #[schema(value_type = Vec<FaultView>, required = false)]
    faults: &'a [Fault],
    /// Of posted facts that were all refused: what became of each. The document has it where facts
    /// are posted.
    #[serde(flatten)]
    #[schema(ignore)]
    receipts: Option<&'a Receipts>,
}

/// One thing wrong with the input.
#[derive(ToSchema)]
#[schema(as = Fault)]
#[expect(
    dead_code,
    reason = "describes `domain::Fault`, which knows nothing of HTTP"
)]
pub(super) struct FaultView {
    /// Where, for example `runners[3].rug`; empty when the whole input is meant.
    at: String,
    /// The rule that was broken.
    why: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl fmt::Display) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            detail: detail.to_string(),
            faults: Vec::new(),
            receipts: None,
            header: None,
        }))
    }

    fn with(mut self, name: HeaderName, value: impl fmt::Display) -> Self {
        self.0.header = Some((name, value.to_string()));
        self
    }

    /// A path or query that does not parse.
    pub(super) fn malformed(fault: Fault) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "malformed", &fault);
        problem.0.faults.push(fault);
        problem
    }

    /// Values that parse and break a rule.
    pub(super) fn invalid(faults: Vec<Fault>) -> Self {
        let count = faults.len();
        let detail = format!(
            "{count} value{} broke a rule",
            if count == 1 { "" } else { "s" }
        );
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
        problem.0.faults = faults;
        problem
    }

    /// The same problem, with what became of every item.
    pub(super) fn receipts(mut self, receipts: Receipts) -> Self {
        self.0.receipts = Some(receipts);
        self
    }

    /// Its code.
    pub(super) fn code(&self) -> &'static str {
        self.0.code
    }

    /// What the caller may know of it.
    pub(super) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Whether the facts themselves decided it, so that it would be the same again.
    pub(super) fn is_verdict(&self) -> bool {
        self.0.status == StatusCode::UNPROCESSABLE_ENTITY
    }

    /// Nothing of that name.
    pub(super) fn unknown(code: &'static str, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// Whether it says that there is no such thing.
    pub(super) fn is_unknown(&self) -> bool {
        self.0.status == StatusCode::NOT_FOUND
    }

    /// The caller brought no key, and there are keys.
    pub(super) fn no_key() -> Self {
        let detail = "an API key is needed: Authorization: Bearer, or X-API-Key";
        Self::new(StatusCode::UNAUTHORIZED, "no_key", detail).with(WWW_AUTHENTICATE, "Bearer")
    }

    /// The key is unknown, revoked or expired; which of them is not told.
    pub(super) fn bad_key() -> Self {
        let detail = "this API key opens nothing";
        Self::new(StatusCode::UNAUTHORIZED, "bad_key", detail).with(WWW_AUTHENTICATE, "Bearer")
    }

    /// The key is good, for something else.
    pub(super) fn forbidden(has: Scope, needs: Scope) -> Self {
        let detail = format!("this key has the scope {has}, this needs {needs}");
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// The path is there, the method is not.
    pub(super) fn method_not_allowed(path: &str, allow: &str) -> Self {
        let detail = format!("{path} understands {allow}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).with(ALLOW, allow)
    }

    /// The name that was asked for is not one of ours.
    pub(super) fn misdirected(host: &str) -> Self {
        let detail = format!("{host:?} is not among the names this lurcher answers to");
        Self::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", detail)
    }

    /// A browser brings a write from somebody else's page.
    pub(super) fn cross_site() -> Self {
        let detail = "writes from pages of another site are refused";
        Self::new(StatusCode::FORBIDDEN, "cross_site", detail)
    }

    /// The target of the request is longer than `most` bytes.
    pub(super) fn uri_too_long(most: usize) -> Self {
        let detail = format!("path and query may have {most} bytes");
        Self::new(StatusCode::URI_TOO_LONG, "uri_too_long", detail)
    }

    /// More than is taken at once.
    pub(super) fn too_large(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// A content type or encoding that is not understood here.
    pub(super) fn unsupported(detail: impl fmt::Display) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_format",
            detail,
        )
    }

    /// The request came too slowly.
    pub(super) fn timeout(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", detail)
    }

    /// Not now, because of something else that is going on.
    pub(super) fn conflict(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// An `Idempotency-Key` that was used for something else.
    pub(super) fn idempotency_mismatch() -> Self {
        let detail = "this Idempotency-Key was used for another body";
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_mismatch",
            detail,
        )
    }

    /// The caller's quota is used up for so many seconds.
    pub(super) fn rate_limited(quota: &str, seconds: u64) -> Self {
        let detail = format!("the quota {quota} is used up; try again in {seconds} s");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).with(RETRY_AFTER, seconds)
    }

    /// A handler panicked; the panic hook has logged where.
    pub(super) fn panicked() -> Self {
        Self::told_before()
    }

    pub(super) fn internal(error: &dyn fmt::Display) -> Self {
        tracing::error!(%error, "internal error");
        Self::told_before()
    }

    /// The same, of which the log knows already.
    fn told_before() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong here; the log has it under this request id",
        )
    }

    /// Too much at once; the same request may go through in a second.
    pub(super) fn busy(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).with(RETRY_AFTER, 1)
    }

    /// The answer to the request of that id.
    pub(super) fn answer(&self, request_id: &str) -> HttpResponse {
        let body = Body {
            r#type: format!("urn:lurcher:problem:{}", self.0.code),
            title: self.0.status.canonical_reason().unwrap_or("error"),
            status: self.0.status.as_u16(),
            code: self.0.code,
            detail: &self.0.detail,
            request_id,
            faults: &self.0.faults,
            receipts: self.0.receipts.as_ref(),
        };
        let mut response = HttpResponse::build(self.0.status);
        response.content_type("application/problem+json");
        if let Some((name, value)) = &self.0.header {
            response.insert_header((name.clone(), value.as_str()));
        }
        response.body(serde_json::to_string(&body).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    /// What surrounds every request puts its id in.
    fn error_response(&self) -> HttpResponse {
        self.answer("")
    }
}

impl From<&predict::Error> for Problem {
    fn from(error: &predict::Error) -> Self {
        use predict::Error as E;
        match error {
            E::UnknownRace(_) => Self::unknown("unknown_race", error),
            E::NoModel | E::NoField { .. } => Self::new(StatusCode::CONFLICT, "not_ready", error),
            E::BrokenModel { .. } | E::Model(_) => Self::internal(error),
            E::Together(error) => Self::from(&**error),
            E::Store(store) => store.into(),
            E::Workers(refused) => refused.into(),
        }
    }
}

impl From<&store::Error> for Problem {
    fn from(error: &store::Error) -> Self {
        use store::Error as E;
        if error.is_busy() {
            return Self::busy("the database is busy; try again");
        }
        if error.is_disk_full() {
            return Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk_full",
                "the disk is full; nothing was stored",
            );
        }
        match error {
            E::Crew(refused) => refused.into(),
            E::Busy(_) | E::Pool(_) => Self::busy(error),
            E::Query { .. }
            | E::Open(_)
            | E::Pragma { .. }
            | E::UnsafeSqlite(_)
            | E::Newer { .. }
            | E::Missing(_)
            | E::Held { .. }
            | E::Folder { .. }
            | E::Threads(_)
            | E::Commit { .. }
            | E::ReadOnly => Self::internal(error),
        }
    }
}

impl From<&Refused> for Problem {
    fn from(error: &Refused) -> Self {
        match error {
            Refused::Full { .. } | Refused::Stuck { .. } => Self::busy(error),
            Refused::Blown { seconds, .. } => Self::busy(error).with(RETRY_AFTER, seconds),
            Refused::Dropped { .. } => Self::told_before(),
        }
    }
}

impl From<access::Error> for Problem {
    fn from(error: access::Error) -> Self {
        use access::Error as E;
        match error {
            E::Invalid(faults) => Self::invalid(faults),
            E::Full => Self::conflict(error),
            E::Store(error) => error.into(),
        }
    }
}

impl From<ingest::Error> for Problem {
    fn from(error: ingest::Error) -> Self {
        use ingest::Error as E;
        match error {
            E::Store(store) => store.into(),
            E::Crowded(_) => Self::busy(error),
            E::Spool(source) if source.kind() == std::io::ErrorKind::StorageFull => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk_full",
                "the disk is full; nothing was stored",
            ),
            E::File { .. } | E::Spool(_) => Self::internal(&error),
        }
    }
}

impl From<jobs::Error> for Problem {
    fn from(error: jobs::Error) -> Self {
        use jobs::Error as E;
        match error {
            E::Unknown(_) => Self::unknown("unknown_job", error),
            E::State { .. } => Self::conflict(error),
            E::Store(store) => store.into(),
        }
    }
}

impl From<collect::Error> for Problem {
    fn from(error: collect::Error) -> Self {
        use collect::Error as E;
        match error {
            E::Unknown(_) => Self::unknown("unknown_source", error),
            E::Off(_) => Self::new(StatusCode::CONFLICT, "not_ready", error),
            E::Configured { .. } | E::Broken(_) => Self::internal(&error),
            E::Ingest(error) => error.into(),
            E::Store(error) => error.into(),
        }
    }
}

impl From<train::Error> for Problem {
    fn from(error: train::Error) -> Self {
        use train::Error as E;
        match error {
            E::UnknownModel(_) => Self::unknown("unknown_model", error),
            E::Artifact(_) | E::Broken { .. } => Self::conflict(error),
            E::TooFew { .. } | E::NothingToJudge { .. } | E::Nothing | E::Outside { .. } => {
                Self::new(StatusCode::CONFLICT, "not_ready", error)
            }
            E::Model(_) => Self::internal(&error),
            E::Store(store) => store.into(),
            E::Workers(refused) => (&refused).into(),
        }
    }
}

impl From<predict::Error> for Problem {
    fn from(error: predict::Error) -> Self {
        (&error).into()
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        (&error).into()
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ErrorCode;

    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_a_failing_one() {
        let commit = |code| store::Error::Commit {
            code,
            why: "no".to_owned(),
        };

        let full = Problem::from(commit(Some(ErrorCode::DiskFull)));
        let broken = Problem::from(commit(Some(ErrorCode::SystemIoFailure)));

        assert_eq!((full.0.status.as_u16(), full.0.code), (507, "disk_full"));
        assert_eq!((broken.0.status.as_u16(), broken.0.code), (500, "internal"));
    }

    #[test]
    fn who_gave_up_is_busy_and_a_blown_fuse_says_for_how_long() {
        let crew = "worker";
        let stuck = Problem::from(&Refused::Stuck { crew });
        let blown = Problem::from(&Refused::Blown { crew, seconds: 9 });

        let said = [stuck, blown].map(|problem| (problem.0.code, problem.0.header.unwrap().1));
        assert_eq!(said, [("busy", "1".to_owned()), ("busy", "9".to_owned())]);
    }
}
