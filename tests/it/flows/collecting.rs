//! `lurcher collect`, `jobs` and `reparse`, as cron and people run them: with a daemon and without.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::collect::{DAY, results};
use crate::process::{Daemon, lurcher, text};
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::eventually;

/// A data folder whose configuration asks that server for good, odd and missing things.
fn data(server: &Chaos) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = |name: &str, enabled: bool| {
        let url = server.url(&format!("/{name}/{{day}}.csv"));
        format!(
            "[[source]]\nname = '{name}'\nkind = 'http-csv'\nenabled = {enabled}\nurl = '{url}'\n\
             allow_private = true\nrequests_per_second = 10\nttl_s = 0\n"
        )
    };
    let names = [
        ("good", true),
        ("odd", true),
        ("missing", true),
        ("off", false),
    ];
    let config: String = names.map(|(name, enabled)| source(name, enabled)).concat();
    fs::write(folder.path().join("lurcher.toml"), config).unwrap();
    folder
}

fn server() -> Chaos {
    Chaos::start(|request| match request.path.split('/').nth(1) {
        Some("good") => Reply::ok(results(DAY)),
        Some("odd") => Reply::ok(results(DAY).replacen(",1.5\n", ",\"1,5\"\n", 1)),
        _ => Reply::status(404),
    })
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    lurcher(data).args(arguments).output().unwrap()
}

/// The code that a collection of that source ends with, and what it says.
fn collect(data: &Path, source: &str) -> (Option<i32>, String) {
    let output = run(data, &["collect", source, "--day", DAY, "--wait"]);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    (output.status.code(), said)
}

fn ends_as_promised(data: &Path) {
    for (source, code, says) in [
        ("good", 0, "2 created, 0 updated, 0 unchanged, 0 failed"),
        ("good", 0, "0 created, 0 updated, 0 unchanged, 0 failed"),
        ("odd", 2, "bsp \"1,5\": must be a number"),
        ("missing", 1, "has no such page"),
        ("unknown", 64, "it has good, odd, missing, off"),
        ("off", 1, "is switched off"),
    ] {
        let (ended, said) = collect(data, source);
        assert_eq!(ended, Some(code), "{source}: {said}");
        assert!(said.contains(says), "{source}: {said}");
    }
}

#[test]
fn without_a_daemon_collect_does_it_itself_and_ends_as_promised() {
    let server = server();
    let data = data(&server);

    ends_as_promised(data.path());
}

#[test]
fn jobs_are_seen_and_let_run_again_beside_a_daemon_and_what_came_is_read_again() {
    let server = server();
    let data = data(&server);
    let mut daemon = Daemon::start(data.path());
    let good = collect(data.path(), "good");
    let odd = collect(data.path(), "odd");
    let unknown = collect(data.path(), "unknown");
    let off = collect(data.path(), "off");

    let list = run(
        data.path(),
        &["jobs", "list", "--kind", "collect", "--json"],
    );
    let show = run(data.path(), &["jobs", "show", "1"]);
    let cancel = run(data.path(), &["jobs", "cancel", "1"]);
    let retry = run(data.path(), &["jobs", "retry", "1"]);
    let none = run(data.path(), &["jobs", "show", "99"]);
    let again = run(
        data.path(),
        &["reparse", "--source", "good", "--since", "2026-01-01"],
    );
    let ended = daemon.stop();

    assert_eq!(good.0, Some(0), "{}", good.1);
    assert_eq!(odd.0, Some(2), "{}", odd.1);
    assert_eq!(unknown.0, Some(64), "{}", unknown.1);
    assert_eq!(off.0, Some(1), "{}", off.1);
    assert_eq!(
        text(&list.stdout).lines().count(),
        2,
        "{}",
        text(&list.stdout)
    );
    let shown: serde_json::Value = serde_json::from_slice(&show.stdout).unwrap();
    assert_eq!(
        (&shown["kind"], &shown["state"]),
        (&"collect".into(), &"succeeded".into())
    );
    for refused in [cancel, retry] {
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            text(&refused.stderr).contains("job 1 is succeeded"),
            "{}",
            text(&refused.stderr)
        );
    }
    assert_eq!(none.status.code(), Some(1));
    assert!(
        text(&none.stderr).contains("no job 99"),
        "{}",
        text(&none.stderr)
    );
    let said = text(&again.stdout);
    assert!(
        said.contains("0 created, 0 updated, 2 unchanged, 0 failed; not taken in"),
        "{said}"
    );
    assert!(ended.success());
}

#[test]
fn a_mapping_says_what_the_answers_of_a_source_mean_and_may_be_mended() {
    let server = Chaos::always(Reply::ok(
        r#"{"data":{"races":[{"venue":{"code":"Angle Park"},"date":"19/11/2026","no":3,"metres":530,
            "field":[{"no":1,"dog":{"name":"Oat Biscuit"},"pos":2},{"no":2,"dog":{"name":"Plum Duff"},"pos":1}]}]}}"#,
    ));
    let folder = tempfile::tempdir().unwrap();
    let mapping = |place: &str| {
        let text = format!(
            "format = 'result'\nsource = 'mine'\nitems = 'data.races'\nrunners = 'field'\n\
             date_format = '%d/%m/%Y'\n[columns]\ntrack = 'venue.code'\nday = 'date'\nnumber = 'no'\n\
             distance_m = 'metres'\nrug = 'no'\ndog = 'dog.name'\nplace = '{place}'\n"
        );
        fs::write(folder.path().join("map.toml"), text).unwrap();
    };
    let url = server.url("/{day}.json");
    let config = format!(
        "[[source]]\nname = 'mine'\nkind = 'http-json'\nenabled = true\nurl = '{url}'\n\
         mapping = 'map.toml'\nallow_private = true\nttl_s = 0\n"
    );
    fs::write(folder.path().join("lurcher.toml"), config).unwrap();

    mapping("dog.name");
    let wrong = collect(folder.path(), "mine");
    mapping("pos");
    let mended = run(
        folder.path(),
        &[
            "reparse",
            "--source",
            "mine",
            "--since",
            "2026-01-01",
            "--commit",
        ],
    );
    let again = collect(folder.path(), "mine");

    assert_eq!(wrong.0, Some(2), "{}", wrong.1);
    assert!(wrong.1.contains("dog.name"), "{}", wrong.1);
    let said = text(&mended.stdout);
    assert!(
        said.contains("1 created, 0 updated, 0 unchanged, 0 failed"),
        "{said}"
    );
    assert_eq!(again.0, Some(0), "{}", again.1);
    assert!(again.1.contains("0 created, 0 updated"), "{}", again.1);
}

#[test]
fn a_job_that_runs_is_cancelled_by_command_and_let_run_again() {
    let asked = AtomicUsize::new(0);
    let server = Chaos::start(move |_| {
        let good = Reply::ok(results(DAY));
        if asked.fetch_add(1, Ordering::SeqCst) == 0 {
            return Reply::default().wait(Duration::from_secs(15));
        }
        good
    });
    let data = data(&server);
    let mut daemon = Daemon::start(data.path());
    let jobs = |verb: &str| run(data.path(), &["jobs", verb, "1"]);
    let state = || {
        let shown: serde_json::Value = serde_json::from_slice(&jobs("show").stdout).unwrap();
        shown["state"].as_str().unwrap().to_owned()
    };
    let is = |wanted: &str| eventually(wanted, || (state() == wanted).then_some(()));

    let asked = run(data.path(), &["collect", "good", "--day", DAY]);
    is("running");
    let cancelled = jobs("cancel");
    is("cancelled");
    let again = jobs("retry");
    is("succeeded");
    let ended = daemon.stop();

    assert_eq!(asked.status.code(), Some(0));
    for (output, states) in [
        (&cancelled, ["running", "cancelled"]),
        (&again, ["queued", "running"]),
    ] {
        let said = text(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{said}{}",
            text(&output.stderr)
        );
        assert!(said.trim_start().starts_with("1  collect"), "{said}");
        assert!(states.iter().any(|state| said.contains(state)), "{said}");
    }
    assert_eq!(server.accepted(), 2);
    assert!(ended.success());
}

#[test]
fn a_job_that_waits_is_cancelled_and_let_wait_again_without_a_daemon() {
    let server = Chaos::always(Reply::status(503));
    let data = data(&server);
    let mut daemon = Daemon::start(data.path());
    let jobs = |verb: &str| run(data.path(), &["jobs", verb, "1"]);
    let asked = run(data.path(), &["collect", "missing", "--day", DAY]);
    let shown = || -> serde_json::Value { serde_json::from_slice(&jobs("show").stdout).unwrap() };
    eventually("it has failed once", || {
        let shown = shown();
        (shown["state"] == "queued" && shown["attempt"] == 1).then_some(())
    });
    let ended = daemon.stop();

    let cancelled = jobs("cancel");
    let after_cancel = shown();
    let again = jobs("retry");
    let after_retry = shown();

    assert_eq!(asked.status.code(), Some(0));
    assert!(ended.success());
    for output in [&cancelled, &again] {
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    assert_eq!(after_cancel["state"], "cancelled", "{after_cancel:#}");
    assert_eq!(after_retry["state"], "queued", "{after_retry:#}");
    assert_eq!(after_retry["attempt"], 0);
}
