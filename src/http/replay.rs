//! `Idempotency-Key`: a post that is sent again gets the answer it got before.

use std::future::Future;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::intake::{Intake, Media};
use super::problem::Problem;
use crate::ingest::{Answer, Answers, Asked, Begun, Turn};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The header.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header, which the intake reads")]
pub(super) struct Replay {
    /// For 24 hours the same key with the same body gets the stored answer, with another body 422.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        nullable = false
    )]
    idempotency_key: Option<String>,
}

/// What makes a request the same as another.
pub(super) struct Once {
    /// The public id of the caller's key; empty without keys.
    pub(super) caller: String,
    pub(super) path: String,
    /// Of the body, with whatever else says what it is.
    pub(super) digest: [u8; 32],
    pub(super) request_id: Arc<str>,
    /// `Idempotency-Key`; without one every request is the first.
    pub(super) key: Option<String>,
}

impl Once {
    /// Of a whole body.
    pub(super) fn of(intake: &Intake) -> Self {
        Self {
            caller: intake.caller.clone(),
            path: intake.path.clone(),
            // Only a key makes it worth the work.
            digest: intake.once.as_ref().map_or([0; 32], |_key| digest(intake)),
            request_id: Arc::clone(&intake.request_id),
            key: intake.once.clone(),
        }
    }
}

/// Does the work, or gives the answer of the last time.
pub(super) async fn once(
    answers: &Answers,
    once: Once,
    work: impl Future<Output = Result<HttpResponse, Problem>>,
) -> Result<HttpResponse, Problem> {
    let Some(key) = once.key else {
        return work.await;
    };
    let asked = Asked {
        caller: once.caller,
        path: once.path,
        key,
    };
    match answers.begin(asked, once.digest).await? {
        Begun::First(turn) => keep(turn, &once.request_id, work.await).await,
        Begun::Again(answer) => Ok(again(answer)),
        Begun::Running => Err(Problem::conflict(
            "the first request with this Idempotency-Key is still being worked on",
        )),
        Begun::Other => Err(Problem::idempotency_mismatch()),
    }
}

fn digest(intake: &Intake) -> [u8; 32] {
    let kind: &[u8] = match intake.media {
        Media::Json => b"json\n",
        Media::Lines => b"lines\n",
    };
    Sha256::new()
        .chain_update(kind)
        .chain_update(&intake.bytes)
        .finalize()
        .into()
}

/// Keeps what the facts decided; what may go otherwise the next time is not kept.
async fn keep(
    turn: Turn,
    request_id: &str,
    done: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let response = match done {
        Ok(response) => response,
        Err(problem) if problem.is_verdict() => problem.answer(request_id),
        Err(problem) => return Err(problem),
    };
    let (head, body) = response.into_parts();
    let Ok(bytes) = body.try_into_bytes() else {
        return Err(Problem::internal(&"an answer to a post was a stream"));
    };
    let media = head.headers().get(CONTENT_TYPE);
    let answer = Answer {
        status: head.status().as_u16(),
        media: media
            .and_then(|media| media.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        body: bytes.to_vec(),
    };
    turn.keep(answer).await?;
    Ok(head.set_body(bytes).map_into_boxed_body())
}

fn again(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    HttpResponse::build(status)
        .insert_header((REPLAYED, HeaderValue::from_static("true")))
        .content_type(answer.media)
        .body(answer.body)
}
