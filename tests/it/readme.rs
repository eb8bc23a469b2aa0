//! The examples of the README do what it says they do.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;

use serde_json::{Value, json};

use crate::files::root;
use crate::post::receive;
use crate::process::{Daemon, assert_well, text};

const RACE: &str = "2026-11-21-angle-park-3";

/// The fenced block after the comment that names an example.
fn example(name: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme
        .split_once(&format!("<!-- example: {name} -->\n```"))
        .unwrap();
    let (block, _) = rest.split_once("\n```\n").unwrap();
    let (_language, block) = block.split_once('\n').unwrap();
    block.to_owned()
}

/// Whether there is such a program; said aloud when there is none.
fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        #[expect(
            clippy::print_stdout,
            reason = "nobody must take it for a test that ran"
        )]
        {
            println!("SKIP: there is no {program}");
        }
    }
    there
}

/// Runs a command against a daemon, with nothing between them.
fn run(command: &mut Command, url: &str) -> Output {
    command.env("LURCHER_URL", url).env("no_proxy", "*");
    let output = command.env_remove("LURCHER_KEY").output().unwrap();
    assert_well(&output);
    output
}

fn get(daemon: &Daemon, path: &str) -> Value {
    let mut answer = ureq::get(format!("{}{path}", daemon.url)).call().unwrap();
    answer.body_mut().read_json().unwrap()
}

/// The rugs in the order of finish.
fn order(race: &Value) -> Vec<(Value, Value)> {
    let runners = race["runners"].as_array().unwrap().iter();
    let placed = runners.filter(|runner| !runner["place"].is_null());
    let mut order: Vec<_> = placed
        .map(|runner| (runner["place"].clone(), runner["rug"].clone()))
        .collect();
    order.sort_by_key(|(place, _)| place.as_u64());
    order
}

#[test]
fn the_example_in_shell_tells_a_race_from_card_to_official_result() {
    if !is_there("curl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path());

    let output = run(
        Command::new("sh").args(["-euc", &example("curl")]),
        &daemon.url,
    );

    let receipts = text(&output.stdout);
    let receipts: Vec<Value> = receipts
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let counted = |receipt: &Value| {
        (
            receipt["created"].clone(),
            receipt["updated"].clone(),
            receipt["failed"].clone(),
        )
    };
    let expected = [
        (1, 0, 0),
        (1, 0, 0),
        (1, 0, 0),
        (1, 0, 0),
        (0, 1, 0),
        (2, 0, 0),
    ];
    let expected = expected.map(|(a, b, c)| (json!(a), json!(b), json!(c)));
    assert_eq!(receipts.iter().map(counted).collect::<Vec<_>>(), expected);
    assert_eq!(
        receipts[0]["items"][0],
        json!({"race": RACE, "status": "created"})
    );
    let race = get(&daemon, &format!("/api/races/{RACE}"));
    assert_eq!(race["status"], "official");
    let finish = [(1, 1), (2, 9), (3, 3)].map(|(place, rug)| (json!(place), json!(rug)));
    assert_eq!(order(&race), finish);
    assert_eq!(race["runners"][1]["scratched"], true);
    assert_eq!(race["prices"].as_array().unwrap().len(), 3);
    let told = get(&daemon, &format!("/api/races/{RACE}/history"));
    assert_eq!(told["items"].as_array().unwrap().len(), 4, "{told}");
    assert!(daemon.stop().success());
}

/// A daemon on a bad day: it breaks off, is busy, has had enough, and then says yes.
fn bad_day(door: &TcpListener) -> Vec<(String, String)> {
    let no = |status: &str, after: u32| {
        format!(
            "HTTP/1.1 {status}\r\nRetry-After: {after}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        )
    };
    let receipt = r#"{"items":[],"created":0,"updated":0,"unchanged":0,"failed":0}"#;
    let length = receipt.len();
    let yes = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{receipt}"
    );
    let answers = [
        String::new(),
        no("503 Busy", 7),
        no("429 Enough", 9),
        yes.clone(),
        yes,
    ];
    let posts = answers.map(|answer| {
        let (mut stream, _) = door.accept().unwrap();
        let post = receive(&mut stream, "idempotency-key");
        stream.write_all(answer.as_bytes()).unwrap();
        post
    });
    posts.into()
}

#[test]
fn the_example_in_python_sends_the_same_again_until_it_is_taken() {
    if !is_there("python3") {
        return;
    }
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", door.local_addr().unwrap());

    let posts = thread::spawn(move || bad_day(&door));
    let script = format!(
        "import time\ntime.sleep = lambda wait: print('waits', wait)\n{}",
        example("python")
    );
    let output = run(Command::new("python3").args(["-c", &script]), &url);

    let said = text(&output.stdout);
    let waits: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("waits"))
        .collect();
    assert_eq!(waits, ["waits 1", "waits 7", "waits 9"], "{said}");
    let posts = posts.join().unwrap();
    assert_eq!(posts[0].0.len(), 64, "{posts:?}");
    assert!(
        posts[1..4].iter().all(|post| *post == posts[0]),
        "{posts:?}"
    );
    assert_ne!(posts[4].0, posts[0].0);
}

#[test]
fn the_example_in_python_posts_lists_and_says_what_was_refused() {
    if !is_there("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path());
    let script = example("python");

    let output = run(Command::new("python3").args(["-c", &script]), &daemon.url);

    let said = text(&output.stdout);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("\n```\n{said}```\n")), "{said}");
    assert!(
        said.contains("  [1].runners[0].box: must be a box"),
        "{said}"
    );
    let race = get(&daemon, &format!("/api/races/{RACE}"));
    assert_eq!(race["status"], "official");
    let finish = [(1, 1), (2, 2)].map(|(place, rug)| (json!(place), json!(rug)));
    assert_eq!(order(&race), finish);
    let races = get(&daemon, "/api/races?day=2026-11-21");
    assert_eq!(races["items"].as_array().unwrap().len(), 1);
    assert!(daemon.stop().success());
}
