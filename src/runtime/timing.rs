//! Where the time of a request went: waiting in queues, on which crew, in caches.
//!
//! The account hangs on the task, so crews and caches can book on it without every function in
//! between handing it down. Booking outside of [`measured`] does nothing.

use std::cell::RefCell;
use std::time::Duration;

tokio::task_local! {
    static ACCOUNT: RefCell<Spent>;
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
    let account = RefCell::default();
    ACCOUNT
        .scope(account, async {
            let outcome = work.await;
            (outcome, ACCOUNT.with(RefCell::take))
        })
        .await
}

/// Books time on the account of the task that runs.
pub fn book(place: &'static str, took: Duration) {
    let booked = ACCOUNT.try_with(|account| account.borrow_mut().add(place, took));
    // Work that nobody measures has no account.
    booked.unwrap_or_default();
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
}
