//! What the walk through time has learned: facts with a date, like any other.

/// How a filter follows what the market thinks of a dog; each has its own memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Follows the win price, the last few races above all.
    Even,
    /// Follows the win price through most of a career.
    Slow,
    /// Follows the win price closely: the last race or two.
    Quick,
    /// Follows the place price.
    Place,
}

impl Filter {
    /// All, in the order in which their numbers are kept.
    pub const ALL: [Self; 4] = [Self::Even, Self::Slow, Self::Quick, Self::Place];

    /// Where its number stands among the four.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Even => 0,
            Self::Slow => 1,
            Self::Quick => 2,
            Self::Place => 3,
        }
    }
}

/// One number for each filter, in the order of [`Filter::ALL`].
pub type Four<T> = [T; 4];

/// A dog's strength as one filter sees it, natural-log units; higher is better.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Strength {
    /// Mean.
    pub mean: f64,
    /// Variance of the mean just after the last rated race.
    pub variance: f64,
}

/// One number for the win price and one for the place price, natural-log units unless it says
/// otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WinPlace {
    /// Of the win price.
    pub win: f64,
    /// Of the place price.
    pub place: f64,
}

/// The market's opinion of a dog, on the scale of log chance against an average field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DogRating {
    /// What each filter thinks.
    pub strengths: Four<Strength>,
    /// How many days lie between the last rated race and the race at hand.
    pub days: f64,
    /// Rated races behind it.
    pub races: u32,
    /// The even and the place rating once more, now that the companies it ran in are better known.
    /// Not stored: the model works it out from the looks.
    pub hindsight: WinPlace,
}

impl DogRating {
    /// What one filter thinks.
    #[must_use]
    pub const fn of(&self, filter: Filter) -> Strength {
        self.strengths[filter.index()]
    }
}

/// What one rated race said about a dog, natural-log units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Look {
    /// The win price: log chance less the box's effect, on the scale of the ratings.
    pub win: f64,
    /// The place price: log odds of a place less the box's effect, on the scale of the ratings.
    pub place: f64,
    /// By how much `win` was more than the even filter expected.
    pub surprise: f64,
    /// By how much `place` was more than the place filter expected.
    pub place_surprise: f64,
    /// Mean of `win` over the field: how good the company was.
    pub field: f64,
    /// Noise of the look, in parts of the noise of its filter.
    pub noise: f64,
    /// By how much winning and a paid place were more than the prices expected, -1 to 1.
    pub luck: WinPlace,
    /// By how much the company has turned out stronger since than it was taken for.
    pub hindsight: WinPlace,
}

/// What the average winner runs at one circuit and distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Par {
    /// Mean winning time, seconds.
    pub time_s: f64,
    /// Winners behind it.
    pub races: f64,
}

/// Starts at a box elsewhere that weigh as much as the box's own at this circuit and distance.
const ELSEWHERE: f64 = 37.0;

/// Starts without any effect that weigh as much as the box's own everywhere.
const NOWHERE: f64 = 50.0;

/// What the runners from a box did beyond their ratings, in sum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BoxSum {
    /// On the chance to win, natural-log units.
    pub win: f64,
    /// On the odds of a place, natural-log units.
    pub place: f64,
    /// Starts.
    pub starts: f64,
}

impl BoxSum {
    /// The effect of the box: its own sum at this circuit and distance, shrunk to that of the box
    /// `everywhere`, which is shrunk to none.
    #[must_use]
    pub fn shrunk_to(&self, everywhere: &Self) -> BoxBias {
        let effect = |sum: fn(&Self) -> f64| {
            let usual = sum(everywhere) / (everywhere.starts + NOWHERE);
            (sum(self) + ELSEWHERE * usual) / (self.starts + ELSEWHERE)
        };
        BoxBias {
            effect: effect(|sum| sum.win),
            place_effect: effect(|sum| sum.place),
        }
    }
}

/// How much better or worse than the market's rating runners do from one box, shrunk;
/// natural-log units, positive helps.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BoxBias {
    /// On the chance to win.
    pub effect: f64,
    /// On the odds of a place.
    pub place_effect: f64,
}
