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
fn a_track_is_found_by_what_anybody_calls_it() {
    let world = World::of_season();
    let index = season().races.first().unwrap().track;
    let track = &season().tracks[index];
    let name = track.name.to_lowercase().replace(' ', "%20");

    let found = all(&world, &format!("&track={name}"), 500);

    assert_eq!(sorted(found), expected(|race| race.track == index));
}

#[test]
fn a_name_that_two_tracks_have_is_answered_with_both() {
    let world = World::empty();

    let answer = world.get("/api/races?track=WAR");

    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    let fault = &answer.json()["faults"][0];
    assert_eq!(fault["at"], "track");
    let why = fault["why"].as_str().unwrap();
    assert!(why.contains("warragul or warrnambool"), "{why}");
}

#[test]
fn a_grade_and_a_distance_and_a_dog_are_found_by_every_way_in() {
    let world = World::of_season();
    let like = season().finished().last().unwrap();
    let slug = season().tracks[like.track].slug;
    let (grade, metres) = (like.grade.betfair().replace('/', "%2F"), like.metres.raw());
    let runner = like.starters().next().unwrap();
    let name = &season().dogs[runner.dog].name;
    let dog = world
        .house
        .number(&format!("SELECT id FROM dog WHERE upper(name) = '{name}'"));

    let by_day = all(&world, &format!("&grade={grade}&distance={metres}"), 3);
    let by_track = all(
        &world,
        &format!("&grade={grade}&distance={metres}&track={slug}"),
        3,
    );
    let by_dog = all(&world, &format!("&dog={dog}"), 2);
    let by_both = all(
        &world,
        &format!("&dog={dog}&track={slug}&status=official"),
        2,
    );

    let fits = |race: &SeasonRace| {
        race.is_over() && race.grade == like.grade && race.metres == like.metres
    };
    let ran = |race: &SeasonRace| race.runners.iter().any(|other| other.dog == runner.dog);
    let over = |names: Vec<String>| -> BTreeSet<String> {
        let open: BTreeSet<_> = expected(|race| !race.is_over());
        sorted(names).difference(&open).cloned().collect()
    };
    assert_eq!(over(by_day), expected(fits));
    assert_eq!(
        over(by_track),
        expected(|race| fits(race) && race.track == like.track)
    );
    assert!(by_dog.is_sorted_by(|one, next| one.get(..10) >= next.get(..10)));
    assert_eq!(over(by_dog), expected(|race| race.is_over() && ran(race)));
    assert_eq!(
        sorted(by_both),
        expected(|race| race.is_over() && ran(race) && race.track == like.track)
    );
}

#[test]
fn numbered_pages_count_and_agree_with_the_cursors() {
    let world = World::of_season();
    let every = all(&world, "", 500);
    let total = u64::try_from(every.len()).unwrap();
    let mut numbered = Vec::new();

    for number in 1..=total.div_ceil(50) {
        let page = world
            .get(&format!("/api/races?limit=50&page={number}"))
            .json();
        let expected = serde_json::json!(
            {"page": number, "limit": 50, "total": total, "pages": total.div_ceil(50)}
        );
        assert_eq!(page["pagination"], expected);
        numbered.extend(names(&page));
    }
    let slug = season().tracks[0].slug;
    let of_track = world
        .get(&format!("/api/races?page=1&limit=1&track={slug}"))
        .json();
    let beyond = world.get("/api/races?limit=500&page=21");
    let both = world.get("/api/races?page=1&after=2026-11-20.1");

    assert_eq!(numbered, every);
    let at_track = expected(|race| race.track == 0).len();
    assert_eq!(of_track["pagination"]["total"], at_track);
    assert_eq!(beyond.problem(), (422, "invalid".to_owned()));
    assert_eq!(both.problem(), (422, "invalid".to_owned()));
    assert!(world.get("/api/races").json().get("pagination").is_none());
}

#[test]
fn races_that_arrive_between_pages_move_nothing() {
    for limit in [1, 7, 50] {
        let world = World::of_season();
        let before = all(&world, "", 500);
        let mut found = Vec::new();
        let mut after = String::new();
        let mut arrived = 0;
        loop {
            let page = world
                .get(&format!("/api/races?limit={limit}{after}"))
                .json();
            found.extend(names(&page));
            if arrived < 12 {
                // One on a day that was shown, one on a day still to be shown.
                arrived += 1;
                arrive(&world, "2026-11-19", arrived);
                arrive(&world, "2026-10-13", arrived);
            }
            let Some(next) = page["next"].as_str() else {
                break;
            };
            after = format!("&after={next}");
        }

        let old: Vec<_> = found
            .iter()
            .filter(|race| !race.contains("dapto"))
            .cloned()
            .collect();
        assert_eq!(old, before, "pages of {limit}");
        sorted(found);
    }
}

/// A race at a track where the season never races.
fn arrive(world: &World, day: &str, number: u32) {
    let row = format!(
        "race_id,date,track,race_number,distance_m,rug,dog_name,won\n\
         n{number},{day},Dapto,{number},520,1,LATE ARRIVAL,1\n"
    );
    let report = world.house.import_text("runs.csv", row);
    assert_eq!(report.faults, []);
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
    assert_eq!(body["settlement"], "pending");
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
    assert_eq!(body["settlement"], "final");
    let runners = body["runners"].as_array().unwrap().iter();
    let won = runners.filter(|runner| runner["won"] == true);
    let won: Vec<_> = won.map(|r| r["rug"].as_u64().unwrap()).collect();
    let winners = race.starters().filter(|runner| runner.won());
    let winners: Vec<_> = winners.map(|r| u64::from(r.rug.get())).collect();
    assert_eq!(won, winners);
    let runners = body["runners"].as_array().unwrap().iter();
    assert!(runners.clone().any(|runner| runner["placed"] == true));
}

#[test]
fn a_race_that_nobody_told_of_is_unknown_and_a_name_that_is_none_malformed() {
    let world = World::empty();

    let unknown = world.get("/api/races/2026-11-20-sale-1");
    let malformed = world.get("/api/races/the-derby");

    assert_eq!(unknown.problem(), (404, "unknown_race".to_owned()));
    assert_eq!(malformed.problem(), (400, "malformed".to_owned()));
}
