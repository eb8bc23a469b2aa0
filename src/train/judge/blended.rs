//! The model and the market together, walked forward: the powers learn from the parts before the one
//! that they are judged on.

use serde::Serialize;

use super::Foreseen;
use crate::domain::{Chance, Fault};
use crate::model::blend::{self, BlendFit, BlendRace};
use crate::model::bootstrap::{Bootstrap, Interval};
use crate::model::score::Judged;

/// Races that powers are fitted on at least.
const NEEDED: usize = 200;

/// What the two say together, and what that is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Blended {
    /// The powers of all the races, α of the model and β of the market, for reading; what they are
    /// worth is told by `worth`, whose powers had not seen its races.
    pub fit: BlendFit,
    /// On the later parts, each with the powers of the parts before it; `None` where the first part
    /// is all there is.
    pub worth: Option<ForwardWorth>,
}

/// What blends are worth on parts that came after those of their fits. R² is McFadden's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ForwardWorth {
    /// Races behind it.
    pub races: usize,
    /// Of the model as it is.
    pub model_r2: f64,
    /// Of the market as it is.
    pub market_r2: f64,
    /// Of the blends.
    pub blend_r2: f64,
    /// ΔR²: the blends' less that of the market at the power that suited it best before.
    pub gain: f64,
    /// Where ΔR² lies.
    pub gain_interval: Option<Interval>,
}

/// One race behind [`ForwardWorth`]: log likelihoods, and that of equal chances.
struct Line {
    model: f64,
    market: f64,
    blend: f64,
    rival: f64,
    uniform: f64,
}

/// `None` where too few races have a market, or it cannot be told from the model.
pub(super) fn blended(races: &[Foreseen]) -> Result<Option<Blended>, Fault> {
    let priced: Vec<(usize, BlendRace)> = races.iter().filter_map(priced).collect();
    let Some(fit) = fitted(&priced, usize::MAX) else {
        return Ok(None);
    };
    let mut lines = Vec::new();
    let last = priced.iter().map(|(part, _)| *part).max().unwrap_or(0);
    for part in 0..=last {
        let Some(before) = fitted(&priced, part) else {
            continue;
        };
        for (_, race) in priced.iter().filter(|(of, _)| *of == part) {
            lines.push(Line::of(race, &before)?);
        }
    }
    Ok(Some(Blended {
        fit,
        worth: worth(&lines),
    }))
}

fn priced(race: &Foreseen) -> Option<(usize, BlendRace)> {
    let blend = BlendRace {
        model: race.model.clone(),
        market: race.market.clone()?,
        won: race.won.clone(),
    };
    Some((race.part, blend))
}

/// Of the parts before `part`. What cannot be fitted is no blend: that is an answer, not a fault.
fn fitted(priced: &[(usize, BlendRace)], part: usize) -> Option<BlendFit> {
    let before = priced.iter().filter(|(of, _)| *of < part);
    let races: Vec<BlendRace> = before.map(|(_, race)| race.clone()).collect();
    if races.len() < NEEDED {
        return None;
    }
    blend::fit(&races).ok()
}

impl Line {
    fn of(race: &BlendRace, fit: &BlendFit) -> Result<Self, Fault> {
        let rated: Vec<Option<Chance>> = race.model.all().iter().copied().map(Some).collect();
        let likelihood = |chances: &[Chance]| {
            let judged = Judged {
                chances: chances.iter().map(|chance| chance.get()).collect(),
                won: race.won.clone(),
            };
            -judged.log_loss()
        };
        Ok(Self {
            model: likelihood(race.model.all()),
            market: likelihood(race.market.all()),
            blend: likelihood(fit.blend.chances(&rated, &race.market)?.all()),
            rival: likelihood(fit.market_alone.chances(&rated, &race.market)?.all()),
            uniform: (race.won.len() as f64).ln(),
        })
    }
}

fn worth(lines: &[Line]) -> Option<ForwardWorth> {
    let total = |of: fn(&Line) -> f64| lines.iter().map(of).sum::<f64>();
    let uniform = total(|line| line.uniform);
    if uniform <= 0.0 {
        return None;
    }
    let gains: Vec<(f64, f64)> = lines
        .iter()
        .map(|line| (line.blend - line.rival, line.uniform))
        .collect();
    Some(ForwardWorth {
        races: lines.len(),
        model_r2: 1.0 + total(|line| line.model) / uniform,
        market_r2: 1.0 + total(|line| line.market) / uniform,
        blend_r2: 1.0 + total(|line| line.blend) / uniform,
        gain: total(|line| line.blend - line.rival) / uniform,
        gain_interval: Bootstrap::default().ratio(&gains),
    })
}
