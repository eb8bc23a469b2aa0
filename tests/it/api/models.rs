//! Models and backtests, as clients see them: on a season that is long enough for both.

use std::sync::OnceLock;

use lurcher::domain::Source;
use lurcher::season::{Season, SeasonSettings};
use serde_json::{Value, json};

use crate::process::{assert_well, lurcher, text};
use crate::world::{CARD_DAYS, House, World, day, wait};

/// Race days; the last one is still to come.
const DAYS: u32 = 70;
/// Until when the model that is there was trained.
const UNTIL: &str = "2026-11-04";

fn season() -> &'static Season {
    static SEASON: OnceLock<Season> = OnceLock::new();
    SEASON.get_or_init(|| {
        let mut settings = SeasonSettings::small().unwrap();
        settings.days = DAYS;
        Season::generate(&settings.ending(day("2026-11-20"))).unwrap()
    })
}

/// A race that is still to come.
fn to_come() -> String {
    let race = season().to_come().next().unwrap();
    let track = &season().tracks[race.track];
    format!("{}-{}-{}", race.day, track.slug, race.number)
}

/// A house with one model, made once and copied.
fn house() -> House {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| {
        let files = tempfile::tempdir().unwrap();
        let house = House::empty();
        let written = season().write(files.path(), CARD_DAYS, None).unwrap();
        let report = house.import(&[written.runs, files.path().join("cards")]);
        assert_eq!(report.faults, []);
        assert!(house.train(Some(day(UNTIL))).activated);
        house.into_bytes()
    });
    House::copy_of(bytes)
}

fn items(world: &World, path: &str) -> Vec<Value> {
    world.get(path).json()["items"].as_array().unwrap().clone()
}

/// Asks for work and waits for its report.
fn report(world: &World, path: &str, body: &Value) -> Value {
    let asked = world.post_json(path, body);
    assert_eq!(asked.status, 202, "{}", asked.body);
    let id = asked.json()["id"].clone();
    assert_eq!(asked.header("location"), format!("/api/jobs/{id}"));
    let over = world.over(&id);
    assert_eq!(over["state"], "succeeded", "{over:#}");
    over["report"].clone()
}

/// Lets a race be won by its first rug.
fn run(world: &World, race: &str) {
    let prediction = world.get(&format!("/api/races/{race}/prediction")).json();
    let rugs = prediction["runners"].as_array().unwrap().iter();
    let runners: Vec<Value> = rugs
        .zip(1..)
        .map(|(runner, place)| json!({"rug": runner["rug"], "place": place, "sp": 4.0 + f64::from(place)}))
        .collect();
    let shown = world.get(&format!("/api/races/{race}")).json();
    let result = json!({
        "source": Source::new("mine").unwrap().to_string(), "track": shown["track"]["slug"],
        "day": shown["day"], "number": shown["number"], "status": "official", "runners": runners,
    });
    let posted = world.post_json("/api/results", &result);
    assert_eq!(posted.status, 200, "{}", posted.body);
}

#[test]
fn a_model_is_trained_shown_put_in_force_and_taken_back() {
    let world = World::working(house());
    let first = items(&world, "/api/models")[0]["model"].clone();

    let trained = report(&world, "/api/models", &json!({"until": "2026-11-09"}));

    let models = items(&world, "/api/models");
    let second = trained["model"].clone();
    let names: Vec<_> = models.iter().map(|model| model["model"].clone()).collect();
    assert_eq!(names, [second.clone(), first.clone()]);
    let judged = &trained["judged"];
    assert_eq!(trained["activated"], judged["better"], "{judged:#}");
    assert_eq!(models[0]["active"], judged["better"]);
    assert_eq!(models[0]["log_loss"], judged["model"]["log_loss"]);
    assert_ne!(models[0]["active"], models[1]["active"]);
    assert_ne!(models[0]["shadow"], models[1]["shadow"]);

    let named = |model: &Value| format!("/api/models/{}", model.as_str().unwrap());
    for model in [&first, &second] {
        let put = world.post(&format!("{}/activate", named(model)));
        assert_eq!((put.status, &put.json()["active"]), (200, &json!(true)));
        let short: String = named(model)
            .chars()
            .take("/api/models/".len() + 12)
            .collect();
        let shown = world.get(&short).json();
        assert_eq!((&shown["model"], &shown["active"]), (model, &json!(true)));
        let said = world.get(&format!("/api/races/{}/prediction", to_come()));
        assert_eq!(&said.json()["model"], model);
    }
    let acts = items(&world, "/api/audit");
    assert_eq!(acts[0]["action"], "model.activate");
    assert_eq!(acts[0]["subject"], second);
}

#[test]
fn models_come_in_pages_and_an_unknown_one_is_a_404() {
    let world = World::serve(house());
    let other = world.house.train(Some(day("2026-11-09"))).model;

    let page = world.get("/api/models?limit=1").json();
    let next = page["next"].as_str().unwrap();
    let rest = world
        .get(&format!("/api/models?limit=2&after={next}"))
        .json();

    assert_eq!(page["items"][0]["model"], other);
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next"], Value::Null);
    let unknown = (404, "unknown_model".to_owned());
    for name in [
        "0123456789abcdef",
        "x",
        "1234567",
        "ABCDEF0123",
        "%25%25%25%25%25%25%25%25",
    ] {
        for path in ["", "/evaluation"] {
            let path = format!("/api/models/{name}{path}");
            assert_eq!(world.get(&path).problem(), unknown, "{path}");
        }
        let path = format!("/api/models/{name}/activate");
        assert_eq!(world.post(&path).problem(), unknown, "{path}");
    }
    assert_eq!(world.get("/api/models?limit=501").status, 422);
}

#[test]
fn a_model_that_is_not_in_force_is_scored_silently_beside_it() {
    let world = World::serve(house());
    let before = items(&world, "/api/models")[0]["model"].clone();
    let now = world.house.train(Some(day("2026-11-09"))).model;
    let race = to_come();

    let recorded = wait(world.house.app().predictor.record(&race.parse().unwrap()));

    assert_eq!(recorded.unwrap().unwrap().model, now);
    let lines = "SELECT digest || ' ' || shadow FROM prediction JOIN model ON model.id = model_id ORDER BY shadow";
    let expected = [
        format!("{now} 0"),
        format!("{} 1", before.as_str().unwrap()),
    ];
    assert_eq!(world.house.texts(lines), expected);
    let answer = world.get(&format!("/api/races/{race}/prediction")).json();
    assert_eq!(answer["model"], now);
    let exported = world.get("/api/export/predictions?format=ndjson").body;
    assert!(exported.contains(&now), "{exported}");
    assert!(!exported.contains(before.as_str().unwrap()), "{exported}");

    run(&world, &race);
    for model in [json!(now), before] {
        let path = format!("/api/models/{}/evaluation", model.as_str().unwrap());
        let evaluation = world.get(&path).json();
        let live = &evaluation["live"];
        assert_eq!(live["score"]["races"], 1, "{live:#}");
        assert!(live["score"]["log_loss"].as_f64().unwrap() > 0.0);
        assert_eq!(live["market"]["market"]["races"], 1, "{live:#}");
        assert_eq!(evaluation["drift"]["state"], "too_early");
        assert_eq!(evaluation["drift"]["races"], 1);
        assert_eq!(
            evaluation["validation"]["verdict"]["words"],
            "no evidence of an edge"
        );
    }
}

#[test]
fn the_evaluation_tells_the_powers_with_their_errors() {
    let world = World::serve(house());
    let model = items(&world, "/api/models")[0]["model"].clone();

    let path = format!("/api/models/{}/evaluation", model.as_str().unwrap());
    let evaluation = world.get(&path).json();

    let part = &evaluation["parts"][0];
    assert_eq!(part["rules"], "australia");
    assert_eq!(part["answered_by"], "australia");
    let rehearsal = &part["rehearsal"];
    assert!(
        rehearsal["fitted_races"].as_u64() >= Some(200),
        "{rehearsal:#}"
    );
    assert!(rehearsal["until"].as_str() <= Some(UNTIL), "{rehearsal:#}");
    for size in ["five", "six", "seven", "eight", "all"] {
        let fit = &rehearsal["discounts"][size];
        assert!(fit["discount"]["second"].as_f64() > Some(0.0), "{fit:#}");
        assert!(fit["second_se"].as_f64() > Some(0.0), "{fit:#}");
    }
    assert_eq!(rehearsal["blend"], Value::Null, "too few priced races");
    let served = &evaluation["validation"]["places"]["served"];
    assert!(served["less_benter"]["mean"].is_number(), "{served:#}");
}

#[test]
fn a_field_that_changed_after_the_last_word_is_not_held_against_the_model() {
    let world = World::serve(house());
    let race = to_come();
    wait(world.house.app().predictor.record(&race.parse().unwrap()))
        .unwrap()
        .unwrap();
    let out = world.post_json(
        &format!("/api/races/{race}/scratchings"),
        &json!({"rug": 1}),
    );
    assert_eq!(out.status, 200, "{}", out.body);

    run(&world, &race);

    let model = items(&world, "/api/models")[0]["model"].clone();
    let path = format!("/api/models/{}/evaluation", model.as_str().unwrap());
    let live = world.get(&path).json()["live"].clone();
    assert_eq!(
        (&live["score"], &live["other_fields"]),
        (&Value::Null, &json!(1))
    );
}

#[test]
fn a_backtest_is_a_job_whose_report_is_the_result() {
    let world = World::working(house());
    let body = json!({"from": "2026-11-05", "to": "2026-11-19", "step_days": 8});

    let report = report(&world, "/api/backtests", &body);

    let folds = report["folds"].as_array().unwrap();
    assert_eq!(folds.len(), 2);
    assert_eq!(folds[0]["fitted_until"], "2026-11-03");
    assert_eq!(
        (&folds[1]["from"], &folds[1]["until"]),
        (&json!("2026-11-13"), &json!("2026-11-19"))
    );
    assert_eq!(folds[1]["fitted_until"], "2026-11-11");
    let races: i64 = folds
        .iter()
        .map(|fold| fold["races"].as_i64().unwrap())
        .sum();
    assert_eq!(report["model"]["races"], races);
    assert!(races > 100, "{races}");
    assert!(report["model"]["log_loss"].as_f64() < report["model"]["uniform"].as_f64());
    assert!(report["market"]["difference"]["interval"]["low"].is_number());
    assert_eq!(report["verdict"]["edge"], "no_evidence_of_an_edge");
}

#[test]
fn a_backtest_of_days_without_races_says_that_it_is_these_that_are_missing() {
    let world = World::working(house());
    let body = json!({"from": "2026-11-20", "to": "2026-11-20"});

    let asked = world.post_json("/api/backtests", &body);
    let over = world.over(&asked.json()["id"]);

    let told = over.to_string();
    assert_eq!(over["state"], "failed", "{told}");
    assert!(
        told.contains("was run from 2026-11-20 to 2026-11-20"),
        "{told}"
    );
}

#[test]
fn what_makes_no_sense_is_told_with_its_place() {
    let world = World::serve(house());
    let places = |body: Value| -> Vec<String> {
        let answer = world.post_json("/api/backtests", &body);
        assert_eq!(
            answer.problem(),
            (422, "invalid".to_owned()),
            "{}",
            answer.body
        );
        let faults = answer.json()["faults"].as_array().unwrap().clone();
        let places = faults
            .iter()
            .map(|fault| fault["at"].as_str().unwrap().to_owned());
        places.collect()
    };

    assert_eq!(
        places(json!({"from": "x", "to": "2026-13-01"})),
        ["from", "to"]
    );
    let backwards =
        json!({"from": "2026-11-05", "to": "2026-11-01", "gap_days": 0, "commission": 1});
    assert_eq!(places(backwards), ["to", "gap_days", "commission"]);
    let odd = world.post_json("/api/models", &json!({"until": "soon"}));
    assert_eq!(odd.problem(), (422, "invalid".to_owned()));
}

#[test]
fn the_command_prints_the_same_report_as_tables_or_json() {
    let mut house = house();
    house.close();
    let folder = house.database().parent().unwrap().to_owned();
    let days = ["backtest", "--from", "2026-11-12", "--to", "2026-11-19"];

    let table = lurcher(&folder).args(days).output().unwrap();
    let json = lurcher(&folder).args(days).arg("--json").output().unwrap();
    let wrong = lurcher(&folder)
        .args(days)
        .args(["--gap-days", "0"])
        .output()
        .unwrap();
    let none = lurcher(&folder)
        .args(["backtest", "--from", "2020-01-01", "--to", "2020-02-01"])
        .output()
        .unwrap();

    assert_well(&table);
    assert_well(&json);
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    let loss = format!("{:.4}", report["model"]["log_loss"].as_f64().unwrap());
    let printed = text(&table.stdout);
    assert!(printed.contains(&loss), "{loss}\n{printed}");
    assert!(
        printed.contains("verdict: no evidence of an edge"),
        "{printed}"
    );
    assert_eq!(wrong.status.code(), Some(64), "{}", text(&wrong.stderr));
    assert!(text(&wrong.stderr).contains("gap_days: must be 1 to 60"));
    assert_eq!(none.status.code(), Some(1));
    assert!(
        text(&none.stderr).contains("results reach from"),
        "{}",
        text(&none.stderr)
    );
}
