//! From win chances to the order of finish, and to place chances.
//!
//! Harville (1973, <https://doi.org/10.1080/01621459.1973.10482425>): once the winner is out, the
//! others keep their proportions. That overrates favourites for second and third, so the chances
//! are first raised to a power below 1, the [`Discount`]. Dead heats have no chance of their own:
//! who shares a place is settled (`settlement.rs`), not predicted.

use super::discount::Discount;
use super::rules::Rules;
use crate::domain::{Chance, Chances, Fault};

/// The most places that are looked at: those of a first four.
pub const DEEPEST: usize = 4;

/// How many places pay in Australia: 3 in fields of 8 and more, 2 in fields of 5 to 7, else 1.
#[must_use]
pub const fn paid_places(field: usize) -> usize {
    Rules::Australia.paid_places(field)
}

/// The chances of every order of finish.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Strengths for the first place, the second, the third and the fourth.
    strengths: [Vec<f64>; DEEPEST],
}

impl Order {
    /// From the chances to win and the powers for what is behind.
    #[must_use]
    pub fn new(win: &Chances, discount: Discount) -> Self {
        let raised = |power: f64| win.all().iter().map(|p| p.get().powf(power)).collect();
        Self {
            strengths: [0, 1, 2, 3].map(|others| raised(discount.behind(others))),
        }
    }

    /// Runners.
    #[must_use]
    pub fn field(&self) -> usize {
        self.strengths[0].len()
    }

    /// The chance that these come first, in this order. Fails on more than four, on a runner that
    /// is named twice and on one that is not in the field.
    pub fn chance(&self, order: &[usize]) -> Result<Chance, Fault> {
        let mut gone = vec![false; self.field()];
        let mut chance = 1.0;
        for (n, &runner) in order.iter().enumerate() {
            if gone.get(runner) != Some(&false) || n == DEEPEST {
                return Err(Fault::new(
                    "must be up to 4 runners of the field, each once",
                ));
            }
            chance *= self.share(n, self.left(n, &gone), &gone, runner);
            gone[runner] = true;
        }
        Chance::new(chance)
    }

    /// Each runner's chance to be among the first `places`, added up over all orders.
    fn placed(&self, places: usize) -> Vec<f64> {
        let mut placed = vec![0.0; self.field()];
        let mut gone = vec![false; self.field()];
        self.descend(places, 0, 1.0, &mut gone, &mut placed);
        placed
    }

    fn descend(
        &self,
        places: usize,
        depth: usize,
        before: f64,
        gone: &mut [bool],
        placed: &mut [f64],
    ) {
        if depth == places {
            return;
        }
        let left = self.left(depth, gone);
        for runner in 0..gone.len() {
            if gone[runner] {
                continue;
            }
            let chance = before * self.share(depth, left, gone, runner);
            placed[runner] += chance;
            gone[runner] = true;
            self.descend(places, depth + 1, chance, gone, placed);
            gone[runner] = false;
        }
    }

    /// The strength of those who are not gone.
    fn left(&self, depth: usize, gone: &[bool]) -> f64 {
        let all = self.strengths[depth].iter().zip(gone);
        all.filter(|(_, gone)| !**gone).map(|(s, _)| s).sum()
    }

    /// A runner's share of what is left; equal shares where nobody has a chance.
    fn share(&self, depth: usize, left: f64, gone: &[bool], runner: usize) -> f64 {
        if left > 0.0 {
            return self.strengths[depth][runner] / left;
        }
        let still = gone.iter().filter(|gone| !**gone).count();
        1.0 / still as f64
    }
}

/// Each runner's chance to finish in the first `places` (1 to 4), in field order. The chances
/// sum to `places`, or to the size of a smaller field. Fails on another number of places.
pub fn place_chances(
    chances: &Chances,
    places: usize,
    discount: Discount,
) -> Result<Vec<Chance>, Fault> {
    if !(1..=DEEPEST).contains(&places) {
        return Err(Fault::new("must be 1, 2, 3 or 4").under("places"));
    }
    if chances.all().len() <= places {
        return chances.all().iter().map(|_| Chance::new(1.0)).collect();
    }
    let placed = Order::new(chances, discount).placed(places);
    placed.iter().map(|p| Chance::new(p.min(1.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The normalised inverses of 1.80 3.50 6 9 15 21, and chances of the first three.
    fn field() -> Chances {
        let inverse = [1.8, 3.5, 6.0, 9.0, 15.0, 21.0].map(|odds: f64| 1.0 / odds);
        let book: f64 = inverse.iter().sum();
        Chances::new(&inverse.map(|q| q / book)).unwrap()
    }

    fn assert_close(found: &[Chance], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found.get() - expected).abs() < 6e-7,
                "{found:?} {expected}"
            );
        }
    }

    #[test]
    fn plain_harville_gives_the_known_chances() {
        let placed = place_chances(&field(), 3, Discount::NONE).unwrap();

        let known = [
            0.907_378, 0.741_484, 0.541_637, 0.387_868, 0.244_073, 0.177_560,
        ];
        assert_close(&placed, &known);
    }

    #[test]
    fn discounted_harville_gives_the_known_chances() {
        let discount = Discount::new(0.81, 0.65).unwrap();

        let placed = place_chances(&field(), 3, discount).unwrap();

        let known = [
            0.854_938, 0.687_850, 0.525_618, 0.409_759, 0.291_287, 0.230_547,
        ];
        assert_close(&placed, &known);
    }

    #[test]
    fn everyone_is_placed_in_a_field_of_three() {
        let chances = Chances::new(&[1.0, 0.0, 0.0]).unwrap();

        let placed = place_chances(&chances, 3, Discount::NONE).unwrap();

        assert!(placed.iter().all(|p| (p.get() - 1.0).abs() < 1e-12));
        assert!(place_chances(&chances, 0, Discount::NONE).is_err());
        assert!(place_chances(&chances, 5, Discount::NONE).is_err());
    }

    #[test]
    fn a_certain_winner_leaves_the_rest_to_share() {
        let chances = Chances::new(&[1.0, 0.0, 0.0, 0.0]).unwrap();

        let placed = place_chances(&chances, 2, Discount::NONE).unwrap();

        assert!((placed[1].get() - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn an_order_is_of_runners_of_the_field_each_once() {
        let order = Order::new(&field(), Discount::NONE);

        for bad in [&[0, 0][..], &[6], &[0, 1, 2, 3, 4]] {
            assert!(order.chance(bad).is_err(), "{bad:?}");
        }
        assert!((order.chance(&[]).unwrap().get() - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn places_sum_to_their_number_and_never_fall_below_the_win(
            raw in prop::collection::vec(0.01_f64..1.0, 5..10),
            second in 0.3_f64..1.2,
        ) {
            let sum: f64 = raw.iter().sum();
            let win: Vec<f64> = raw.iter().map(|p| p / sum).collect();
            let chances = Chances::new(&win).unwrap();
            let discount = Discount::new(second, 0.8 * second).unwrap();

            for places in 1..=DEEPEST {
                let placed = place_chances(&chances, places, discount).unwrap();
                let total: f64 = placed.iter().map(|p| p.get()).sum();
                prop_assert!((total - places as f64).abs() < 1e-9);
                prop_assert!(placed.iter().zip(&win).all(|(p, win)| p.get() >= win - 1e-12));
            }
        }
    }
}
