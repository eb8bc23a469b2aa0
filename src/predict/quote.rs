//! What a runner is worth, what the market pays on it, and what to do about that.
//!
//! Quotes are made of a prediction that was computed already, so the terms of those who ask need no
//! place in the cache.

use super::blended::blended;
use super::{Predicted, Prediction};
use crate::domain::{Chance, Fault, Odds, Rug};
use crate::model::stake::{self, Commission, Offer, Staking};
use crate::store::prices::Price;

/// Whether the race's own prices are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Market {
    /// The newest ones.
    Latest,
    /// Not at all.
    None,
}

/// On what terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    market: Market,
    commission: Commission,
    edge: f64,
}

/// A runner's prices, in the order of the prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quote {
    /// At which a bet neither wins nor loses before commission; `None` for what cannot happen.
    pub fair: Option<f64>,
    /// The newest price that was known.
    pub market: Option<f64>,
    /// Chance to win by the model and the newest prices together; no other number rests on it.
    pub blended: Option<f64>,
    /// From which on a bet has the edge asked for.
    pub least: Option<f64>,
    /// What a bet of 1 at the market price wins on average.
    pub edge: Option<f64>,
    /// The share of the bank to put down at the market price.
    pub stake: Option<f64>,
}

impl Market {
    /// From its name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        match name {
            "latest" => Ok(Self::Latest),
            "none" => Ok(Self::None),
            _ => Err(Fault::new("must be latest or none")),
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        let commission = Commission::new(stake::USUAL_COMMISSION).unwrap_or(Commission::NONE);
        Self {
            market: Market::Latest,
            commission,
            edge: stake::USUAL_EDGE,
        }
    }
}

impl Terms {
    /// Terms with what is given in place of the usual; fails when the edge is not 0 to 1.
    pub fn new(
        market: Option<Market>,
        commission: Option<Commission>,
        edge: Option<f64>,
    ) -> Result<Self, Fault> {
        let usual = Self::default();
        let edge = edge.unwrap_or(usual.edge);
        if !(0.0..=1.0).contains(&edge) {
            return Err(Fault::new("must be 0 to 1").under("edge"));
        }
        Ok(Self {
            market: market.unwrap_or(usual.market),
            commission: commission.unwrap_or(usual.commission),
            edge,
        })
    }

    /// What is taken off winnings.
    #[must_use]
    pub const fn commission(self) -> Commission {
        self.commission
    }

    /// From which price on a bet on this chance has the edge asked for; `None` for what cannot
    /// happen.
    pub fn least(self, chance: Chance) -> Result<Option<f64>, Fault> {
        stake::min_price(chance, self.edge, self.commission)
    }

    /// A price, on these terms.
    #[must_use]
    pub const fn offer(self, chance: Chance, odds: Odds) -> Offer {
        Offer {
            chance,
            odds,
            commission: self.commission,
        }
    }

    /// What every runner is worth on these terms. Stakes are a quarter of Kelly on each runner by
    /// itself, up to the limits of a bet and, for the whole field, of a day.
    pub fn quotes(self, prediction: &Prediction) -> Result<Vec<Quote>, Fault> {
        let offers = prediction
            .runners
            .iter()
            .map(|runner| Ok((Chance::new(runner.win)?, self.price(runner.market))))
            .collect::<Result<Vec<_>, Fault>>()?;
        let kelly: Vec<f64> = offers
            .iter()
            .map(|(chance, odds)| odds.map_or(0.0, |odds| self.offer(*chance, odds).kelly()))
            .collect();
        let stakes = Staking::default().stakes(&kelly, 0.0);
        let blended = match self.market {
            Market::Latest => blended(prediction)?,
            Market::None => vec![None; offers.len()],
        };
        let quotes = offers.into_iter().zip(stakes).zip(blended);
        quotes
            .map(|(((chance, odds), stake), blended)| {
                Ok(Quote {
                    fair: stake::fair_price(chance),
                    market: odds.map(Odds::get),
                    blended,
                    least: self.least(chance)?,
                    edge: odds.map(|odds| self.offer(chance, odds).edge()),
                    stake: odds.map(|_| stake),
                })
            })
            .collect()
    }

    /// What the reader should know, of the prices too where they are looked at.
    #[must_use]
    pub fn notes(self, prediction: &Prediction) -> Vec<String> {
        let notes = prediction.notes.iter().cloned();
        notes.chain(self.unpriced(&prediction.runners)).collect()
    }

    fn unpriced(self, runners: &[Predicted]) -> Option<String> {
        let unpriced = runners.iter().filter(|runner| runner.market.is_none());
        match unpriced.count() {
            0 => None,
            _ if self.market == Market::None => None,
            all if all == runners.len() => Some("no market price is known".to_owned()),
            some => Some(format!("{some} of {} have no market price", runners.len())),
        }
    }

    fn price(self, newest: Option<Odds>) -> Option<Odds> {
        match self.market {
            Market::Latest => newest,
            Market::None => None,
        }
    }
}

/// The newest price to win on a runner; the longest of several that are equally new.
pub(super) fn newest(prices: &[Price], rug: Rug) -> Option<Odds> {
    let of_runner = prices.iter().filter(|price| price.rug == rug);
    let to_win = of_runner.filter_map(|price| Some((price.at, price.win?)));
    let newest = to_win.max_by(|left, right| {
        let longer = left.1.get().total_cmp(&right.1.get());
        left.0.cmp(&right.0).then(longer)
    });
    newest.map(|(_, odds)| odds)
}

/// Made-up predictions for the tests of this room.
#[cfg(test)]
pub(super) mod fixture {
    use chrono::DateTime;

    use super::*;
    use crate::model::discount::Discount;
    use crate::model::interval::Interval;

    pub(in crate::predict) fn runner(rug: i64, win: f64, market: Option<f64>) -> Predicted {
        Predicted {
            rug: Rug::new(rug).unwrap(),
            box_no: None,
            dog_id: None,
            dog: None,
            win,
            interval: Interval::around(win, 0.5),
            place: win,
            runs: 0,
            market: market.map(|odds| Odds::new(odds).unwrap()),
            reasons: Vec::new(),
        }
    }

    pub(in crate::predict) fn prediction(runners: Vec<Predicted>) -> Prediction {
        Prediction {
            until_jump: None,
            tags: Vec::new(),
            race: "2025-07-21-angle-park-3".parse().unwrap(),
            as_of: DateTime::UNIX_EPOCH,
            model: String::new(),
            runners,
            discount: Discount::NONE,
            blend: None,
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::fixture::{prediction, runner};
    use super::*;
    use crate::domain::{PriceKind, Source};

    fn price(rug: i64, minute: i64, win: Option<f64>) -> Price {
        let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        Price {
            rug: Rug::new(rug).unwrap(),
            kind: PriceKind::Fixed,
            source: Source::new("bookie").unwrap(),
            at,
            win: win.map(|odds| Odds::new(odds).unwrap()),
            place: None,
            known_at: at,
        }
    }

    #[test]
    fn the_contracts_example_adds_up() {
        let prediction = prediction(vec![runner(1, 0.214, Some(5.2)), runner(2, 0.786, None)]);

        let quotes = Terms::default().quotes(&prediction).unwrap();

        let close = |found: Option<f64>, known: f64| (found.unwrap() - known).abs() < 5e-7;
        let first = quotes[0];
        assert!(close(first.fair, 4.672_897), "{first:?}");
        assert!(close(first.least, 5.246_241), "{first:?}");
        assert!(close(first.edge, 0.040_896), "{first:?}");
        assert!(close(first.stake, 0.040_896 / 3.864 / 4.0), "{first:?}");
        let second = quotes[1];
        assert_eq!(
            (second.market, second.edge, second.stake),
            (None, None, None)
        );
        assert!(second.fair.is_some() && second.least.is_some());
    }

    #[test]
    fn without_the_market_nothing_depends_on_its_prices() {
        let priced = prediction(vec![runner(1, 0.6, Some(9.0)), runner(2, 0.4, Some(9.0))]);
        let bare = prediction(vec![runner(1, 0.6, None), runner(2, 0.4, None)]);
        let terms = Terms::new(Some(Market::None), None, None).unwrap();

        assert_eq!(terms.quotes(&priced), terms.quotes(&bare));
        assert_ne!(
            Terms::default().quotes(&priced),
            Terms::default().quotes(&bare)
        );
    }

    #[test]
    fn prices_that_are_missing_are_told_where_they_are_looked_at() {
        let one = prediction(vec![runner(1, 0.6, Some(9.0)), runner(2, 0.4, None)]);
        let none = prediction(vec![runner(1, 0.6, None), runner(2, 0.4, None)]);
        let all = prediction(vec![runner(1, 1.0, Some(1.1))]);
        let blind = Terms::new(Some(Market::None), None, None).unwrap();
        let usual = Terms::default();

        assert_eq!(usual.notes(&one), ["1 of 2 have no market price"]);
        assert_eq!(usual.notes(&none), ["no market price is known"]);
        assert!(usual.notes(&all).is_empty() && blind.notes(&none).is_empty());
    }

    #[test]
    fn no_stake_is_above_the_limits_and_a_bad_price_has_none() {
        let prediction = prediction(vec![
            runner(1, 0.4, Some(50.0)),
            runner(2, 0.3, Some(50.0)),
            runner(3, 0.2, Some(50.0)),
            runner(4, 0.1, Some(1.1)),
        ]);

        let quotes = Terms::default().quotes(&prediction).unwrap();

        let stakes: Vec<f64> = quotes.iter().map(|quote| quote.stake.unwrap()).collect();
        assert!(stakes.iter().all(|stake| *stake <= 0.05), "{stakes:?}");
        assert!((stakes.iter().sum::<f64>() - 0.1).abs() < 1e-12);
        assert!(stakes[3].abs() < 1e-12 && quotes[3].edge.unwrap() < 0.0);
    }

    #[test]
    fn the_newest_price_counts_and_of_two_the_longer() {
        let prices = [
            price(1, 1, Some(9.0)),
            price(1, 2, Some(4.0)),
            price(1, 2, Some(4.2)),
            price(1, 3, None),
            price(2, 3, Some(2.0)),
        ];
        let of = |rug| newest(&prices, Rug::new(rug).unwrap()).map(Odds::get);

        assert_eq!([1, 2, 3].map(of), [Some(4.2), Some(2.0), None]);
    }

    #[test]
    fn odd_terms_are_faults() {
        assert_eq!(Terms::new(None, None, Some(1.5)).unwrap_err().at, "edge");
        assert_eq!(Terms::new(None, None, None), Ok(Terms::default()));
        assert!(Market::parse("latest").is_ok() && Market::parse("none").is_ok());
        assert!(Market::parse("sp").is_err());
    }
}
