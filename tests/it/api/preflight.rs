//! What is known before a prediction, and what is in its way.

use serde_json::{Value, json};

use crate::world::{House, World, key, season, to_come, write_season};

fn path(race: &str) -> String {
    format!("/api/races/{race}/preflight")
}

/// A card of three, of whom nobody has heard, on the day to come.
fn strangers(world: &World) -> String {
    let card = json!({
        "source": "mine", "track": "angle-park", "day": "2026-11-20", "number": 12,
        "jump_at": "2026-11-20T12:00:00Z",
        "runners": [
            {"rug": 1, "box": 1, "dog": "Nobody Knows", "trainer": "A. Nother", "weight_kg": 30.5},
            {"rug": 2, "box": 2, "dog": "Never Seen"},
            {"rug": 3, "dog": "Out Of Nowhere"},
        ],
    });
    let answer = world.post_json("/api/cards", &card);
    assert_eq!(answer.status, 200, "{}", answer.body);
    "2026-11-20-angle-park-12".to_owned()
}

#[test]
fn a_known_field_is_ready_and_says_how_well_it_is_known() {
    let world = World::of_season();

    let answer = world.get(&path(&to_come()));
    let prediction = world
        .get(&format!("/api/races/{}/prediction", to_come()))
        .json();

    let body = answer.json();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        (&body["ready"], &body["code"], &body["blocked"]),
        (&json!(true), &Value::Null, &json!([]))
    );
    assert_eq!(body["model"], prediction["model"]);
    assert_eq!(body["as_of"], prediction["as_of"]);
    let pairs = body["runners"].as_array().unwrap().iter();
    let pairs = pairs.zip(prediction["runners"].as_array().unwrap());
    for (runner, predicted) in pairs {
        for name in ["rug", "box", "dog", "dog_id", "market_price"] {
            assert_eq!(runner[name], predicted[name], "{name}");
        }
        let missing = runner["missing"].as_array().unwrap();
        let says = |what: &str| missing.contains(&what.into());
        assert_eq!(says("runs"), runner["runs"] == 0, "{runner}");
        assert_eq!(says("runs"), runner["last_run"].is_null(), "{runner}");
        assert_eq!(says("rated races"), runner["rated_races"] == 0, "{runner}");
        assert_eq!(says("timed runs"), runner["timed_runs"] == 0, "{runner}");
        assert_eq!(says("weight"), runner["weight_kg"].is_null(), "{runner}");
        assert!(says("price"), "{runner}");
        assert!(runner["timed_runs"].as_u64() <= runner["runs"].as_u64());
    }
}

#[test]
fn a_field_of_strangers_is_ready_and_everything_is_missing() {
    let world = World::of_season();
    let race = strangers(&world);

    let body = world.get(&path(&race)).json();

    assert_eq!(body["ready"], true);
    let runners = &body["runners"];
    assert_eq!(
        runners[0]["missing"],
        json!(["runs", "rated races", "timed runs", "price"])
    );
    assert_eq!(
        runners[1]["missing"],
        json!([
            "runs",
            "rated races",
            "timed runs",
            "weight",
            "trainer",
            "price"
        ])
    );
    assert_eq!(
        (&runners[0]["trainer"], &runners[0]["weight_kg"]),
        (&json!("A. Nother"), &json!(30.5))
    );
    let notes = body["notes"].as_array().unwrap();
    for note in [
        "3 of 3 have no known run",
        "3 of 3 have no rated race",
        "the distance is not known",
    ] {
        assert!(notes.contains(&note.into()), "{notes:?}");
    }
}

#[test]
fn what_is_in_the_way_is_told_as_the_prediction_tells_it() {
    let files = tempfile::tempdir().unwrap();
    let written = write_season(files.path());
    let house = House::empty();
    house.import(&written.cards);
    let world = World::serve(house);
    let early = "?as_of=2020-01-01T00:00:00Z";

    let untrained = world.get(&path(&to_come())).json();
    let neither = world.get(&format!("{}{early}", path(&to_come()))).json();
    let refused = world.get(&format!("/api/races/{}/prediction", to_come()));

    assert_eq!(untrained["ready"], false);
    assert_eq!(untrained["code"], refused.json()["code"]);
    assert_eq!(untrained["blocked"], json!([refused.json()["detail"]]));
    assert!(!untrained["runners"].as_array().unwrap().is_empty());
    let blocked = neither["blocked"].as_array().unwrap();
    assert_eq!(blocked.len(), 2, "{blocked:?}");
    assert!(blocked[1].as_str().unwrap().contains("nobody was known"));
    assert_eq!(neither["runners"], json!([]));
}

#[test]
fn a_race_that_nobody_told_of_is_unknown() {
    let world = World::of_season();

    let unknown = world.get(&path("2026-11-20-angle-park-60"));
    let name = world.get(&path("the-derby"));

    assert_eq!(unknown.problem(), (404, "unknown_race".to_owned()));
    assert_eq!(name.problem(), (400, "malformed".to_owned()));
}

#[test]
fn the_races_of_a_day_are_told_page_by_page() {
    let world = World::of_season();
    let day = season().settings.last_day();
    let mut expected: Vec<String> = season().to_come().map(key).collect();
    expected.sort();

    let mut found = Vec::new();
    let mut next = Some(String::new());
    while let Some(after) = next {
        let page = world.get(&format!("/api/preflight?day={day}&limit=3{after}"));
        assert_eq!(page.status, 200, "{}", page.body);
        let body = page.json();
        let items = body["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        found.extend(items.clone());
        next = body["next"].as_str().map(|next| format!("&after={next}"));
    }

    let mut races: Vec<_> = found
        .iter()
        .map(|item| item["race"].as_str().unwrap().to_owned())
        .collect();
    races.sort();
    assert_eq!(races, expected);
    for item in &found {
        assert_eq!(item["ready"], true, "{item}");
        assert_eq!(item["with_price"], 0, "{item}");
        assert!(item["with_runs"].as_u64() <= item["runners"].as_u64());
        assert!(item["with_rating"].as_u64() <= item["runners"].as_u64());
    }
}

#[test]
fn a_blocked_race_of_the_day_says_why_as_a_table_too() {
    let world = World::of_season();
    let day = season().settings.last_day();
    let path = format!("/api/preflight?day={day}&limit=1&as_of=2020-01-01T00:00:00Z");

    let item = world.get(&path).json()["items"][0].clone();
    let csv = world.get(&format!("{path}&format=csv"));

    assert_eq!(
        (&item["ready"], &item["code"], &item["runners"]),
        (&json!(false), &json!("not_ready"), &json!(0))
    );
    let line = csv.body.lines().nth(1).unwrap();
    assert!(
        line.contains(",false,not_ready,nobody was known to run"),
        "{line}"
    );
}

#[test]
fn a_query_that_makes_no_sense_is_told_all_at_once() {
    let world = World::of_season();

    let wrong = world.get("/api/preflight?day=today&limit=900&format=xml");
    let cursor = world.get("/api/preflight?day=2026-11-20&after=there");
    let missing = world.get("/api/preflight");

    assert_eq!(wrong.problem(), (422, "invalid".to_owned()));
    let faults = wrong.json()["faults"].as_array().unwrap().clone();
    let at: Vec<_> = faults.iter().map(|fault| fault["at"].clone()).collect();
    assert_eq!(at, ["day", "limit", "format"]);
    assert_eq!(cursor.problem(), (400, "malformed".to_owned()));
    assert_eq!(missing.problem(), (400, "malformed".to_owned()));
}
