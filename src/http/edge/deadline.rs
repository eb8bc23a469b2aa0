//! Nobody waits for ever: an answer that has not begun by the deadline is a 503, and its work is
//! dropped. An answer that has begun is not cut.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::http::problem::Problem;
use crate::http::settings::Settings;

/// Gives the request until [`Settings::deadline`].
pub(in crate::http) async fn keep(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(settings) = request.app_data::<Data<Settings>>() else {
        return Err(Problem::internal(&"no settings for the deadline").into());
    };
    let deadline = settings.deadline;
    match tokio::time::timeout(deadline, next.call(request)).await {
        Ok(answer) => answer,
        Err(_elapsed) => {
            let detail = format!("no answer within {} s; try again", deadline.as_secs_f64());
            Err(Problem::busy(detail).into())
        }
    }
}
