//! Keys over time: made at the terminal, used, restarted, revoked; and told to nobody.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use lurcher::store::DATABASE;
use serde_json::Value;

use crate::process::{Daemon, assert_well, lurcher, text};
use crate::world::{World, wait};

fn run(data: &Path, args: &[&str]) -> Output {
    lurcher(data).args(args).output().unwrap()
}

/// `lurcher key create`: the key that it prints.
fn create(data: &Path, scope: &str) -> String {
    let output = run(data, &["key", "create", "--name", "test", "--scope", scope]);
    assert_well(&output);
    let printed = text(&output.stdout);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    printed.trim().to_owned()
}

fn list(data: &Path) -> Value {
    let output = run(data, &["key", "list", "--json"]);
    assert_well(&output);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn id(key: &str) -> &str {
    key.split('_').nth(1).unwrap()
}

/// The part of a key that nobody may see.
fn secret(key: &str) -> &str {
    key.split_at(13).1
}

fn get(url: &str, header: &str, key: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.get(url).header(header, key).call().unwrap();
    (
        answer.status().as_u16(),
        answer.body_mut().read_to_string().unwrap(),
    )
}

#[test]
fn keys_outlive_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let (good, gone) = (create(data.path(), "read"), create(data.path(), "read"));
    assert_well(&run(data.path(), &["key", "revoke", id(&gone)]));

    for _ in 0..2 {
        let mut daemon = Daemon::start(data.path());
        let url = format!("{}/api/races", daemon.url);
        assert_eq!(get(&url, "X-API-Key", &good).0, 200);
        assert_eq!(get(&url, "X-API-Key", &gone).0, 401);
        daemon.stop();
    }
}

#[test]
fn a_daemon_that_holds_the_folder_is_to_be_asked_itself() {
    let data = tempfile::tempdir().unwrap();
    let key = create(data.path(), "admin");
    let daemon = Daemon::start(data.path());

    let create = run(
        data.path(),
        &["key", "create", "--name", "x", "--scope", "read"],
    );
    let revoke = run(data.path(), &["key", "revoke", id(&key)]);
    let list = list(data.path());

    for (output, way) in [
        (create, "POST /api/keys"),
        (revoke, "DELETE /api/keys/{id}"),
    ] {
        assert_eq!(output.status.code(), Some(75));
        let said = text(&output.stderr);
        assert!(said.contains(way), "{said}");
        assert!(said.contains(&format!("pid {}", daemon.pid())), "{said}");
        assert_eq!(text(&output.stdout), "");
    }
    assert_eq!(list[0]["id"], id(&key));
}

#[test]
fn a_key_opens_the_house_to_strangers() {
    let data = tempfile::tempdir().unwrap();
    create(data.path(), "read");
    let mut command = lurcher(data.path());
    command.args(["serve", "--listen", "0.0.0.0:0"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();

    let mut line = [0; 27];
    let said = child.stdout.as_mut().unwrap().read_exact(&mut line);
    drop(child.kill());
    child.wait().unwrap();

    assert!(said.is_ok(), "it did not listen");
    assert_eq!(text(&line), "listening on http://0.0.0.0");
}

#[test]
fn what_is_wrong_with_a_key_to_be_is_wrong_usage() {
    let data = tempfile::tempdir().unwrap();

    let scope = run(
        data.path(),
        &["key", "create", "--name", "x", "--scope", "fly"],
    );
    let name = run(
        data.path(),
        &["key", "create", "--name", " ", "--scope", "read"],
    );
    let unknown = run(data.path(), &["key", "revoke", "nobody00"]);

    assert_eq!(scope.status.code(), Some(64));
    assert_eq!(name.status.code(), Some(64), "{}", text(&name.stderr));
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn a_key_is_seen_nowhere_but_where_it_was_made() {
    let data = tempfile::tempdir().unwrap();
    let [read, admin] = ["read", "admin"].map(|scope| create(data.path(), scope));
    let log = data.path().join("stderr");
    let mut command = lurcher(data.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    command.env("LURCHER_LOG", "trace");
    let mut daemon = Daemon::of(command.stderr(fs::File::create(&log).unwrap()));
    let mut seen = String::new();
    let mut wrong = read.clone();
    wrong.pop();

    for path in [
        "/api/races",
        "/api/keys",
        "/api/races?limit=x",
        "/api/cats",
        "/api/audit",
        "/livez",
    ] {
        for key in [&read, &admin, &wrong] {
            let url = format!("{}{path}", daemon.url);
            seen += &get(&url, "X-API-Key", key).1;
            seen += &get(&url, "Authorization", &format!("Bearer {key}")).1;
        }
    }
    let mut answer = ureq::post(format!("{}/api/keys", daemon.url))
        .header("X-API-Key", &admin)
        .header("Content-Type", "application/json")
        .send(r#"{"name":"made here","scopes":["read"]}"#)
        .unwrap();
    let made: Value = answer.body_mut().read_json().unwrap();
    let made = made["key"].as_str().unwrap();
    assert_eq!(
        get(&format!("{}/api/races", daemon.url), "X-API-Key", made).0,
        200
    );
    seen += &text(&fs::read(format!("/proc/{}/cmdline", daemon.pid())).unwrap());
    seen += &text(&fs::read(format!("/proc/{}/environ", daemon.pid())).unwrap());
    for suffix in ["", "-wal"] {
        seen += &text(&fs::read(data.path().join(format!("{DATABASE}{suffix}"))).unwrap());
    }
    daemon.stop();
    seen += &text(&fs::read(data.path().join(DATABASE)).unwrap());
    let logged = fs::read_to_string(&log).unwrap();
    assert!(
        logged.contains("TRACE") && logged.contains("/api/keys"),
        "nothing was logged"
    );
    seen += &logged;

    for key in [&read, &admin, &wrong, made] {
        assert!(!seen.contains(secret(key)), "a key leaked");
        assert!(
            !seen.contains(secret(key).split_at(40).0),
            "most of a key leaked"
        );
    }
    let listed = list(data.path());
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0]["id"], id(made));
    assert!(
        listed.iter().all(|key| key["last_used_at"].is_string()),
        "{listed:?}"
    );
    let table = text(&run(data.path(), &["key", "list"]).stdout);
    assert!(table.contains(id(&admin)), "{table}");
    assert!(!table.contains(secret(&admin)));
}

#[test]
fn the_audit_log_is_bounded() {
    let world = World::empty();
    world
        .house
        .look()
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
             INSERT INTO audit (at_ms, actor, action, subject) SELECT i, 'a', 'b', 'c' FROM n",
            [],
        )
        .unwrap();

    let draft = lurcher::access::KeyDraft {
        name: "x".to_owned(),
        scopes: vec!["read".to_owned()],
        expires_at: None,
    };
    let access = &world.house.app().access;
    wait(access.issue(&draft, lurcher::store::audit::Actor::default())).unwrap();

    assert_eq!(world.house.number("SELECT count(*) FROM audit"), 100_000);
    assert_eq!(world.house.number("SELECT min(id) FROM audit"), 2);
}
