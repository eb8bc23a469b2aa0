//! A generated race, its runners, and what is true of them.

use super::track::SeasonDistance;
use crate::domain::{BoxNo, Grams, Metres, Millis, Outcome, Place, RaceDay, Rug};

/// The class of a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SeasonGrade {
    /// Nobody has won yet.
    Maiden,
    /// Grade 7.
    Seven,
    /// Mixed 6/7.
    SixSeven,
    /// Grade 6.
    Six,
    /// Grade 5.
    Five,
    /// Mixed 4/5.
    FourFive,
    /// Grade 4.
    Four,
    /// Free for all.
    Open,
}

impl SeasonGrade {
    /// As Betfair spells it: `Mdn`, `Gr4/5`.
    #[must_use]
    pub const fn betfair(self) -> &'static str {
        self.spellings().0
    }

    /// As a form guide spells it: `Mixed 4/5` in Victoria, `4/5` elsewhere.
    #[must_use]
    pub fn form(self, state: &str) -> &'static str {
        let (_, victoria, elsewhere) = self.spellings();
        if state == "VIC" { victoria } else { elsewhere }
    }

    const fn spellings(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Maiden => ("Mdn", "Maiden", "M"),
            Self::Seven => ("Gr7", "Grade 7", "7"),
            Self::SixSeven => ("Gr6/7", "Mixed 6/7", "6/7"),
            Self::Six => ("Gr6", "Grade 6", "6"),
            Self::Five => ("Gr5", "Grade 5", "5"),
            Self::FourFive => ("Gr4/5", "Mixed 4/5", "4/5"),
            Self::Four => ("Gr4", "Grade 4", "4"),
            Self::Open => ("FFA", "Free For All", "FFA"),
        }
    }
}

/// How much the canonical history says about a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeasonDetail {
    /// Official times, sectionals, positions.
    Official,
    /// Times derived from the winner's time and the margins.
    Derived,
    /// Result and market prices only.
    Bare,
}

/// One race of the season.
#[derive(Debug, Clone, PartialEq)]
pub struct SeasonRace {
    /// Id in files, `sim000123`.
    pub id: String,
    /// Local day.
    pub day: RaceDay,
    /// Index of its track in [`super::Season::tracks`].
    pub track: usize,
    /// Number in the meeting, from 1.
    pub number: u8,
    /// Distance.
    pub metres: Metres,
    /// Class.
    pub grade: SeasonGrade,
    /// Runners in the order of rugs, with those scratched.
    pub runners: Vec<SeasonRunner>,
    /// The winner's time; `None` for a race to come.
    pub winner_time: Option<Millis>,
    /// Best winner's time of the meeting at this distance.
    pub best_of_night: Option<Millis>,
    /// What the canonical history tells.
    pub detail: SeasonDetail,
    pub(super) distance: SeasonDistance,
}

/// One runner of a race.
#[derive(Debug, Clone, PartialEq)]
pub struct SeasonRunner {
    /// Rug.
    pub rug: Rug,
    /// Box; `None` for a reserve that did not start.
    pub box_no: Option<BoxNo>,
    /// Index of the dog in [`super::Season::dogs`].
    pub dog: usize,
    /// Weight on the day.
    pub weight: Grams,
    /// On the card and withdrawn, or a reserve that was not needed.
    pub scratched: bool,
    /// The true probability of winning, given who starts; 0 when scratched.
    ///
    /// Exact but for dead heats, in which two dogs win.
    pub truth: f64,
    /// What it did; `None` when scratched or still to come.
    pub run: Option<SeasonRun>,
    /// What it cost; `None` when scratched or still to come.
    pub prices: Option<SeasonPrices>,
    pub(super) strength: f64,
}

/// What a runner did.
#[derive(Debug, Clone, PartialEq)]
pub struct SeasonRun {
    /// Place; dogs in a dead heat share one. `None` when it did not finish.
    pub place: Option<Place>,
    /// Why it has no place.
    pub outcome: Option<Outcome>,
    /// Time of a finisher.
    pub time: Option<Millis>,
    /// Time to the first mark; blank for about 28 % of runs.
    pub sectional: Option<Millis>,
    /// Lengths behind the winner, or the winning margin; `None` for the winners of a dead heat.
    pub margin: Option<f64>,
    /// Positions in running, the last digit the place; empty when it did not finish.
    pub positions: String,
}

/// Decimal prices of a runner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonPrices {
    /// Bookmakers' starting price, of a book of about 1.25.
    pub sp: f64,
    /// Betfair starting price to win, of a book of about 1.00.
    pub bsp: f64,
    /// Betfair starting price for a place; `None` in a field too small.
    pub place_bsp: Option<f64>,
    /// What another model would ask: a benchmark, never a feature.
    pub rated: f64,
}

impl SeasonRace {
    /// Those who start or started, in the order of rugs.
    pub fn starters(&self) -> impl Iterator<Item = &SeasonRunner> {
        self.runners.iter().filter(|runner| !runner.scratched)
    }

    /// True when the race has a result.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.winner_time.is_some()
    }

    /// How many places are paid: 3 for 8 starters, 2 for 5 to 7.
    #[must_use]
    pub fn places(&self) -> u8 {
        paid_places(self.starters().count())
    }
}

/// Places paid in a field.
pub(super) const fn paid_places(starters: usize) -> u8 {
    match starters {
        0..5 => 1,
        5..8 => 2,
        _ => 3,
    }
}

impl SeasonRunner {
    /// The place, when it ran and finished.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.run.as_ref().and_then(|run| run.place)
    }

    /// True when it won, alone or in a dead heat.
    #[must_use]
    pub fn won(&self) -> bool {
        self.place().is_some_and(|place| place.get() == 1)
    }
}
