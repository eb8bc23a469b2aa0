//! What was ever told of a race.

use lurcher::season::SeasonRace;
use serde_json::Value;

use crate::flows::twice::{corrected, runs};
use crate::world::{House, World, key, season};

fn first() -> &'static SeasonRace {
    season().finished().next().unwrap()
}

fn places(version: &Value) -> Vec<(u64, Option<u64>)> {
    let runners = version["runners"].as_array().unwrap().iter();
    runners
        .map(|runner| (runner["rug"].as_u64().unwrap(), runner["place"].as_u64()))
        .collect()
}

#[test]
fn a_correction_after_the_official_result_stands_beside_it() {
    let race = first();
    let told = runs(|other| other.id == race.id);
    let house = House::empty();
    house.import_text("told.csv", &told);
    house.set_clock("2026-11-20T01:00:00Z");
    house.import_text("corrected.csv", corrected(&told, race));
    let world = World::serve(house);

    let body = world
        .get(&format!("/api/races/{}/history", key(race)))
        .json();

    let versions = body["items"].as_array().unwrap();
    assert_eq!((versions.len(), &body["next"]), (2, &Value::Null));
    for (version, number) in versions.iter().zip(1..) {
        assert_eq!(version["version"], number);
        assert_eq!(version["kind"], "result");
        assert_eq!(version["status"], "official");
    }
    assert_eq!(versions[0]["recorded_at"], "2026-11-20T00:00:00.000Z");
    assert_eq!(versions[1]["recorded_at"], "2026-11-20T01:00:00.000Z");
    assert_eq!(versions[1]["known_at"], "2026-11-20T01:00:00.000Z");
    let (before, after) = (places(&versions[0]), places(&versions[1]));
    let rug = |places: &[(u64, Option<u64>)], wanted| {
        let found = places.iter().find(|(_, place)| *place == Some(wanted));
        found.unwrap().0
    };
    assert_eq!(rug(&before, 1), rug(&after, 2));
    assert_eq!(rug(&before, 2), rug(&after, 1));
    let now = world.get(&format!("/api/races/{}", key(race))).json();
    assert_eq!(places(&now), after);
}

#[test]
fn a_card_a_scratching_and_pages_of_them() {
    let world = World::of_season();
    let race = season().to_come().next().unwrap();
    let id = world.house.number(&format!(
        "SELECT race.id FROM race JOIN meeting ON meeting.id = meeting_id
         JOIN track ON track.id = track_id
         WHERE race.day = '{}' AND number = {} AND slug = '{}'",
        race.day,
        race.number,
        season().tracks[race.track].slug
    ));
    let out = format!(
        "INSERT INTO scratching (race_id, rug, known_at_ms, recorded_at_ms, replaced_by_rug, box)
         VALUES ({id}, 1, 1795200000000, 1795200000000, 9, 1)"
    );
    world.house.look().execute_batch(&out).unwrap();
    let path = format!("/api/races/{}/history", key(race));

    let all = world.get(&path).json();
    let one = world.get(&format!("{path}?limit=1")).json();
    let next = one["next"].as_str().unwrap();
    let rest = world.get(&format!("{path}?after={next}")).json();

    let items = all["items"].as_array().unwrap();
    assert_eq!(items[0]["kind"], "card");
    assert_eq!(
        items[0]["runners"].as_array().unwrap().len(),
        race.runners.len()
    );
    let last = items.last().unwrap();
    assert_eq!(
        (&last["kind"], &last["replaced_by_rug"]),
        (&"scratching".into(), &9.into())
    );
    assert_eq!(last["runners"][0]["scratched"], true);
    let paged = [
        one["items"].as_array().unwrap(),
        rest["items"].as_array().unwrap(),
    ];
    assert_eq!(&paged.map(Vec::as_slice).concat(), items);
}

#[test]
fn a_race_that_nobody_told_of_has_no_history() {
    let world = World::empty();

    let answer = world.get("/api/races/2026-11-20-sale-1/history");

    assert_eq!(answer.problem(), (404, "unknown_race".to_owned()));
}
