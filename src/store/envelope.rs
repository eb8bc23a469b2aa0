//! Between whoever asks for a change and the writer: a change goes one way, its outcome the other.

use std::time::Instant;

use tokio::sync::oneshot;

use super::writer::{self, Change, Class, Outcome};
use super::{Error, Tx};
use crate::runtime::timing;

/// A change that keeps its outcome until the commit, and where the outcome then arrives.
pub(super) fn envelope<T, F, E>(change: F) -> (Change, oneshot::Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let change = move |tx: &mut Tx<'_>| {
        let outcome = change(tx);
        Outcome {
            keep: outcome.is_ok(),
            reply: Box::new(move |committed| {
                let answer = outcome.and_then(|value| committed.map(|()| value).map_err(E::from));
                // The caller may have gone; the change stands all the same.
                drop(reply.send(answer));
            }),
        }
    };
    (Box::new(change), answer)
}

/// Where the outcomes of several changes arrive.
type Answers<T, E> = Vec<oneshot::Receiver<Result<T, E>>>;

/// The same for several.
pub(super) fn envelopes<T, F, E>(changes: Vec<(Class, F)>) -> (Vec<(Class, Change)>, Answers<T, E>)
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
{
    let enclosed = changes.into_iter().map(|(class, change)| {
        let (change, answer) = envelope(change);
        ((class, change), answer)
    });
    enclosed.unzip()
}

/// Waits for the outcomes of several changes, in their order.
pub(super) async fn all_opened<T, E: From<Error>>(
    answers: Answers<T, E>,
    asked: Instant,
) -> Vec<Result<T, E>> {
    let mut outcomes = Vec::with_capacity(answers.len());
    for answer in answers {
        outcomes.push(opened(answer).await);
    }
    timing::book(writer::CREW, asked.elapsed());
    outcomes
}

/// Waits for the outcome of a change.
pub(super) async fn opened<T, E: From<Error>>(
    answer: oneshot::Receiver<Result<T, E>>,
) -> Result<T, E> {
    answer
        .await
        .unwrap_or_else(|_gone| Err(Error::Crew(writer::dropped()).into()))
}
