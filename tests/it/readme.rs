//! The examples of the README do what it says they do.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::files::root;
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

/// Runs a command against the daemon, with nothing between them.
fn run(command: &mut Command, daemon: &Daemon) -> Output {
    command.env("LURCHER_URL", &daemon.url).env("no_proxy", "*");
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

    let output = run(Command::new("sh").args(["-euc", &example("curl")]), &daemon);

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

#[test]
fn the_example_in_python_posts_lists_and_says_what_was_refused() {
    if !is_there("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path());
    let script = example("python");

    let output = run(Command::new("python3").args(["-c", &script]), &daemon);

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
