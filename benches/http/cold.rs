//! Answers that nothing is kept of: each is asked when the caches have just been emptied.

use std::net::SocketAddr;
use std::time::Instant;

use lurcher::bench::{Connection, Server, request};
use serde_json::{Value, json};

use super::post::{at, written};
use crate::Bench;

/// One prediction at a time, each of another race to come.
pub(crate) fn prediction(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(1_000, 8);
    let world = bench.world()?;
    let paths = world.races.iter().map(|race| race.key.to_string());
    let paths: Vec<_> = paths
        .map(|key| format!("/api/races/{key}/prediction"))
        .collect();
    let asks = |address| {
        let asks = paths.iter().map(|path| request(address, path, None));
        asks.cycle().take(count).collect()
    };
    let waits = waits(bench, asks, |said| said["runners"].is_array())?;
    enter(bench, "http/prediction_cold", waits);
    Ok(())
}

/// The newest races in one request.
pub(crate) fn batch(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(40, 2);
    let world = bench.world()?;
    let keys: Vec<_> = world
        .newest
        .iter()
        .map(|race| race.key.to_string())
        .collect();
    let whole = keys.len();
    let body = json!({ "races": keys });
    let asks = |address| vec![written(address, "predictions", &body); count];
    let waits = waits(bench, asks, |said| said["succeeded"] == whole)?;
    enter(bench, &format!("http/batch_cold_{whole}"), waits);
    Ok(())
}

/// Milliseconds that each took over one connection; the caches are emptied before each, untimed.
fn waits(
    bench: &mut Bench,
    asks: impl FnOnce(SocketAddr) -> Vec<Vec<u8>>,
    is_right: impl Fn(&Value) -> bool,
) -> anyhow::Result<Vec<f64>> {
    let world = bench.world()?;
    // Of each race of a question its prediction and its page.
    let (most, app) = (2 * world.newest.len(), world.app()?);
    let desks = app.desks();
    let (shelves, predictor) = (desks.shelves.clone(), desks.predictor.clone());
    let server = Server::start(move |listener| lurcher::http::serve(listener, desks))?;
    let mut connection = Connection::open(server.address)?;
    let mut waits = Vec::new();
    for ask in asks(server.address) {
        let left = shelves.clear(None).unwrap_or(0) + predictor.clear_cache();
        anyhow::ensure!(left <= most, "{left} answers of one question");
        let began = Instant::now();
        connection.ask(&ask)?;
        let body = connection.body()?;
        waits.push(1_000.0 * began.elapsed().as_secs_f64());
        let said: Value = serde_json::from_slice(body)?;
        anyhow::ensure!(is_right(&said), "not what was asked for");
    }
    // The first loads the model.
    waits.remove(0);
    server.stop()?;
    app.store.close();
    Ok(waits)
}

fn enter(bench: &mut Bench, name: &str, mut waits: Vec<f64>) {
    for (percentile, share) in [("p50", 0.5), ("p99", 0.99)] {
        let figure = at(&mut waits, share);
        let name = format!("{name}/{percentile}");
        bench.table.line(&name, "ms", vec![figure]);
    }
}
