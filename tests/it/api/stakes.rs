//! What to put on runners of one day.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{House, World, key, season, to_come};

const PATH: &str = "/api/stakes";

/// What the model says of the runners of a race.
fn runners(world: &World, race: &str) -> Vec<Value> {
    let path = format!("/api/races/{race}/prediction?market=none");
    world.get(&path).json()["runners"]
        .as_array()
        .unwrap()
        .clone()
}

/// The likeliest first.
fn favourites(world: &World, race: &str) -> Vec<(u64, f64)> {
    let runners = runners(world, race).into_iter();
    let pairs = runners.map(|one| (one["rug"].as_u64().unwrap(), one["win"].as_f64().unwrap()));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by(|left, right| right.1.total_cmp(&left.1));
    pairs
}

/// Races that are run on the day of the first one to come.
fn of_one_day() -> Vec<String> {
    let first = season().to_come().next().unwrap();
    let same = season().to_come().filter(|race| race.day == first.day);
    same.map(key).collect()
}

fn bet(race: &str, rug: u64, price: f64) -> Value {
    json!({"race": race, "rug": rug, "price": price})
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

fn close(found: &Value, known: f64) -> bool {
    (number(found) - known).abs() < 1e-9
}

fn faults(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    let body = answer.json();
    let faults = body["faults"].as_array().unwrap().iter();
    let mut told: Vec<String> = faults
        .map(|one| {
            format!(
                "{} {}",
                one["at"].as_str().unwrap(),
                one["why"].as_str().unwrap()
            )
        })
        .collect();
    told.sort();
    told
}

#[test]
fn one_bet_is_a_quarter_of_kelly_on_the_models_own_chance() {
    let world = World::of_season();
    let race = to_come();
    let known = runners(&world, &race)[0].clone();
    let (win, price) = (number(&known["win"]), number(&known["fair_price"]) * 1.2);

    let answer = world.post_json(
        PATH,
        &json!({"bets": [bet(&race, known["rug"].as_u64().unwrap(), price)]}),
    );

    let body = answer.json();
    let (found, b) = (&body["bets"][0], (price - 1.0) * 0.92);
    assert_eq!(answer.status, 200, "{}", answer.body);
    for field in ["rug", "dog", "dog_id", "win", "fair_price", "min_price"] {
        assert_eq!(found[field], known[field], "{field}");
    }
    let kelly = (win * b - (1.0 - win)) / b;
    assert!(close(&found["edge"], win * (1.0 + b) - 1.0), "{found}");
    assert!(close(&found["kelly"], kelly) && kelly > 0.0, "{found}");
    assert!(close(&found["stake_fraction"], kelly / 4.0), "{found}");
    assert_eq!(found["limited_by"], json!([]));
    assert!(close(&body["staked"], kelly / 4.0) && close(&body["left_today"], 0.1 - kelly / 4.0));
    assert_eq!(
        body["limits"],
        json!({"fraction": 0.25, "bet": 0.05, "day": 0.1})
    );
    assert!(
        body["notes"][0]
            .as_str()
            .unwrap()
            .starts_with("lurcher places no bet")
    );
}

#[test]
fn runners_of_one_race_are_weighed_together_and_of_two_races_apart() {
    let world = World::of_season();
    let races = of_one_day();
    let picks = favourites(&world, &races[0]);
    let [(first, p1), (second, p2)] = [picks[0], picks[1]];
    let (o1, o2) = (1.15 / p1, 1.15 / p2);
    let ask = |bets: &[Value]| {
        let body = json!({"bets": bets, "commission": 0, "fraction": 0.1});
        world.post_json(PATH, &body).json()
    };

    let together = ask(&[bet(&races[0], first, o1), bet(&races[0], second, o2)]);
    let alone = ask(&[bet(&races[0], first, o1)]);
    let (other, p3) = favourites(&world, &races[1])[0];
    let apart = ask(&[bet(&races[0], first, o1), bet(&races[1], other, 1.15 / p3)]);

    // Smoczynski and Tomkins, of two runners that are both backed.
    let reserve = (1.0 - p1 - p2) / (1.0 - 1.0 / o1 - 1.0 / o2);
    for (n, (p, o)) in [(p1, o1), (p2, o2)].into_iter().enumerate() {
        let kelly = p - reserve / o;
        assert!(
            kelly > 0.0 && close(&together["bets"][n]["kelly"], kelly),
            "{together}"
        );
        assert!(close(&together["bets"][n]["stake_fraction"], kelly * 0.1));
    }
    let single = (p1 * o1 - 1.0) / (o1 - 1.0);
    assert!(close(&alone["bets"][0]["kelly"], single));
    assert!(close(&apart["bets"][0]["kelly"], single));
    assert!(!close(&together["bets"][0]["kelly"], single));
}

#[test]
fn races_share_the_limit_of_a_day_and_what_was_put_down_before_counts() {
    let world = World::of_season();
    let races = of_one_day();
    let bets: Vec<Value> = races[..3]
        .iter()
        .map(|race| bet(race, favourites(&world, race)[0].0, 90.0))
        .collect();
    let ask = |bets: &[Value], spent: f64| {
        let body = json!({"bets": bets, "already_staked_today": spent});
        world.post_json(PATH, &body).json()
    };
    let stakes = |body: &Value| -> Vec<f64> {
        let bets = body["bets"].as_array().unwrap().iter();
        bets.map(|bet| number(&bet["stake_fraction"])).collect()
    };

    let [one, three] = [&bets[..1], &bets[..]].map(|bets| ask(bets, 0.0));
    let [late, full] = [0.07, 0.5].map(|spent| ask(&bets, spent));

    assert_eq!(stakes(&one), [0.05]);
    assert_eq!(
        (&one["limited_by"], &one["bets"][0]["limited_by"]),
        (&json!(["bet"]), &json!(["bet"]))
    );
    assert!(
        close(&three["staked"], 0.1) && close(&three["left_today"], 0.0),
        "{three}"
    );
    assert!(
        stakes(&three)
            .iter()
            .all(|stake| (stake - 0.1 / 3.0).abs() < 1e-12)
    );
    assert_eq!(three["limited_by"], json!(["bet", "day"]));
    assert!(
        close(&late["staked"], 0.03) && close(&late["left_today"], 0.0),
        "{late}"
    );
    assert_eq!(stakes(&full), [0.0; 3]);
    assert_eq!(full["bets"][2]["limited_by"], json!(["bet", "day"]));
}

#[test]
fn a_price_that_is_too_short_gets_nothing_and_says_what_it_should_be() {
    let world = World::of_season();
    let race = to_come();
    let (rug, win) = favourites(&world, &race)[0];

    let body = json!({"bets": [bet(&race, rug, 1.01)], "edge": 0.2, "commission": 0.1});
    let body = world.post_json(PATH, &body).json();

    let found = &body["bets"][0];
    assert!(
        number(&found["edge"]) < 0.0 && close(&found["stake_fraction"], 0.0),
        "{found}"
    );
    assert!(
        close(&found["min_price"], 1.0 + (1.2 / win - 1.0) / 0.9),
        "{found}"
    );
    assert!(close(&body["left_today"], 0.1) && body["limited_by"] == json!([]));
}

#[test]
fn no_limit_can_be_lifted_and_everything_that_is_wrong_is_told_at_once() {
    let world = World::of_season();
    let races = of_one_day();
    let tomorrow = "2026-11-30-angle-park-1";

    let told = faults(&world.post_json(
        PATH,
        &json!({
            "bets": [
                bet(&races[0], 1, 2.0), bet(&races[0], 1, 3.0), bet(tomorrow, 1, 2.0),
                bet("the-derby", 11, 1.0), {"rug": 2}, 7,
            ],
            "fraction": 0.26, "commission": 0.6, "edge": 2, "already_staked_today": -0.1, "bet": 0.5,
        }),
    ));

    let known = [
        "already_staked_today must be 0 to 1",
        "bet is not known here",
        "bets[1] must name a runner that no other bet names",
        "bets[2].race must be of the day of the other bets: they share its limit",
        "bets[3].price must be decimal odds above 1, at most 100000",
        "bets[3].race must be a race like 2025-07-21-angle-park-3",
        "bets[3].rug must be a rug, 1 to 10",
        "bets[4].price must be given",
        "bets[4].race must be given",
        "bets[5] must be an object, got a whole number",
        "commission must be 0 to 0.5",
        "edge must be 0 to 1",
        "fraction must be above 0 and at most 0.25",
    ];
    assert_eq!(told, known);
}

#[test]
fn one_to_fifty_bets_are_weighed() {
    let world = World::of_season();
    let ask = |bets: Vec<Value>| world.post_json(PATH, &json!({"bets": bets}));
    let many: Vec<Value> = (0..51).map(|n| bet(&to_come(), n % 8 + 1, 2.0)).collect();

    for answer in [ask(Vec::new()), world.post_json(PATH, &json!({}))] {
        assert_eq!(faults(&answer), ["bets must be 1 to 50 bets"]);
    }
    assert!(faults(&ask(many)).contains(&"bets must be 1 to 50 bets".to_owned()));
    let all: Vec<Value> = of_one_day()
        .iter()
        .flat_map(|race| {
            favourites(&world, race)
                .into_iter()
                .map(|(rug, p)| bet(race, rug, 1.1 / p))
        })
        .take(50)
        .collect();
    let body = ask(all).json();
    assert_eq!(body["bets"].as_array().unwrap().len(), 50, "{body}");
    assert!(number(&body["staked"]) <= 0.1 + 1e-12);
}

#[test]
fn a_runner_that_is_none_an_unknown_race_and_a_house_without_a_model_are_told_apart() {
    let world = World::of_season();
    let missing = bet(&to_come(), 10, 2.0);
    let unknown = bet("2026-11-20-angle-park-60", 1, 2.0);
    let bare = World::serve(House::empty());
    let card = super::facts::card(3, 6);
    bare.post_json("/api/cards", &card);

    let told = faults(&world.post_json(PATH, &json!({"bets": [missing]})));

    assert_eq!(told, [format!("bets[0].rug does not run in {}", to_come())]);
    let unknown = world.post_json(PATH, &json!({"bets": [unknown]}));
    assert_eq!(unknown.problem(), (404, "unknown_race".to_owned()));
    let bare = bare.post_json(
        PATH,
        &json!({"bets": [bet("2026-11-21-angle-park-3", 1, 2.0)]}),
    );
    assert_eq!(bare.problem(), (409, "not_ready".to_owned()));
}
