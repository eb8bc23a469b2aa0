//! `http/…`: requests a second over sixteen connections that stay open, beside a bare actix-web
//! that says hello to the same client. Client and servers share the machine, in one process.

mod client;
pub(crate) mod cold;
pub(crate) mod post;
pub(crate) mod uploads;

use std::net::SocketAddr;

use crate::{Bench, table};
pub(crate) use lurcher::bench::get;
use lurcher::bench::{Server, says};

pub(crate) fn livez(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(60_000, 64);
    beside_hello(bench, "http/livez", "/livez", count, true)
}

/// One race with its field.
pub(crate) fn race(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(20_000, 64);
    let path = race_path(bench)?;
    beside_hello(bench, "http/race", &path, count, true)
}

/// The same from SQLite each time.
pub(crate) fn race_uncached(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(20_000, 64);
    let path = race_path(bench)?;
    beside_hello(bench, "http/race_uncached", &path, count, false)
}

pub(crate) fn prediction_cached(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(40_000, 64);
    let path = prediction(bench)?;
    beside_hello(bench, "http/prediction_cached", &path, count, true)
}

/// The same prediction beside an actix-web that has the same bytes ready in memory.
pub(crate) fn prediction_bytes(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(40_000, 64);
    let path = prediction(bench)?;
    let app = bench.world()?.app()?;
    let desks = app.desks();
    let lurcher = Server::start(move |listener| lurcher::http::serve(listener, desks))?;
    let bytes = get(lurcher.address, &path)?;
    let bare = Server::start(move |listener| says(listener, bytes))?;
    let ours = &mut || turn(lurcher.address, &path, count);
    let theirs = &mut || turn(bare.address, "/", count);
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [("actix-web, the same bytes", theirs)];
    let table = &mut bench.table;
    table.contest("http/prediction_bytes", "req/s", ours, baselines)?;
    bare.stop()?;
    lurcher.stop()?;
    app.store.close();
    Ok(())
}

fn race_path(bench: &mut Bench) -> anyhow::Result<String> {
    Ok(format!("/api/races/{}", bench.world()?.race()?.key))
}

fn prediction(bench: &mut Bench) -> anyhow::Result<String> {
    Ok(format!("{}/prediction", race_path(bench)?))
}

fn beside_hello(
    bench: &mut Bench,
    name: &str,
    path: &str,
    count: usize,
    from_memory: bool,
) -> anyhow::Result<()> {
    let app = bench.world()?.app()?;
    app.shelves.switch_all(from_memory);
    let desks = app.desks();
    let lurcher = Server::start(move |listener| lurcher::http::serve(listener, desks))?;
    let hello = Server::start(|listener| says(listener, b"hello\n".to_vec()))?;
    let ours = &mut || turn(lurcher.address, path, count);
    let theirs = &mut || turn(hello.address, "/", count);
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [("actix-web, hello", theirs)];
    bench.table.contest(name, "req/s", ours, baselines)?;
    hello.stop()?;
    lurcher.stop()?;
    app.store.close();
    Ok(())
}

/// One warm answer that the others must equal, then all of them at once.
fn turn(address: SocketAddr, path: &str, count: usize) -> anyhow::Result<f64> {
    let expected = get(address, path)?;
    let took = client::load(address, path, count, &expected)?;
    Ok(table::rate(count, took))
}
