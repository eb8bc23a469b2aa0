//! The same question has the same answer, to the last bit.

use crate::world::{House, day, key, season, to_come, write_season};

#[test]
fn a_restart_changes_no_bit_of_any_prediction() {
    let mut house = House::of_season();
    let races: Vec<_> = season().races.iter().rev().step_by(5).map(key).collect();
    let ask = |house: &House| {
        let bits = races.iter().map(|race| house.bits(race, None));
        bits.collect::<Vec<_>>()
    };
    let before = ask(&house);

    house.restart();
    let after = ask(&house);

    assert_eq!(before, after);
}

#[test]
fn a_prediction_that_is_remembered_is_the_one_that_was_computed() {
    let house = House::of_season();

    let computed = house.predict(&to_come(), None).unwrap();
    let remembered = house.predict(&to_come(), None).unwrap();

    assert_eq!(computed, remembered);
    assert_eq!(house.app().predictor.cache_stats().hits, 1);
}

#[test]
fn two_trainings_on_the_same_facts_give_the_same_model() {
    let files = tempfile::tempdir().unwrap();
    let written = write_season(files.path());
    let until = Some(season().settings.last_day().plus(-2));
    let train = || {
        let house = House::empty();
        house.import(std::slice::from_ref(&written.runs));
        let first = house.train(until);
        let again = house.train(until);
        assert_eq!(first.model, again.model);
        first
    };

    let (one, other) = (train(), train());

    assert_eq!(one, other);
    assert_eq!(one.trained_until, day("2026-11-18"));
}
