//! What will be known does not change what was.

use lurcher::season::SeasonRace;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::twice::runs;
use crate::facts::{assert_same, ratings};
use crate::world::{House, key, season};

/// Days of results that the model learns from; the split comes after them.
const LEARNED: i64 = 36;

#[test]
fn future_runs_change_no_prediction() {
    let cases = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let strategy = (LEARNED + 1..39, any::<u64>());
    let learned = season().settings.first_day.plus(LEARNED);
    let house = House::empty();
    house.import_text("learned.csv", runs(|race| race.day <= learned));
    house.train(Some(learned));
    let bytes = house.into_bytes();

    let held = TestRunner::new(cases).run(&strategy, |(days, luck)| {
        let split = season().settings.first_day.plus(days);
        let house = House::copy_of(&bytes);
        let early = runs(|race| race.day > learned && race.day < split);
        house.import_text("early.csv", early);
        let asked = sample(luck, |race| race.day < split);
        let ask = || {
            let bits = asked.iter().map(|race| house.bits(&key(race), None));
            bits.collect::<Vec<_>>()
        };
        let before = ask();

        house.import_text("late.csv", runs(|race| race.day >= split));

        prop_assert_eq!(before, ask());
        Ok(())
    });

    held.unwrap();
}

#[test]
fn ratings_walked_day_by_day_are_those_walked_at_once() {
    let first = season().settings.first_day;
    let (mut stepwise, mut at_once) = (House::empty(), House::empty());

    for from in (0..39).step_by(5) {
        let (from, until) = (first.plus(from), first.plus(from + 5));
        stepwise.import_text("runs.csv", runs(|race| (from..until).contains(&race.day)));
    }
    at_once.import_text("runs.csv", runs(|_race| true));

    stepwise.close();
    at_once.close();
    assert_same(
        &ratings(&stepwise.database()),
        &ratings(&at_once.database()),
    );
}

#[test]
fn a_model_knows_nothing_of_the_days_after_those_it_learned_from() {
    let until = season().settings.first_day.plus(LEARNED);
    let (blind, seeing) = (House::empty(), House::empty());
    blind.import_text("runs.csv", runs(|race| race.day <= until));
    seeing.import_text("runs.csv", runs(|_race| true));

    let (blind, seeing) = (blind.train(Some(until)), seeing.train(Some(until)));

    assert_eq!(blind.model, seeing.model);
    assert!(blind.judged.is_none() && seeing.judged.is_some());
}

/// Some twenty of the finished races that fit.
fn sample(luck: u64, fits: impl Fn(&SeasonRace) -> bool) -> Vec<&'static SeasonRace> {
    let fitting: Vec<_> = season().finished().filter(|race| fits(race)).collect();
    let step = fitting.len() / 20;
    let start = usize::try_from(luck % 16).unwrap();
    fitting.into_iter().skip(start).step_by(step).collect()
}
