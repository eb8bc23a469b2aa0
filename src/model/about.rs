//! What is to be said of a finished race beside its example: for sorting it, for places, for money.

use crate::domain::{Class, Odds, Place, RaceDay};

/// A finished race, as its judges see it. No model ever does.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Local day.
    pub day: RaceDay,
    /// Slug of the track.
    pub track: String,
    /// Class, from the grade.
    pub class: Class,
    /// Past runs that were known of the runner with the fewest.
    pub fewest_runs: usize,
    /// The field, in the order of the example's rows.
    pub field: Vec<Ran>,
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
