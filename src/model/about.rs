//! What is to be said of a finished race beside its example: for sorting it, for places, for money.

use super::finished::Finished;
use super::overround::{self, Method};
use super::rules::Rules;
use crate::domain::{Chances, Class, Fault, Odds, Place, RaceDay};

/// A finished race, as its judges see it. No model ever does.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Local day.
    pub day: RaceDay,
    /// Under whose rules it was run.
    pub rules: Rules,
    /// Slug of the track.
    pub track: String,
    /// Class, from the grade.
    pub class: Class,
    /// Past runs that were known of the runner with the fewest.
    pub fewest_runs: usize,
    /// Whether its closing prices are BSP.
    pub by_bsp: bool,
    /// The field, in the order of the example's rows.
    pub field: Vec<Ran>,
}

impl About {
    /// The closing chances without the bookmaker's margin; `None` where a runner has no price.
    pub fn closing_chances(&self) -> Result<Option<Chances>, Fault> {
        let prices: Option<Vec<Odds>> = self.field.iter().map(|ran| ran.closing).collect();
        let Some(prices) = prices.filter(|prices| !prices.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(
            overround::remove(Method::OF_THE_BLEND, &prices)?.chances,
        ))
    }

    /// What is known of the order, beside these chances; fails when they are of another field.
    pub fn finished(&self, win: Chances) -> Result<Finished, Fault> {
        let places: Vec<Option<Place>> = self.field.iter().map(|ran| ran.place).collect();
        let placed: Vec<Option<bool>> = self.field.iter().map(|ran| ran.placed).collect();
        Finished::new(win, &places, &placed)
    }
}

/// One runner of a finished race.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ran {
    /// Place; dogs in a dead heat share one.
    pub place: Option<Place>,
    /// Whether it finished in a paid place.
    pub placed: Option<bool>,
    /// The last price: BSP, else SP, the same kind for the whole field.
    pub closing: Option<Odds>,
    /// The best price that was to be had some minutes before the jump.
    pub earlier: Option<Odds>,
}
