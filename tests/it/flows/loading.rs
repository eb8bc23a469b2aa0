//! Models come into memory when they are needed, once, and a broken one takes nothing away.

use std::fs;
use std::time::Duration;

use lurcher::predict::{Error, Preload, Question};
use lurcher::store::DATABASE;
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::{House, World, key, season, to_come, wait};

fn races(count: usize) -> Vec<String> {
    season().races.iter().rev().take(count).map(key).collect()
}

/// Asks for all of them at once; how often the database was asked for a model.
fn ask_at_once(house: &House, races: &[String]) -> u64 {
    let predictor = &house.app().predictor;
    wait(async {
        let mut asks = JoinSet::new();
        for race in races {
            let question = Question {
                race: race.parse().unwrap(),
                as_of: None,
            };
            let predictor = predictor.clone();
            asks.spawn(async move { predictor.race(question).await });
        }
        for said in asks.join_all().await {
            let chances = said.as_ref().unwrap().runners.iter();
            let sum: f64 = chances.map(|runner| runner.win).sum();
            assert!((sum - 1.0).abs() < 1e-9);
        }
    });
    queries(house, "model/by_digest")
}

fn queries(house: &House, name: &str) -> u64 {
    let all = house.app().store.profile().queries();
    all.iter()
        .find(|query| query.name == name)
        .map_or(0, |query| query.count)
}

#[test]
fn a_model_is_loaded_once_however_many_ask_for_it_first() {
    let house = House::of_season();
    assert!(house.app().predictor.loaded().is_empty());

    assert_eq!(ask_at_once(&house, &races(24)), 1);

    let loaded = house.app().predictor.loaded();
    let [model] = loaded.as_slice() else {
        panic!("{loaded:?}");
    };
    let pieces: usize = model.components.iter().map(|piece| piece.bytes).sum();
    assert!(
        pieces > model.bytes / 2 && pieces < model.bytes,
        "{model:?}"
    );
}

#[test]
fn what_is_to_be_loaded_at_the_start_is_there_before_anybody_asks() {
    let house = House::of_season();

    wait(
        house
            .app()
            .predictor
            .preload(&[Preload::Win, Preload::Shadows]),
    );

    assert_eq!(house.app().predictor.loaded().len(), 1);
    let before = queries(&house, "model/by_digest");
    assert_eq!(ask_at_once(&house, &races(1)), before);
}

#[test]
fn models_that_are_not_lazy_are_loaded_though_nobody_asks() {
    let house = House::of_season();
    let predictor = &house.app().predictor;
    let loaded = async || {
        while predictor.loaded().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };

    predictor.set_lazy(false);
    wait(async {
        tokio::select! {
            () = predictor.clone().keep_loaded() => unreachable!("it goes on for ever"),
            () = loaded() => {}
        }
    });

    assert_eq!(predictor.loaded().len(), 1);
}

#[test]
fn a_broken_model_names_itself_and_comes_into_force_for_nobody() {
    let world = World::of_season();
    let spoilt = "0".repeat(64);
    world
        .house
        .tamper()
        .execute(
            "INSERT INTO model (digest, artifact, trained_until, created_at_ms, report, active)
             SELECT ?1, x'7b7d', trained_until, created_at_ms, report, 0 FROM model",
            [&spoilt],
        )
        .unwrap();
    let before = world.house.bits(&to_come(), None);

    let refused = world.post_json(&format!("/api/models/{spoilt}/activate"), &json!({}));

    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("00000000"), "{}", refused.body);
    assert_eq!(world.house.bits(&to_come(), None), before);

    // Put into force behind our back, it is named by every answer that would have needed it.
    let tamper = world.house.tamper();
    tamper.execute("UPDATE model SET active = 0", []).unwrap();
    tamper
        .execute("UPDATE model SET active = 1 WHERE digest = ?1", [&spoilt])
        .unwrap();
    assert!(world.house.app().predictor.clear_cache() > 0);
    let error = world.house.predict(&to_come(), None).unwrap_err();
    assert!(matches!(&*error, Error::BrokenModel { model, .. } if *model == spoilt));
}

#[test]
fn who_asks_within_a_moment_is_answered_together_and_the_same() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join(DATABASE),
        House::of_season().into_bytes(),
    )
    .unwrap();
    let together = House::configured(folder, |config| {
        config.window = Duration::from_millis(200);
    });
    let (alone, races) = (House::of_season(), races(60));

    ask_at_once(&together, &races);
    ask_at_once(&alone, &races);

    // Each look asks which model is in force: fifty are answered in one look, ten in another.
    let looks = |house| queries(house, "model/active_digest");
    assert_eq!(looks(&alone), 60);
    assert!(looks(&together) < 60, "{}", looks(&together));
    for race in &races {
        assert_eq!(together.bits(race, None), alone.bits(race, None));
    }
}
