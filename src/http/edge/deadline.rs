//! Nobody waits for ever: an answer that has not begun by the deadline is a 503, and its work is
//! dropped. An answer that has begun is not cut.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::http::problem::Problem;
use crate::http::settings::Settings;

/// Where files come in.
pub(in crate::http) const UPLOADS: &str = "/api/uploads";

/// Gives the request until [`Settings::deadline`].
pub(in crate::http) async fn keep(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(settings) = request.app_data::<Data<Settings>>() else {
        return Err(Problem::internal(&"no settings for the deadline").into());
    };
    // A file may be on its way for long, and says at what pace it must come.
    let is_file = request.method() == Method::POST && request.path() == UPLOADS;
    let deadline = if is_file {
        settings.upload_deadline
    } else {
        settings.deadline
    };
    let mut answer = pin!(next.call(request));
    // What is kept ready is answered at once: no timer is set for it.
    let first = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
    if let Poll::Ready(answer) = first {
        return answer;
    }
    match tokio::time::timeout(deadline, answer).await {
        Ok(answer) => answer,
        Err(_elapsed) => {
            let detail = format!("no answer within {} s; try again", deadline.as_secs_f64());
            Err(Problem::busy(detail).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use actix_web::dev::Service;
    use actix_web::http::StatusCode;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service};
    use actix_web::{App, HttpResponse, web};

    use super::*;

    struct Dropped(Arc<AtomicBool>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[actix_web::test]
    async fn an_answer_that_does_not_come_is_busy_and_its_work_is_dropped() {
        let settings = Settings {
            deadline: Duration::from_millis(20),
            ..Settings::default()
        };
        let dropped = Arc::new(AtomicBool::new(false));
        let work = Data::new(dropped.clone());
        let forever = async |work: Data<Arc<AtomicBool>>| {
            let _work = Dropped(Arc::clone(&work));
            std::future::pending::<()>().await;
            HttpResponse::Ok().finish()
        };
        let app = App::new()
            .app_data(Data::new(settings))
            .app_data(work)
            .wrap(from_fn(keep))
            .route("/", web::get().to(forever));
        let app = init_service(app).await;

        let request = TestRequest::get().to_request();
        let error = app.call(request).await.map(drop).unwrap_err();

        let answer = error.error_response();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
        assert!(dropped.load(Ordering::Relaxed));
    }
}
