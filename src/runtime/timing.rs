//! Where the time of a request went: waiting in queues, on which crew, in caches; and which request
//! that is.
//!
//! The account hangs on the task, so crews and caches can book on it without every function in
//! between handing it down. Booking outside of [`measured`] does nothing.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::time::Duration;

tokio::task_local! {
    static ACCOUNT: Account;
}

/// What hangs on a task.
#[derive(Default)]
struct Account {
    spent: RefCell<Spent>,
    origin: OnceCell<Origin>,
}

/// For which request work is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The template of its route.
    pub route: &'static str,
    /// The id that it was given.
    pub request_id: Arc<str>,
}

/// Waiting for a member of a crew.
pub const QUEUE: &str = "queue";
/// Finding a value in a cache.
pub const CACHE: &str = "cache";

/// Time by where it was spent: a crew's name, [`QUEUE`] or [`CACHE`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent(Vec<(&'static str, Duration)>);

impl Spent {
    /// What was spent there; `None` when nothing was.
    #[must_use]
    pub fn on(&self, place: &str) -> Option<Duration> {
        let entry = self.0.iter().find(|(known, _)| *known == place);
        entry.map(|(_, took)| *took)
    }

    fn add(&mut self, place: &'static str, took: Duration) {
        match self.0.iter_mut().find(|(known, _)| *known == place) {
            Some((_, sum)) => *sum += took,
            None => self.0.push((place, took)),
        }
    }
}

/// Does the work and says where its time went.
pub async fn measured<F: Future>(work: F) -> (F::Output, Spent) {
    ACCOUNT
        .scope(Account::default(), async {
            let outcome = work.await;
            (outcome, ACCOUNT.with(|account| account.spent.take()))
        })
        .await
}

/// Books time on the account of the task that runs.
pub fn book(place: &'static str, took: Duration) {
    let booked = ACCOUNT.try_with(|account| account.spent.borrow_mut().add(place, took));
    // Work that nobody measures has no account.
    booked.unwrap_or_default();
}

/// Says for which request the task works; what was said first stands.
pub fn came_from(origin: Origin) {
    // Work that nobody measures has no account.
    drop(ACCOUNT.try_with(|account| account.origin.set(origin)));
}

/// For which request the task works that runs; `None` outside of a request.
#[must_use]
pub fn origin() -> Option<Origin> {
    let known = ACCOUNT.try_with(|account| account.origin.get().cloned());
    known.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_is_booked_inside_is_told() {
        book(QUEUE, Duration::from_secs(9));

        let (answer, spent) = measured(async {
            book(QUEUE, Duration::from_secs(1));
            book("worker", Duration::from_secs(2));
            book(QUEUE, Duration::from_secs(3));
            42
        })
        .await;

        assert_eq!(answer, 42);
        assert_eq!(spent.on(QUEUE), Some(Duration::from_secs(4)));
        assert_eq!(spent.on("worker"), Some(Duration::from_secs(2)));
        assert_eq!(spent.on(CACHE), None);
    }

    #[tokio::test]
    async fn a_task_knows_its_request_and_no_other_does() {
        let said = |request_id: &str| Origin {
            route: "/api/races",
            request_id: request_id.into(),
        };
        came_from(said("outside"));

        let (inside, _spent) = measured(async {
            let before = origin();
            came_from(said("one"));
            came_from(said("two"));
            let elsewhere = tokio::spawn(async { origin() }).await.unwrap();
            [before, origin(), elsewhere]
        })
        .await;

        assert_eq!(inside, [None, Some(said("one")), None]);
        assert_eq!(origin(), None);
    }
}
