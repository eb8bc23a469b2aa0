//! What a bet brings back.

use serde_json::{Value, json};

use crate::world::World;

const PATH: &str = "/api/settlements";

/// What 10 at 4.00 bring back, and by which rules.
fn settled(world: &World, more: &Value) -> (f64, f64, Vec<String>) {
    let mut body = json!({"stake": 10, "price": 4.0, "outcome": "won"});
    let fields = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    let answer = world.post_json(PATH, &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let rules = body["rules"].as_array().unwrap().iter();
    let rules = rules.map(|one| one["rule"].as_str().unwrap().to_owned());
    let [paid, commission, returned, profit] =
        ["paid", "commission", "returned", "profit"].map(|name| body[name].as_f64().unwrap());
    assert!((paid - commission - returned).abs() < 1e-9, "{body}");
    assert!(profit < returned, "{body}");
    (returned, profit, rules.collect())
}

#[test]
fn the_known_bets_bring_back_what_they_must() {
    let world = World::empty();
    let known = [
        // Cents in the dollar off the face value, as Australian bookmakers print it.
        (json!({"deductions": [0.42]}), 23.20, "full_price deduction"),
        (
            json!({"price": 2.5, "deductions": [0.20]}),
            20.00,
            "full_price deduction",
        ),
        (
            json!({"deductions": [0.10, 0.15]}),
            30.00,
            "full_price deduction",
        ),
        // Rule 4, off the winnings.
        (json!({"rule4": [0.20]}), 34.00, "full_price rule4"),
        (json!({"rule4": [0.20, 0.30]}), 25.00, "full_price rule4"),
        (json!({"rule4": [0.75, 0.75]}), 13.00, "full_price rule4"),
        // The stake is divided.
        (
            json!({"dead_heat": {"runners": 2, "places": 1}}),
            20.00,
            "dead_heat",
        ),
        (json!({"dead_heat": {"runners": 3}}), 13.33, "dead_heat"),
        (
            json!({"dead_heat": {"runners": 3, "places": 2}}),
            26.67,
            "dead_heat",
        ),
        (
            json!({"dead_heat": {"runners": 2}, "deductions": [0.42]}),
            11.60,
            "dead_heat deduction",
        ),
        (
            json!({"dead_heat": {"runners": 2}, "rule4": [0.2]}),
            17.00,
            "dead_heat rule4",
        ),
        // On what is won beyond the stake.
        (json!({"commission": 0.08}), 37.60, "full_price commission"),
        (
            json!({"dead_heat": {"runners": 2}, "commission": 0.08}),
            19.20,
            "dead_heat commission",
        ),
        (
            json!({"dead_heat": {"runners": 5}, "commission": 0.08}),
            8.00,
            "dead_heat",
        ),
        (
            json!({"outcome": "lost", "deductions": [0.42], "commission": 0.08}),
            0.00,
            "lost",
        ),
        (
            json!({"outcome": "void", "rule4": [0.42], "commission": 0.08}),
            10.00,
            "void",
        ),
        (
            json!({"deductions": [], "rule4": null}),
            40.00,
            "full_price",
        ),
    ];

    for (more, returned, rules) in known {
        let found = settled(&world, &more);
        assert!((found.0 - returned).abs() < 1e-9, "{more}: {found:?}");
        assert!(
            (found.1 - (returned - 10.0)).abs() < 1e-9,
            "{more}: {found:?}"
        );
        assert_eq!(found.2.join(" "), rules, "{more}");
    }
}

#[test]
fn a_rule_is_told_with_its_figures() {
    let world = World::empty();

    let body = json!({
        "stake": 10, "price": 4.0, "outcome": "won", "dead_heat": {"runners": 3, "places": 2},
        "rule4": [0.75, 0.75], "commission": 0.05,
    });
    let told = world.post_json(PATH, &body).json();

    // 6.67 of the 10 run on at 3.00 less 90 %: 8.67, which is no profit to take from.
    assert_eq!(
        told["rules"],
        json!([
            {"rule": "dead_heat", "detail": "2 in 3 of the stake is paid at the price"},
            {"rule": "rule4", "detail": "90p in the pound off the winnings"},
        ])
    );
    assert_eq!(
        (&told["returned"], &told["profit"]),
        (&json!(8.67), &json!(-1.33))
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let world = World::empty();
    let ask = |body: Value| {
        let answer = world.post_json(PATH, &body);
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{body}");
        let faults = answer.json()["faults"].as_array().unwrap().clone();
        let mut at: Vec<_> = faults
            .iter()
            .map(|one| one["at"].as_str().unwrap().to_owned())
            .collect();
        at.sort();
        at
    };

    assert_eq!(ask(json!({})), ["outcome", "price", "stake"]);
    assert_eq!(ask(json!([])), [""]);
    let all = json!({
        "stake": 0.005, "price": 1, "outcome": "dead_heat", "deductions": [0.5, 1.01, -0.1, 0.125],
        "commission": 0.51, "at": "now",
    });
    assert_eq!(
        ask(all),
        [
            "at",
            "commission",
            "deductions[1]",
            "deductions[2]",
            "deductions[3]",
            "outcome",
            "price",
            "stake"
        ]
    );
    let with = |more: Value| {
        let mut body = json!({"stake": 10, "price": 4.0, "outcome": "won"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        ask(body)
    };
    assert_eq!(
        with(json!({"deductions": [0.1], "rule4": [0.1]})),
        ["rule4"]
    );
    assert_eq!(with(json!({"rule4": vec![0.1; 11]})), ["rule4"]);
    assert_eq!(
        with(json!({"outcome": "lost", "dead_heat": {"runners": 2}})),
        ["dead_heat"]
    );
    assert_eq!(with(json!({"dead_heat": {}})), ["dead_heat.runners"]);
    assert_eq!(
        with(json!({"dead_heat": {"runners": 2, "places": 2}})),
        ["dead_heat.places"]
    );
    assert_eq!(
        with(json!({"stake": 9_000_000_000_u64, "price": 100_000})),
        ["stake"]
    );
    assert_eq!(with(json!({"stake": 20_000_000_000_u64})), ["stake"]);
}
