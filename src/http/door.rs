//! The way of every request through the door, from the outside in: it is surrounded, admitted,
//! recognised, answered, and its answer put into the form that the client takes.
//!
//! It is one middleware, so that a request is put into a box once. The box is copied, so what is
//! done inside is pinned where it is made: a future that is handed over by value is held twice, and
//! of this one that made nine kilobytes instead of three.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use super::{edge, guard, representation, request};

/// See the module.
pub(super) async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let answer = async |request| {
        guard::recognise(&request).await;
        representation::choose(next.call(request).await?).await
    };
    let admit = async |request| edge::admit(request, answer).await;
    request::surround(request, admit).await
}
