//! What a bet brings back.
//!
//! Money is whole cents; the one rounding, to the nearest cent, is the last step; commission is an
//! account of its own and rounded by itself. Dead heats divide
//! the stake by the number tied. Withdrawals after the bet: Australian bookmakers take cents in the
//! dollar off the face value, stake included (help.williamhill.com.au, helpcentre.sportsbet.com.au);
//! British ones take pence in the pound off the winnings (Tattersalls' Rule 4). Betfair and
//! bookmakers differ in dead heats of each-way bets and in what voids a bet; that is the caller's to
//! say.

use chrono::{DateTime, Utc};

use super::stake::Commission;
use crate::domain::{Cents, Fault, Odds};

/// Pence in the pound that Rule 4 takes off, at most, however many are withdrawn.
const RULE_FOUR_LIMIT: u32 = 90;

/// Cents in the dollar.
const WHOLE: u32 = 100;

/// A bet at a fixed price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bet {
    stake: Cents,
    odds: Odds,
    at: DateTime<Utc>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing comes back.
    Lost,
    /// It is paid.
    Won,
    /// So many tied for the places that were left: `Tied { runners: 2, places: 1 }` is a dead heat
    /// for first.
    Tied {
        /// Who share.
        runners: u8,
        /// What they share.
        places: u8,
    },
    /// The stake comes back.
    Void,
}

/// What is taken off, how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Off the face value: stake and winnings.
    FaceValue,
    /// Off the winnings.
    Winnings,
}

/// One runner's withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawal {
    /// When; bets that were made later know of it and are paid in full.
    pub at: DateTime<Utc>,
    /// Cents in the dollar, or pence in the pound, as the bookmaker's scale has it.
    pub cents: u8,
}

impl Bet {
    /// Fails on a stake of nothing or less.
    pub fn new(stake: Cents, odds: Odds, at: DateTime<Utc>) -> Result<Self, Fault> {
        if stake <= Cents::ZERO {
            return Err(Fault::new("must be above 0").under("stake"));
        }
        Ok(Self { stake, odds, at })
    }

    /// What comes back, stake included. Fails on a tie that is none.
    pub fn returned(
        self,
        fate: Fate,
        rule: Rule,
        withdrawals: &[Withdrawal],
    ) -> Result<Cents, Fault> {
        let (places, runners) = match fate {
            Fate::Lost => return Ok(Cents::ZERO),
            Fate::Void => return Ok(self.stake),
            Fate::Won => (1, 1),
            Fate::Tied { runners, places } if runners > places && places > 0 => (places, runners),
            Fate::Tied { .. } => {
                return Err(Fault::new("must be more runners than places").under("tied"));
            }
        };
        let stake = self.stake.get() as f64 * f64::from(places) / f64::from(runners);
        let off = f64::from(self.taken(rule, withdrawals)) / f64::from(WHOLE);
        let back = match rule {
            Rule::FaceValue => stake * self.odds.get() * (1.0 - off),
            Rule::Winnings => stake * (1.0 + (self.odds.get() - 1.0) * (1.0 - off)),
        };
        Cents::nearest(back)
    }

    /// What is taken off what it won: returns less stakes, where that is above nothing.
    pub fn commission(self, returned: Cents, share: Commission) -> Result<Cents, Fault> {
        let won = returned.get() - self.stake.get();
        Cents::nearest(won.max(0) as f64 * share.get())
    }

    /// Cents in the dollar, added up over what was withdrawn after the bet.
    #[must_use]
    pub fn taken(self, rule: Rule, withdrawals: &[Withdrawal]) -> u32 {
        let later = withdrawals.iter().filter(|one| one.at > self.at);
        let sum = later.map(|one| u32::from(one.cents)).sum::<u32>();
        sum.min(match rule {
            Rule::FaceValue => WHOLE,
            Rule::Winnings => RULE_FOUR_LIMIT,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn bet(cents: i64, odds: f64) -> Bet {
        let stake = Cents::new(cents).unwrap();
        Bet::new(stake, Odds::new(odds).unwrap(), DateTime::UNIX_EPOCH).unwrap()
    }

    fn after(cents: u8) -> Withdrawal {
        Withdrawal {
            at: DateTime::UNIX_EPOCH + TimeDelta::minutes(1),
            cents,
        }
    }

    fn returned(bet: Bet, fate: Fate, rule: Rule, withdrawals: &[Withdrawal]) -> i64 {
        bet.returned(fate, rule, withdrawals).unwrap().get()
    }

    #[test]
    fn australian_deductions_are_off_the_face_value() {
        let won = |odds, cents| {
            let off = [after(cents)];
            returned(bet(1_000, odds), Fate::Won, Rule::FaceValue, &off)
        };

        assert_eq!(won(4.0, 42), 2_320);
        assert_eq!(won(2.5, 20), 2_000);
    }

    #[test]
    fn rule_four_is_off_the_winnings() {
        let won = |cents: &[u8]| {
            let off: Vec<_> = cents.iter().copied().map(after).collect();
            returned(bet(1_000, 4.0), Fate::Won, Rule::Winnings, &off)
        };

        assert_eq!(won(&[20]), 3_400);
        assert_eq!(won(&[20, 30]), 2_500);
        assert_eq!(won(&[75, 75]), 1_300, "no more than 90");
    }

    #[test]
    fn deductions_add_up_but_only_those_after_the_bet() {
        let before = Withdrawal {
            at: DateTime::UNIX_EPOCH,
            cents: 50,
        };
        let off = [before, after(10), after(15)];

        let found = returned(bet(1_000, 4.0), Fate::Won, Rule::FaceValue, &off);

        assert_eq!(found, 3_000);
    }

    #[test]
    fn a_dead_heat_divides_the_stake() {
        let tied = |runners, places, rule, off: &[Withdrawal]| {
            returned(bet(1_000, 4.0), Fate::Tied { runners, places }, rule, off)
        };

        assert_eq!(tied(2, 1, Rule::FaceValue, &[]), 2_000);
        assert_eq!(tied(3, 1, Rule::FaceValue, &[]), 1_333);
        assert_eq!(tied(3, 2, Rule::Winnings, &[]), 2_667);
        assert_eq!(tied(2, 1, Rule::FaceValue, &[after(42)]), 1_160);
        assert_eq!(tied(2, 1, Rule::Winnings, &[after(20)]), 1_700);
    }

    #[test]
    fn a_bet_that_lost_or_is_void_needs_no_arithmetic() {
        let off = [after(42)];

        assert_eq!(returned(bet(7, 9.0), Fate::Lost, Rule::FaceValue, &off), 0);
        assert_eq!(returned(bet(7, 9.0), Fate::Void, Rule::FaceValue, &off), 7);
    }

    #[test]
    fn commission_is_on_what_is_won_beyond_the_stake() {
        let on = |odds, back| {
            let back = Cents::new(back).unwrap();
            let share = Commission::new(0.08).unwrap();
            bet(1_000, odds).commission(back, share).unwrap().get()
        };

        assert_eq!([on(4.0, 4_000), on(4.0, 2_000)], [240, 80]);
        assert_eq!([on(4.0, 0), on(4.0, 1_000), on(1.5, 750)], [0, 0, 0]);
        assert_eq!(on(4.0, 1_006), 0, "half a cent and less is nothing");
    }

    #[test]
    fn nonsense_is_a_fault() {
        let even = Fate::Tied {
            runners: 2,
            places: 2,
        };
        let odds = Odds::new(2.0).unwrap();

        assert!(bet(1, 2.0).returned(even, Rule::Winnings, &[]).is_err());
        assert!(Bet::new(Cents::ZERO, odds, DateTime::UNIX_EPOCH).is_err());
        let huge = bet(1_000_000_000_000, 100_000.0);
        assert!(huge.returned(Fate::Won, Rule::Winnings, &[]).is_err());
    }

    proptest! {
        #[test]
        fn a_deduction_never_pays_more(
            cents in 1_i64..1_000_000,
            odds in 1.01_f64..100.0,
            off in 0_u8..=100,
            runners in 2_u8..4,
        ) {
            for rule in [Rule::FaceValue, Rule::Winnings] {
                for fate in [Fate::Won, Fate::Tied { runners, places: 1 }] {
                    let full = returned(bet(cents, odds), fate, rule, &[]);
                    let less = returned(bet(cents, odds), fate, rule, &[after(off)]);
                    prop_assert!(0 <= less && less <= full);
                }
            }
        }
    }
}
