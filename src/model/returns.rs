//! Would it have made money? Bets of a backtest, judged by what they brought back.
//!
//! A return on investment is the profit over what was staked; its interval is a bootstrap over races
//! ([`Bootstrap`]). Some 13,000 bets are needed to see an edge of 3 %, so the closing line is looked
//! at as well: who takes better prices than the closing ones is right sooner than rich. Until the
//! lower end of an interval is above 0 there is no evidence of an edge, and the verdict says so.

use serde::Serialize;

use super::bootstrap::{Bootstrap, Interval};
use super::stake::{Commission, Offer, Staking};
use crate::domain::{Chance, Fault, Odds};

/// Where price bands begin; the last one has no end.
const BANDS: [f64; 8] = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 51.0];

/// A bet that was, or would have been, made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wager {
    /// The model's chance.
    pub chance: Chance,
    /// The price that was taken.
    pub taken: Odds,
    /// The price at the start, where known.
    pub closing: Option<Odds>,
    /// 1 when it won, 0 when it lost, 1/k in a dead heat of k.
    pub won: f64,
}

/// How stakes are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plan {
    /// The same on every bet.
    Level,
    /// By Kelly, of a bank that stays the same; the bets of one race share a day's limit.
    Kelly(Staking),
}

/// What a plan brought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Return {
    /// Bets with a stake.
    pub bets: usize,
    /// What was staked: 1 a bet, or shares of the bank.
    pub staked: f64,
    /// What came back beyond it.
    pub profit: f64,
    /// Profit over stakes.
    pub roi: f64,
    /// Standard error of that ratio over races (Cochran 1977, ratio estimator).
    pub roi_se: f64,
    /// Where it lies; `None` for fewer than two races.
    pub roi_interval: Option<Interval>,
}

/// Prices taken beside closing prices.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClosingLine {
    /// Bets with both prices.
    pub bets: usize,
    /// Mean of `taken / closing − 1`.
    pub value: f64,
    /// Where that lies; `None` for fewer than two races.
    pub value_interval: Option<Interval>,
    /// Share of the bets whose price was longer than the closing one.
    pub beaten: f64,
}

/// Bets of much the same price: how the market prices favourites and longshots.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// The shortest price in it.
    pub from: f64,
    /// The price where the next one begins; `None` for the last.
    pub to: Option<f64>,
    /// Bets in it.
    pub bets: usize,
    /// How many won; dead heats count in part.
    pub won: f64,
    /// How many would have won if `1 / price` were the chance.
    pub priced: f64,
    /// Level stakes before commission: profit over stakes.
    pub roi: f64,
    /// Standard error of that, bets being independent.
    pub roi_se: f64,
}

/// Whether there is evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Neither lower end is above 0.
    NoEvidenceOfAnEdge,
    /// At least one is.
    EvidenceOfAnEdge,
}

/// What the plan brought over races of bets; fails on an outcome that is not 0 to 1.
pub fn returned(
    races: &[Vec<Wager>],
    plan: Plan,
    commission: Commission,
    bootstrap: Bootstrap,
) -> Result<Return, Fault> {
    let mut bets = 0;
    let mut sums = Vec::with_capacity(races.len());
    for (n, race) in races.iter().enumerate() {
        if let Some(wager) = race.iter().find(|bet| !(0.0..=1.0).contains(&bet.won)) {
            let why = format!("must be 0 to 1, not {}", wager.won);
            return Err(Fault::new(why).under(&format!("races[{n}].won")));
        }
        let stakes = plan.stakes(race, commission);
        bets += stakes.iter().filter(|stake| **stake > 0.0).count();
        let each = || race.iter().zip(&stakes);
        let profit: f64 = each().map(|(bet, s)| s * bet.profit(commission)).sum();
        sums.push((profit, stakes.iter().sum::<f64>()));
    }
    let (profit, staked) = total(&sums);
    Ok(Return {
        bets,
        staked,
        profit,
        roi: ratio(profit, staked),
        roi_se: ratio_error(&sums),
        roi_interval: bootstrap.ratio(&sums),
    })
}

/// How the prices taken compare with the closing ones. `None` where no bet has both.
#[must_use]
pub fn closing_line(races: &[Vec<Wager>], bootstrap: Bootstrap) -> Option<ClosingLine> {
    let values: Vec<Vec<f64>> = races
        .iter()
        .map(|race| race.iter().filter_map(Wager::closing_value).collect())
        .collect();
    let sums: Vec<(f64, f64)> = values
        .iter()
        .map(|race| (race.iter().sum(), race.len() as f64))
        .collect();
    let bets: usize = values.iter().map(Vec::len).sum();
    if bets == 0 {
        return None;
    }
    let beaten = values.iter().flatten().filter(|value| **value > 0.0);
    Some(ClosingLine {
        bets,
        value: total(&sums).0 / bets as f64,
        value_interval: bootstrap.ratio(&sums),
        beaten: beaten.count() as f64 / bets as f64,
    })
}

/// The bets by the price taken; bands without a bet are left out.
#[must_use]
pub fn bands(races: &[Vec<Wager>]) -> Vec<Band> {
    let ends = BANDS.iter().skip(1).copied().map(Some).chain([None]);
    let bands = BANDS.iter().zip(ends);
    bands
        .filter_map(|(from, to)| {
            let inside = |odds: f64| odds >= *from && to.is_none_or(|to| odds < to);
            let wagers = races.iter().flatten();
            let bets: Vec<&Wager> = wagers.filter(|bet| inside(bet.taken.get())).collect();
            Band::of(*from, to, &bets)
        })
        .collect()
}

/// The verdict on intervals of ΔR² and of the return; a missing one is no evidence.
#[must_use]
pub fn verdict(gain: Option<Interval>, roi: Option<Interval>) -> Verdict {
    let shown = |interval: Option<Interval>| interval.is_some_and(|interval| interval.low > 0.0);
    if shown(gain) || shown(roi) {
        return Verdict::EvidenceOfAnEdge;
    }
    Verdict::NoEvidenceOfAnEdge
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoEvidenceOfAnEdge => "no evidence of an edge",
            Self::EvidenceOfAnEdge => "evidence of an edge",
        }
    }
}

impl Plan {
    fn stakes(self, race: &[Wager], commission: Commission) -> Vec<f64> {
        let Self::Kelly(staking) = self else {
            return vec![1.0; race.len()];
        };
        let kelly = |bet: &Wager| {
            let offer = Offer {
                chance: bet.chance,
                odds: bet.taken,
                commission,
            };
            offer.kelly()
        };
        staking.stakes(&race.iter().map(kelly).collect::<Vec<_>>(), 0.0)
    }
}

impl Wager {
    /// What a stake of 1 brought beyond itself. Commission is on what is won; a dead heat loses a
    /// part of the stake and wins with the rest, and only the sum is charged.
    fn profit(&self, commission: Commission) -> f64 {
        let gross = self.won * self.taken.get() - 1.0;
        gross - gross.max(0.0) * commission.get()
    }

    fn closing_value(&self) -> Option<f64> {
        let closing = self.closing?;
        Some(self.taken.get() / closing.get() - 1.0)
    }
}

impl Band {
    fn of(from: f64, to: Option<f64>, bets: &[&Wager]) -> Option<Self> {
        if bets.is_empty() {
            return None;
        }
        let profits: Vec<(f64, f64)> = bets
            .iter()
            .map(|bet| (bet.profit(Commission::NONE), 1.0))
            .collect();
        Some(Self {
            from,
            to,
            bets: bets.len(),
            won: bets.iter().map(|bet| bet.won).sum(),
            priced: bets.iter().map(|bet| 1.0 / bet.taken.get()).sum(),
            roi: total(&profits).0 / bets.len() as f64,
            roi_se: ratio_error(&profits),
        })
    }
}

fn total(sums: &[(f64, f64)]) -> (f64, f64) {
    let add = |sum: (f64, f64), one: &(f64, f64)| (sum.0 + one.0, sum.1 + one.1);
    sums.iter().fold((0.0, 0.0), add)
}

/// 0 where nothing was staked.
fn ratio(top: f64, bottom: f64) -> f64 {
    if bottom > 0.0 { top / bottom } else { 0.0 }
}

/// Standard error of `Σ top / Σ bottom`: `√(n/(n−1) Σ(top − r·bottom)²) / Σ bottom`; 0 for one.
fn ratio_error(sums: &[(f64, f64)]) -> f64 {
    let (top, bottom) = total(sums);
    if sums.len() < 2 || bottom <= 0.0 {
        return 0.0;
    }
    let r = top / bottom;
    let squares: f64 = sums.iter().map(|one| (one.0 - r * one.1).powi(2)).sum();
    let n = sums.len() as f64;
    (n / (n - 1.0) * squares).sqrt() / bottom
}

#[cfg(test)]
mod tests;
