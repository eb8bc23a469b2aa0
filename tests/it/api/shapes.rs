//! Lists as tables and as lines.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::{Answer, House, World, season, to_come};

const LISTS: [&str; 6] = [
    "/api/races",
    "/api/meetings",
    "/api/tracks",
    "/api/dogs",
    "/api/dogs/1/form",
    "/api/trainers",
];

fn table(answer: &Answer) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    assert!(answer.header("content-type").starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(answer.body.as_bytes());
    let head = reader.headers().unwrap().clone();
    (head, reader.records().map(Result::unwrap).collect())
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines = answer.body.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A JSON value as a cell of a table.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn a_table_of_races_says_what_the_objects_say() {
    let world = World::of_season();
    let path = "/api/races?limit=40";

    let objects = world.get(path).json();
    let (head, rows) = table(&world.get_with(path, &[("accept", "text/csv")]));

    let expected: Vec<Vec<String>> = objects["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|race| {
            race["runners"]
                .as_array()
                .unwrap()
                .iter()
                .map(move |runner| (race, runner))
        })
        .map(|(race, runner)| {
            let value = |name: &str| match name {
                "track" => cell(&race["track"]["slug"]),
                name => cell(race.get(name).unwrap_or(&runner[name])),
            };
            head.iter().map(value).collect()
        })
        .collect();
    assert_eq!(rows, expected);
    assert!(rows.len() > 200, "{}", rows.len());
    for name in [
        "race",
        "day",
        "track",
        "rug",
        "box",
        "dog",
        "won",
        "sp",
        "settlement",
    ] {
        assert!(head.iter().any(|column| column == name), "{name}");
    }
}

#[test]
fn every_list_comes_in_three_shapes_and_the_parameter_wins() {
    let world = World::of_season();
    let history = format!("/api/races/{}/history", to_come());

    for path in LISTS.iter().copied().chain([history.as_str()]) {
        let items = world.get(path).json()["items"].clone();
        let by_header =
            world.get_with(path, &[("accept", "text/html;q=0.1, application/x-ndjson")]);
        let by_name = world.get_with(&format!("{path}?format=ndjson"), &[("accept", "text/csv")]);
        let (_, rows) = table(&world.get(&format!("{path}?format=csv")));
        let unknown = world.get(&format!("{path}?format=xml"));

        assert_eq!(&Value::Array(lines(&by_header)), &items, "{path}");
        assert_eq!(by_header.body, by_name.body);
        assert!(by_header.header("vary").contains("Accept"));
        assert!(rows.len() >= items.as_array().unwrap().len(), "{path}");
        assert_eq!(unknown.problem(), (422, "invalid".to_owned()));
    }
}

#[test]
fn outside_json_the_way_on_is_a_link() {
    let world = World::of_season();
    let day = season().settings.first_day;
    let path = format!("/api/races?from={day}&limit=7&format=ndjson");
    let mut found = Vec::new();
    let mut next = Some(path);

    while let Some(path) = next {
        let answer = world.get(&path);
        found.extend(lines(&answer));
        let link = answer.header("link").strip_prefix('<');
        next = link.map(|link| link.split_once(">; rel=\"next\"").unwrap().0.to_owned());
    }

    let races: BTreeSet<_> = found.iter().map(|race| race["race"].as_str()).collect();
    assert_eq!(found.len(), season().races.len());
    assert_eq!(races.len(), found.len());
}

#[test]
fn a_dog_that_is_called_like_a_formula_is_just_a_dog() {
    let house = House::empty();
    let row = "race_id,date,track,race_number,distance_m,rug,dog_name,won\n\
               n1,2026-11-19,Dapto,1,520,1,=HYPERLINK(1),1\n\
               n1,2026-11-19,Dapto,1,520,2,@SUM(1),0\n";
    let report = house.import_text("runs.csv", row);
    assert_eq!(report.faults, []);
    let world = World::serve(house);

    for path in [
        "/api/races?format=csv",
        "/api/export/races",
        "/api/export/runs",
    ] {
        let (head, rows) = table(&world.get(path));
        let dog = head.iter().position(|column| column == "dog").unwrap();
        let metres = head
            .iter()
            .position(|column| column == "distance_m")
            .unwrap();
        let dogs: Vec<_> = rows.iter().map(|row| row.get(dog).unwrap()).collect();
        assert_eq!(dogs, ["'=HYPERLINK(1)", "'@SUM(1)"], "{path}");
        assert_eq!(rows[0].get(metres), Some("520"));
    }
    let race = &world.get("/api/races").json()["items"][0];
    assert_eq!(race["runners"][0]["dog"], "=HYPERLINK(1)");
}
