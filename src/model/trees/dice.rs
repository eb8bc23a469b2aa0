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
    pub(super) fn unit(&mut self) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_race_is_seen_whole_or_not_at_all() {
        let offsets: Vec<usize> = (0..=2_000).map(|n| n * 3).collect();
        let labels = vec![1.0; 6_000];
        let races = Races {
            columns: 1,
            values: &[],
            offsets: &offsets,
            labels: &labels,
            base: &[],
        };

        let (inside, outside) = Dice::new(3).races(&races, 0.8);

        let share = inside.len() as f64 / 6_000.0;
        assert!((share - 0.8).abs() < 0.03, "{share}");
        for side in [&inside, &outside] {
            assert!(
                side.chunks(3)
                    .all(|race| race[0] % 3 == 0 && race[2] == race[0] + 2)
            );
        }
        let mut all = [inside, outside].concat();
        all.sort_unstable();
        assert_eq!(all, (0..6_000).collect::<Vec<_>>());
    }

    #[test]
    fn every_column_has_its_turn_and_a_tree_gets_its_share() {
        let columns: Vec<usize> = (0..10).map(|n| n * 2).collect();
        let mut dice = Dice::new(3);
        let mut turns = [0; 20];

        for _ in 0..1_000 {
            let chosen = dice.columns(&columns, 0.4);
            assert_eq!(chosen.len(), 4);
            assert!(chosen.is_sorted());
            for column in chosen {
                turns[column] += 1;
            }
        }

        assert!(turns.iter().step_by(2).all(|n| (340..460).contains(n)));
        assert_eq!(dice.columns(&columns, 0.01).len(), 1);
        assert!(dice.columns(&[], 0.4).is_empty());
    }
}
