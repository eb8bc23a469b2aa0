//! `uploads/…`: how long readers wait while a file that was sent is taken in, beside the same
//! readers when nothing else happens. The file is larger each time than what they read, and new.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use lurcher::bench::{Server, get};
use lurcher::season::{Season, SeasonSettings};
use serde_json::{Value, json};

use super::client;
use crate::{Bench, table, world};

/// Connections that read, each as fast as it is answered.
const READERS: usize = 4;
/// How often it is looked whether the jobs are done.
const GLANCE: Duration = Duration::from_millis(10);
/// How long they may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// The wait that one reader in a hundred has.
pub(crate) fn read_p99(bench: &mut Bench) -> anyhow::Result<()> {
    let idle = bench.size(2_000, 16);
    let days = bench.size(200, 3);
    let path = format!("/api/races/{}", bench.world()?.race()?.key);
    let app = bench.world()?.app()?;
    let desks = app.desks();
    let lurcher = Server::start(move |listener| lurcher::http::serve(listener, desks))?;
    let (board, runner) = (app.board.clone(), app.runner());
    let working = thread::spawn(move || {
        world::runtime()?.block_on(runner.run());
        anyhow::Ok(())
    });
    let address = lurcher.address;
    let expected = get(address, &path)?;
    let mut files = 0;
    let ours = &mut || {
        files += 1;
        let csv = file(days, files)?;
        send(address, &csv)?;
        let over = AtomicBool::new(false);
        let waits = thread::scope(|scope| {
            let readers = scope.spawn(|| {
                let goes_on = |_read| !over.load(Ordering::Relaxed);
                client::waits(address, &path, READERS, &expected, &goes_on)
            });
            let imported = until_done(address);
            over.store(true, Ordering::Relaxed);
            let waits = readers.join();
            imported?;
            waits.map_err(|_panic| anyhow::anyhow!("a reader panicked"))?
        })?;
        p99(waits)
    };
    let calm = &mut || {
        let goes_on = |read| read < idle;
        p99(client::waits(address, &path, READERS, &expected, &goes_on)?)
    };
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [("the same readers, nothing else", calm)];
    let table = &mut bench.table;
    table.contest("uploads/read_p99", "us", ours, baselines)?;
    lurcher.stop()?;
    board.close();
    let worked = working.join();
    worked.map_err(|_panic| anyhow::anyhow!("the runner panicked"))??;
    app.store.close();
    Ok(())
}

/// The runs of a season that ended so many years before any other. Races are known by their ids too,
/// and every season gives the same.
fn file(days: u32, years: i64) -> anyhow::Result<String> {
    let settings = SeasonSettings {
        days,
        ..SeasonSettings::demo()?
    };
    let before = settings.last_day().plus(-366 * years - 400);
    let csv = Season::generate(&settings.ending(before))?.runs_csv(0);
    Ok(csv.trim_end().replace('\n', &format!("\nu{years}-")))
}

fn send(address: SocketAddr, csv: &str) -> anyhow::Result<()> {
    let request = ureq::post(format!("http://{address}/api/uploads?name=runs.csv"));
    let request = request.header("content-type", "application/octet-stream");
    let answer = request.send(csv.as_bytes())?;
    anyhow::ensure!(answer.status() == 202, "{}", answer.status());
    Ok(())
}

/// Waits for the import and for the ratings that follow it.
fn until_done(address: SocketAddr) -> anyhow::Result<()> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let jobs: Value = serde_json::from_slice(&get(address, "/api/jobs?limit=2")?)?;
        let jobs = jobs["items"].as_array().context("a list of jobs")?;
        if let [rate, import] = jobs.as_slice()
            && (&rate["kind"], &import["kind"]) == (&json!("rate"), &json!("import"))
            && [rate, import].iter().all(|job| job["state"] == "succeeded")
        {
            let report = &import["report"];
            anyhow::ensure!(report["created"].as_u64() > Some(0), "{report}");
            return Ok(());
        }
        thread::sleep(GLANCE);
    }
    anyhow::bail!("the import did not end within {PATIENCE:?}")
}

fn p99(mut waits: Vec<Duration>) -> anyhow::Result<f64> {
    waits.sort();
    let wait = waits.get(waits.len() * 99 / 100).context("nobody read")?;
    Ok(table::micros(1, *wait))
}
