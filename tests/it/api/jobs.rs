//! Work that takes time: seen, watched, cancelled, let run again.

use std::io::{BufRead, BufReader};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::collect::{DAY, draft, results};
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World, eventually};

/// What takes less has not waited for the slow server.
const AT_ONCE: Duration = Duration::from_secs(10);

/// A world that asks a server which takes its time.
fn slow() -> (World, Chaos) {
    let reply = Reply::default()
        .wait(Duration::from_secs(15))
        .send("HTTP/1.1 200 OK\r\n\r\n");
    asking(Chaos::always(reply))
}

fn asking(server: Chaos) -> (World, Chaos) {
    let source = draft("mine", &[server.url("/{day}.csv")]).check().unwrap();
    (World::working(House::asking(vec![source])), server)
}

fn collect(world: &World) -> Value {
    let answer = world.post_json("/api/collections", &json!({"source": "mine", "day": DAY}));
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()["id"].clone()
}

/// Waits until the job runs.
fn running(world: &World, job: &Value) {
    let path = format!("/api/jobs/{job}");
    eventually("the job runs", || {
        (world.get(&path).json()["state"] == "running").then_some(())
    });
}

/// The lines of a stream, until it ends.
fn stream(world: &World, job: &Value) -> impl Iterator<Item = String> + use<> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let url = format!("{}/api/jobs/{job}/events", world.url());
    let answer = agent.get(url).call().unwrap();
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(kind, "text/event-stream");
    let lines = BufReader::new(answer.into_body().into_reader()).lines();
    lines.map(Result::unwrap)
}

/// What a line of data tells.
fn event(line: &str) -> Option<Value> {
    let data = line.strip_prefix("data: ")?;
    Some(serde_json::from_str(data).unwrap())
}

#[test]
fn a_job_is_asked_for_done_and_shown() {
    let (world, _server) = asking(Chaos::always(Reply::ok(results(DAY))));

    let asked = world.post_json("/api/collections", &json!({"source": "mine", "day": DAY}));
    let id = asked.json()["id"].clone();
    let over = world.over(&id);

    assert_eq!(asked.status, 202);
    assert_eq!(asked.header("location"), format!("/api/jobs/{id}"));
    assert_eq!(over["kind"], "collect");
    assert_eq!(over["state"], "succeeded");
    assert_eq!(over["progress"]["done"], 1);
    assert_eq!(over["progress"]["total"], 1);
    assert_eq!(over["progress"]["unit"], "fetches");
    assert_eq!(
        over["spec"],
        json!({"kind": "collect", "source": "mine", "day": DAY})
    );
    assert_eq!(over["report"]["created"], 2);
    for instant in ["created_at", "started_at", "finished_at"] {
        assert_eq!(over[instant], "2026-11-20T00:00:00.000Z", "{instant}");
    }
}

#[test]
fn jobs_are_listed_newest_first_by_kind_state_and_cursor() {
    let source = draft("mine", &["http://127.0.0.1:9/{day}".to_owned()])
        .check()
        .unwrap();
    let world = World::serve(House::asking(vec![source]));
    let ids: Vec<Value> = ["2026-11-17", "2026-11-18", "2026-11-19"]
        .iter()
        .map(|day| {
            let body = json!({"source": "mine", "day": day});
            world.post_json("/api/collections", &body).json()["id"].clone()
        })
        .collect();
    let upload = world
        .post_with("/api/uploads?name=a.csv", b"a,b\n", &OCTETS)
        .json();
    let list = |query: &str| -> (Vec<Value>, Value) {
        let body = world.get(&format!("/api/jobs?{query}")).json();
        let items = body["items"].as_array().unwrap().iter();
        (
            items.map(|item| item["id"].clone()).collect(),
            body["next"].clone(),
        )
    };

    let (first, next) = list("limit=2");
    let (second, _) = list(&format!("limit=2&after={}", next.as_str().unwrap()));
    let (_, end) = list("limit=5");
    let (imports, _) = list("kind=import");
    let (collects, _) = list("kind=collect&state=queued");
    let (over, _) = list("state=succeeded");

    assert_eq!(first, [upload["job"].clone(), ids[2].clone()]);
    assert_eq!(
        (second, end),
        (vec![ids[1].clone(), ids[0].clone()], Value::Null)
    );
    assert_eq!(imports, [upload["job"].clone()]);
    assert_eq!(collects, [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    assert_eq!(over, [] as [Value; 0]);
    for bad in ["kind=odd", "state=odd", "limit=501", "limit=0"] {
        let problem = world.get(&format!("/api/jobs?{bad}")).problem();
        assert_eq!(problem, (422, "invalid".to_owned()), "{bad}");
    }
    let cursor = world.get("/api/jobs?after=x").problem();
    assert_eq!(cursor, (400, "malformed".to_owned()));
}

const OCTETS: [(&str, &str); 1] = [("content-type", "application/octet-stream")];

#[test]
fn a_job_that_waits_is_cancelled_and_let_run_again() {
    let source = draft("mine", &["http://127.0.0.1:9/{day}".to_owned()])
        .check()
        .unwrap();
    let world = World::serve(House::asking(vec![source]));
    let id = collect(&world);
    let path = format!("/api/jobs/{id}");
    let retry = format!("{path}/retry");

    let too_soon = world.post(&retry);
    let cancelled = world.delete(&path);
    let twice = world.delete(&path);
    let again = world.post(&retry);

    assert_eq!(too_soon.problem(), (409, "conflict".to_owned()));
    assert_eq!(
        (cancelled.status, &cancelled.json()["state"]),
        (200, &json!("cancelled"))
    );
    assert_eq!(twice.problem(), (409, "conflict".to_owned()));
    assert_eq!(
        (again.status, &again.json()["state"]),
        (202, &json!("queued"))
    );
    assert_eq!(again.json()["id"], id);
}

#[test]
fn a_job_is_not_let_run_beside_its_like() {
    let source = draft("mine", &["http://127.0.0.1:9/{day}".to_owned()])
        .check()
        .unwrap();
    let world = World::serve(House::asking(vec![source]));
    let first = collect(&world);
    world.delete(&format!("/api/jobs/{first}"));
    let second = collect(&world);
    let third = collect(&world);

    let retry = world.post(&format!("/api/jobs/{first}/retry"));

    assert_ne!(second, first);
    assert_eq!(third, second);
    assert_eq!(retry.problem(), (409, "conflict".to_owned()));
}

#[test]
fn a_job_that_runs_is_cancelled_without_waiting_for_its_source() {
    let (world, _server) = slow();
    let id = collect(&world);
    running(&world, &id);
    let began = Instant::now();

    let answer = world.delete(&format!("/api/jobs/{id}"));
    let over = world.over(&id);

    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(over["state"], "cancelled");
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
}

#[test]
fn whoever_watches_is_told_at_once_and_of_the_end() {
    let (world, _server) = slow();
    let id = collect(&world);
    running(&world, &id);
    let began = Instant::now();
    let mut lines = stream(&world, &id);

    let first = lines.find_map(|line| event(&line)).unwrap();
    let told_after = began.elapsed();
    world.delete(&format!("/api/jobs/{id}"));
    let last = lines.filter_map(|line| event(&line)).last().unwrap();

    assert_eq!((&first["id"], &first["state"]), (&id, &json!("running")));
    assert!(told_after < AT_ONCE, "{told_after:?}");
    assert_eq!(last, world.get(&format!("/api/jobs/{id}")).json());
    assert_eq!(last["state"], "cancelled");
}

#[test]
fn whoever_watches_is_let_go_when_the_house_closes() {
    let (world, _server) = slow();
    let id = collect(&world);
    running(&world, &id);
    let mut lines = stream(&world, &id);
    lines.find_map(|line| event(&line)).unwrap();

    let board = world.house.app().board.clone();
    let closing = thread::spawn(move || board.close());
    let began = Instant::now();
    let rest = lines.count();

    closing.join().unwrap();
    assert!(rest < 20);
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
}

#[test]
fn what_is_no_job_is_said_so() {
    let world = World::empty();

    for path in ["/api/jobs/7", "/api/jobs/7/events"] {
        assert_eq!(
            world.get(path).problem(),
            (404, "unknown_job".to_owned()),
            "{path}"
        );
    }
    assert_eq!(
        world.delete("/api/jobs/7").problem(),
        (404, "unknown_job".to_owned())
    );
    assert_eq!(
        world.post("/api/jobs/7/retry").problem(),
        (404, "unknown_job".to_owned())
    );
    for path in ["/api/jobs/x", "/api/jobs/0", "/api/jobs/-1/events"] {
        assert_eq!(
            world.get(path).problem(),
            (400, "malformed".to_owned()),
            "{path}"
        );
    }
}
