//! Equal asks at once are one fetch: the first goes, the others wait for the same outcome.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::OnceCell;

use super::key::Key;
use super::{Error, Fetched};

type Outcome = Result<Arc<Fetched>, Error>;
type Flight = OnceCell<Outcome>;

/// What is in the air. Only who waits holds a flight, so one that nobody waits for is gone.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<Key, Weak<Flight>>>);

impl Flights {
    /// The outcome, and whether somebody else brought it. If who went first goes away or panics,
    /// the next one goes.
    pub(super) async fn share(
        &self,
        key: &Key,
        go: impl AsyncFnOnce() -> Outcome,
    ) -> (Outcome, bool) {
        let flight = self.board(key);
        let mut shared = true;
        let outcome = flight
            .get_or_init(async || {
                shared = false;
                go().await
            })
            .await
            .clone();
        self.land(key, &flight);
        (outcome, shared)
    }

    fn board(&self, key: &Key) -> Arc<Flight> {
        let mut air = self.lock();
        if let Some(flight) = air.get(key).and_then(Weak::upgrade) {
            return flight;
        }
        air.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::default();
        air.insert(key.clone(), Arc::downgrade(&flight));
        flight
    }

    /// Who comes now has not asked at the same time any more.
    fn land(&self, key: &Key, landed: &Arc<Flight>) {
        let mut air = self.lock();
        if air
            .get(key)
            .is_some_and(|flight| flight.as_ptr() == Arc::as_ptr(landed))
        {
            air.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::task::yield_now;

    use super::*;

    const KEY: Key = Key([1; 32]);

    fn missing() -> Outcome {
        Err(Error::Missing {
            host: "dogs.example".to_owned(),
        })
    }

    /// One who never comes back, and one who waits for the same.
    async fn after(first: impl Future<Output = Outcome> + Send + 'static, ends: bool) {
        let flights = Arc::new(Flights::default());
        let leader = tokio::spawn({
            let flights = flights.clone();
            async move { flights.share(&KEY, async || first.await).await }
        });
        yield_now().await;
        let follower = tokio::spawn({
            let flights = flights.clone();
            async move { flights.share(&KEY, async || Err(Error::Stopped)).await }
        });
        yield_now().await;

        if !ends {
            leader.abort();
        }

        assert_eq!(follower.await.unwrap(), (Err(Error::Stopped), false));
        assert!(leader.await.is_err());
        assert!(flights.lock().is_empty());
    }

    #[tokio::test]
    async fn who_goes_away_hands_over() {
        after(pending(), false).await;
    }

    #[tokio::test]
    async fn who_panics_hands_over() {
        let panics = async {
            yield_now().await;
            yield_now().await;
            panic!("boom")
        };
        after(panics, true).await;
    }

    #[tokio::test]
    async fn a_failure_is_shared_and_not_kept() {
        let flights = Flights::default();
        let go = async || {
            yield_now().await;
            missing()
        };

        let (one, other) = tokio::join!(flights.share(&KEY, go), flights.share(&KEY, go));

        assert_eq!((one, other), ((missing(), false), (missing(), true)));
        let (next, shared) = flights.share(&KEY, async || Err(Error::Stopped)).await;
        assert_eq!((next, shared), (Err(Error::Stopped), false));
    }
}
