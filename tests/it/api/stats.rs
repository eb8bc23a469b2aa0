//! How much is known.

use serde_json::{Value, json};

use crate::world::{House, World, season};

#[test]
fn nothing_is_known_of_an_empty_house() {
    let world = World::empty();

    let stats = world.get("/api/stats").json();

    let nothing = json!({
        "races": 0, "runs": 0, "dogs": 0, "trainers": 0, "tracks": 0, "first_day": null,
        "last_day": null, "results_pending": 0, "by_track": [], "by_month": [],
    });
    assert_eq!(stats, nothing);
}

#[test]
fn the_season_is_told_in_numbers() {
    let world = World::of_season();
    let count = |sql: &str| json!(world.house.number(sql));

    let stats = world.get("/api/stats").json();

    assert_eq!(stats["races"], json!(season().races.len()));
    assert_eq!(
        stats["first_day"],
        json!(season().settings.first_day.to_string())
    );
    assert_eq!(stats["results_pending"], json!(season().to_come().count()));
    assert_eq!(
        stats["last_day"],
        json!(world.house.texts("SELECT max(day) FROM race")[0])
    );
    assert_eq!(stats["dogs"], count("SELECT count(*) FROM dog"));
    assert_eq!(stats["trainers"], count("SELECT count(*) FROM trainer"));
    assert_eq!(
        stats["runs"],
        count("SELECT count(*) FROM run WHERE gone_at_ms IS NULL")
    );
    let by_track = stats["by_track"].as_array().unwrap();
    assert_eq!(
        (stats["tracks"].as_u64(), by_track.len()),
        (Some(by_track.len() as u64), season().tracks.len())
    );
    assert!(by_track.is_sorted_by_key(|track| track["track"].as_str().map(str::to_owned)));
    let track = &season().tracks[0];
    let shown = by_track
        .iter()
        .find(|one| one["track"] == track.slug)
        .unwrap();
    let held = season().races.iter().filter(|race| race.track == 0);
    assert_eq!(shown["races"], json!(held.clone().count()));
    assert_eq!(
        shown["last_day"],
        json!(held.map(|race| race.day.to_string()).max())
    );
    let by_month = stats["by_month"].as_array().unwrap();
    assert!(by_month.is_sorted_by_key(|month| month["month"].as_str().map(str::to_owned)));
    for sum in ["races", "runs", "results_pending"] {
        let months: u64 = by_month
            .iter()
            .map(|month| month[sum].as_u64().unwrap())
            .sum();
        assert_eq!(json!(months), stats[sum], "{sum}");
    }
}

#[test]
fn a_post_is_counted_before_it_is_answered() {
    let world = World::serve(House::empty());
    let post = |path: &str, body: &Value| {
        let answer = world.post_json(path, body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let stats = world.get("/api/stats").json();
        let sums = ["races", "runs", "dogs", "results_pending"];
        sums.map(|sum| stats[sum].as_u64().unwrap())
    };
    let head = json!({"source": "one", "track": "Townsville", "day": "2026-11-19", "number": 3, "distance_m": 380});
    let with = |more: Value| {
        let mut body = head.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let field = json!([{"rug": 1, "box": 1, "dog": "Amber Rocket"}, {"rug": 2, "box": 2, "dog": "Bold Tally"}]);
    let order = |one: u8, other: u8| json!([{"rug": 1, "place": one}, {"rug": 2, "place": other}]);

    let card = post(
        "/api/cards",
        &with(json!({"runners": field, "known_at": "2026-11-19T00:00:00Z"})),
    );
    let interim = post(
        "/api/results",
        &with(
            json!({"status": "interim", "runners": order(1, 2), "known_at": "2026-11-19T09:00:00Z"}),
        ),
    );
    let official = post(
        "/api/results",
        &with(
            json!({"status": "official", "runners": order(1, 2), "known_at": "2026-11-19T09:10:00Z"}),
        ),
    );
    let again = post(
        "/api/results",
        &with(
            json!({"status": "official", "runners": order(1, 2), "known_at": "2026-11-19T09:10:00Z"}),
        ),
    );
    let void = post(
        "/api/results",
        &with(json!({"status": "no_race", "runners": [], "known_at": "2026-11-19T09:30:00Z"})),
    );

    assert_eq!(card, [1, 0, 2, 1]);
    assert_eq!(interim, [1, 0, 2, 1]);
    assert_eq!(official, [1, 2, 2, 0]);
    assert_eq!(again, [1, 2, 2, 0]);
    assert_eq!(void, [1, 0, 2, 0]);
}
