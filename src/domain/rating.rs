//! What the walk through time has learned: facts with a date, like any other.

/// The market's opinion of a dog, on the scale of log chance against an average field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DogRating {
    /// Mean, natural-log units; higher is better.
    pub mean: f64,
    /// Variance of the mean at its last race.
    pub variance: f64,
    /// How many days lie between the last rated race and the race at hand.
    pub days: f64,
    /// Rated races behind it.
    pub races: u32,
    /// What the market thought last time, adjusted for the opposition.
    pub last: f64,
}

/// What the average winner runs at one circuit and distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Par {
    /// Mean winning time, seconds.
    pub time_s: f64,
    /// Winners behind it.
    pub races: f64,
}

/// How much better or worse than the market's rating runners do from one box, shrunk.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BoxBias {
    /// Natural-log units; positive helps.
    pub effect: f64,
}
