//! What the numbers prove. Until an interval says otherwise: nothing.

use serde::Serialize;

use super::{Blended, Money};
use crate::model::bootstrap::Interval;
use crate::model::returns::{self, Verdict};

/// Bets that an interval of returns needs at least: with fewer, the few long shots that won decide
/// it, and resampling does not see those that did not.
const BETS_NEEDED: usize = 500;

/// The verdict, and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// Whether there is evidence.
    pub edge: Verdict,
    /// The same for people.
    pub words: &'static str,
    /// ΔR² of model and market over the market alone, forward in time.
    pub gain_interval: Option<Interval>,
    /// The return of the bets, where there are enough of them.
    pub roi_interval: Option<Interval>,
    /// How much data it would take.
    pub caution: String,
}

impl Judged {
    pub(super) fn on(blend: Option<&Blended>, money: &Money) -> Self {
        let gain = blend.and_then(|blend| blend.worth?.gain_interval);
        let bets = money.at_earlier_prices.or(money.at_closing_prices);
        let enough = bets.filter(|bets| bets.returned.bets >= BETS_NEEDED);
        let roi = enough.and_then(|bets| bets.returned.roi_interval);
        let edge = returns::verdict(gain, roi);
        let made = bets.map_or(0, |bets| bets.returned.bets);
        Self {
            edge,
            words: edge.as_str(),
            gain_interval: gain,
            roi_interval: roi,
            caution: format!(
                "{made} bets; an edge of 3 % takes some 13,000 to show, and one look in twenty is wrong"
            ),
        }
    }
}
