//! Situations of racing, written down by hand, and what must stand in the end.
//!
//! Each file under `tests/fixtures/standings/` tells what is posted when, and what is expected:
//! how the race stands, who runs, and who had a chance as of which instant.

use std::fs;
use std::path::Path;

use lurcher::domain::{BoxNo, Outcome, Place, RaceKey, Settlement};
use lurcher::runtime::Lane;
use lurcher::store::{Error, prices, races, runners};
use serde_json::{Value, json};

use super::told;
use crate::files::{below, root};
use crate::world::{House, instant, wait};

/// How many situations were promised.
const PROMISED: usize = 60;

#[test]
fn every_situation_comes_out_as_a_racing_person_expects() {
    let files = below(&root().join("tests/fixtures/standings"), "json");
    let mut wrong = Vec::new();

    for file in &files {
        let situation: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        wrong.extend(differences(file, &situation));
    }

    assert!(files.len() >= PROMISED, "{} situations", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Posts the events of a situation to a house of its own, and says what came out otherwise.
fn differences(file: &Path, situation: &Value) -> Vec<String> {
    let house = House::empty();
    let race = situation["race"].as_str().unwrap();
    let mut wrong = Vec::new();
    let mut differs = |what: &str, seen: &Value, wanted: &Value| {
        if seen != wanted {
            let name = file.file_stem().unwrap().to_string_lossy();
            wrong.push(format!("{name}: {what} is {seen}, not {wanted}"));
        }
    };
    for (n, event) in situation["events"].as_array().unwrap().iter().enumerate() {
        house.set_clock(event["at"].as_str().unwrap());
        let of = event["race"].as_str().unwrap_or(race);
        let fact = told::fact(event["post"].as_str().unwrap(), of, &event["body"]);
        let receipts = wait(house.app().ingest.facts(vec![fact])).unwrap();
        let answer = json!(told::answer(&receipts[0]));
        let wanted = &event["answer"];
        differs(&format!("answer {n}"), &answer, wanted);
    }
    let seen = standing(&house, race);
    for (what, wanted) in situation["expect"].as_object().unwrap() {
        if what == "starters" {
            for one in wanted.as_array().unwrap() {
                let as_of = one["as_of"].as_str().unwrap();
                let field = house.field(race, instant(as_of));
                let rugs: Vec<_> = field.iter().map(|(rug, _)| rug).collect();
                differs(
                    &format!("starters as of {as_of}"),
                    &json!(rugs),
                    &one["rugs"],
                );
            }
        } else {
            differs(what, &seen[what], wanted);
        }
    }
    wrong
}

/// The race as it stands.
fn standing(house: &House, race: &str) -> Value {
    let key: RaceKey = race.parse().unwrap();
    let read = house.app().store.read(Lane::Live, move |reader| {
        let race = races::by_key(reader, &key)?.unwrap();
        let field = runners::of_race(reader, race.id)?;
        let prices = prices::latest(reader, race.id)?;
        Ok::<_, Error>((race, field, prices))
    });
    let (race, field, prices) = wait(read).unwrap();
    let runners: Vec<_> = field
        .iter()
        .map(|one| {
            json!({
                "rug": one.rug.get(),
                "box": one.box_no.map(BoxNo::get),
                "dog": one.dog,
                "place": one.place.map(Place::get),
                "won": one.won,
                "scratched": one.scratched,
                "outcome": one.outcome.map(Outcome::as_str),
            })
        })
        .collect();
    let prices: Vec<_> = prices
        .iter()
        .map(|one| json!([one.rug.get(), one.win.map(lurcher::domain::Odds::get)]))
        .collect();
    let id = race.id.get();
    let runs = format!("SELECT count(*) FROM run WHERE race_id = {id} AND gone_at_ms IS NULL");
    let said = format!(
        "SELECT (SELECT count(*) FROM card WHERE race_id = {id})
           + (SELECT count(*) FROM result WHERE race_id = {id})
           + (SELECT count(*) FROM scratching WHERE race_id = {id})
           + (SELECT count(*) FROM price WHERE race_id = {id})"
    );
    json!({
        "status": race.status.as_str(),
        "settlement": Settlement::of(race.status).as_str(),
        "complete": race.complete,
        "runners": runners,
        "prices": prices,
        "form_book": house.number(&runs),
        "versions": house.number(&said),
    })
}
