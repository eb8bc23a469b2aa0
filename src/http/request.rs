//! What surrounds every request: an id, a clock, the dress of its answer, and a net under panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};

use super::edge::Dress;
use super::limits::Standing;
use super::problem::Problem;
use super::routes::Routes;
use crate::runtime::{Route, hex, timing};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the caller's, when it is short and plain, else a new one.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) Arc<str>);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(&REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        match given {
            Some(id) if (1..=64).contains(&id.len()) && id.chars().all(plain) => Self(id.into()),
            _ => Self(hex(&rand::random::<[u8; 16]>()).into()),
        }
    }

    /// The id that the request was given.
    pub(super) fn given(extensions: &Extensions) -> Arc<str> {
        let id = extensions.get::<Self>();
        id.map(|id| Arc::clone(&id.0)).unwrap_or_default()
    }
}

/// Where the answer to a request is counted. A panic takes the request with it, so what is needed of
/// it is kept.
struct Count {
    routes: Option<Data<Routes>>,
    method: Method,
    uri: Uri,
}

impl Count {
    fn of(request: &ServiceRequest) -> Self {
        Self {
            routes: request.app_data::<Data<Routes>>().cloned(),
            method: request.method().clone(),
            uri: request.uri().clone(),
        }
    }

    fn book(&self, place: Option<&Arc<Route>>, status: StatusCode, took: Duration) {
        let searched = || self.routes.as_ref().map(|all| all.of(self.uri.path()));
        if let Some(route) = place.map(|route| &**route).or_else(searched) {
            route.book(self.method.as_str(), status.as_u16(), took);
        }
    }
}

/// Gives the request its id, times it, counts it, logs it once, dresses its answer, and turns a
/// panic into one failed answer.
pub(super) async fn surround(
    request: ServiceRequest,
    inside: impl AsyncFnOnce(ServiceRequest) -> Result<ServiceResponse, Error>,
) -> Result<ServiceResponse, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let dress = Dress::of(request.method(), request.headers());
    request.extensions_mut().insert(id.clone());
    let count = Count::of(&request);
    let span = tracing::error_span!("request", request.id = &*id.0);
    let mut work = pin!(inside(request));
    let guarded = std::future::poll_fn(|context| {
        let turn = AssertUnwindSafe(|| span.in_scope(|| work.as_mut().poll(context)));
        match catch_unwind(turn) {
            Ok(outcome) => outcome,
            Err(_panic) => Poll::Ready(Err(Problem::panicked().into())),
        }
    });
    let (outcome, spent) = timing::measured(guarded).await;
    let mut response = match outcome {
        Ok(response) => named(response, &id),
        // No handle on the request is kept for this, because the router wants the only one; so
        // there is no response to hand back, only an error that is written as one.
        Err(error) => {
            let mut answer = span.in_scope(|| failed(&error, &id));
            count.book(None, answer.status(), started.elapsed());
            dress.put_on(answer.headers_mut(), &id.0, started.elapsed(), &spent);
            return Err(InternalError::from_response(error, answer).into());
        }
    };
    let standing = response.request().extensions().get::<Standing>().copied();
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    let took = started.elapsed();
    let place = response.request().app_data::<Arc<Route>>();
    count.book(place, response.status(), took);
    dress.put_on(response.headers_mut(), &id.0, took, &spent);
    tracing::debug!(
        request.id = &*id.0,
        method = response.request().method().as_str(),
        route = response.request().match_pattern().unwrap_or_default(),
        status = response.status().as_u16(),
        took_ms = took.as_millis(),
        "request"
    );
    Ok(response)
}

/// The response; a problem learns the id of its request here, and nowhere else.
fn named(response: ServiceResponse, id: &RequestId) -> ServiceResponse {
    let problem = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>());
    match problem.map(|problem| problem.answer(&id.0)) {
        Some(answer) => response.into_response(answer),
        None => response,
    }
}

/// The answer to a request that came to no response.
fn failed(error: &Error, id: &RequestId) -> HttpResponse {
    match error.as_error::<Problem>() {
        Some(problem) => problem.answer(&id.0),
        None => Problem::internal(error).answer(&id.0),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::{MessageBody, to_bytes};
    use actix_web::dev::Service;
    use actix_web::middleware::{Next, from_fn};
    use actix_web::test::{TestRequest, init_service};
    use actix_web::web;
    use actix_web::{App, Responder};
    use serde_json::Value;

    use super::*;

    async fn panics(
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        assert_ne!(request.path(), "/middleware", "a middleware panics");
        next.call(request).await
    }

    fn routes(config: &mut web::ServiceConfig) {
        let late = async || {
            tokio::task::yield_now().await;
            panics_now()
        };
        config
            .route("/handler", web::get().to(async || panics_now()))
            .route("/late", web::get().to(late))
            .route("/block", web::get().to(blocks))
            .route("/well", web::get().to(async || "well"));
    }

    fn panics_now() -> impl Responder {
        assert!(std::hint::black_box(false), "a handler panics");
        HttpResponse::Ok()
    }

    async fn blocks() -> Result<HttpResponse, Problem> {
        let done = web::block(|| assert!(std::hint::black_box(false), "a thread panics")).await;
        done.map_err(|error| Problem::internal(&error))?;
        Ok(HttpResponse::Ok().finish())
    }

    /// What is written to the client, whether it came as an answer or as an error.
    async fn ask<R>(
        app: &impl Service<R, Response = ServiceResponse, Error = Error>,
        request: R,
    ) -> HttpResponse {
        match app.call(request).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        }
    }

    fn get(path: &str) -> TestRequest {
        TestRequest::get()
            .uri(path)
            .insert_header((REQUEST_ID, "mine"))
    }

    #[actix_web::test]
    async fn a_panic_anywhere_is_one_problem_in_full_dress_and_nothing_else() {
        let app = App::new()
            .wrap(from_fn(panics))
            .wrap(from_fn(async |request, next: Next<_>| {
                let inside = async |request| {
                    let response = next.call(request).await?;
                    Ok(response.map_into_boxed_body())
                };
                surround(request, inside).await
            }))
            .configure(routes);
        let app = init_service(app).await;

        let places = ["/handler", "/late", "/block", "/middleware"];
        for path in places.into_iter().cycle().take(1_000 * places.len()) {
            let answer = ask(&app, get(path).to_request()).await;

            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            for name in ["x-process-time", "content-security-policy", "cache-control"] {
                assert!(answer.headers().contains_key(name), "{path}: {name}");
            }
            assert_eq!(answer.headers().get(REQUEST_ID).unwrap(), "mine");
            let body = to_bytes(answer.into_body()).await.unwrap();
            let problem: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(
                (&problem["code"], &problem["request_id"]),
                (&"internal".into(), &"mine".into())
            );
            let well = ask(&app, get("/well").to_request()).await;
            assert_eq!(well.status(), StatusCode::OK);
        }
    }
}
