//! Races: the list and the one.

use std::collections::BTreeSet;

use lurcher::season::SeasonRace;
use serde_json::Value;

use crate::world::{World, key, season, to_come};

/// The names of the races of a list.
fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["race"].as_str().unwrap().to_owned())
        .collect()
}

/// The names of all races that a filter finds, page by page.
fn all(world: &World, filter: &str, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let answer = world.get(&format!("/api/races?limit={limit}{filter}{after}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = answer.json();
        let names = names(&page);
        assert!(names.len() <= limit, "{}", names.len());
        found.extend(names);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

/// The names of the races of the season that fit, sorted.
fn expected(fits: impl Fn(&SeasonRace) -> bool) -> BTreeSet<String> {
    let races = season().races.iter().filter(|race| fits(race));
    races.map(key).collect()
}

fn sorted(names: Vec<String>) -> BTreeSet<String> {
    let count = names.len();
    let set: BTreeSet<_> = names.into_iter().collect();
    assert_eq!(set.len(), count, "a race stands twice");
    set
}

#[test]
fn pages_of_any_size_show_every_race_once_newest_first() {
    let world = World::of_season();

    let small = all(&world, "", 7);
    let large = all(&world, "", 500);

    assert_eq!(small, large);
    assert!(large.is_sorted_by(|one, next| one.get(..10) >= next.get(..10)));
    assert_eq!(sorted(large), expected(|_race| true));
}

#[test]
fn a_day_is_all_of_that_day_and_nothing_else() {
    let world = World::of_season();
    let day = season().settings.first_day.plus(9);

    let found = all(&world, &format!("&day={day}"), 500);

    assert_eq!(sorted(found), expected(|race| race.day == day));
}

#[test]
fn from_and_to_are_both_included() {
    let world = World::of_season();
    let (from, to) = (
        season().settings.first_day.plus(5),
        season().settings.first_day.plus(8),
    );

    let found = all(&world, &format!("&from={from}&to={to}"), 500);

    assert_eq!(
        sorted(found),
        expected(|race| (from..=to).contains(&race.day))
    );
}

#[test]
fn a_track_is_found_by_its_slug() {
    let world = World::of_season();
    let index = season().races.first().unwrap().track;
    let slug = season().tracks[index].slug;

    let found = all(&world, &format!("&track={slug}"), 500);

    assert_eq!(sorted(found), expected(|race| race.track == index));
}

#[test]
fn a_status_tells_the_races_to_come_from_those_that_are_over() {
    let world = World::of_season();

    let open = all(&world, "&status=open", 500);
    let official = all(&world, "&status=official", 500);

    assert_eq!(sorted(open), expected(|race| !race.is_over()));
    assert_eq!(sorted(official), expected(SeasonRace::is_over));
}

#[test]
fn a_page_that_ends_exactly_at_the_last_race_leads_nowhere_else() {
    let world = World::of_season();
    let day = season().settings.first_day;
    let count = expected(|race| race.day == day).len();

    let found = all(&world, &format!("&day={day}"), count);

    assert_eq!(found.len(), count);
}

#[test]
fn filters_that_break_a_rule_are_told_all_at_once() {
    let world = World::empty();

    let answer = world.get("/api/races?limit=501&day=tomorrow&status=ready");

    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    insta::assert_json_snapshot!("broken_filters", answer.json()["faults"]);
}

#[test]
fn a_cursor_that_nobody_gave_is_malformed() {
    let world = World::empty();

    let answer = world.get("/api/races?after=yesterday");

    assert_eq!(answer.problem(), (400, "malformed".to_owned()));
}

#[test]
fn a_track_that_nobody_knows_is_unknown() {
    let world = World::empty();

    let answer = world.get("/api/races?track=paper-park");

    assert_eq!(answer.problem(), (404, "unknown_track".to_owned()));
}

#[test]
fn a_race_to_come_shows_its_card() {
    let world = World::of_season();
    let race = season().to_come().next().unwrap();

    let answer = world.get(&format!("/api/races/{}", to_come()));

    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(body["race"], to_come());
    assert_eq!(body["status"], "open");
    assert_eq!(body["number"], race.number);
    let rugs = body["runners"].as_array().unwrap().iter();
    let rugs: Vec<_> = rugs.map(|runner| runner["rug"].as_u64().unwrap()).collect();
    let drawn: Vec<_> = race
        .runners
        .iter()
        .map(|r| u64::from(r.rug.get()))
        .collect();
    assert_eq!(rugs, drawn);
}

#[test]
fn a_race_that_is_over_shows_who_won() {
    let world = World::of_season();
    let race = season().finished().next().unwrap();

    let answer = world.get(&format!("/api/races/{}", key(race)));

    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(body["status"], "official");
    let runners = body["runners"].as_array().unwrap().iter();
    let won = runners.filter(|runner| runner["won"] == true);
    let won: Vec<_> = won.map(|r| r["rug"].as_u64().unwrap()).collect();
    let winners = race.starters().filter(|runner| runner.won());
    let winners: Vec<_> = winners.map(|r| u64::from(r.rug.get())).collect();
    assert_eq!(won, winners);
}

#[test]
fn a_race_that_nobody_told_of_is_unknown_and_a_name_that_is_none_malformed() {
    let world = World::empty();

    let unknown = world.get("/api/races/2026-11-20-sale-1");
    let malformed = world.get("/api/races/the-derby");

    assert_eq!(unknown.problem(), (404, "unknown_race".to_owned()));
    assert_eq!(malformed.problem(), (400, "malformed".to_owned()));
}
