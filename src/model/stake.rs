//! What a price is worth and how much to put on it.
//!
//! Commission `c` is taken off winnings, so a price `o` wins `b = (o − 1)(1 − c)` a unit. Kelly 1956:
//! the bank grows fastest with `f = (p·b − (1 − p)) / b` of it. Several runners of one race, of which
//! one wins: Smoczynski & Tomkins, Mathematical Scientist 35 (2010) 10–17. Full Kelly is for who knows
//! the chances; believing in twice the edge there is already makes the growth negative, so
//! [`Staking`] puts down a quarter, and never more than its limits.

use serde::Serialize;

use crate::domain::{Chance, Fault, Odds};

/// The largest commission.
const COMMISSION_LIMIT: f64 = 0.5;

/// The largest edge that may be asked for.
const EDGE_LIMIT: f64 = 1.0;

/// What is taken off winnings where nobody says otherwise: usual on Australian exchanges.
pub const USUAL_COMMISSION: f64 = 0.08;

/// The edge that is asked for where nobody says otherwise.
pub const USUAL_EDGE: f64 = 0.05;

/// How much of Kelly is put down at most, and where nobody says otherwise.
pub const FRACTION_LIMIT: f64 = 0.25;

/// Share of the bank on one bet, at most.
pub const BET_LIMIT: f64 = 0.05;

/// Share of the bank on one day, at most.
pub const DAY_LIMIT: f64 = 0.10;

/// Share that is taken off winnings, 0 to 0.5.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Commission(f64);

/// A price for a chance, and what is taken off what it wins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// Of the runner to win.
    pub chance: Chance,
    /// What is paid.
    pub odds: Odds,
    /// What is taken off.
    pub commission: Commission,
}

/// How much of Kelly is put down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Staking {
    fraction: f64,
    bet: f64,
    day: f64,
}

/// Shares of the bank on the runners of one race.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// In the order of the offers; 0 for those that are left alone.
    pub stakes: Vec<f64>,
    /// The reserve rate: only runners whose `p·o` is above it are backed.
    pub reserve: f64,
}

impl Commission {
    /// None at all.
    pub const NONE: Self = Self(0.0);

    /// Fails below 0 and above 0.5.
    pub fn new(share: f64) -> Result<Self, Fault> {
        if (0.0..=COMMISSION_LIMIT).contains(&share) {
            return Ok(Self(share));
        }
        Err(Fault::new("must be 0 to 0.5"))
    }

    /// The share.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// The price that neither wins nor loses without commission: `1 / p`. `None` for what cannot happen.
#[must_use]
pub fn fair_price(chance: Chance) -> Option<f64> {
    let fair = 1.0 / chance.get();
    fair.is_finite().then_some(fair)
}

/// The price from which on a stake of 1 wins `edge` on average, after commission. With an edge of 0
/// it is the price that breaks even. `None` for what cannot happen; fails on an edge below 0 or
/// above 1.
pub fn min_price(chance: Chance, edge: f64, commission: Commission) -> Result<Option<f64>, Fault> {
    if !(0.0..=EDGE_LIMIT).contains(&edge) {
        return Err(Fault::new("must be 0 to 1").under("edge"));
    }
    let price = 1.0 + ((1.0 + edge) / chance.get() - 1.0) / (1.0 - commission.get());
    Ok(price.is_finite().then_some(price))
}

impl Offer {
    /// What a stake of 1 wins on average: `p(1 + (o − 1)(1 − c)) − 1`.
    #[must_use]
    pub fn edge(self) -> f64 {
        self.chance.get() * self.paid() - 1.0
    }

    /// Kelly's share of the bank, 0 where the price is too short.
    #[must_use]
    pub fn kelly(self) -> f64 {
        (self.edge() / (self.paid() - 1.0)).max(0.0)
    }

    /// What a winning stake of 1 brings back after commission.
    fn paid(self) -> f64 {
        1.0 + (self.odds.get() - 1.0) * (1.0 - self.commission.get())
    }
}

/// Full Kelly on several runners of one race, of which one at most wins. Fails when their chances
/// sum to more than 1.
pub fn exclusive(offers: &[Offer]) -> Result<Shares, Fault> {
    let sum: f64 = offers.iter().map(|offer| offer.chance.get()).sum();
    if sum > 1.0 + 1e-9 {
        return Err(Fault::new("must sum to 1 at most").under("chances"));
    }
    let mut best: Vec<usize> = (0..offers.len()).collect();
    let worth = |n: usize| offers[n].chance.get() * offers[n].paid();
    best.sort_by(|left, right| worth(*right).total_cmp(&worth(*left)));
    let (mut lost, mut kept, mut reserve) = (1.0, 1.0, 1.0);
    let mut backed = Vec::new();
    for n in best {
        let rest = kept - 1.0 / offers[n].paid();
        // Nobody pays for certain what more than everything costs.
        if worth(n) <= reserve || rest <= 0.0 {
            break;
        }
        lost -= offers[n].chance.get();
        kept = rest;
        reserve = (lost / kept).max(0.0);
        backed.push(n);
    }
    let mut stakes = vec![0.0; offers.len()];
    for n in backed {
        stakes[n] = (offers[n].chance.get() - reserve / offers[n].paid()).max(0.0);
    }
    Ok(Shares { stakes, reserve })
}

impl Default for Staking {
    /// A quarter of Kelly up to the limits.
    fn default() -> Self {
        Self {
            fraction: FRACTION_LIMIT,
            bet: BET_LIMIT,
            day: DAY_LIMIT,
        }
    }
}

impl Staking {
    /// So much of Kelly up to the usual limits; fails above a quarter.
    pub fn of(fraction: f64) -> Result<Self, Fault> {
        Self::new(fraction, BET_LIMIT, DAY_LIMIT)
    }

    /// Fails on more than a quarter of Kelly, and on limits above 5 % a bet and 10 % a day.
    pub fn new(fraction: f64, bet: f64, day: f64) -> Result<Self, Fault> {
        let rules = [
            (fraction, FRACTION_LIMIT, "fraction"),
            (bet, BET_LIMIT, "bet"),
            (day, DAY_LIMIT, "day"),
        ];
        for (share, most, at) in rules {
            if !(share > 0.0 && share <= most) {
                return Err(Fault::new(format!("must be above 0 and at most {most}")).under(at));
            }
        }
        Ok(Self { fraction, bet, day })
    }

    /// What to put down of full Kelly stakes, when so much of the bank has been put down on this
    /// day before. Where the day's limit is short, all have to give in proportion.
    #[must_use]
    pub fn stakes(self, kelly: &[f64], spent: f64) -> Vec<f64> {
        let mut stakes = self.single(kelly);
        let sum: f64 = stakes.iter().sum();
        let left = self.left(spent);
        if sum > left {
            for stake in &mut stakes {
                *stake *= left / sum;
            }
        }
        stakes
    }

    /// How much of Kelly is put down.
    #[must_use]
    pub const fn fraction(self) -> f64 {
        self.fraction
    }

    /// Whether the limit of a bet makes the stake smaller.
    #[must_use]
    pub fn fills_a_bet(self, kelly: f64) -> bool {
        self.fraction * kelly > self.bet
    }

    /// Whether the limit of the day makes the stakes smaller.
    #[must_use]
    pub fn fills_a_day(self, kelly: &[f64], spent: f64) -> bool {
        self.single(kelly).iter().sum::<f64>() > self.left(spent)
    }

    /// What may still be put down on a day.
    #[must_use]
    pub const fn left(self, spent: f64) -> f64 {
        (self.day - spent).max(0.0)
    }

    /// Each up to the limit of a bet.
    fn single(self, kelly: &[f64]) -> Vec<f64> {
        let cut = |full: &f64| (self.fraction * full).clamp(0.0, self.bet);
        kelly.iter().map(cut).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offer(chance: f64, odds: f64, commission: f64) -> Offer {
        Offer {
            chance: Chance::new(chance).unwrap(),
            odds: Odds::new(odds).unwrap(),
            commission: Commission::new(commission).unwrap(),
        }
    }

    fn assert_close(found: f64, known: f64) {
        assert!((found - known).abs() < 6e-10, "{found} {known}");
    }

    #[test]
    fn kelly_gives_the_known_share() {
        assert_close(offer(0.30, 4.0, 0.0).kelly(), 0.066_666_667);
    }

    #[test]
    fn commission_makes_kelly_smaller_and_the_break_even_price_longer() {
        let offer = offer(0.30, 4.0, 0.08);

        let even = min_price(offer.chance, 0.0, offer.commission).unwrap();

        assert_close(offer.kelly(), 0.046_376_812);
        assert!((even.unwrap() - 3.536_232).abs() < 5e-7);
    }

    #[test]
    fn exclusive_kelly_backs_the_known_set() {
        let chances = [0.50, 0.28, 0.12, 0.06, 0.03, 0.01];
        let odds = [2.0, 4.0, 5.5, 9.0, 15.0, 26.0];
        let offers: Vec<_> = chances
            .iter()
            .zip(odds)
            .map(|(p, o)| offer(*p, o, 0.0))
            .collect();

        let shares = exclusive(&offers).unwrap();

        assert_close(shares.reserve, 0.88);
        for (found, known) in shares.stakes.iter().zip([0.06, 0.06, 0.0, 0.0, 0.0, 0.0]) {
            assert_close(*found, known);
        }
    }

    #[test]
    fn the_smallest_price_has_just_the_edge_asked_for() {
        let commission = Commission::new(0.08).unwrap();
        let chance = Chance::new(0.214).unwrap();

        let least = min_price(chance, 0.05, commission).unwrap().unwrap();

        assert!((least - 5.246_241_365).abs() < 1e-8, "{least}");
        assert_close(offer(0.214, least, 0.08).edge(), 0.05);
        assert_close(offer(0.214, 5.2, 0.08).edge(), 0.040_896);
        assert_close(fair_price(chance).unwrap(), 4.672_897_196);
    }

    #[test]
    fn what_cannot_happen_has_no_price() {
        let never = Chance::new(0.0).unwrap();

        assert_eq!(fair_price(never), None);
        assert_eq!(min_price(never, 0.05, Commission::NONE), Ok(None));
        assert!(min_price(never, -0.1, Commission::NONE).is_err());
        assert!(min_price(never, f64::NAN, Commission::NONE).is_err());
        assert_close(offer(0.0, 10.0, 0.0).kelly(), 0.0);
    }

    #[test]
    fn nobody_may_exceed_the_limits() {
        let staking = Staking::default();

        assert_eq!(staking.stakes(&[0.1, -0.2, 0.9], 0.0), [0.025, 0.0, 0.05]);
        let crowded = staking.stakes(&[0.9, 0.9, 0.9], 0.04);
        assert!(crowded.iter().all(|stake| (stake - 0.02).abs() < 1e-12));
        assert_eq!(staking.stakes(&[0.9], 0.2), [0.0]);
        assert_eq!(Staking::new(0.25, 0.06, 0.1).unwrap_err().at, "bet");
        assert_eq!(Staking::new(0.25, 0.05, 0.11).unwrap_err().at, "day");
        assert_eq!(Staking::new(0.0, 0.05, 0.1).unwrap_err().at, "fraction");
        assert_eq!(Staking::of(0.26).unwrap_err().at, "fraction");
        assert_eq!(Staking::of(0.25), Ok(staking));
        assert!(Commission::new(0.51).is_err() && Commission::new(-0.01).is_err());
    }

    #[test]
    fn prices_that_win_whatever_happens_are_backed_in_the_proportion_of_the_chances() {
        let shares = exclusive(&[offer(0.6, 2.5, 0.0), offer(0.4, 2.5, 0.0)]).unwrap();

        assert_close(shares.reserve, 0.0);
        assert_close(shares.stakes[0], 0.6);
        assert_close(shares.stakes[1], 0.4);
        assert!(exclusive(&[offer(0.6, 2.5, 0.0), offer(0.5, 2.5, 0.0)]).is_err());
    }

    /// Expected growth of the bank.
    fn growth(offers: &[Offer], stakes: &[f64]) -> f64 {
        let kept: f64 = 1.0 - stakes.iter().sum::<f64>();
        let lost = 1.0 - offers.iter().map(|o| o.chance.get()).sum::<f64>();
        let won = offers.iter().zip(stakes);
        let won: f64 = won
            .map(|(o, stake)| o.chance.get() * (kept + stake * o.paid()).ln())
            .sum();
        won + lost * kept.ln()
    }

    proptest! {
        #[test]
        fn kelly_of_one_runner_is_kelly(p in 0.02_f64..0.9, o in 1.1_f64..30.0, c in 0.0_f64..0.2) {
            let offer = offer(p, o, c);

            let shares = exclusive(&[offer]).unwrap();

            prop_assert!((shares.stakes[0] - offer.kelly()).abs() < 1e-9);
        }

        #[test]
        fn no_other_stakes_let_the_bank_grow_faster(
            raw in prop::collection::vec((0.05_f64..1.0, 0.7_f64..1.4), 2..7),
            which in 0_usize..7,
            step in -0.02_f64..0.02,
        ) {
            let sum: f64 = raw.iter().map(|(p, _)| p).sum::<f64>() * 1.1;
            let offers: Vec<_> = raw
                .iter()
                .map(|(p, luck)| offer(p / sum, (1.0 + 0.01 + luck * (sum / p - 1.0)).max(1.02), 0.05))
                .collect();
            let best = exclusive(&offers).unwrap().stakes;
            let mut other = best.clone();
            let which = which % other.len();
            other[which] = (other[which] + step).max(0.0);

            prop_assert!(best.iter().all(|stake| *stake >= 0.0));
            prop_assert!(best.iter().sum::<f64>() < 1.0);
            prop_assert!(growth(&offers, &best) >= growth(&offers, &other) - 1e-12);
        }
    }
}
