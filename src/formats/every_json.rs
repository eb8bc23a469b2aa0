//! What is true of every JSON format.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::tests::{bytes, items, reason};
use super::{Format, read};

const JSON: [(&str, Format); 6] = [
    ("betfair-stream.jsonl", Format::BetfairStream),
    ("gbgb-meeting.json", Format::GbgbJson),
    ("gbgb-dog.json", Format::GbgbJson),
    ("topaz.json", Format::Topaz),
    ("uk-card.json", Format::UkCard),
    ("facts.json", Format::Facts),
];

#[test]
fn every_format_is_told_by_its_keys() {
    for (name, format) in JSON {
        assert_eq!(items("x", &bytes(name)).0.unwrap().format, format);
        assert_eq!(Format::parse(format.as_str()), Ok(format));
    }
}

#[test]
fn json_is_no_table_and_a_table_no_json() {
    for (name, wanted, why) in [
        (
            "topaz.json",
            Format::UkCard,
            "not uk-card: its keys are those of topaz",
        ),
        (
            "topaz.json",
            Format::Runs,
            "not runs: its keys are those of topaz",
        ),
        ("runs.csv", Format::UkCard, "not uk-card: a table"),
    ] {
        let text = bytes(name);
        let read = read(name, &mut text.as_slice(), Some(wanted), &mut |_item| {
            ControlFlow::Continue(())
        });
        assert_eq!(read.unwrap_err().reason, why);
    }
}

#[test]
fn a_million_runners_are_refused_before_they_are_held() {
    let runner = r#"{"trapNumber":1,"dogName":"A"},"#.repeat(1_000_000);
    let text = format!("[{{\"race_id\":1,\"dogs\":[{runner}0]}}]");

    assert!(reason("x", text.as_bytes()).contains("must hold at most 400000 values"));
}

/// Values of every kind, at the edges.
fn json_value() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        Just(serde_json::json!(null)),
        Just(serde_json::json!([[[]]])),
        Just(serde_json::json!({"$numberLong": {"$date": "x"}})),
        any::<i64>().prop_map(|number| serde_json::json!(number)),
        any::<f64>().prop_map(|number| serde_json::json!(number)),
        any::<bool>().prop_map(|flag| serde_json::json!(flag)),
        "\\PC{0,12}".prop_map(|text| serde_json::json!(text)),
    ]
}

/// Every value that is no list and no object.
fn spots<'v>(value: &'v mut serde_json::Value, found: &mut Vec<&'v mut serde_json::Value>) {
    match value {
        serde_json::Value::Array(members) => {
            for member in members {
                spots(member, found);
            }
        }
        serde_json::Value::Object(members) => {
            for member in members.values_mut() {
                spots(member, found);
            }
        }
        value => found.push(value),
    }
}

proptest! {
    #[test]
    fn no_mutation_makes_it_panic(
        which in 0_usize..JSON.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..20),
    ) {
        let (name, _) = JSON[which];
        let mut text = bytes(name);
        for (at, byte, kind) in edits {
            let at = at.index(text.len());
            match kind {
                0 => text[at] = byte,
                1 => text.insert(at, b"{}[],:\"\\-09.e"[usize::from(byte) % 13]),
                _ => { text.remove(at); }
            }
        }
        let _ = items(name, &text);
    }

    #[test]
    fn no_values_make_it_panic(
        which in 0_usize..JSON.len(),
        values in prop::collection::vec((any::<prop::sample::Index>(), json_value()), 1..6),
    ) {
        let (name, _) = JSON[which];
        let text = String::from_utf8(bytes(name)).unwrap();
        let mut documents: Vec<serde_json::Value> = match name {
            "betfair-stream.jsonl" => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            _ => vec![serde_json::from_str(&text).unwrap()],
        };
        for (at, value) in values {
            let mut leaves = Vec::new();
            for item in &mut documents {
                spots(item, &mut leaves);
            }
            let n = at.index(leaves.len());
            *leaves.swap_remove(n) = value;
        }
        let lines: Vec<_> = documents.iter().map(ToString::to_string).collect();
        // Facts as we write them are checked where they are taken in; here none may panic.
        let _ = read(name, &mut lines.join("\n").as_bytes(), None, &mut |_item| {
            ControlFlow::Continue(())
        });
    }
}
