//! The threads that compute, and what they survive: work that never ends, inputs that make it panic,
//! more than they can do.

use std::fs;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lurcher::app::Config;
use lurcher::domain::RaceKey;
use lurcher::predict::Preload;
use lurcher::runtime::{Crew, Lane, PANICS, Refused, Subject};
use lurcher::store::DATABASE;
use serde_json::{Value, json};

use crate::world::{House, World, eventually, key, season, wait};

/// A world of the season with other settings, and no quotas.
fn world(change: impl FnOnce(&mut Config)) -> World {
    let folder = tempfile::tempdir().unwrap();
    let bytes = House::of_season().into_bytes();
    fs::write(folder.path().join(DATABASE), bytes).unwrap();
    World::serve(House::configured(folder, |config| {
        config.http.quotas.read = 0;
        config.http.quotas.predict = 0;
        config.http.quotas.ingest = 0;
        change(config);
    }))
}

/// Races that can be predicted.
fn races() -> Vec<String> {
    season().to_come().map(key).collect()
}

fn prediction(race: &str) -> String {
    format!("/api/races/{race}/prediction")
}

/// Work on every worker that does not end before this does.
struct Held {
    gates: Vec<mpsc::Sender<()>>,
    asked: Vec<JoinHandle<Result<(), Refused>>>,
}

impl Held {
    fn all(workers: &Crew<()>) -> Self {
        let mut held = Self {
            gates: Vec::new(),
            asked: Vec::new(),
        };
        for _ in 0..workers.stats().threads {
            let (open, gate) = mpsc::channel::<()>();
            let workers = workers.clone();
            let work = move |(): &mut ()| gate.recv().unwrap_or_default();
            let asked = thread::spawn(move || wait(workers.ask(Lane::Live, work)));
            held.gates.push(open);
            held.asked.push(asked);
        }
        eventually("all workers are at work", || {
            let stats = workers.stats();
            (stats.busy == stats.threads).then_some(())
        });
        held
    }

    /// What became of them.
    fn told(self) -> Vec<Result<(), Refused>> {
        drop(self.gates);
        let asked = self.asked.into_iter();
        asked.map(|asked| asked.join().unwrap()).collect()
    }
}

/// A figure of `GET /metrics`.
fn metric(world: &World, name: &str) -> String {
    let page = world.get("/metrics").body;
    let line = page.lines().find_map(|line| line.strip_prefix(name));
    let value = line.unwrap_or_else(|| panic!("no {name}"));
    let value: f64 = value.trim().parse().unwrap();
    value.to_string()
}

#[test]
fn a_prediction_is_answered_although_every_worker_was_stuck() {
    let world = world(|config| config.workers.stuck = Duration::from_secs(1));
    let workers = world.house.app().workers.clone();
    let held = Held::all(&workers);
    let threads = workers.stats().threads;

    let answer = world.get(&prediction(&races()[0]));

    assert_eq!(answer.status, 200, "{}", answer.body);
    eventually("all are replaced", || {
        (workers.stats().abandoned == threads).then_some(())
    });
    let shown = world.get("/api/performance").json()["workers"].clone();
    assert_eq!(shown["replaced"], threads, "{shown}");
    assert_eq!(shown["abandoned"], threads, "{shown}");
    assert_eq!(shown["threads"], threads, "{shown}");
    assert_eq!(metric(&world, "worker_replaced_total"), threads.to_string());
    let stuck = Err(Refused::Stuck { crew: "worker" });
    assert!(held.told().iter().all(|told| *told == stuck));
    eventually("the old threads have ended", || {
        (workers.stats().abandoned == 0).then_some(())
    });
    assert_eq!(metric(&world, "workers_abandoned"), "0");
}

/// Has a worker panic over a race.
fn panics_over(workers: &Crew<()>, race: &str) {
    let race: RaceKey = race.parse().unwrap();
    let work = |(): &mut ()| panic!("over a race");
    let dropped = wait(workers.ask_about(Subject::of(&race), Lane::Live, work));
    assert_eq!(dropped, Err::<(), _>(Refused::Dropped { crew: "worker" }));
    eventually("it is noted", || (workers.stats().busy == 0).then_some(()));
}

#[test]
fn a_race_that_makes_workers_panic_is_left_alone_and_all_others_are_predicted() {
    let world = world(|_| {});
    let workers = world.house.app().workers.clone();
    let races = races();
    let (bad, good) = (&races[0], &races[1]);
    for _ in 1..PANICS {
        panics_over(&workers, bad);
    }
    let before = world.get(&prediction(bad));
    let cleared = world.post_json("/api/cache/clear", &json!({}));
    panics_over(&workers, bad);

    let refused = world.get_with(&prediction(bad), &[("x-request-id", "mine")]);
    let both = world.post_json("/api/predictions", &json!({"races": [bad, good]}));
    let exotics = world.get(&format!("/api/races/{bad}/exotics"));

    assert_eq!((before.status, cleared.status), (200, 200));
    assert_eq!(refused.problem(), (503, "busy".to_owned()));
    assert_eq!(refused.json()["request_id"], "mine");
    let rest: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=300).contains(&rest), "{rest}");
    assert!(refused.body.contains("again and again"), "{}", refused.body);
    let both = both.json();
    assert_eq!(
        (&both["succeeded"], &both["failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(both["errors"][0]["race"], **bad);
    assert_eq!(both["errors"][0]["code"], "busy");
    assert_eq!(exotics.status, 503);
    assert_eq!(world.get(&prediction(good)).status, 200);
    let shown = world.get("/api/performance").json()["workers"].clone();
    assert_eq!(
        (&shown["panicked"], &shown["blown"], &shown["left_alone"]),
        (&json!(5), &json!(1), &json!(3)),
        "{shown}"
    );
    assert_eq!(metric(&world, "worker_inputs_left_alone"), "1");
    assert_eq!(metric(&world, "worker_panics_total"), "5");
}

#[test]
fn what_nobody_waits_for_any_more_is_never_computed() {
    let world = world(|config| config.http.deadline = Duration::from_millis(300));
    let workers = world.house.app().workers.clone();
    let races = races();
    let held = Held::all(&workers);
    let before = workers.stats().skipped;

    let one = world.get(&prediction(&races[0]));
    let several = world.post_json("/api/predictions", &json!({"races": races[1..4]}));
    let waiting = workers.stats().waiting.0;
    // A task that was called off goes on its next turn, and nothing tells when that was.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(held.told(), vec![Ok(()); workers.stats().threads]);

    assert_eq!(one.problem(), (503, "busy".to_owned()));
    assert_eq!(several.problem(), (503, "busy".to_owned()));
    assert!(waiting >= 2, "{waiting}");
    eventually("all that waited is skipped", || {
        let skipped = workers.stats().skipped - before;
        (skipped == waiting as u64).then_some(())
    });
}

/// A result that nobody has told yet.
fn result(number: i64) -> Value {
    json!({
        "source": "test", "track": "Sale", "day": format!("2026-11-{:02}", 1 + number / 12),
        "number": number % 12 + 1, "status": "official", "distance_m": 440,
        "runners": [{"rug": 1, "dog": format!("Amber {number}"), "place": 1},
            {"rug": 2, "dog": format!("Basalt {number}"), "place": 2}],
    })
}

#[test]
fn predictions_that_flood_every_worker_keep_no_result_waiting() {
    const RESULTS: i64 = 200;
    let world = world(|config| config.workers.queue = 8);
    let workers = world.house.app().workers.clone();
    let races = races();
    world.house.set_clock("2026-11-20T00:01:00Z");
    let results_before = world.house.number("SELECT count(*) FROM result");
    // A model that is not in memory yet would be made on the workers, once for all who ask.
    wait(world.house.app().predictor.preload(&[Preload::Win]));
    let held = Held::all(&workers);
    let (told, flood) = thread::scope(|scope| {
        for _ in 0..20 {
            let workers = workers.clone();
            scope.spawn(move || wait(workers.ask(Lane::Batch, |()| ())));
        }
        let ask = |n: usize| {
            let (world, race) = (&world, &races[n % races.len()]);
            // As of different instants, so that no two are the same question.
            let path = format!("{}?as_of=2026-11-20T00:00:{n:02}Z", prediction(race));
            scope.spawn(move || world.get(&path))
        };
        let flood: Vec<_> = (0..40).map(ask).collect();
        eventually("both lanes are full", || {
            (workers.stats().waiting == (8, 8)).then_some(())
        });
        let post = |n| world.post_json("/api/results", &result(n));
        let told: Vec<_> = (0..RESULTS).map(post).collect();
        assert_eq!(workers.stats().waiting, (8, 8), "the flood was over");
        drop(held.told());
        let flood = flood.into_iter().map(|asked| asked.join().unwrap());
        (told, flood.collect::<Vec<_>>())
    });

    let refused: Vec<_> = told.iter().filter(|told| told.status != 200).collect();
    assert!(refused.is_empty(), "{}", refused[0].body);
    let results = world.house.number("SELECT count(*) FROM result");
    assert_eq!(results - results_before, RESULTS);
    let answered = flood.iter().filter(|answer| answer.status == 200).count();
    for answer in flood.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.problem(), (503, "busy".to_owned()));
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(answered, 8);
    assert!(workers.stats().refused >= 32 + 12, "{:?}", workers.stats());
}
