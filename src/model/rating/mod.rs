//! The market's rating of every dog, learned by walking through the races of the past.
//!
//! Four Kalman filters per dog, three on the scale of log chance and one on that of log odds of a
//! place: what a closing price says about a dog is a noisy look at its strength, once the box and
//! the opposition are taken out. (Kalman 1960, <https://doi.org/10.1115/1.3662552>.) They differ in
//! how fast they forget ([`RatingSettings`]). The walk learns the box effects, what an unraced dog
//! of a class is worth and the par times on its way. A walk can be broken off anywhere and resumed:
//! seed a new [`Walker`] with what [`Walker::observe`] returned.
//!
//! Races must come in the order of their days; a race never changes the rating it is judged by.
//!
//! What a look says rests on how strong the company was taken for, and that is known better once the
//! others have run again. At the end of each day ([`Walker::close`]) the companies of the last weeks
//! are reckoned anew from all looks together, a smoother for each dog (Rauch, Tung & Striebel 1965,
//! <https://doi.org/10.2514/3.3166>) and a mean for each race in turn; what changed is a fact of that
//! day. [`reviewed`] is a snapshot in that light. It took .0018 off the log loss of July 2025, and .0073
//! off a walk forward from April, whose warm-up was short.

mod company;
mod hindsight;
mod lens;
mod settings;
mod smoother;
mod walker;

use crate::domain::{
    BoxSum, CircuitId, Class, DogId, DogRating, Fault, Four, Look, Metres, Par, RaceDay, RaceId,
    Strength, WinPlace,
};

pub use company::COMPANY_DAYS;
pub use hindsight::reviewed;
pub use settings::{FilterSettings, RatingSettings};
pub use walker::Walker;

/// A finished race with a closing price for every runner.
#[derive(Debug, Clone, PartialEq)]
pub struct RatedRace {
    /// Identity.
    pub id: RaceId,
    /// Class, from the grade.
    pub class: Class,
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance.
    pub distance: Metres,
    /// Local day.
    pub day: RaceDay,
    /// Everyone who ran, each dog once.
    pub runners: Vec<RatedRunner>,
    /// Winner's time, seconds.
    pub winner_time_s: Option<f64>,
}

/// One runner of a finished race.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatedRunner {
    /// Dog.
    pub dog: DogId,
    /// Box, 1 to 8.
    pub box_no: Option<u8>,
    /// Inverse closing price, scaled to sum to 1 over the field.
    pub chance: f64,
    /// Chance of a paid place that the closing place price gave.
    pub place_chance: f64,
    /// 1 for the winner, 0 for the rest, 1/k for each of k in a dead heat.
    pub won: f64,
    /// 1 for a paid place, 0 for none; `place_chance` where nobody says.
    pub placed: f64,
}

impl RatedRace {
    /// Fails unless there is a field whose chances and wins are numbers that sum to 1, each dog
    /// once: one bad number would spread to every dog that these meet.
    fn check(&self) -> Result<(), Fault> {
        let whole = |value: fn(&RatedRunner) -> f64| {
            let values = self.runners.iter().map(value);
            let sum: f64 = values.clone().sum();
            values.into_iter().all(|p| (0.0..=1.0).contains(&p)) && (sum - 1.0).abs() < 1e-6
        };
        if !whole(|runner| runner.chance) {
            return Err(Fault::new("must sum to 1 over the field").under("chance"));
        }
        if !whole(|runner| runner.won) {
            return Err(Fault::new("must sum to 1 over the field").under("won"));
        }
        let places = |value: fn(&RatedRunner) -> f64| {
            let mut values = self.runners.iter().map(value);
            values.all(|p| (0.0..=1.0).contains(&p))
        };
        if !places(|runner| runner.place_chance) || !places(|runner| runner.placed) {
            return Err(Fault::new("must be 0 to 1").under("placed"));
        }
        let mut dogs: Vec<DogId> = self.runners.iter().map(|runner| runner.dog).collect();
        dogs.sort_unstable();
        if dogs.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Fault::new("must name each dog once").under("dog"));
        }
        Ok(())
    }
}

/// What the walk knows about one dog after its last rated race.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DogState {
    /// What each filter thinks.
    pub strengths: Four<Strength>,
    /// The last rated race.
    pub race: RaceId,
    /// Its day.
    pub day: RaceDay,
    /// Rated races so far.
    pub races: u32,
    /// What the last rated race said.
    pub look: Look,
}

impl DogState {
    /// The rating as a race on `day` sees it; the variance is still that of the last race.
    #[must_use]
    pub fn as_of(&self, day: RaceDay) -> DogRating {
        DogRating {
            strengths: self.strengths,
            days: days_between(self.day, day),
            races: self.races,
            hindsight: WinPlace::default(),
        }
    }
}

/// One box at one circuit and distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BoxKey {
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance.
    pub distance: Metres,
    /// Box, 1 to 8.
    pub box_no: u8,
}

/// What the first look at a dog of a class is on average.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassPrior {
    /// Mean for each filter, natural-log units.
    pub means: Four<f64>,
    /// First looks so far.
    pub n: u32,
}

/// Everything that one race changed, in the order of its runners; for the rows of a database.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// Every runner's new state.
    pub dogs: Vec<(DogId, DogState)>,
    /// The boxes of this circuit and distance.
    pub boxes: Vec<(BoxKey, BoxSum)>,
    /// The same boxes over all circuits.
    pub global_boxes: Vec<(u8, BoxSum)>,
    /// The prior of the class, when a dog ran its first rated race.
    pub prior: Option<(Class, ClassPrior)>,
    /// The par of the circuit and distance, when the winner was timed.
    pub par: Option<Par>,
}

/// Whole days, never negative: a late result does not make a dog younger.
fn days_between(earlier: RaceDay, later: RaceDay) -> f64 {
    u32::try_from(later.since(earlier)).map_or(0.0, f64::from)
}
