//! From win chances to place chances.
//!
//! Harville (1973, <https://doi.org/10.1080/01621459.1973.10482425>): once the winner is out, the
//! others keep their proportions. That overrates favourites for second and third, so the chances
//! are first raised to a power below 1 (Benter 1994; Lo & Bacon-Shone 1994). The powers belong to
//! the win chances they were fitted with; 1 and 1 is plain Harville.

use crate::domain::{Chance, Chances, Fault};

/// The powers that win chances are raised to for second and for third place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Discount {
    /// For second place, above 0, at most 2.
    second: f64,
    /// For third place, above 0, at most 2.
    third: f64,
}

impl Discount {
    /// Plain Harville.
    pub const NONE: Self = Self {
        second: 1.0,
        third: 1.0,
    };

    /// Fails when a power is not above 0 and at most 2.
    pub fn new(second: f64, third: f64) -> Result<Self, Fault> {
        for (power, at) in [(second, "second"), (third, "third")] {
            if !(power > 0.0 && power <= 2.0) {
                return Err(Fault::new("must be above 0 and at most 2").under(at));
            }
        }
        Ok(Self { second, third })
    }
}

/// How many places pay in Australia: 3 in fields of 8 and more, 2 in fields of 5 to 7, else 1.
#[must_use]
pub const fn paid_places(field: usize) -> usize {
    match field {
        0..=4 => 1,
        5..=7 => 2,
        _ => 3,
    }
}

/// Each runner's chance to finish in the first `places` (1, 2 or 3), in field order. The chances
/// sum to `places`, or to the size of a smaller field. Fails on another number of places.
pub fn place_chances(
    chances: &Chances,
    places: usize,
    discount: Discount,
) -> Result<Vec<Chance>, Fault> {
    if !(1..=3).contains(&places) {
        return Err(Fault::new("must be 1, 2 or 3").under("places"));
    }
    let win: Vec<f64> = chances.all().iter().map(|chance| chance.get()).collect();
    if win.len() <= places {
        return win.iter().map(|_| Chance::new(1.0)).collect();
    }
    let second = raised(&win, discount.second);
    let third = raised(&win, discount.third);
    let mut placed = win.clone();
    for i in 0..win.len() {
        for j in (0..win.len()).filter(|&j| j != i && places >= 2) {
            let both = win[i] * share(&second, j, &[i]);
            placed[j] += both;
            for k in (0..win.len()).filter(|&k| k != i && k != j && places == 3) {
                placed[k] += both * share(&third, k, &[i, j]);
            }
        }
    }
    placed.iter().map(|p| Chance::new(p.min(1.0))).collect()
}

fn raised(chances: &[f64], power: f64) -> Vec<f64> {
    chances.iter().map(|p| p.powf(power)).collect()
}

/// The share of `runner` among those who are not `gone`; equal shares where nobody has a chance.
fn share(strengths: &[f64], runner: usize, gone: &[usize]) -> f64 {
    let left = (0..strengths.len()).filter(|other| !gone.contains(other));
    let sum: f64 = left.map(|other| strengths[other]).sum();
    if sum > 0.0 {
        return strengths[runner] / sum;
    }
    1.0 / (strengths.len() - gone.len()) as f64
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
        assert!(place_chances(&chances, 4, Discount::NONE).is_err());
    }

    #[test]
    fn a_certain_winner_leaves_the_rest_to_share() {
        let chances = Chances::new(&[1.0, 0.0, 0.0, 0.0]).unwrap();

        let placed = place_chances(&chances, 2, Discount::NONE).unwrap();

        assert!((placed[1].get() - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn small_fields_pay_fewer_places() {
        assert_eq!([4, 5, 7, 8, 10].map(paid_places), [1, 2, 2, 3, 3]);
    }

    proptest! {
        #[test]
        fn places_sum_to_their_number_and_never_fall_below_the_win(
            raw in prop::collection::vec(0.01_f64..1.0, 4..10),
            second in 0.3_f64..1.2,
        ) {
            let sum: f64 = raw.iter().sum();
            let win: Vec<f64> = raw.iter().map(|p| p / sum).collect();
            let chances = Chances::new(&win).unwrap();
            let discount = Discount::new(second, 0.8 * second).unwrap();

            for places in 1..=3 {
                let placed = place_chances(&chances, places, discount).unwrap();
                let total: f64 = placed.iter().map(|p| p.get()).sum();
                prop_assert!((total - places as f64).abs() < 1e-9);
                prop_assert!(placed.iter().zip(&win).all(|(p, win)| p.get() >= win - 1e-12));
            }
        }
    }
}
