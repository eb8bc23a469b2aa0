//! The season's dice: a seeded generator and the few distributions that the race model needs.
//!
//! Written out here rather than taken from a library, so that a later version of one cannot change
//! what a seed means. Only `exp` and `ln` are left to the platform: their last bit may differ, and files
//! round it away.

use rand::Rng;
use rand::SeedableRng;
use rand_pcg::Pcg64;

/// A stream of luck.
pub(super) struct Luck(Pcg64);

impl Luck {
    /// The stream of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// Uniform, strictly between 0 and 1.
    pub(super) fn unit(&mut self) -> f64 {
        let bits = self.0.next_u64() >> 12;
        (bits as f64 + 0.5) / 4_503_599_627_370_496.0
    }

    /// Standard normal within six deviations: twelve uniforms need no logarithm, so every machine
    /// agrees on it.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Standard Gumbel: what makes the order of a race Plackett-Luce.
    pub(super) fn gumbel(&mut self) -> f64 {
        -(-self.unit().ln()).ln()
    }

    /// True with probability `p`.
    pub(super) fn happens(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A number below `n`, or 0 when `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(whole(self.unit() * n as f64)).map_or(0, |k| k.min(n.saturating_sub(1)))
    }

    /// An index, with probability in proportion to its weight; 0 when there is none.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Puts the items in a random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

/// A number rounded down to an integer; negative ones become 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of u32 first"
)]
pub(super) fn whole(value: f64) -> u32 {
    value.clamp(0.0, f64::from(u32::MAX)).floor() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dice_are_fair() {
        let mut luck = Luck::new(7);

        let normals = (0..20_000).map(|_| luck.normal()).collect::<Vec<_>>();
        let sixes = (0..20_000).filter(|_| luck.below(6) == 5).count();

        let mean = normals.iter().sum::<f64>() / 20_000.0;
        let variance = normals.iter().map(|z| z * z).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
        assert!((3_050..3_620).contains(&sixes), "{sixes}");
    }

    #[test]
    fn a_shuffle_loses_nobody() {
        let mut items = (0..50).collect::<Vec<_>>();

        Luck::new(1).shuffle(&mut items);

        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
