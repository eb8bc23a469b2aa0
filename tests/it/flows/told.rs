//! Facts written as the JSON that a collector posts.

use lurcher::domain::{
    CardDraft, CardRunnerDraft, DogDraft, PerformanceDraft, PriceDraft, PriceTickDraft, RaceDraft,
    ResultDraft, ResultRunnerDraft, ScratchDraft,
};
use lurcher::ingest::{Fact, Receipt, Status};
use serde_json::Value;

/// A card, a result, prices, or a scratching of `race`.
pub(super) fn fact(post: &str, race: &str, body: &Value) -> Fact {
    match post {
        "card" => Fact::Card(Box::new(card(body).check().unwrap())),
        "result" => Fact::Result(Box::new(result(body).check().unwrap())),
        "prices" => Fact::Prices(Box::new(prices(body).check().unwrap())),
        "scratching" => {
            let out = scratching(body).check().unwrap();
            Fact::Scratching(Box::new((race.parse().unwrap(), out)))
        }
        other => panic!("{other} is no fact"),
    }
}

/// What became of a fact, in one word; the places of its faults when it was refused.
pub(super) fn answer(receipt: &Receipt) -> String {
    match &receipt.outcome {
        Ok(Status::Created) => "created".to_owned(),
        Ok(Status::Updated) => "updated".to_owned(),
        Ok(Status::Unchanged) => "unchanged".to_owned(),
        Err(faults) => {
            let places: Vec<_> = faults.iter().map(|fault| fault.at.as_str()).collect();
            format!("failed at {}", places.join(" "))
        }
    }
}

fn text(body: &Value, name: &str) -> Option<String> {
    body[name].as_str().map(str::to_owned)
}

fn flag(body: &Value, name: &str) -> bool {
    body[name].as_bool().unwrap_or(false)
}

fn list(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().cloned().unwrap_or_default()
}

fn head(body: &Value) -> RaceDraft {
    RaceDraft {
        source: text(body, "source").unwrap_or_default(),
        track: text(body, "track").unwrap_or_default(),
        day: text(body, "day").unwrap_or_default(),
        number: body["number"].as_i64(),
        session: body["session"].as_i64(),
        jump_at: text(body, "jump_at"),
        distance_m: body["distance_m"].as_f64(),
        grade: text(body, "grade"),
        ..RaceDraft::default()
    }
}

fn card(body: &Value) -> CardDraft {
    let runner = |one: &Value| CardRunnerDraft {
        rug: one["rug"].as_i64().unwrap(),
        box_no: one["box"].as_i64(),
        dog: DogDraft::named(one["dog"].as_str().unwrap()),
        weight_kg: one["weight_kg"].as_f64(),
        reserve: flag(one, "reserve"),
        scratched: flag(one, "scratched"),
        ..CardRunnerDraft::default()
    };
    CardDraft {
        race: head(body),
        known_at: text(body, "known_at"),
        runners: list(body, "runners").iter().map(runner).collect(),
    }
}

fn result(body: &Value) -> ResultDraft {
    let runner = |one: &Value| ResultRunnerDraft {
        rug: one["rug"].as_i64().unwrap(),
        box_no: one["box"].as_i64(),
        dog: one["dog"].as_str().map(DogDraft::named),
        trainer: None,
        performance: PerformanceDraft {
            place: one["place"].as_i64(),
            outcome: text(one, "outcome"),
            run_time_s: one["run_time_s"].as_f64(),
            ..PerformanceDraft::default()
        },
    };
    ResultDraft {
        race: head(body),
        known_at: text(body, "known_at"),
        status: text(body, "status").unwrap(),
        partial: flag(body, "partial"),
        runners: list(body, "runners").iter().map(runner).collect(),
    }
}

fn prices(body: &Value) -> PriceDraft {
    let tick = |one: &Value| PriceTickDraft {
        rug: one["rug"].as_i64().unwrap(),
        win: one["win"].as_f64(),
        place: one["place"].as_f64(),
    };
    PriceDraft {
        source: text(body, "source").unwrap(),
        race: text(body, "race"),
        track: text(body, "track"),
        day: text(body, "day"),
        number: body["number"].as_i64(),
        session: body["session"].as_i64(),
        jump_at: text(body, "jump_at"),
        distance_m: None,
        at: text(body, "at").unwrap(),
        kind: text(body, "kind").unwrap(),
        prices: list(body, "prices").iter().map(tick).collect(),
    }
}

fn scratching(body: &Value) -> ScratchDraft {
    ScratchDraft {
        rug: body["rug"].as_i64().unwrap(),
        at: text(body, "at"),
        replaced_by_rug: body["replaced_by_rug"].as_i64(),
        box_no: body["box"].as_i64(),
    }
}
