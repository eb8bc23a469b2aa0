//! How good are the chances that were given to races nobody had seen? Beside the guess that knows
//! nothing, and beside the market on the same races.
//!
//! What a newcomer gets wrong: races are judged here, never fitted on. Whatever is fitted (the blend,
//! the discounts) learns from the parts before the one that it is judged on; what is served was
//! rehearsed on the days of the fit.

mod blended;
mod money;
mod places;
mod runners;
mod split;
mod verdict;

use serde::Serialize;

use blended::Blended;
use money::Money;
use places::Places;
use runners::Priced;
use split::Splits;
use verdict::Judged as JudgedEdge;

use crate::domain::{Chance, Chances, Fault};
use crate::model::blend::Blend;
use crate::model::discount::Discount;
use crate::model::reliability::{self, Bin};
use crate::model::returns::Band;
use crate::model::score::{self, Judged, Score};
use crate::model::stake::{Commission, USUAL_COMMISSION, USUAL_EDGE};
use crate::model::{About, Difference};

/// Lines of the reliability table.
const BINS: usize = 10;

/// A race with the chances that a fit gave it which had not seen it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Foreseen {
    /// What is known of the race itself.
    pub(super) about: About,
    /// What the model said.
    pub(super) model: Chances,
    /// What the closing prices said, where every runner had one.
    pub(super) market: Option<Chances>,
    /// 1 for the winner.
    pub(super) won: Vec<f64>,
    /// The powers that the places would have been served with.
    pub(super) served: Discount,
    /// The blend that would have been served.
    pub(super) served_blend: Option<Blend>,
    /// Which part of the time it belongs to; what is fitted learns from the parts before.
    pub(super) part: usize,
}

/// The terms of betting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Taken off winnings.
    pub commission: Commission,
    /// What a bet must promise beyond its stake.
    pub edge: f64,
}

impl Terms {
    /// A commission of 8 %, and 5 % beyond the stake.
    pub fn usual() -> Result<Self, Fault> {
        Ok(Self {
            commission: Commission::new(USUAL_COMMISSION)?,
            edge: USUAL_EDGE,
        })
    }
}

/// A model judged on races that it had not seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// The model on every race.
    pub model: Score,
    /// The model's log loss less that of equal chances.
    pub over_uniform: Difference,
    /// Beside the closing prices; `None` where no race has them for its whole field.
    pub market: Option<BesideMarket>,
    /// Do runners win as often as the model says? In bins of equal mass.
    pub reliability: Vec<Bin>,
    /// The model and the market together.
    pub blend: Option<Blended>,
    /// The chances of a place.
    pub places: Option<Places>,
    /// What bets would have brought.
    pub money: Money,
    /// Level stakes on everybody at closing prices: where the market is off by itself.
    pub favourite_longshot: Vec<Band>,
    /// Runners by closing price: do they win as often as the model and the market say?
    pub runner_prices: Vec<Priced>,
    /// The same log losses, race by race sorted.
    pub split: Splits,
    /// What all this proves.
    pub verdict: JudgedEdge,
    /// What the reader must know.
    pub notes: Vec<String>,
}

/// The model and the closing prices on the same races.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BesideMarket {
    /// The model.
    pub model: Score,
    /// The closing prices.
    pub market: Score,
    /// The model's log loss less the market's; below 0 the model is the better one.
    pub difference: Difference,
}

impl Foreseen {
    pub(super) fn judged(&self) -> Judged {
        self.said_by(&self.model)
    }

    fn at_closing_prices(&self) -> Option<Judged> {
        self.market.as_ref().map(|market| self.said_by(market))
    }

    fn said_by(&self, chances: &Chances) -> Judged {
        Judged {
            chances: numbers(chances),
            won: self.won.clone(),
        }
    }

    /// The model's log loss less the market's.
    fn behind_market(&self) -> Option<f64> {
        Some(self.judged().log_loss() - self.at_closing_prices()?.log_loss())
    }

    fn uniform(&self) -> f64 {
        (self.won.len() as f64).ln()
    }
}

/// Judges; `None` when there is nothing to judge.
pub(super) fn assess(races: &[Foreseen], terms: Terms) -> Result<Option<Assessment>, Fault> {
    let judged: Vec<Judged> = races.iter().map(Foreseen::judged).collect();
    let gains = races
        .iter()
        .map(|race| race.judged().log_loss() - race.uniform());
    let over_uniform = Difference::of(&gains.collect::<Vec<_>>());
    let (Some(model), Some(over_uniform)) = (score::score(&judged), over_uniform) else {
        return Ok(None);
    };
    let blend = blended::blended(races)?;
    let money = money::money(races, terms)?;
    Ok(Some(Assessment {
        model,
        over_uniform,
        market: beside_market(races),
        reliability: reliability::bins(&judged, BINS),
        verdict: JudgedEdge::on(blend.as_ref(), &money),
        favourite_longshot: money::favourite_longshot(races),
        runner_prices: runners::priced(races),
        places: places::places(races)?,
        split: Splits::of(races),
        notes: notes(races, &money),
        blend,
        money,
    }))
}

fn beside_market(races: &[Foreseen]) -> Option<BesideMarket> {
    let priced: Vec<&Foreseen> = races.iter().filter(|race| race.market.is_some()).collect();
    let model: Vec<Judged> = priced.iter().map(|race| race.judged()).collect();
    let market: Vec<Judged> = priced
        .iter()
        .filter_map(|race| race.at_closing_prices())
        .collect();
    let behind: Vec<f64> = priced
        .iter()
        .filter_map(|race| race.behind_market())
        .collect();
    Some(BesideMarket {
        model: score::score(&model)?,
        market: score::score(&market)?,
        difference: Difference::of(&behind)?,
    })
}

fn notes(races: &[Foreseen], money: &Money) -> Vec<String> {
    let mut notes = Vec::new();
    let bare = races.iter().filter(|race| race.market.is_none()).count();
    if bare > 0 {
        let all = races.len();
        notes.push(format!(
            "{bare} of {all} races have no closing price for the whole field"
        ));
    }
    if money.at_earlier_prices.is_none() {
        notes.push(
            "no prices from before the jump are known: the bets take the closing prices \
             themselves, so closing-line value cannot be shown"
                .to_owned(),
        );
    }
    notes
}

fn numbers(chances: &Chances) -> Vec<f64> {
    chances.all().iter().copied().map(Chance::get).collect()
}
