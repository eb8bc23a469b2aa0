//! Nobody waits for ever: an answer that has not begun by the deadline is a 503, and its work is
//! dropped. An answer that has begun is not cut.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use actix_web::Error;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;

use crate::http::problem::Problem;
use crate::http::settings::Settings;

/// Where files come in.
pub(in crate::http) const UPLOADS: &str = "/api/uploads";

/// How long the answer to a request may take to begin.
pub(super) fn of(request: &ServiceRequest, settings: &Settings) -> Duration {
    // A file may be on its way for long, and says at what pace it must come.
    let is_file = request.method() == Method::POST && request.path() == UPLOADS;
    if is_file {
        settings.upload_deadline
    } else {
        settings.deadline
    }
}

/// The answer, if it begins by the deadline. It comes pinned, because a future that is handed over
/// is held twice, and this one holds all that is to be done.
pub(super) async fn keep<T>(
    deadline: Duration,
    mut answer: Pin<&mut impl Future<Output = Result<T, Error>>>,
) -> Result<T, Error> {
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

    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;

    use super::*;

    struct Dropped(Arc<AtomicBool>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[actix_web::test]
    async fn an_answer_that_does_not_come_is_busy_and_its_work_is_dropped() {
        let dropped = Arc::new(AtomicBool::new(false));
        let work = Dropped(Arc::clone(&dropped));
        let forever = async move {
            let _work = work;
            std::future::pending::<Result<(), Error>>().await
        };

        let error = {
            let forever = std::pin::pin!(forever);
            keep(Duration::from_millis(20), forever).await.unwrap_err()
        };

        let answer = error.error_response();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
        assert!(dropped.load(Ordering::Relaxed));
    }

    #[test]
    fn a_file_may_be_on_its_way_for_long_and_nothing_else() {
        let settings = Settings {
            deadline: Duration::from_secs(1),
            upload_deadline: Duration::from_secs(2),
            ..Settings::default()
        };
        let post = TestRequest::post().uri(UPLOADS).to_srv_request();
        let get = TestRequest::get().uri(UPLOADS).to_srv_request();
        assert_eq!(of(&post, &settings), settings.upload_deadline);
        assert_eq!(of(&get, &settings), settings.deadline);
    }
}
