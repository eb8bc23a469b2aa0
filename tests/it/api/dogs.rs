//! Dogs by name, by id, and their form.

use std::collections::BTreeSet;

use serde_json::Value;

use super::tracks::every;
use crate::world::{House, World, season};

const GBGB: &str = "trackName,raceTime,raceDate,raceId,raceNumber,raceClass,raceDistance,\
    trapNumber,dogId,dogName,dogSire,dogDam,dogBorn,dogSex,SP,resultPosition,resultBtnDistance,\
    resultSectionalTime,resultRunTime";

/// A British race of one dog with an id.
fn british(race: u32, id: u32, dog: &str) -> String {
    format!(
        "{GBGB}\nHarlow,18:3{race}:00,15/05/2024,{race},{race},A5,415.0,\
         1,{id},{dog},Old Hat,Old Shoe,Oct-2022,d,7/2,1,,03.9,26.1\n"
    )
}

fn names(dogs: &[Value]) -> BTreeSet<String> {
    let names = dogs
        .iter()
        .map(|dog| dog["name"].as_str().unwrap().to_uppercase());
    let found: BTreeSet<_> = names.collect();
    assert_eq!(found.len(), dogs.len(), "a dog is listed twice");
    found
}

#[test]
fn every_dog_is_found_by_how_its_name_begins() {
    let world = World::of_season();
    let all = every(&world, "/api/dogs", 50);
    let known = names(&all);

    let found = every(&world, "/api/dogs?q=s", 3);

    assert_eq!(
        i64::try_from(known.len()).unwrap(),
        world.house.number("SELECT count(*) FROM dog")
    );
    let expected: BTreeSet<_> = known
        .into_iter()
        .filter(|name| name.starts_with('S'))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(names(&found), expected);
    assert_eq!(
        world.get("/api/dogs?q=%3F").problem(),
        (422, "invalid".to_owned())
    );
}

#[test]
fn a_dog_is_shown_by_id_and_by_any_spelling() {
    let house = House::empty();
    house.import_text("a.csv", british(1, 501, "Tin Whistle"));
    house.import_text("b.csv", british(2, 501, "TIN WHISTLE"));
    let world = World::serve(house);
    let id = world.house.number("SELECT id FROM dog");

    let by_id = world.get(&format!("/api/dogs/{id}")).json();
    let by_name = world.get("/api/dogs/tin-whistle").json();

    assert_eq!(by_id, by_name);
    assert_eq!(
        by_id["names"],
        serde_json::json!(["TIN WHISTLE", "Tin Whistle"])
    );
    assert_eq!(
        (&by_id["country"], &by_id["whelped"]),
        (&"GB".into(), &"2022-10".into())
    );
    assert_eq!(by_id["runs"], 2);
    assert_eq!(
        world.get("/api/dogs/nobody").problem(),
        (404, "unknown_dog".to_owned())
    );
    assert_eq!(
        world.get("/api/dogs/99999").problem(),
        (404, "unknown_dog".to_owned())
    );
}

#[test]
fn a_name_that_two_dogs_have_is_answered_with_both() {
    let house = House::empty();
    house.import_text("a.csv", british(1, 501, "Tin Whistle"));
    house.import_text("b.csv", british(2, 502, "Tin Whistle"));
    let world = World::serve(house);

    let dog = world.get("/api/dogs/Tin%20Whistle");
    let form = world.get("/api/dogs/Tin%20Whistle/form");

    for answer in [dog, form] {
        assert_eq!(answer.status, 300);
        let candidates = answer.json()["candidates"].as_array().unwrap().clone();
        assert_eq!(candidates.len(), 2);
        assert_ne!(candidates[0]["dog_id"], candidates[1]["dog_id"]);
    }
}

#[test]
fn form_is_every_run_that_stands_newest_first() {
    let world = World::of_season();
    let id = world.house.number(
        "SELECT dog_id FROM run WHERE gone_at_ms IS NULL GROUP BY dog_id ORDER BY count(*) DESC, dog_id LIMIT 1",
    );
    let stand = world.house.number(&format!(
        "SELECT count(*) FROM run WHERE dog_id = {id} AND gone_at_ms IS NULL"
    ));

    let small = every(&world, &format!("/api/dogs/{id}/form"), 2);
    let large = every(&world, &format!("/api/dogs/{id}/form"), 500);

    assert_eq!(small, large);
    assert_eq!(i64::try_from(large.len()).unwrap(), stand);
    assert!(large.is_sorted_by(|one, next| one["day"].as_str() >= next["day"].as_str()));
    let name = large[0]["dog"].as_str().unwrap().to_uppercase();
    let dog = season()
        .dogs
        .iter()
        .position(|dog| dog.name == name)
        .unwrap();
    let ran = season()
        .finished()
        .filter(|race| race.starters().any(|runner| runner.dog == dog));
    let ran: BTreeSet<_> = ran.map(crate::world::key).collect();
    let told = large
        .iter()
        .filter_map(|run| run["race"].as_str().map(str::to_owned));
    assert_eq!(told.collect::<BTreeSet<_>>(), ran);
}
