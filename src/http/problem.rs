//! Every error that leaves the house, in one exhaustive table (RFC 9457).
//!
//! What the caller may know is `detail`; what the operator needs is the log line with the same
//! request id. A new error variant does not compile until it has a status here.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;

use super::request::RequestId;
use crate::domain::Fault;
use crate::predict;
use crate::runtime::Refused;
use crate::store;

/// A request that went wrong.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    faults: Vec<Fault>,
    request_id: String,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    faults: &'a [Fault],
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl fmt::Display) -> Self {
        Self {
            status,
            code,
            detail: detail.to_string(),
            faults: Vec::new(),
            request_id: String::new(),
        }
    }

    /// A path or query that does not parse.
    pub(super) fn malformed(fault: Fault) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "malformed", &fault);
        problem.faults.push(fault);
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
        problem.faults = faults;
        problem
    }

    /// Nothing of that name.
    pub(super) fn unknown(code: &'static str, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// A handler panicked; the panic hook has logged where.
    pub(super) fn panicked(id: &RequestId) -> Self {
        let mut problem = Self::internal(&"a handler panicked");
        problem.request_id.clone_from(&id.0);
        problem
    }

    pub(super) fn internal(error: &dyn fmt::Display) -> Self {
        tracing::error!(%error, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong here; the log has it under this request id",
        )
    }

    fn busy(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
    }

    /// The same problem, with the id of the request it answers.
    pub(super) fn of(mut self, request: &HttpRequest) -> Self {
        if let Some(RequestId(id)) = request.extensions().get::<RequestId>() {
            self.request_id.clone_from(id);
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let body = Body {
            r#type: format!("urn:lurcher:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            request_id: &self.request_id,
            faults: &self.faults,
        };
        let mut response = HttpResponse::build(self.status);
        response.content_type("application/problem+json");
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((RETRY_AFTER, "1"));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.insert_header((ALLOW, "GET"));
        }
        response.body(serde_json::to_string(&body).unwrap_or_default())
    }
}

impl From<&predict::Error> for Problem {
    fn from(error: &predict::Error) -> Self {
        use predict::Error as E;
        match error {
            E::UnknownRace(_) => Self::unknown("unknown_race", error),
            E::NoModel | E::NoField { .. } => Self::new(StatusCode::CONFLICT, "not_ready", error),
            E::BrokenModel(_) | E::Model(_) => Self::internal(error),
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
            | E::Commit(_)
            | E::ReadOnly => Self::internal(error),
        }
    }
}

impl From<&Refused> for Problem {
    fn from(error: &Refused) -> Self {
        match error {
            Refused::Full { .. } => Self::busy(error),
            Refused::Dropped { .. } => Self::internal(error),
        }
    }
}

/// No such path.
pub(super) async fn unknown_path(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let detail = format!("there is nothing at {}", request.path());
    Err(Problem::unknown("unknown_path", detail).of(&request))
}

/// The path is there, the method is not.
pub(super) async fn only_get(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let detail = format!("{} is only read: GET", request.path());
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
    Err(problem.of(&request))
}
