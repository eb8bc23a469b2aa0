//! Files that are too large, too slow, broken off or too many leave nothing behind; nor does a disk
//! that is full.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::wire::Wire;
use crate::process::{Daemon, lurcher};
use crate::world::{House, World, eventually, wait};

/// The largest file of these tests, bytes.
const MOST: usize = 1_000_000;

fn world() -> World {
    World::serve(House::of_small_files(u64::try_from(MOST).unwrap()))
}

/// Begins an upload of so many bytes.
fn begin(world: &World, length: usize) -> Wire {
    let mut wire = Wire::to(world);
    wire.send(format!(
        "POST /api/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
    ));
    wire
}

/// Waits until the spool holds so many files.
fn until_spooled(house: &House, count: usize) {
    eventually(&format!("{count} files are in the spool"), || {
        (house.spool().len() == count).then_some(())
    });
}

#[test]
fn a_file_that_is_too_large_is_refused_by_its_word_and_by_its_bytes() {
    let world = world();
    let chunk = format!("{:x}\r\n{}\r\n", 100_000, "a".repeat(100_000));

    let announced = begin(&world, MOST + 1).reply().unwrap().problem();
    let mut silent = Wire::to(&world);
    silent.send(
        "POST /api/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for _ in 0..11 {
        silent.send(&chunk);
    }
    let silent = silent.reply().unwrap().problem();
    let mut fitting = begin(&world, MOST);
    fitting.send(vec![b'a'; MOST]);

    let too_large = (413, "too_large".to_owned());
    assert_eq!([announced, silent], [too_large.clone(), too_large]);
    assert_eq!(fitting.reply().unwrap().status, 202);
    until_spooled(&world.house, 1);
    assert_eq!(world.house.number("SELECT count(*) FROM job"), 1);
}

#[test]
fn a_file_that_comes_drop_by_drop_is_given_up() {
    let world = world();
    let mut wire = begin(&world, 10_000);

    for _ in 0..5 {
        wire.send(b"a");
        thread::sleep(Duration::from_millis(900));
    }
    let told = wire.reply().unwrap().problem();

    assert_eq!(told, (408, "timeout".to_owned()));
    until_spooled(&world.house, 0);
}

#[test]
fn a_client_that_breaks_off_leaves_nothing() {
    let world = world();
    // Large enough that a piece of it is written, and being written, when it ends.
    for sent in [0, 10, 300_000, 524_288, 900_000] {
        let mut wire = begin(&world, MOST);
        until_spooled(&world.house, 1);
        wire.send(vec![b'a'; sent]);
        drop(wire);
        until_spooled(&world.house, 0);
    }
    assert_eq!(world.house.number("SELECT count(*) FROM upload"), 0);
}

#[test]
fn a_fifth_file_at_a_time_is_told_to_come_again() {
    let world = world();
    let mut four: Vec<Wire> = (0..4).map(|_| begin(&world, 2)).collect();
    until_spooled(&world.house, 4);

    let fifth = begin(&world, 2).reply().unwrap();
    for wire in &mut four {
        wire.send("ab");
        assert_eq!(wire.reply().unwrap().status, 202);
    }
    let mut sixth = begin(&world, 2);
    sixth.send("ab");

    assert_eq!(fifth.problem(), (503, "busy".to_owned()));
    assert!(!fifth.header("retry-after").is_empty());
    assert_eq!(sixth.reply().unwrap().status, 202);
}

#[expect(
    clippy::significant_drop_tightening,
    reason = "the file is gone when it is finished"
)]
#[test]
fn what_a_killed_daemon_was_receiving_is_cleared_away_by_the_next() {
    let mut house = House::empty();
    let ingest = house.app().ingest.clone();
    wait(async {
        let mut file = ingest.receive().await.unwrap();
        file.write("a,b\n1,2\n").await.unwrap();
        let received = file.finish().await.unwrap();
        ingest.uploaded(received, "kept.csv", String::new()).await
    })
    .unwrap();
    let kept = house.spool();
    let spool = house.database().with_file_name("spool");
    for name in ["a.part", "b.payload", "c.file", "of-somebody.txt"] {
        fs::write(spool.join(name), "half").unwrap();
    }

    house.restart();

    let mut left = house.spool();
    left.retain(|name| name != "of-somebody.txt");
    assert_eq!((kept.len(), left), (1, kept));
}

/// A daemon whose data folder is a disk of 24 MiB that nobody else sees.
fn on_a_small_disk(folder: &Path) -> Command {
    let mut daemon = lurcher(folder);
    daemon.args(["serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("unshare");
    let script = "mount -t tmpfs -o size=24m tmpfs \"$LURCHER_DATA\" && exec \"$0\" \"$@\"";
    command.args(["-rm", "sh", "-c", script]);
    command.arg(daemon.get_program()).args(daemon.get_args());
    command.env("LURCHER_DATA", folder).stderr(Stdio::inherit());
    command
}

#[test]
#[expect(clippy::print_stderr, reason = "who cannot mount is told so")]
fn a_full_disk_refuses_a_file_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let may = format!("mount -t tmpfs tmpfs {}", folder.path().display());
    let may = Command::new("unshare")
        .args(["-rm", "sh", "-c", &may])
        .output();
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIP a full disk: nobody may mount one here");
        return;
    }
    let mut daemon = Daemon::of(&mut on_a_small_disk(folder.path()));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let card = crate::api::facts::card(3, 6);
    let posted = agent
        .post(format!("{}/api/cards", daemon.url))
        .send_json(&card);
    assert_eq!(posted.unwrap().status(), 200);
    let race = format!("{}/api/races/2026-11-21-angle-park-3", daemon.url);

    let file = agent
        .post(format!("{}/api/uploads?name=big.csv", daemon.url))
        .header("content-type", "application/octet-stream")
        .send(&vec![b'a'; 32 << 20][..]);
    let mut file = file.unwrap();
    let problem: serde_json::Value = file.body_mut().read_json().unwrap();

    assert_eq!(file.status(), 507, "{problem}");
    assert_eq!(problem["code"], "disk_full");
    let there = format!("/proc/{}/root{}", daemon.pid(), folder.path().display());
    let spool = fs::read_dir(Path::new(&there).join("spool")).unwrap();
    assert_eq!(spool.count(), 0);
    assert_eq!(agent.get(&race).call().unwrap().status(), 200);
    let again = agent.post(format!("{}/api/cards", daemon.url));
    let card = crate::api::facts::card(4, 6);
    assert_eq!(again.send_json(&card).unwrap().status(), 200);
    assert!(daemon.stop().success());
}
