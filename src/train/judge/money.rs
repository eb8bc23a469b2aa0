//! What bets would have brought: a unit on every runner whose price is at least the model's minimum.

use serde::Serialize;

use super::{Foreseen, Terms};
use crate::domain::{Chance, Fault, Odds};
use crate::model::Ran;
use crate::model::bootstrap::Bootstrap;
use crate::model::returns::{self, Band, ClosingLine, Plan, Return, Wager};
use crate::model::stake;

/// Bets at closing prices and, where they are known, at prices from before the jump.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Money {
    /// Taken off winnings.
    pub commission: f64,
    /// What a bet must promise beyond its stake.
    pub edge: f64,
    /// At the closing prices, which nobody can be sure to get.
    pub at_closing_prices: Option<Bets>,
    /// At the best price some minutes before the jump.
    pub at_earlier_prices: Option<Bets>,
}

/// Bets at one kind of price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bets {
    /// Races that had such a price.
    pub races: usize,
    /// When the prices are from.
    pub taken: Taken,
    /// What they brought.
    pub returned: Return,
    /// The prices taken beside the closing ones; `None` when they are the same by choice.
    pub closing_line: Option<ClosingLine>,
}

/// When a price was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// Closing-line value cannot be shown with them.
    AtTheClose,
    /// Five minutes before.
    BeforeTheJump,
}

/// What the bets brought.
pub(super) fn money(races: &[Foreseen], terms: Terms) -> Result<Money, Fault> {
    Ok(Money {
        commission: terms.commission.get(),
        edge: terms.edge,
        at_closing_prices: bets(races, terms, Taken::AtTheClose)?,
        at_earlier_prices: bets(races, terms, Taken::BeforeTheJump)?,
    })
}

/// Level stakes on everybody at the closing price, by price.
pub(super) fn favourite_longshot(races: &[Foreseen]) -> Vec<Band> {
    let all = races.iter().map(|race| {
        let runners = race.runners();
        runners
            .filter_map(|(chance, won, ran)| wager(chance, won, ran, Taken::AtTheClose))
            .collect()
    });
    returns::bands(&all.collect::<Vec<_>>())
}

impl Foreseen {
    fn runners(&self) -> impl Iterator<Item = (Chance, f64, &Ran)> {
        let both = self.model.all().iter().zip(&self.won);
        both.zip(&self.about.field)
            .map(|((chance, won), ran)| (*chance, *won, ran))
    }
}

impl Taken {
    const fn price(self, ran: &Ran) -> Option<Odds> {
        match self {
            Self::AtTheClose => ran.closing,
            Self::BeforeTheJump => ran.earlier,
        }
    }

    /// What the price that was taken is compared with.
    const fn beside(self, ran: &Ran) -> Option<Odds> {
        match self {
            Self::AtTheClose => None,
            Self::BeforeTheJump => ran.closing,
        }
    }
}

fn wager(chance: Chance, won: f64, ran: &Ran, taken: Taken) -> Option<Wager> {
    Some(Wager {
        chance,
        taken: taken.price(ran)?,
        closing: taken.beside(ran),
        won,
    })
}

fn bets(races: &[Foreseen], terms: Terms, taken: Taken) -> Result<Option<Bets>, Fault> {
    let mut made = Vec::new();
    for race in races {
        let has_price = race
            .about
            .field
            .iter()
            .any(|ran| taken.price(ran).is_some());
        if !has_price {
            continue;
        }
        let mut of_race = Vec::new();
        for (chance, won, ran) in race.runners() {
            let least = stake::min_price(chance, terms.edge, terms.commission)?;
            let bet = wager(chance, won, ran, taken);
            of_race.extend(bet.filter(|bet| least.is_some_and(|least| bet.taken.get() >= least)));
        }
        made.push(of_race);
    }
    if made.is_empty() {
        return Ok(None);
    }
    let bootstrap = Bootstrap::default();
    Ok(Some(Bets {
        races: made.len(),
        taken,
        returned: returns::returned(&made, Plan::Level, terms.commission, bootstrap)?,
        closing_line: returns::closing_line(&made, bootstrap),
    }))
}
