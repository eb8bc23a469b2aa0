//! Tracks, meetings and trainers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::world::{World, season};

/// All items of a list, page by page.
pub(super) fn every(world: &World, path: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let answer = world.get(&format!("{path}{joint}limit={limit}{after}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = answer.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{}", items.len());
        found.extend(items.iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

#[test]
fn every_track_is_listed_once_by_slug() {
    let world = World::empty();

    let tracks = every(&world, "/api/tracks", 10);

    let slugs: Vec<_> = tracks
        .iter()
        .map(|track| track["slug"].as_str().unwrap())
        .collect();
    assert!(slugs.is_sorted_by(|one, next| one < next));
    assert_eq!(
        i64::try_from(slugs.len()).unwrap(),
        world.house.number("SELECT count(*) FROM track")
    );
    let albion_park = tracks.iter().find(|track| track["slug"] == "albion-park");
    assert_eq!(albion_park.unwrap()["timezone"], "Australia/Brisbane");
}

#[test]
fn a_track_shows_its_circuits_and_what_it_is_called() {
    let world = World::empty();

    let by_slug = world.get("/api/tracks/murray-bridge").json();
    let by_name = world.get("/api/tracks/Murray%20Bridge").json();
    let unknown = world.get("/api/tracks/paper-park");
    let several = world.get("/api/tracks/WAR");

    assert_eq!(by_slug, by_name);
    assert_eq!(by_slug["circuits"][0]["main"], true);
    assert_eq!(by_slug["circuits"][1]["slug"], "murray-bridge-straight");
    assert!(
        by_slug["circuits"][1]["distances_m"]
            .as_array()
            .unwrap()
            .contains(&300.into())
    );
    let aliases = by_slug["aliases"].as_array().unwrap().iter();
    assert!(
        aliases
            .clone()
            .any(|alias| alias["code"] == "MURRAY BRIDGE")
    );
    assert_eq!(unknown.problem(), (404, "unknown_track".to_owned()));
    assert_eq!(several.problem(), (422, "invalid".to_owned()));
}

#[test]
fn meetings_are_the_days_and_tracks_of_the_season() {
    let world = World::of_season();
    let mut held: BTreeMap<(String, String), u64> = BTreeMap::new();
    for race in &season().races {
        let slug = season().tracks[race.track].slug.to_owned();
        *held.entry((race.day.to_string(), slug)).or_default() += 1;
    }
    let day = season().settings.last_day();

    let meetings = every(&world, "/api/meetings", 7);
    let of_day = every(&world, &format!("/api/meetings?day={day}"), 1);

    assert!(meetings.is_sorted_by(|one, next| one["day"].as_str() >= next["day"].as_str()));
    let told: BTreeMap<_, _> = meetings
        .iter()
        .map(|meeting| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let at = (text(&meeting["day"]), text(&meeting["track"]["slug"]));
            (at, meeting["races"].as_u64().unwrap())
        })
        .collect();
    assert_eq!((told.len(), told), (meetings.len(), held));
    assert!(
        of_day
            .iter()
            .all(|meeting| meeting["day"] == day.to_string())
    );
    assert!(of_day[0]["first_jump_at"].as_str() <= of_day[0]["last_jump_at"].as_str());
}

#[test]
fn trainers_are_found_by_how_their_names_begin() {
    let world = World::of_season();
    let all = every(&world, "/api/trainers", 3);
    let name = |trainer: &Value| trainer["name"].as_str().unwrap().to_owned();
    let first = name(&all[0]);
    let start: String = first.chars().take(3).collect();

    let found = every(
        &world,
        &format!(
            "/api/trainers?q={}",
            start.to_lowercase().replace(' ', "%20")
        ),
        2,
    );
    let by_id = world.get(&format!("/api/trainers/{}", all[0]["trainer_id"]));
    let by_name = world.get(&format!(
        "/api/trainers/{}",
        first.to_uppercase().replace(' ', "%20")
    ));
    let unknown = world.get("/api/trainers/Nobody%20At%20All");

    let names: BTreeSet<_> = all.iter().map(name).collect();
    assert_eq!(
        i64::try_from(names.len()).unwrap(),
        world.house.number("SELECT count(*) FROM trainer")
    );
    let fits = |name: &&String| name.to_uppercase().starts_with(&start.to_uppercase());
    let expected: BTreeSet<_> = names.iter().filter(fits).cloned().collect();
    assert_eq!(found.iter().map(name).collect::<BTreeSet<_>>(), expected);
    assert_eq!(
        (by_id.json(), by_name.json()),
        (all[0].clone(), all[0].clone())
    );
    assert_eq!(unknown.problem(), (404, "unknown_trainer".to_owned()));
}
