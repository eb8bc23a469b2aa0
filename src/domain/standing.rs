//! The standing of a race: everything that was ever said about it, reduced to one answer.
//!
//! [`Standing::of`] is a pure function of the *set* of claims. Order of arrival and repetition
//! cannot matter, because the claims are sorted here and nothing else is looked at. Later
//! knowledge beats earlier, a result beats a card, a final result beats an interim one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{BoxNo, DogId, Grams, Metres, Performance, RaceStatus, Rug, Source, TrainerId};

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

impl Standing {
    /// Reduces all claims.
    #[must_use]
    pub fn of(cards: &[CardClaim], results: &[ResultClaim], scratches: &[ScratchClaim]) -> Self {
        let mut board = Board::default();
        for card in in_order(cards, |card| (card.known_at, card.source.as_str())) {
            board.card(card);
        }
        let mut scratches: Vec<&ScratchClaim> = scratches.iter().collect();
        scratches.sort_by_key(|scratch| (scratch.known_at, scratch.rug));
        for scratch in scratches {
            board.scratch(scratch);
        }
        let results = in_order(results, |result| {
            (result.status, result.known_at, result.source.as_str())
        });
        for result in last_words(&results) {
            board.result(result);
        }
        board.standing()
    }

    /// Those who are still in the race.
    pub fn starters(&self) -> impl Iterator<Item = &Claimed> {
        self.runners
            .iter()
            .filter(|runner| !runner.scratched)
            .map(|runner| &runner.claimed)
    }
}

fn in_order<'a, T, K: Ord>(claims: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    let mut sorted: Vec<&T> = claims.iter().collect();
    sorted.sort_by_key(|claim| key(claim));
    sorted
}

/// The last version of each source, in the order given, and only those as final as the last one:
/// once a race is official, an interim order is history.
fn last_words<'a>(sorted: &[&'a ResultClaim]) -> Vec<&'a ResultClaim> {
    let Some(last) = sorted.last() else {
        return Vec::new();
    };
    let last_of_source = |n: usize, result: &ResultClaim| {
        !sorted
            .iter()
            .skip(n + 1)
            .any(|later| later.source == result.source)
    };
    let comparable = |result: &ResultClaim| {
        result.status == last.status || (result.status.is_final() && last.status.is_final())
    };
    sorted
        .iter()
        .enumerate()
        .filter(|(n, result)| last_of_source(*n, result) && comparable(result))
        .map(|(_, result)| *result)
        .collect()
}

/// The standing while the claims are being laid on it, oldest first.
#[derive(Default)]
struct Board {
    status: Option<RaceStatus>,
    about: About,
    ran: Option<bool>,
    runners: BTreeMap<Rug, StandingRunner>,
    listed: BTreeMap<Source, Vec<Rug>>,
    finished: Vec<Rug>,
}

impl Board {
    fn card(&mut self, card: &CardClaim) {
        self.about.lay(&card.about);
        for claimed in &card.runners {
            self.lay(claimed, claimed.scratched);
        }
        let rugs: Vec<Rug> = card.runners.iter().map(|runner| runner.rug).collect();
        let before = self.listed.insert(card.source.clone(), rugs.clone());
        for dropped in before.iter().flatten().filter(|rug| !rugs.contains(rug)) {
            self.set_scratched(*dropped);
        }
    }

    fn scratch(&mut self, scratch: &ScratchClaim) {
        self.set_scratched(scratch.rug);
        let vacated = self
            .runners
            .get(&scratch.rug)
            .and_then(|out| out.claimed.box_no);
        let Some(replacement) = scratch
            .replaced_by
            .and_then(|rug| self.runners.get_mut(&rug))
        else {
            return;
        };
        replacement.claimed.box_no = scratch.box_no.or(vacated);
        replacement.claimed.reserve = false;
    }

    fn result(&mut self, result: &ResultClaim) {
        self.status = Some(result.status);
        self.about.lay(&result.about);
        for claimed in &result.runners {
            let out = claimed.performance.outcome == Some(super::Outcome::Scratched);
            self.lay(claimed, out);
            if !out {
                self.finished.push(claimed.rug);
            }
        }
        if result.status.is_final() && !result.runners.is_empty() {
            let whole = !result.partial;
            self.ran = Some(self.ran.unwrap_or(false) || whole);
        }
    }

    fn lay(&mut self, claimed: &Claimed, scratched: bool) {
        match self.runners.get_mut(&claimed.rug) {
            None => {
                let runner = StandingRunner {
                    claimed: claimed.clone(),
                    scratched,
                };
                self.runners.insert(claimed.rug, runner);
            }
            Some(runner) => {
                runner.claimed.lay(claimed);
                runner.scratched = scratched;
            }
        }
    }

    fn set_scratched(&mut self, rug: Rug) {
        if let Some(runner) = self.runners.get_mut(&rug) {
            runner.scratched = true;
        }
    }

    fn standing(mut self) -> Standing {
        let complete = self.ran == Some(true);
        if complete {
            for (rug, runner) in &mut self.runners {
                runner.scratched |= !self.finished.contains(rug);
            }
        }
        Standing {
            status: self.status.unwrap_or(RaceStatus::Open),
            about: self.about,
            complete,
            runners: self.runners.into_values().collect(),
        }
    }
}

impl About {
    fn lay(&mut self, newer: &Self) {
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
    fn lay(&mut self, newer: &Self) {
        self.box_no = newer.box_no.or(self.box_no);
        self.dog = newer.dog.or(self.dog);
        self.trainer = newer.trainer.or(self.trainer);
        self.weight = newer.weight.or(self.weight);
        self.reserve = newer.reserve;
        let mut performance = newer.performance.clone();
        performance.fill_from(&self.performance);
        self.performance = performance;
    }
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
