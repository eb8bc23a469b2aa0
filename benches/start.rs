//! `start/…`: the real binary on an imported database: until it answers, and how much memory it
//! holds after a quiet second and after many predictions.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{Bench, http};

/// Predictions after which memory is looked at again.
const PREDICTIONS: i64 = 200;

pub(crate) fn ready(bench: &mut Bench) -> anyhow::Result<()> {
    let quiet = bench.size(Duration::from_secs(1), Duration::ZERO);
    let world = bench.world()?;
    let data = world.data();
    let paths: Vec<String> = world
        .races
        .iter()
        .cycle()
        .zip(1..=PREDICTIONS)
        .map(|(race, n)| {
            let at = (world.now + Duration::from_millis(n.unsigned_abs())).to_rfc3339();
            let at = at.replace("+00:00", "Z");
            format!("/api/races/{}/prediction?as_of={at}", race.key)
        })
        .collect();
    let (mut idle, mut busy) = (Vec::new(), Vec::new());
    let ours = &mut || {
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_lurcher"))
            .arg("--data")
            .arg(&data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start lurcher")?;
        let figures = visit(&mut child, &paths, began, quiet);
        let stopped = stop(&mut child);
        let (took, rested, worked) = figures?;
        stopped?;
        idle.extend(rested);
        busy.extend(worked);
        Ok(took.as_secs_f64() * 1e3)
    };
    bench.table.contest("start/ready", "ms", ours, &mut [])?;
    if !idle.is_empty() {
        bench.table.line("start/resident_idle", "MiB", idle);
        let name = "start/resident_after_200_predictions";
        bench.table.line(name, "MiB", busy);
    }
    Ok(())
}

/// Time until ready, and resident memory before and after the predictions.
fn visit(
    child: &mut Child,
    paths: &[String],
    began: Instant,
    quiet: Duration,
) -> anyhow::Result<(Duration, Option<f64>, Option<f64>)> {
    let address = address(child)?;
    let answer = http::get(address, "/readyz")?;
    let took = began.elapsed();
    anyhow::ensure!(answer == b"ready\n", "not ready");
    thread::sleep(quiet);
    let idle = resident(child.id());
    for path in paths {
        let answer = http::get(address, path)?;
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        let field = answer["runners"].as_array().map_or(0, Vec::len);
        anyhow::ensure!((4..=8).contains(&field), "{path}: a field of {field}");
    }
    Ok((took, idle, resident(child.id())))
}

/// Where it listens, from the line that it prints.
fn address(child: &mut Child) -> anyhow::Result<SocketAddr> {
    let out = child.stdout.take().context("no output")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on http://");
    Ok(address.context("it did not listen")?.parse()?)
}

/// Asks it to stop; it must end well. One that cannot be asked is killed.
fn stop(child: &mut Child) -> anyhow::Result<()> {
    let asked = Command::new("kill").arg(child.id().to_string()).status();
    if !asked.is_ok_and(|status| status.success()) {
        child.kill()?;
    }
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "it ended with {status}");
    Ok(())
}

/// Resident memory in MiB, where the system tells.
fn resident(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1_024.0)
}
