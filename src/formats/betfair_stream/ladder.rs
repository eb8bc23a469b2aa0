//! What may be backed at which price.

use std::collections::BTreeMap;

use crate::formats::Refusal;

/// Prices that are remembered in all, of every runner of every open market.
const LEVELS: usize = 500_000;

/// How many prices are remembered.
#[derive(Default)]
pub(super) struct Levels(usize);

/// The prices of one runner with the money that waits at each.
#[derive(Default)]
pub(super) struct Ladder {
    /// By the bits of the price: those of positive floats stand in the order of their values.
    sizes: BTreeMap<u64, f64>,
}

impl Ladder {
    /// Sets the money at a price; none takes the price away.
    pub(super) fn set(
        &mut self,
        price: f64,
        size: f64,
        levels: &mut Levels,
    ) -> Result<(), Refusal> {
        let price = price.to_bits();
        if size <= 0.0 {
            levels.0 -= usize::from(self.sizes.remove(&price).is_some());
            return Ok(());
        }
        if self.sizes.insert(price, size).is_none() {
            levels.0 += 1;
        }
        if levels.0 > LEVELS {
            return Err(Refusal::new(format!("more than {LEVELS} prices at a time")));
        }
        Ok(())
    }

    /// The best price to back: the highest.
    pub(super) fn best(&self) -> Option<f64> {
        self.sizes
            .last_key_value()
            .map(|(bits, _)| f64::from_bits(*bits))
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self, levels: &mut Levels) {
        levels.0 -= self.sizes.len();
        self.sizes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_price_is_the_highest_that_has_money() {
        let (mut ladder, mut levels) = (Ladder::default(), Levels::default());
        for (price, size) in [
            (9.8, 5.0),
            (16.5, 6.74),
            (11.5, 19.91),
            (16.5, 0.0),
            (2.0, 0.0),
        ] {
            assert_eq!(ladder.set(price, size, &mut levels), Ok(()));
        }

        assert_eq!(ladder.best(), Some(11.5));
        assert_eq!(levels.0, 2);
        ladder.clear(&mut levels);
        assert_eq!((ladder.best(), levels.0), (None, 0));
    }

    #[test]
    fn only_so_many_prices_are_remembered() {
        let (mut ladder, mut levels) = (Ladder::default(), Levels::default());

        let refused = (0..=LEVELS).find(|n| {
            let price = 1.01 + *n as f64;
            ladder.set(price, 1.0, &mut levels).is_err()
        });

        assert_eq!(refused, Some(LEVELS));
    }
}
