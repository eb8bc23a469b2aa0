//! Bets on the order of finish: what a combination's chance is, and what it must pay.
//!
//! The chances are those of [`Order`] (Harville, discounted). A dividend is for a stake of 1, stake
//! included. A pool declares its dividends after its takeout; where only the dividend before it is
//! known, as from the pool's own shares, the takeout has to be earned as well.

use super::placing::Order;
use crate::domain::{Chance, Fault};

/// Combinations that are listed at most.
pub const LIST_LIMIT: usize = 500;

/// Runners in a field whose combinations are listed, at most: 24 give 255,024 first fours.
const FIELD_LIMIT: usize = 24;

/// A bet on the first of a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exotic {
    /// The first two in either order; in Britain a reverse forecast.
    Quinella,
    /// The first two in order; a straight forecast.
    Exacta,
    /// The first three in order; a tricast.
    Trifecta,
    /// The first three in any order.
    BoxTrifecta,
    /// The first four in order.
    FirstFour,
}

/// What is asked of a dividend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// What a stake of 1 shall win on average; at least 0.
    edge: f64,
    /// Share that is still to be taken off the dividend; 0 for a declared one, below 1.
    takeout: f64,
}

/// Runners in their order, by their positions in the field, with the chance of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Combination {
    /// Ascending where the order does not matter.
    pub runners: Vec<usize>,
    /// That the bet wins.
    pub chance: Chance,
}

impl Exotic {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Quinella,
        Self::Exacta,
        Self::Trifecta,
        Self::BoxTrifecta,
        Self::FirstFour,
    ];

    /// How many runners a combination has.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Quinella | Self::Exacta => 2,
            Self::Trifecta | Self::BoxTrifecta => 3,
            Self::FirstFour => 4,
        }
    }

    /// Whether the runners must come in their order.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Exacta | Self::Trifecta | Self::FirstFour)
    }

    /// The chance that the bet on these runners wins. Fails on another number of runners, on one
    /// that is named twice, and on one that is not in the field.
    pub fn chance(self, order: &Order, runners: &[usize]) -> Result<Chance, Fault> {
        if runners.len() != self.size() {
            return Err(Fault::new(format!("must be {} runners", self.size())));
        }
        if self.is_ordered() {
            return order.chance(runners);
        }
        let mut sum = 0.0;
        for way in orders(runners) {
            sum += order.chance(&way)?.get();
        }
        Chance::new(sum.min(1.0))
    }

    /// The likeliest combinations, likeliest first; none in a field that is too small. Fails on
    /// more than 500, and on a field of more than 24.
    pub fn best(self, order: &Order, limit: usize) -> Result<Vec<Combination>, Fault> {
        if limit > LIST_LIMIT {
            return Err(Fault::new(format!("must be at most {LIST_LIMIT}")).under("limit"));
        }
        if order.field() > FIELD_LIMIT {
            return Err(Fault::new(format!("must be at most {FIELD_LIMIT} runners")));
        }
        let mut found = Vec::new();
        let mut chosen = Vec::with_capacity(self.size());
        self.choose(order, &mut chosen, &mut found)?;
        found.sort_by(|left, right| {
            let chances = right.chance.get().total_cmp(&left.chance.get());
            chances.then_with(|| left.runners.cmp(&right.runners))
        });
        found.truncate(limit);
        Ok(found)
    }

    fn choose(
        self,
        order: &Order,
        chosen: &mut Vec<usize>,
        found: &mut Vec<Combination>,
    ) -> Result<(), Fault> {
        if chosen.len() == self.size() {
            found.push(Combination {
                runners: chosen.clone(),
                chance: self.chance(order, chosen)?,
            });
            return Ok(());
        }
        for runner in 0..order.field() {
            let descends = chosen.last().is_some_and(|last| runner < *last);
            if chosen.contains(&runner) || (descends && !self.is_ordered()) {
                continue;
            }
            chosen.push(runner);
            self.choose(order, chosen, found)?;
            chosen.pop();
        }
        Ok(())
    }
}

/// All orders of a few runners.
fn orders(runners: &[usize]) -> Vec<Vec<usize>> {
    if runners.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (n, first) in runners.iter().enumerate() {
        let mut rest = runners.to_vec();
        rest.remove(n);
        for mut order in orders(&rest) {
            order.insert(0, *first);
            all.push(order);
        }
    }
    all
}

impl Demand {
    /// Fails on an edge below 0 or above 1, and on a takeout below 0 or above 0.9.
    pub fn new(edge: f64, takeout: f64) -> Result<Self, Fault> {
        if !(0.0..=1.0).contains(&edge) {
            return Err(Fault::new("must be 0 to 1").under("edge"));
        }
        if !(0.0..=0.9).contains(&takeout) {
            return Err(Fault::new("must be 0 to 0.9").under("takeout"));
        }
        Ok(Self { edge, takeout })
    }

    /// The dividend from which on the demand is met: `(1 + edge) / (p (1 − takeout))`. `None` for
    /// what cannot happen.
    #[must_use]
    pub fn dividend(self, chance: Chance) -> Option<f64> {
        let paid = (1.0 + self.edge) / (1.0 - self.takeout) / chance.get();
        paid.is_finite().then_some(paid)
    }
}

/// The dividend that neither wins nor loses: `1 / p`. `None` for what cannot happen.
#[must_use]
pub fn fair_dividend(chance: Chance) -> Option<f64> {
    let fair = 1.0 / chance.get();
    fair.is_finite().then_some(fair)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::discount::Discount;
    use super::*;
    use crate::domain::Chances;

    /// The normalised inverses of 1.80 3.50 6 9 15 21.
    fn order(discount: Discount) -> Order {
        let inverse = [1.8, 3.5, 6.0, 9.0, 15.0, 21.0].map(|odds: f64| 1.0 / odds);
        let book: f64 = inverse.iter().sum();
        Order::new(&Chances::new(&inverse.map(|q| q / book)).unwrap(), discount)
    }

    /// The chances that the favourites fill the places, bet by bet.
    fn of_favourites(order: &Order) -> [f64; 5] {
        Exotic::ALL.map(|exotic| {
            let first: Vec<usize> = (0..exotic.size()).collect();
            exotic.chance(order, &first).unwrap().get()
        })
    }

    fn assert_close(found: [f64; 5], known: [f64; 5]) {
        for (found, known) in found.iter().zip(known) {
            assert!((found - known).abs() < 6e-10, "{found} {known}");
        }
    }

    #[test]
    fn plain_harville_gives_the_known_chances() {
        let found = of_favourites(&order(Discount::NONE));

        assert_close(
            found,
            [
                0.325_699_642,
                0.189_885_436,
                0.080_720_529,
                0.294_453_520,
                0.039_791_810,
            ],
        );
    }

    #[test]
    fn discounted_harville_gives_the_known_chances() {
        let found = of_favourites(&order(Discount::new(0.81, 0.65).unwrap()));

        assert_close(
            found,
            [
                0.287_658_822,
                0.169_758_483,
                0.061_450_894,
                0.225_566_433,
                0.026_787_871,
            ],
        );
    }

    #[test]
    fn benters_quinella_is_worth_its_price() {
        // The public's .0108 is what the pool pays on, the combined .0151 is what it is worth.
        let public = fair_dividend(Chance::new(0.0108).unwrap()).unwrap();
        let demand = Demand::new(0.0, 0.17).unwrap();

        let asked = demand.dividend(Chance::new(0.0151).unwrap()).unwrap();

        assert!((public / asked - 1.16).abs() < 5e-3, "{}", public / asked);
    }

    #[test]
    fn an_edge_and_a_takeout_raise_what_must_be_paid() {
        let quarter = Chance::new(0.25).unwrap();

        let paid = |edge, takeout| Demand::new(edge, takeout).unwrap().dividend(quarter);

        assert_eq!(fair_dividend(quarter), Some(4.0));
        assert_eq!(paid(0.0, 0.0), Some(4.0));
        assert_eq!(paid(0.25, 0.0), Some(5.0));
        assert_eq!(paid(0.25, 0.5), Some(10.0));
        assert_eq!(fair_dividend(Chance::new(0.0).unwrap()), None);
        assert!(Demand::new(-0.1, 0.0).is_err() && Demand::new(0.0, 1.0).is_err());
    }

    #[test]
    fn the_likeliest_come_first_and_no_more_than_asked_for() {
        let best = Exotic::Exacta.best(&order(Discount::NONE), 3).unwrap();

        let runners: Vec<_> = best.iter().map(|one| one.runners.as_slice()).collect();
        assert_eq!(runners, [[0, 1], [1, 0], [0, 2]]);
    }

    #[test]
    fn a_field_too_small_has_no_combination_and_one_too_large_is_a_fault() {
        let of = |n: usize| {
            let even = vec![1.0 / n as f64; n];
            Order::new(&Chances::new(&even).unwrap(), Discount::NONE)
        };

        assert_eq!(Exotic::FirstFour.best(&of(3), 10), Ok(Vec::new()));
        assert!(Exotic::Quinella.best(&of(25), 10).is_err());
        assert!(Exotic::Quinella.best(&of(4), 501).is_err());
        assert!(Exotic::Quinella.chance(&of(4), &[1, 1]).is_err());
        assert!(Exotic::Quinella.chance(&of(4), &[1, 2, 3]).is_err());
    }

    proptest! {
        #[test]
        fn something_always_happens(
            raw in prop::collection::vec(0.01_f64..1.0, 4..7),
            second in 0.3_f64..1.2,
        ) {
            let sum: f64 = raw.iter().sum();
            let win: Vec<f64> = raw.iter().map(|p| p / sum).collect();
            let discount = Discount::new(second, 0.8 * second).unwrap();
            let order = Order::new(&Chances::new(&win).unwrap(), discount);

            for exotic in Exotic::ALL {
                let all = exotic.best(&order, LIST_LIMIT).unwrap();
                // Six runners have 360 first fours.
                let total: f64 = all.iter().map(|one| one.chance.get()).sum();
                prop_assert!((total - 1.0).abs() < 1e-9, "{exotic:?} {total}");
            }
        }
    }
}
