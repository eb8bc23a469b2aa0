//! What the walk learns, and that it can be broken off anywhere.

use proptest::prelude::*;

use super::*;

fn race(day: i64, chances: &[f64], winner: usize) -> RatedRace {
    let sum: f64 = chances.iter().sum();
    let runner = |(n, chance): (usize, &f64)| {
        let number = u8::try_from(n).unwrap() + 1;
        RatedRunner {
            dog: DogId::new(i64::from(number)),
            box_no: Some(number),
            chance: chance / sum,
            place_chance: (2.0 * chance / sum).min(1.0),
            won: if n == winner { 1.0 } else { 0.0 },
            placed: if n <= winner { 1.0 } else { 0.0 },
        }
    };
    RatedRace {
        id: RaceId::new(day),
        class: Class::Standard,
        circuit: CircuitId::new(1),
        distance: Metres::new(450.0).unwrap(),
        day: RaceDay::parse("2025-01-01").unwrap().plus(day),
        runners: chances.iter().enumerate().map(runner).collect(),
        winner_time_s: Some(25.5),
    }
}

#[test]
fn the_first_race_gives_the_looks_of_the_market() {
    let mut walker = Walker::default();

    let observed = walker.observe(&race(0, &[0.5, 0.25, 0.25], 0)).unwrap();

    let states: Vec<DogState> = observed.dogs.iter().map(|(_, state)| *state).collect();
    let spread = 2.0_f64.ln();
    let look = |n: usize| states[n].look.win;
    assert!((look(0) - look(1) - spread).abs() < 1e-12);
    assert!((look(0) - spread * 2.0 / 3.0).abs() < 0.01);
    assert!((states[0].look.field - (look(0) + look(1) + look(2)) / 3.0).abs() < 1e-12);
    let even = RatingSettings::MEASURED.filters[0];
    let noise = even.noise * (0.12_f64 / 0.5).powf(0.2);
    let gain = even.unknown / (even.unknown + noise);
    let rating = states[0].strengths[0];
    assert!((rating.mean - (gain * look(0) + even.win * 0.5)).abs() < 1e-12);
    assert!((rating.variance - even.unknown * (1.0 - gain)).abs() < 1e-12);
}

#[test]
fn a_rating_grows_old_and_never_young() {
    let mut walker = Walker::default();
    let first = race(0, &[0.6, 0.4], 0);
    walker.observe(&first).unwrap();

    let state = walker.dog(DogId::new(1)).unwrap();

    assert!((state.as_of(first.day.plus(9)).days - 9.0).abs() < 1e-12);
    assert!(state.as_of(first.day.plus(-9)).days.abs() < 1e-12);
}

#[test]
fn a_box_that_the_market_favours_learns_so() {
    let mut walker = Walker::default();
    for day in 0..200 {
        let mut today = race(day, &[0.6, 0.4], 0);
        if day % 2 == 0 {
            let (left, right) = today.runners.split_at_mut(1);
            std::mem::swap(&mut left[0].dog, &mut right[0].dog);
        }
        walker.observe(&today).unwrap();
    }

    let at = |number| {
        let distance = Metres::new(450.0).unwrap();
        walker
            .bias(CircuitId::new(1), distance, Some(number))
            .effect
    };
    assert!(at(1) > 0.1 && at(2) < -0.1);
}

#[test]
fn a_par_follows_the_winners_and_not_the_misprints() {
    let mut walker = Walker::default();
    let mut slow = race(0, &[0.5, 0.5], 0);
    slow.winner_time_s = Some(26.5);
    let mut misprint = slow.clone();
    misprint.winner_time_s = Some(2.65);

    walker.observe(&race(0, &[0.5, 0.5], 0)).unwrap();
    let par = walker.observe(&slow).unwrap().par.unwrap();

    assert!((par.time_s - 26.0).abs() < 0.01 && (par.races - 2.0).abs() < 0.01);
    assert_eq!(walker.observe(&misprint).unwrap().par, None);
}

/// Dog 1 and dog 2 were worth the same on day 0; `later` days on dog 2 is worth much more.
fn seen_later(later: i64) -> Vec<(RaceId, WinPlace)> {
    let mut walker = Walker::default();
    let met = race(0, &[0.5, 0.5], 0);
    let mut other = race(later, &[0.9, 0.1], 0);
    other.runners[0].dog = DogId::new(2);
    other.runners[1].dog = DogId::new(3);
    walker.observe(&met).unwrap();
    assert_eq!(walker.close(met.day), []);

    walker.observe(&other).unwrap();
    walker.close(other.day)
}

#[test]
fn who_met_a_dog_that_has_become_strong_was_in_better_company() {
    let seen = seen_later(7);

    let (met, company) = seen[0];
    assert_eq!(met, RaceId::new(0));
    assert!(company.win > 0.05 && company.place > 0.1, "{company:?}");
}

#[test]
fn a_company_of_long_ago_stays_as_it_was_seen() {
    let met = RaceId::new(0);

    assert!(seen_later(89).iter().any(|(race, _)| *race == met));
    assert!(seen_later(91).iter().all(|(race, _)| *race != met));
}

#[test]
fn nothing_is_learned_from_broken_races() {
    let mut walker = Walker::default();
    let good = race(0, &[0.5, 0.5], 0);
    let mut unpriced = good.clone();
    unpriced.runners[0].chance = f64::NAN;
    let mut twice = good.clone();
    twice.runners[1].dog = twice.runners[0].dog;
    let mut nobody_won = good;
    nobody_won.runners[0].won = 0.0;
    let empty = race(0, &[], 0);

    for broken in [unpriced, twice, nobody_won, empty] {
        assert!(walker.observe(&broken).is_err());
    }

    assert_eq!(walker.dog(DogId::new(1)), None);
    let mut endless = RatingSettings::MEASURED;
    endless.filters[1].noise = f64::NAN;
    assert!(Walker::new(endless).is_err());
}

proptest! {
    #[test]
    fn a_walk_that_was_stored_goes_on_as_if_it_never_stopped(
        fields in prop::collection::vec(prop::collection::vec(0.05_f64..1.0, 2..8), 2..12),
    ) {
        let mut whole = Walker::default();
        let mut stored: Vec<(Observed, Vec<(RaceId, WinPlace)>)> = Vec::new();
        for (day, field) in (0..).zip(&fields) {
            let today = race(day, field, 0);
            let mut resumed = Walker::default();
            for (observed, hindsight) in &stored {
                seed(&mut resumed, &today, observed);
                for (race, seen) in hindsight {
                    resumed.seed_hindsight(*race, *seen);
                }
            }

            let expected = whole.observe(&today).unwrap();
            let seen = whole.close(today.day);

            prop_assert_eq!(resumed.observe(&today).unwrap(), expected.clone());
            prop_assert_eq!(resumed.close(today.day), seen.clone());
            stored.push((expected, seen));
        }
    }
}

/// What the desk does with the rows of a database.
fn seed(walker: &mut Walker, race: &RatedRace, observed: &Observed) {
    for (dog, state) in &observed.dogs {
        walker.seed_dog(*dog, *state);
        walker.seed_look(*dog, state.race, state.day, state.look);
    }
    for (key, cell) in &observed.boxes {
        walker.seed_box(*key, *cell);
    }
    for (box_no, cell) in &observed.global_boxes {
        walker.seed_global_box(*box_no, *cell);
    }
    if let Some((class, prior)) = observed.prior {
        walker.seed_prior(class, prior);
    }
    if let Some(par) = observed.par {
        walker.seed_par(race.circuit, race.distance, par);
    }
}
