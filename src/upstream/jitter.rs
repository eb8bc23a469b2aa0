//! Chance, so that those who failed together do not come back together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A source of chance that all fetches share.
#[derive(Debug)]
pub(super) struct Jitter(Mutex<Pcg64>);

impl Jitter {
    /// The same every time with a seed, else different every time.
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(Pcg64::seed_from_u64(
            seed.unwrap_or_else(rand::random),
        )))
    }

    /// Anything from nothing to `most`.
    pub(super) fn up_to(&self, most: Duration) -> Duration {
        let mut luck = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        most.mul_f64(luck.random_range(0.0..1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_spread_over_all_that_it_may_be() {
        let jitter = Jitter::new(Some(1));
        let most = Duration::from_secs(10);

        let waits: Vec<_> = (0..1_000).map(|_| jitter.up_to(most)).collect();

        for tenth in 0..10 {
            let (from, to) = (Duration::from_secs(tenth), Duration::from_secs(tenth + 1));
            let there = waits
                .iter()
                .filter(|wait| (from..to).contains(*wait))
                .count();
            assert!((50..200).contains(&there), "{tenth}: {there}");
        }
        assert_eq!(Jitter::new(Some(1)).up_to(most), waits[0]);
    }
}
