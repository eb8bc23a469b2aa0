//! Facts in: what becomes of what is posted, and what the poster is told.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use lurcher::store::{self, Class};
use serde_json::{Value, json};

use crate::world::{World, wait};

const RACE: &str = "2026-11-21-angle-park-3";

/// A card of that many runners, to be spoiled.
pub(crate) fn card(number: u32, runners: u32) -> Value {
    let field: Vec<Value> = (1..=runners)
        .map(|rug| json!({"rug": rug, "box": rug.min(8), "dog": format!("Dog {number} {rug}"), "reserve": rug > 8}))
        .collect();
    json!({
        "source": "test", "track": "angle-park", "day": "2026-11-21", "number": number,
        "distance_m": 530, "grade": "5", "jump_at": "2026-11-21T09:30:00Z", "runners": field,
    })
}

/// The official order of finish of that race.
pub(crate) fn result(number: u32, order: &[u32]) -> Value {
    let lines: Vec<Value> = (1..)
        .zip(order)
        .map(|(place, rug)| json!({"rug": rug, "place": place, "run_time_s": 30.0 + f64::from(place) / 10.0}))
        .collect();
    json!({
        "source": "test", "track": "angle-park", "day": "2026-11-21", "number": number,
        "status": "official", "known_at": "2026-11-21T09:40:00Z", "runners": lines,
    })
}

/// The places of all faults.
fn places(answer: &Value) -> Vec<&str> {
    let faults = answer["faults"].as_array().unwrap().iter();
    faults.map(|fault| fault["at"].as_str().unwrap()).collect()
}

fn counts(answer: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "failed"].map(|name| answer[name].as_u64().unwrap())
}

#[test]
fn a_card_is_created_then_unchanged_then_updated() {
    let world = World::empty();

    let first = world.post_json("/api/cards", &card(3, 6));
    let again = world.post_json("/api/cards", &card(3, 6));
    let smaller = world.post_json("/api/cards", &card(3, 5));

    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(counts(&first.json()), [1, 0, 0, 0]);
    assert_eq!(
        first.json()["items"][0],
        json!({"race": RACE, "status": "created"})
    );
    assert_eq!(counts(&again.json()), [0, 0, 1, 0]);
    assert_eq!(counts(&smaller.json()), [0, 1, 0, 0]);
    let race = world.get(&format!("/api/races/{RACE}")).json();
    assert_eq!(race["runners"][5]["scratched"], true, "{race}");
}

#[test]
fn every_fault_of_form_and_value_is_told_with_its_place() {
    let world = World::empty();
    let mut bad = card(3, 4);
    bad["runners"][0]["wieght"] = json!(31);
    bad["runners"][1]["rug"] = json!("two");
    bad["runners"][2]["box"] = json!(9);
    bad["distance_m"] = json!(20);
    bad["track"] = Value::Null;

    let answer = world.post_json("/api/cards", &bad);

    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    let mut found = places(&answer.json())
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "distance_m",
            "runners[0].wieght",
            "runners[1].rug",
            "runners[2].box",
            "track"
        ]
    );
    assert_eq!(world.house.number("SELECT count(*) FROM race"), 0);
}

#[test]
fn a_key_that_stands_twice_is_a_fault() {
    let world = World::empty();
    let body = card(3, 2)
        .to_string()
        .replacen("\"number\":3", "\"number\":3,\"number\":4", 1);

    let answer = world.post_with("/api/cards", body.as_bytes(), &[]);

    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    assert_eq!(places(&answer.json()), ["number"]);
}

#[test]
fn the_good_items_of_a_list_are_kept_when_others_fail() {
    let world = World::empty();
    let list = json!([card(1, 6), {"source": "test"}, null, 7, card(2, 6)]);

    let answer = world.post_json("/api/cards", &list);

    let body = answer.json();
    assert_eq!((answer.status, counts(&body)), (200, [2, 0, 0, 3]));
    assert_eq!(body["items"][4]["race"], "2026-11-21-angle-park-2");
    assert_eq!(world.house.number("SELECT count(*) FROM race"), 2);
}

#[test]
fn a_list_of_which_nothing_is_good_is_a_problem_with_every_receipt() {
    let world = World::empty();
    let list = json!([{"source": "test"}, 7]);

    let answer = world.post_json("/api/results", &list);

    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    let body = answer.json();
    assert_eq!(counts(&body), [0, 0, 0, 2]);
    let places = places(&body);
    assert!(
        places.contains(&"[0].track") && places.contains(&"[1]"),
        "{places:?}"
    );
}

#[test]
fn lines_are_judged_alone_and_there_may_be_more_than_five_hundred() {
    let world = World::empty();
    let mut lines: Vec<String> = (0..600_u32)
        .map(|n| {
            let mut card = card(n % 50 + 1, 2);
            card["day"] = json!(format!("2026-12-{:02}", n / 50 + 1));
            card.to_string()
        })
        .collect();
    lines.insert(3, "{\"source\":".to_owned());
    lines.push(String::new());
    let body = lines.join("\n");

    let answer = world.post_with(
        "/api/cards",
        body.as_bytes(),
        &[("content-type", "application/x-ndjson")],
    );

    let receipts = answer.json();
    assert_eq!((answer.status, counts(&receipts)), (200, [600, 0, 0, 1]));
    assert_eq!(receipts["items"][3]["status"], "failed");
    assert_eq!(world.house.number("SELECT count(*) FROM race"), 600);
}

#[test]
fn what_is_too_much_or_of_a_wrong_kind_is_refused_whole() {
    let world = World::empty();
    let many = Value::Array((0..501).map(|_n| card(1, 1)).collect());
    let large = format!("[{}]", " ".repeat(2 * 1_024 * 1_024));
    let ndjson = [("content-type", "application/x-ndjson")];

    let answers = [
        world.post_json("/api/cards", &many),
        world.post_with("/api/cards", large.as_bytes(), &[]),
        world.post_with("/api/cards", b"{}", &[("content-type", "text/plain")]),
        world.post_with("/api/cards", b"[]", &[]),
        world.post_with("/api/cards", b"\n\n", &ndjson),
        world.post_with("/api/cards", b"{", &[]),
        world.post_with("/api/cards", b"{} {}", &[]),
    ];

    let problems = answers.map(|answer| answer.problem());
    let of = |status, code: &str| (status, code.to_owned());
    assert_eq!(
        problems,
        [
            of(413, "too_large"),
            of(413, "too_large"),
            of(415, "unsupported_format"),
            of(422, "invalid"),
            of(422, "invalid"),
            of(400, "malformed"),
            of(400, "malformed"),
        ]
    );
    assert_eq!(world.house.number("SELECT count(*) FROM race"), 0);
}

#[test]
fn a_scratching_lets_the_reserve_into_the_vacated_box() {
    let world = World::empty();
    world.post_json("/api/cards", &card(3, 9));

    let path = format!("/api/races/{RACE}/scratchings");
    let answer = world.post_json(&path, &json!({"rug": 4, "replaced_by_rug": 9}));

    assert_eq!(
        (answer.status, counts(&answer.json())),
        (200, [1, 0, 0, 0]),
        "{}",
        answer.body
    );
    let race = world.get(&format!("/api/races/{RACE}")).json();
    let runner = |rug: usize| race["runners"][rug - 1].clone();
    assert_eq!(runner(4)["scratched"], true);
    assert_eq!(
        (runner(9)["box"].as_u64(), &runner(9)["reserve"]),
        (Some(4), &json!(false))
    );
}

#[test]
fn a_scratching_of_nobody_is_told_apart_from_one_of_no_race() {
    let world = World::empty();
    world.post_json("/api/cards", &card(3, 6));

    let no_race = world.post_json(
        "/api/races/2026-11-21-angle-park-9/scratchings",
        &json!({"rug": 4}),
    );
    let nobody = world.post_json(
        &format!("/api/races/{RACE}/scratchings"),
        &json!({"rug": 7}),
    );

    assert_eq!(no_race.problem(), (404, "unknown_race".to_owned()));
    assert_eq!(nobody.problem(), (422, "invalid".to_owned()));
    assert_eq!(places(&nobody.json()), ["rug"]);
}

#[test]
fn prices_come_by_key_or_by_day_track_and_number() {
    let world = World::empty();
    world.post_json("/api/cards", &card(3, 6));
    let ticks = json!([{"rug": 1, "win": 2.5}, {"rug": 2, "win": 4.0, "place": 1.6}]);
    let mut by_key = json!({
        "source": "book", "race": RACE, "at": "2026-11-20T00:00:00Z", "kind": "fixed",
        "prices": ticks,
    });
    let by_slot = json!({
        "source": "book", "track": "angle-park", "day": "2026-11-21", "number": 3,
        "at": "2026-11-20T00:00:00Z", "kind": "fixed", "prices": ticks,
    });

    let first = world.post_json("/api/prices", &by_key).json();
    let again = world.post_json("/api/prices", &by_slot).json();
    by_key["prices"][0]["win"] = json!(2.6);
    let corrected = world.post_json("/api/prices", &by_key).json();

    assert_eq!(counts(&first), [1, 0, 0, 0]);
    assert_eq!(counts(&again), [0, 0, 1, 0]);
    assert_eq!(counts(&corrected), [0, 1, 0, 0]);
    let race = world.get(&format!("/api/races/{RACE}")).json();
    let prices = race["prices"].as_array().unwrap();
    assert_eq!(prices.len(), 2, "{race}");
    assert_eq!(prices[0]["win"], 2.6);
}

#[test]
fn a_number_that_cannot_be_is_refused_in_every_field() {
    let world = World::empty();
    let odd = [
        "-1",
        "-0.0",
        "1e308",
        "5e-324",
        "0.5",
        "\"3,5\"",
        "\"3.5abc\"",
        "9007199254740993",
        "true",
        "[]",
        "{}",
    ];
    let card_fields = ["rug", "box", "weight_kg"];
    let line_fields = [
        "rug",
        "place",
        "run_time_s",
        "sectional_s",
        "margin_lengths",
        "weight_kg",
        "sp",
        "bsp",
    ];

    for value in odd {
        for (path, body, fields) in [
            ("/api/cards", card(3, 2), &card_fields[..]),
            ("/api/results", result(3, &[1, 2]), &line_fields[..]),
        ] {
            for field in fields {
                // These are good numbers for these fields.
                let allowed = matches!(
                    (*field, value),
                    ("margin_lengths", "-0.0" | "0.5" | "5e-324")
                        | ("place", "-0.0")
                        | ("run_time_s" | "sectional_s", "0.5")
                );
                if allowed {
                    continue;
                }
                let mut body = body.clone();
                body["runners"][0][*field] = json!("PLACEHOLDER");
                let text = body.to_string().replace("\"PLACEHOLDER\"", value);

                let answer = world.post_with(path, text.as_bytes(), &[]);

                assert_eq!(answer.status, 422, "{field} = {value}: {}", answer.body);
                let place = format!("runners[0].{field}");
                assert_eq!(
                    places(&answer.json()),
                    [place.as_str()],
                    "{field} = {value}"
                );
            }
        }
    }
    for not_json in ["NaN", "Infinity", "1e999", "+1", "01"] {
        let text = card(3, 2)
            .to_string()
            .replace("\"rug\":1", &format!("\"rug\":{not_json}"));
        let answer = world.post_with("/api/cards", text.as_bytes(), &[]);
        assert_eq!(
            answer.problem(),
            (400, "malformed".to_owned()),
            "{not_json}"
        );
    }
    assert_eq!(world.house.number("SELECT count(*) FROM race"), 0);
}

#[test]
fn who_writes_reads_it_at_once_and_no_304_hides_it() {
    let world = World::of_season();
    let path = format!("/api/races/{RACE}");
    world.post_json("/api/cards", &card(3, 8));
    let mut tag = world.get(&path).header("etag").to_owned();
    assert!(!tag.is_empty());

    for n in 0..200_u32 {
        let mut changed = card(3, 8);
        changed["name"] = json!(format!("Version {n}"));
        world.post_json("/api/cards", &changed);
        let read = world.get_with(&path, &[("if-none-match", &tag)]);
        let same = world.get_with(&path, &[("if-none-match", read.header("etag"))]);

        assert_eq!((read.status, same.status), (200, 304), "{n}");
        assert_eq!(read.json()["name"], format!("Version {n}"));
        read.header("etag").clone_into(&mut tag);
    }
}

#[test]
fn prices_of_a_race_that_nobody_knows_fail_alone() {
    let world = World::empty();
    world.post_json("/api/cards", &card(3, 6));
    let of = |race: &str| {
        json!({
            "source": "book", "race": race, "at": "2026-11-20T00:00:00Z", "kind": "fixed",
            "prices": [{"rug": 1, "win": 2.5}],
        })
    };

    let both = world.post_json(
        "/api/prices",
        &json!([of(RACE), of("2026-11-21-angle-park-9")]),
    );
    let alone = world.post_json("/api/prices", &of("2026-11-21-angle-park-9"));

    assert_eq!((both.status, counts(&both.json())), (200, [1, 0, 0, 1]));
    assert_eq!(both.json()["items"][1]["faults"][0]["at"], "race");
    assert_eq!(alone.problem(), (422, "invalid".to_owned()));
}

/// Prices of 500 races.
fn many_prices() -> String {
    let prices = (0..500).map(|n| {
        json!({
            "source": "book", "track": "angle-park", "day": format!("2026-12-{:02}", n / 50 + 1),
            "number": n % 50 + 1, "at": "2026-11-20T00:00:00Z", "kind": "fixed",
            "prices": [{"rug": 1, "win": 2.5}],
        })
    });
    Value::Array(prices.collect()).to_string()
}

#[test]
fn a_full_queue_says_so_while_the_writer_is_busy_and_loses_nothing() {
    let world = World::empty();
    let body = many_prices();
    let (release, held) = mpsc::channel();
    let writer = world.house.app().store.write(Class::Price, move |_tx| {
        // Nobody can be refused later than this.
        held.recv_timeout(Duration::from_secs(30)).unwrap();
        Ok::<_, store::Error>(())
    });

    let (told, answers) = mpsc::channel();
    let answers: Vec<_> = thread::scope(|scope| {
        for _ in 0..10 {
            let (told, world, body) = (told.clone(), &world, &body);
            scope.spawn(move || {
                let answer = world.post_with("/api/prices", body.as_bytes(), &[]);
                told.send(answer).ok().unwrap();
            });
        }
        drop(told);
        let first = answers.recv().unwrap();
        assert_eq!(first.problem(), (503, "busy".to_owned()));
        assert_eq!(first.header("retry-after"), "1");
        release.send(()).unwrap();
        answers.iter().collect()
    });

    wait(writer).unwrap();
    let kept = answers.iter().filter(|answer| answer.status == 200);
    assert!(kept.count() >= 8, "the queue holds 4,096");
    assert_eq!(world.house.number("SELECT count(*) FROM price"), 500);
}
