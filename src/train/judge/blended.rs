//! The model and the market together, walked forward: the powers learn from the parts before the one
//! that they are judged on.

use serde::Serialize;

use super::Foreseen;
use crate::domain::Fault;
use crate::model::blend::{self, Blend, BlendFit, BlendRace, BlendWorth, Trial};
use crate::model::bootstrap::Bootstrap;

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
    pub worth: Option<BlendWorth>,
    /// What the blend that comes with the model is worth beside the market as it is; `None` where
    /// none was rehearsed.
    pub served: Option<BlendWorth>,
}

/// `None` where too few races have a market, or it cannot be told from the model.
pub(super) fn blended(races: &[Foreseen]) -> Result<Option<Blended>, Fault> {
    let priced: Vec<(usize, BlendRace)> = races.iter().filter_map(priced).collect();
    let Some(fit) = fitted(&priced, usize::MAX) else {
        return Ok(None);
    };
    let mut trials = Vec::new();
    let last = priced.iter().map(|(part, _)| *part).max().unwrap_or(0);
    for part in 0..=last {
        let Some(before) = fitted(&priced, part) else {
            continue;
        };
        let here = priced.iter().filter(|(of, _)| *of == part);
        trials.extend(here.map(|(_, race)| Trial {
            race,
            blend: before.blend,
            rival: before.market_alone,
        }));
    }
    let worth = if trials.is_empty() {
        None
    } else {
        Some(blend::worth(&trials, Bootstrap::default())?)
    };
    let served = served(races)?;
    Ok(Some(Blended { fit, worth, served }))
}

/// With the market's chances as they are served: without the bookmaker's margin.
fn served(races: &[Foreseen]) -> Result<Option<BlendWorth>, Fault> {
    let mut blends = Vec::new();
    for race in races {
        let (Some(blend), Some(market)) = (race.served_blend, race.about.closing_chances()?) else {
            continue;
        };
        let race = BlendRace {
            model: race.model.clone(),
            market,
            won: race.won.clone(),
        };
        blends.push((race, blend));
    }
    let trials = blends.iter().map(|(race, blend)| Trial {
        race,
        blend: *blend,
        rival: Blend::MARKET,
    });
    let trials: Vec<Trial<'_>> = trials.collect();
    if trials.is_empty() {
        return Ok(None);
    }
    blend::worth(&trials, Bootstrap::default()).map(Some)
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
