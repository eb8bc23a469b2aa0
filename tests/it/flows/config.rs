//! The configuration, as the binary reads it.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::process::{Daemon, assert_well, lurcher, text};

/// `lurcher serve --check` on a folder with that file in it.
fn check(file: &str, data: &Path, environment: &[(&str, &str)]) -> Output {
    fs::write(data.join("lurcher.toml"), file).unwrap();
    let mut command = lurcher(data);
    command.args(["serve", "--check"]);
    command.envs(environment.iter().copied());
    command.output().unwrap()
}

#[test]
fn a_good_configuration_is_checked_and_nothing_is_served() {
    let data = tempfile::tempdir().unwrap();

    let output = check("listen = '127.0.0.1:9'\n", data.path(), &[]);

    assert_well(&output);
    let said = text(&output.stdout);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines.iter().all(|line| line.starts_with("ok ")), "{said}");
    assert!(
        said.contains("lurcher.toml") && said.contains("127.0.0.1:9"),
        "{said}"
    );
    assert_eq!(
        fs::read_dir(data.path()).unwrap().count(),
        1,
        "it left something behind"
    );
}

#[test]
fn a_bad_configuration_ends_every_command_with_all_that_is_wrong_with_it() {
    let data = tempfile::tempdir().unwrap();
    let file = "[limits]\nreed = 5\nread = -1\n";

    let checked = check(file, data.path(), &[("LURCHER_STORE__SLOW_NS", "5")]);
    let doctor = lurcher(data.path()).arg("doctor").output().unwrap();

    assert_eq!(checked.status.code(), Some(78));
    assert_eq!(doctor.status.code(), Some(78));
    let said = text(&checked.stderr);
    for part in [
        "lurcher.toml:2: unknown key `limits.reed`, did you mean `limits.read`?",
        "lurcher.toml:3: limits.read: must be a number, 0 to 1000000",
        "LURCHER_STORE__SLOW_NS: unknown key `store.slow_ns`, did you mean `store.slow_ms`?",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn an_address_that_is_open_to_others_needs_a_key_before_it_is_checked_well() {
    let data = tempfile::tempdir().unwrap();
    let file = "listen = '0.0.0.0:9'\n";

    let without = check(file, data.path(), &[]);
    let create = ["key", "create", "--name", "x", "--scope", "admin"];
    assert_well(&lurcher(data.path()).args(create).output().unwrap());
    let with = check(file, data.path(), &[]);

    assert_eq!(without.status.code(), Some(78));
    assert!(text(&without.stderr).contains("lurcher key create"));
    assert_well(&with);
}

#[test]
fn the_check_says_who_will_be_asked_and_what_is_wrong_with_a_source() {
    let data = tempfile::tempdir().unwrap();
    let source = |name: &str, enabled: bool| {
        format!("[[source]]\nname = '{name}'\nkind = 'folder'\nenabled = {enabled}\npath = 'in'\n")
    };
    let good = source("one", true) + &source("two", false);
    let bad = good.clone() + "schedule = '0 25 * * *'\n";

    let well = check(&good, data.path(), &[]);
    let wrong = check(&bad, data.path(), &[]);

    assert_well(&well);
    let said = text(&well.stdout);
    assert!(
        said.contains("ok   sources one; switched off: 1\n"),
        "{said}"
    );
    assert_eq!(wrong.status.code(), Some(78));
    let said = text(&wrong.stderr);
    assert!(
        said.contains("lurcher.toml:11: source.schedule: `25` is no hour"),
        "{said}"
    );
}

#[test]
fn a_folder_that_cannot_be_used_is_told() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("a file");
    fs::write(&file, "").unwrap();

    let output = lurcher(&file.join("data"))
        .args(["serve", "--check"])
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot be used"));
}

#[test]
fn checking_works_beside_a_daemon_and_a_flag_is_over_the_file() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("lurcher.toml"), "listen = '192.0.2.1:9'\n").unwrap();
    let daemon = Daemon::start(data.path());

    let output = check("listen = '127.0.0.1:9'\n", data.path(), &[]);

    assert!(daemon.url.starts_with("http://127.0.0.1:"));
    assert_well(&output);
}
