//! A slip: what to put on runners of several races of one day.
//!
//! The runners of one race are weighed together, because one of them wins at most
//! ([`stake::exclusive`]). Races are weighed each by itself: they do not hang together, and a quarter
//! of Kelly is far from the stakes at which several races compete for the bank. What they share is
//! the limit of the day.

use std::collections::BTreeSet;

use super::stake::{self, Offer, Staking};
use crate::domain::Fault;

/// A runner that may be backed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The runners of one race have the same number.
    pub race: usize,
    /// At which price.
    pub offer: Offer,
}

/// What to put down.
#[derive(Debug, Clone, PartialEq)]
pub struct Slip {
    /// One for each line, in their order.
    pub stakes: Vec<Laid>,
    /// The sum of the stakes, a share of the bank.
    pub staked: f64,
    /// Whether the limit of the day made all of them smaller.
    pub day_is_full: bool,
}

/// What to put on one runner, shares of the bank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Laid {
    /// Full Kelly beside the other runners of the race.
    pub kelly: f64,
    /// What is left of it.
    pub stake: f64,
    /// Whether the limit of a bet made it smaller.
    pub bet_is_full: bool,
}

impl Slip {
    /// What to put down when so much of the bank was put down on the same day before. Fails when the
    /// chances of one race sum to more than 1.
    pub fn of(lines: &[Line], staking: Staking, spent: f64) -> Result<Self, Fault> {
        let mut kelly = vec![0.0; lines.len()];
        let races: BTreeSet<usize> = lines.iter().map(|line| line.race).collect();
        for race in races {
            let seats = || (0..lines.len()).filter(|n| lines[*n].race == race);
            let offers: Vec<Offer> = seats().map(|n| lines[n].offer).collect();
            let shares = stake::exclusive(&offers)?.stakes;
            for (n, share) in seats().zip(shares) {
                kelly[n] = share;
            }
        }
        let stakes = staking.stakes(&kelly, spent);
        let laid = kelly.iter().zip(&stakes);
        Ok(Self {
            staked: stakes.iter().sum(),
            day_is_full: staking.fills_a_day(&kelly, spent),
            stakes: laid
                .map(|(kelly, stake)| Laid {
                    kelly: *kelly,
                    stake: *stake,
                    bet_is_full: staking.fills_a_bet(*kelly),
                })
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Chance, Odds};
    use crate::model::stake::{BET_LIMIT, Commission, DAY_LIMIT};

    fn line(race: usize, chance: f64, odds: f64) -> Line {
        let offer = Offer {
            chance: Chance::new(chance).unwrap(),
            odds: Odds::new(odds).unwrap(),
            commission: Commission::NONE,
        };
        Line { race, offer }
    }

    fn slip(lines: &[Line], spent: f64) -> Slip {
        Slip::of(lines, Staking::default(), spent).unwrap()
    }

    fn close(found: f64, known: f64) -> bool {
        (found - known).abs() < 1e-9
    }

    #[test]
    fn the_runners_of_one_race_are_weighed_together() {
        let both = slip(&[line(0, 0.50, 2.0), line(0, 0.28, 4.0)], 0.0);
        let alone = slip(&[line(0, 0.50, 2.0), line(1, 0.28, 4.0)], 0.0);

        assert!(both.stakes.iter().all(|one| close(one.kelly, 0.06)));
        assert!(both.stakes.iter().all(|one| close(one.stake, 0.015)));
        assert!(close(both.staked, 0.03) && !both.day_is_full);
        assert!(close(alone.stakes[0].kelly, 0.0));
        assert!(close(alone.stakes[1].kelly, 0.04));
    }

    #[test]
    fn races_share_the_limit_of_the_day_and_every_bet_has_its_own() {
        let lines = [line(0, 0.5, 9.0), line(1, 0.5, 9.0), line(2, 0.5, 9.0)];

        let fresh = slip(&lines, 0.0);
        let late = slip(&lines, 0.07);
        let over = slip(&lines, 1.0);
        let two = slip(&lines[..2], 0.0);

        assert!(fresh.day_is_full && close(fresh.staked, DAY_LIMIT));
        assert!(fresh.stakes.iter().all(|one| one.bet_is_full));
        assert!(late.day_is_full && late.stakes.iter().all(|one| close(one.stake, 0.01)));
        assert!(over.day_is_full && close(over.staked, 0.0));
        assert!(!two.day_is_full && two.stakes.iter().all(|one| close(one.stake, BET_LIMIT)));
    }

    #[test]
    fn what_promises_nothing_is_left_alone_and_fills_nothing() {
        let slip = slip(&[line(0, 0.1, 5.0)], 1.0);

        assert!(close(slip.staked, 0.0) && !slip.day_is_full);
        assert!(!slip.stakes[0].bet_is_full);
        let sure = [line(0, 0.6, 2.5), line(0, 0.5, 2.5)];
        assert!(Slip::of(&sure, Staking::default(), 0.0).is_err());
    }

    proptest! {
        #[test]
        fn no_slip_is_above_the_limits(
            raw in prop::collection::vec((0_usize..4, 0.01_f64..0.12, 1.1_f64..60.0), 1..8),
            spent in 0.0_f64..1.0,
            fraction in 0.01_f64..=0.25,
        ) {
            let lines: Vec<Line> = raw.iter().map(|(race, p, o)| line(*race, *p, *o)).collect();
            let staking = Staking::of(fraction).unwrap();

            let slip = Slip::of(&lines, staking, spent).unwrap();

            prop_assert!(slip.staked <= (DAY_LIMIT - spent).max(0.0) + 1e-12);
            for one in &slip.stakes {
                prop_assert!((0.0..=BET_LIMIT).contains(&one.stake));
                prop_assert!(one.stake <= fraction * one.kelly + 1e-12);
            }
        }
    }
}
