//! More connections than the system has descriptors for.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::wire::Wire;
use crate::process::{Daemon, lurcher};
use crate::world::eventually;

/// Clock ticks that a process has worked.
fn worked(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn is_ready(daemon: &Daemon) -> bool {
    let mut wire = Wire::at(&daemon.url);
    wire.send("GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    wire.reply().is_some_and(|reply| reply.status == 200)
}

#[test]
fn a_daemon_out_of_descriptors_waits_and_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    let script = "ulimit -n 200; exec \"$0\" serve --listen 127.0.0.1:0";
    let template = lurcher(data.path());
    command.args(["-c".as_ref(), script.as_ref(), template.get_program()]);
    for (name, value) in template.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut daemon = Daemon::of(&mut command);
    assert!(is_ready(&daemon));

    let before = worked(daemon.pid());
    let clients: Vec<Wire> = (0..300).map(|_| Wire::at(&daemon.url)).collect();
    // Nothing happens that could be waited for.
    thread::sleep(Duration::from_secs(3));
    let fds = fs::read_dir(format!("/proc/{}/fd", daemon.pid())).unwrap();
    let (fds, worked) = (fds.count(), worked(daemon.pid()) - before);
    assert!(!daemon.has_ended());
    drop(clients);

    assert!(fds >= 195, "{fds} of 200: it was never short of them");
    assert!(worked < 150, "{worked} ticks in three seconds: it spun");
    eventually("it answers again", || is_ready(&daemon).then_some(()));
    assert!(daemon.stop().success());
}
