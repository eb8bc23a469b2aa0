//! The standing of a race: everything that was ever said about it, reduced to one answer.
//!
//! [`Standing::of`] is a pure function of the *set* of claims. Order of arrival and repetition
//! cannot matter, because the claims are sorted on the board and nothing else is looked at; what
//! one source says twice for one instant is told by the store in the order of its content.

use chrono::{DateTime, Utc};

use super::board::Board;
use super::{
    BoxNo, DogId, Grams, Metres, Outcome, Performance, Place, RaceStatus, Rug, Source, TrainerId,
};

/// One version of a card, its dogs identified.
#[derive(Debug, Clone, PartialEq)]
pub struct CardClaim {
    /// Who says so.
    pub source: Source,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// Race facts.
    pub about: About,
    /// The field.
    pub runners: Vec<Claimed>,
}

/// One version of a result, its dogs identified.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultClaim {
    /// Who says so.
    pub source: Source,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// Race facts.
    pub about: About,
    /// How final.
    pub status: RaceStatus,
    /// Some who ran are missing from it.
    pub partial: bool,
    /// Those it names.
    pub runners: Vec<Claimed>,
}

/// A scratching told on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct ScratchClaim {
    /// Who is out.
    pub rug: Rug,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
    /// Who takes its place.
    pub replaced_by: Option<Rug>,
    /// From which box.
    pub box_no: Option<BoxNo>,
}

/// What a claim says of the race itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// Distance.
    pub distance: Option<Metres>,
    /// Grade as written.
    pub grade: Option<String>,
    /// Title.
    pub name: Option<String>,
    /// Jump.
    pub jump_at: Option<DateTime<Utc>>,
}

/// What a claim says of one runner.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Rug.
    pub rug: Rug,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// Dog.
    pub dog: Option<DogId>,
    /// Trainer.
    pub trainer: Option<TrainerId>,
    /// Weight on the card.
    pub weight: Option<Grams>,
    /// Stands by.
    pub reserve: bool,
    /// Withdrawn.
    pub scratched: bool,
    /// What it did.
    pub performance: Performance,
}

/// The one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// How far the race has come.
    pub status: RaceStatus,
    /// Race facts.
    pub about: About,
    /// Whether every runner that started is accounted for by a final result.
    pub complete: bool,
    /// Everybody ever named, in the order of rugs.
    pub runners: Vec<StandingRunner>,
}

/// One runner of a standing.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingRunner {
    /// The last word on it.
    pub claimed: Claimed,
    /// Out of the race: withdrawn, dropped from its card, or absent from the final result.
    pub scratched: bool,
}

/// What a bet on the race comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// Nothing to settle yet.
    Pending,
    /// An order of finish that may still change.
    Provisional,
    /// Paid by the order of finish; dogs in a dead heat share.
    Final,
    /// Money back: no race, or abandoned.
    Void,
}

impl Settlement {
    /// Of a race that has come so far.
    #[must_use]
    pub const fn of(status: RaceStatus) -> Self {
        match status {
            RaceStatus::Open => Self::Pending,
            RaceStatus::Interim => Self::Provisional,
            RaceStatus::Official | RaceStatus::Amended => Self::Final,
            RaceStatus::NoRace | RaceStatus::Abandoned => Self::Void,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Provisional => "provisional",
            Self::Final => "final",
            Self::Void => "void",
        }
    }
}

impl Standing {
    /// Reduces all claims.
    #[must_use]
    pub fn of(cards: &[CardClaim], results: &[ResultClaim], scratches: &[ScratchClaim]) -> Self {
        let mut board = Board::default();
        board.cards(cards);
        board.scratches(scratches);
        board.results(results);
        board.standing()
    }

    /// Those who run: not withdrawn, and no reserve that stands by.
    pub fn starters(&self) -> impl Iterator<Item = &Claimed> {
        self.runners
            .iter()
            .filter(|runner| !runner.scratched && !runner.claimed.reserve)
            .map(|runner| &runner.claimed)
    }

    /// The last word on one of the field.
    #[must_use]
    pub fn runner(&self, rug: Rug) -> Option<&StandingRunner> {
        let is = |runner: &&StandingRunner| runner.claimed.rug == rug;
        self.runners.iter().find(is)
    }
}

impl ResultClaim {
    /// The same with places as racing counts them: after a dead heat as many are left out as
    /// shared it, so 1, 1, 2 becomes 1, 1, 3.
    #[must_use]
    pub fn ranked(mut self) -> Self {
        let places = |claim: &Self| -> Vec<Place> {
            let runners = claim.runners.iter();
            runners.filter_map(|one| one.performance.place).collect()
        };
        let told = places(&self);
        for runner in &mut self.runners {
            let Some(place) = runner.performance.place else {
                continue;
            };
            let ahead = told.iter().filter(|other| **other < place).count();
            let counted = i64::try_from(ahead + 1).ok().map(Place::new);
            if let Some(Ok(counted)) = counted {
                runner.performance.place = Some(place.max(counted));
            }
        }
        self
    }
}

impl About {
    /// Lays newer words over these; what they leave out stays.
    pub(super) fn lay(&mut self, newer: &Self) {
        self.distance = newer.distance.or(self.distance);
        self.jump_at = newer.jump_at.or(self.jump_at);
        if newer.grade.is_some() {
            self.grade.clone_from(&newer.grade);
        }
        if newer.name.is_some() {
            self.name.clone_from(&newer.name);
        }
    }
}

impl Claimed {
    /// The box it starts from: as told, else the one that goes with its rug.
    #[must_use]
    pub fn stall(&self) -> Option<BoxNo> {
        let with_rug = BoxNo::new(i64::from(self.rug.get())).ok();
        self.box_no.or(with_rug)
    }

    /// Lays newer words over these; what they leave out stays.
    pub(super) fn lay(&mut self, newer: &Self) {
        self.box_no = newer.box_no.or(self.box_no);
        self.dog = newer.dog.or(self.dog);
        self.trainer = newer.trainer.or(self.trainer);
        self.weight = newer.weight.or(self.weight);
        self.reserve = newer.reserve;
        let older = std::mem::take(&mut self.performance);
        self.performance = finish(newer.performance.clone(), older);
    }
}

/// How a dog finished is told as a whole: where two sources differ on it, the newer is not
/// completed by the older, or a disqualified dog would keep its place.
fn finish(mut newer: Performance, mut older: Performance) -> Performance {
    let unplaced = |told: &Performance| told.outcome == Some(Outcome::Unplaced);
    let knows = |told: &Performance| told.place.is_some() || told.outcome.is_some();
    if unplaced(&newer) && knows(&older) {
        newer.outcome = None;
    }
    if unplaced(&older) && knows(&newer) {
        older.outcome = None;
    }
    let finished = |told: &Performance| told.place.is_some() || told.won == Some(true);
    let failed = |told: &Performance| told.outcome.is_some();
    let at_odds = differ(newer.place, older.place)
        || differ(newer.won, older.won)
        || differ(newer.placed, older.placed)
        || differ(newer.outcome, older.outcome)
        || (finished(&newer) && failed(&older))
        || (failed(&newer) && finished(&older));
    if at_odds {
        (older.place, older.won, older.placed, older.outcome) = (None, None, None, None);
    }
    newer.fill_from(&older);
    newer
}

fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Place;
    use chrono::TimeZone;
    use proptest::prelude::*;

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2025, 7, 21, hour, 0, 0).unwrap()
    }

    fn claimed(rug: i64, place: Option<i64>) -> Claimed {
        Claimed {
            rug: Rug::new(rug).unwrap(),
            box_no: BoxNo::new(rug).ok(),
            dog: Some(DogId::new(rug * 10)),
            trainer: None,
            weight: None,
            reserve: rug > 8,
            scratched: false,
            performance: Performance {
                place: place.map(|place| Place::new(place).unwrap()),
                won: place.map(|place| place == 1),
                ..Performance::default()
            },
        }
    }

    fn card(hour: u32, rugs: &[i64]) -> CardClaim {
        CardClaim {
            source: Source::new("cards").unwrap(),
            known_at: at(hour),
            about: About::default(),
            runners: rugs.iter().map(|rug| claimed(*rug, None)).collect(),
        }
    }

    fn result(hour: u32, status: RaceStatus, order: &[i64]) -> ResultClaim {
        let place = |n: usize| Some(i64::try_from(n + 1).unwrap());
        ResultClaim {
            source: Source::new("results").unwrap(),
            known_at: at(hour),
            about: About::default(),
            status,
            partial: false,
            runners: order
                .iter()
                .enumerate()
                .map(|(n, rug)| claimed(*rug, place(n)))
                .collect(),
        }
    }

    fn places(standing: &Standing) -> Vec<(u8, Option<u8>, bool)> {
        standing
            .runners
            .iter()
            .map(|runner| {
                let place = runner.claimed.performance.place.map(Place::get);
                (runner.claimed.rug.get(), place, runner.scratched)
            })
            .collect()
    }

    #[test]
    fn who_is_missing_from_the_final_result_did_not_run() {
        let standing = Standing::of(
            &[card(1, &[1, 2, 9])],
            &[result(3, RaceStatus::Official, &[9, 1])],
            &[],
        );

        assert_eq!(
            places(&standing),
            [(1, Some(2), false), (2, None, true), (9, Some(1), false)]
        );
        assert!(standing.complete);
    }

    #[test]
    fn an_interim_order_that_comes_late_changes_nothing() {
        let official = result(3, RaceStatus::Official, &[2, 1]);
        let interim = result(4, RaceStatus::Interim, &[1, 2]);

        let standing = Standing::of(&[card(1, &[1, 2])], &[official, interim], &[]);

        assert_eq!(standing.status, RaceStatus::Official);
        assert_eq!(
            places(&standing),
            [(1, Some(2), false), (2, Some(1), false)]
        );
    }

    #[test]
    fn a_rug_missing_from_a_newer_card_is_out() {
        let standing = Standing::of(&[card(1, &[1, 2, 3]), card(2, &[1, 3])], &[], &[]);

        let rugs: Vec<u8> = standing.starters().map(|runner| runner.rug.get()).collect();

        assert_eq!(rugs, [1, 3]);
    }

    #[test]
    fn a_reserve_starts_from_the_box_it_was_given() {
        let scratch = ScratchClaim {
            rug: Rug::new(4).unwrap(),
            known_at: at(2),
            replaced_by: Rug::new(9).ok(),
            box_no: None,
        };

        let standing = Standing::of(&[card(1, &[1, 4, 9])], &[], &[scratch]);

        let boxes: Vec<_> = standing
            .starters()
            .map(|runner| (runner.rug.get(), runner.box_no.map(BoxNo::get)))
            .collect();
        assert_eq!(boxes, [(1, Some(1)), (9, Some(4))]);
    }

    proptest! {
        #[test]
        fn neither_order_nor_repetition_matters(seed in proptest::collection::vec(0_usize..6, 6..18)) {
            let cards = [card(1, &[1, 2, 3, 9]), card(2, &[1, 2, 3])];
            let results = [
                result(3, RaceStatus::Interim, &[1, 2]),
                result(4, RaceStatus::Official, &[2, 1]),
                result(6, RaceStatus::Amended, &[1, 2]),
            ];
            let scratch = ScratchClaim {
                rug: Rug::new(3).unwrap(),
                known_at: at(2),
                replaced_by: None,
                box_no: None,
            };
            let expected = Standing::of(&cards, &results, std::slice::from_ref(&scratch));

            let everything = (0..6).chain(seed);
            let (mut some_cards, mut some_results, mut scratches) = (vec![], vec![], vec![]);
            let mut order: Vec<usize> = everything.collect();
            order.reverse();
            for n in order {
                match n {
                    0 | 1 => some_cards.push(cards[n].clone()),
                    5 => scratches.push(scratch.clone()),
                    _ => some_results.push(results[n - 2].clone()),
                }
            }
            prop_assert_eq!(Standing::of(&some_cards, &some_results, &scratches), expected);
        }
    }
}
