//! A card: a race as announced, with its whole field.

use chrono::{DateTime, Utc};

use super::race::instant;
use super::text::text;
use super::{
    BoxNo, DogClaim, DogDraft, Fault, Faults, FormDraft, FormRun, Grams, RaceDraft, RaceHead, Rug,
};

/// The most runners a card or result may list.
const FIELD_LIMIT: usize = 20;

/// What somebody sent about a race to come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CardDraft {
    /// The race.
    pub race: RaceDraft,
    /// When it could be known; RFC 3339.
    pub known_at: Option<String>,
    /// The whole field.
    pub runners: Vec<CardRunnerDraft>,
}

/// What somebody sent about one runner of a card.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CardRunnerDraft {
    /// Rug.
    pub rug: i64,
    /// Box, where it is known apart from the rug.
    pub box_no: Option<i64>,
    /// Which dog.
    pub dog: DogDraft,
    /// Trainer.
    pub trainer: Option<String>,
    /// Kilograms.
    pub weight_kg: Option<f64>,
    /// Stands by for a scratching.
    pub reserve: bool,
    /// Withdrawn.
    pub scratched: bool,
    /// Past runs; their `dog` is left empty.
    pub form: Vec<FormDraft>,
}

/// A checked card.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The race.
    pub race: RaceHead,
    /// When it could be known, if the sender said so.
    pub known_at: Option<DateTime<Utc>>,
    /// The whole field, each rug once, in the order of rugs.
    pub runners: Vec<CardRunner>,
}

/// A checked runner of a card.
#[derive(Debug, Clone, PartialEq)]
pub struct CardRunner {
    /// Rug.
    pub rug: Rug,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// Dog.
    pub dog: DogClaim,
    /// Trainer.
    pub trainer: Option<String>,
    /// Weight.
    pub weight: Option<Grams>,
    /// Stands by.
    pub reserve: bool,
    /// Withdrawn.
    pub scratched: bool,
    /// Past runs.
    pub form: Vec<FormRun>,
}

impl CardDraft {
    /// The card, or every fault of it.
    pub fn check(&self) -> Result<Card, Vec<Fault>> {
        let mut faults = Faults::default();
        let race = self.race.check();
        let known_at = faults.maybe("known_at", self.known_at.as_deref(), instant);
        if self.runners.len() > FIELD_LIMIT {
            faults.add("runners", format!("must be at most {FIELD_LIMIT}"));
        }
        let mut runners = Vec::with_capacity(self.runners.len());
        for (n, draft) in self.runners.iter().take(FIELD_LIMIT).enumerate() {
            match draft.check() {
                Ok(runner) => runners.push((n, runner)),
                Err(inner) => faults.take(&format!("runners[{n}]"), inner),
            }
        }
        let runners = distinct(runners, |runner| runner.rug, &mut faults);
        match race {
            Ok(race) => {
                faults.done()?;
                Ok(Card {
                    race,
                    known_at,
                    runners,
                })
            }
            Err(inner) => {
                faults.take("", inner);
                faults.done()?;
                Err(Vec::new())
            }
        }
    }
}

/// The runners in the order of their rugs; a rug that stands twice is a fault of its second place.
pub(super) fn distinct<T>(
    mut runners: Vec<(usize, T)>,
    rug: impl Fn(&T) -> Rug,
    faults: &mut Faults,
) -> Vec<T> {
    runners.sort_by_key(|(n, runner)| (rug(runner), *n));
    for pair in runners.windows(2) {
        if let [(_, first), (n, second)] = pair
            && rug(first) == rug(second)
        {
            let place = format!("runners[{n}].rug");
            faults.add(
                &place,
                format!("must be worn once, {} is twice", rug(first).get()),
            );
        }
    }
    runners.into_iter().map(|(_, runner)| runner).collect()
}

impl CardRunnerDraft {
    /// The runner, or every fault of it.
    pub fn check(&self) -> Result<CardRunner, Vec<Fault>> {
        let mut faults = Faults::default();
        let rug = faults.note("rug", Rug::new(self.rug));
        let box_no = faults.maybe("box", self.box_no, BoxNo::new);
        let trainer = faults.maybe("trainer", self.trainer.as_deref(), text);
        let weight = faults.maybe("weight_kg", self.weight_kg, Grams::new);
        let dog = self
            .dog
            .check()
            .map_err(|inner| faults.take("", inner))
            .ok();
        let mut form = Vec::with_capacity(self.form.len());
        for (n, draft) in self.form.iter().enumerate() {
            match draft.check() {
                Ok(run) => form.push(run),
                Err(inner) => faults.take(&format!("form[{n}]"), inner),
            }
        }
        faults.done()?;
        let (Some(rug), Some(dog)) = (rug, dog) else {
            return Err(Vec::new());
        };
        Ok(CardRunner {
            rug,
            box_no,
            dog,
            trainer,
            weight,
            reserve: self.reserve,
            scratched: self.scratched,
            form,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner(rug: i64, dog: &str) -> CardRunnerDraft {
        CardRunnerDraft {
            rug,
            dog: DogDraft::named(dog),
            ..CardRunnerDraft::default()
        }
    }

    fn card(runners: Vec<CardRunnerDraft>) -> CardDraft {
        CardDraft {
            race: RaceDraft {
                source: "test".to_owned(),
                track: "Sale".to_owned(),
                day: "2025-07-21".to_owned(),
                number: Some(3),
                ..RaceDraft::default()
            },
            known_at: None,
            runners,
        }
    }

    #[test]
    fn runners_stand_in_the_order_of_their_rugs() {
        let card = card(vec![runner(9, "Late Comer"), runner(2, "Early Bird")]);

        let rugs: Vec<_> = card
            .check()
            .unwrap()
            .runners
            .iter()
            .map(|runner| runner.rug.get())
            .collect();

        assert_eq!(rugs, [2, 9]);
    }

    #[test]
    fn a_rug_worn_twice_is_a_fault_of_the_second() {
        let card = card(vec![
            runner(4, "One"),
            runner(11, "Two"),
            runner(4, "Three"),
        ]);

        let places: Vec<_> = card
            .check()
            .unwrap_err()
            .into_iter()
            .map(|fault| fault.at)
            .collect();

        assert_eq!(places, ["runners[1].rug", "runners[2].rug"]);
    }
}
