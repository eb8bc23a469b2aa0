//! The edge of the door: what is looked at before anything is understood, and what every answer
//! wears when it leaves.

mod connections;
mod deadline;
mod headers;
mod host;
mod origin;
mod proxies;
mod travel;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::Error;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::Data;

pub(in crate::http) use connections::{Connections, most as most_connections};
pub(in crate::http) use headers::Dress;
pub(in crate::http) use proxies::peer;

use super::problem::Problem;
use super::settings::Settings;
use connections::Connection;

/// The longest target of a request, in bytes.
const TARGET: usize = 8 * 1_024;

/// Lets in what may come in, waits for its answer until the deadline, and watches the connection
/// until the answer has gone.
pub(super) async fn admit(
    request: ServiceRequest,
    inside: impl AsyncFnOnce(ServiceRequest) -> Result<ServiceResponse, Error>,
) -> Result<ServiceResponse, Error> {
    let connection = request.conn_data::<Arc<Connection>>();
    let in_flight = connection.map(Connection::begin);
    let watched = in_flight.is_some();
    let mut response = match check(&request) {
        Ok(deadline) => {
            let answer = deadline::keep(deadline, pin!(inside(request))).await?;
            answer.map_body(|_head, body| travel::watch(body, in_flight))
        }
        Err(problem) => request.error_response(problem),
    };
    if !watched {
        // Nobody could end it, were a second request to trickle in.
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// How long its answer may take.
fn check(request: &ServiceRequest) -> Result<Duration, Problem> {
    let Some(settings) = request.app_data::<Data<Settings>>() else {
        return Err(Problem::internal(&"no settings for the edge"));
    };
    let headers = request.headers();
    let target = request.uri().path_and_query();
    if target.is_some_and(|target| target.as_str().len() > TARGET) {
        return Err(Problem::uri_too_long(TARGET));
    }
    host::check(headers, request.uri(), &settings.hosts)?;
    origin::check(request.method(), headers)?;
    // Whatever a body is, we do not inflate it: three kilobytes can become four gigabytes.
    let mut encodings = headers.get_all(CONTENT_ENCODING);
    if encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::unsupported(
            "bodies are taken as they are, without Content-Encoding",
        ));
    }
    Ok(deadline::of(request, settings))
}
