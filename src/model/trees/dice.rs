//! Which races and which features a tree may see.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::races::Races;

/// A stream of luck.
pub(super) struct Dice(Pcg64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// Uniform, strictly between 0 and 1.
    fn unit(&mut self) -> f64 {
        let bits = self.0.next_u64() >> 12;
        (bits as f64 + 0.5) / 4_503_599_627_370_496.0
    }

    /// The runners of about this share of the races, and all others.
    pub(super) fn races(&mut self, races: &Races<'_>, share: f64) -> (Vec<u32>, Vec<u32>) {
        let (mut inside, mut outside) = (Vec::with_capacity(races.rows()), Vec::new());
        let mut row = 0_u32..;
        for field in races.fields() {
            let side = if self.unit() < share {
                &mut inside
            } else {
                &mut outside
            };
            side.extend(row.by_ref().take(field.len()));
        }
        (inside, outside)
    }

    /// This share of the columns, one at least where there is one, in their order.
    pub(super) fn columns(&mut self, columns: &[usize], share: f64) -> Vec<usize> {
        let mut need = (columns.len() as f64 * share).round().max(1.0);
        let mut left = columns.len() as f64;
        let mut chosen = Vec::new();
        for column in columns {
            if self.unit() * left < need {
                chosen.push(*column);
                need -= 1.0;
            }
            left -= 1.0;
        }
        chosen
    }
}
