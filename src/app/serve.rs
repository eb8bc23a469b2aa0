//! `lurcher serve`: build, bind, run until told to stop.
//!
//! The order of the end: no new connections, requests finish, the desks go, the writer empties its
//! queue, checkpoints and closes the database, exit 0.

use std::fs;
use std::io::{Write, stdout};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::App;
use super::cli::Done;
use super::config::{Config, Loaded};
use super::remote::Sign;
use crate::collect::Collector;
use crate::http;
use crate::jobs::Board;
use crate::runtime::Clock;
use crate::store::DATABASE;

/// The address is open to others, and nothing would keep them out.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is open to others and no API key exists; make one with `lurcher key create --name me \
     --scope admin`, or listen on 127.0.0.1"
)]
pub(super) struct Strangers(SocketAddr);

pub(super) fn run(config: &Config) -> anyhow::Result<Done> {
    let listen = config.listen;
    let app = App::build(config, Clock::system())?;
    refuse_strangers(listen, &app)?;
    let listener =
        TcpListener::bind(listen).with_context(|| format!("could not listen on {listen}"))?;
    let address = listener.local_addr()?;
    let _sign = Sign::put_up(config.folder(), address)?;
    until_stopped(&app, listener, || announce(address))?;
    Ok(Done::Well)
}

/// Serves until SIGTERM or SIGINT, and leaves the database closed. `announce` is called when both
/// requests and signals are heard.
pub(super) fn until_stopped(
    app: &App,
    listener: TcpListener,
    announce: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let desks = app.desks();
    let (board, collector) = (app.board.clone(), app.collector.clone());
    let (runner, watch) = (app.runner(), app.watch.clone());
    let (predictor, saving) = (app.predictor.clone(), app.saving);
    actix_web::rt::System::new().block_on(async move {
        predictor.take_up(saving).await;
        let (loader, preload) = (predictor.clone(), app.preload.clone());
        actix_web::rt::spawn(async move { loader.preload(&preload).await });
        actix_web::rt::spawn(predictor.clone().keep_loaded());
        let keeping = predictor.clone().save_now_and_then(saving);
        let keeping = actix_web::rt::spawn(keeping);
        let working = actix_web::rt::spawn(runner.run());
        let watching = actix_web::rt::spawn(watch.clone().run());
        let listening = actix_web::rt::spawn(close_when_told(board.clone(), collector.clone()));
        let serving = actix_web::rt::spawn(http::serve(listener, desks)?);
        // The first turn of the server starts its workers and listens for signals.
        tokio::task::yield_now().await;
        announce()?;
        serving.await??;
        board.close();
        collector.stop();
        watch.stop();
        working.await?;
        watching.await?;
        listening.abort();
        keeping.abort();
        predictor.save(saving).await;
        anyhow::Ok(())
    })?;
    app.store.close();
    tracing::info!("stopped");
    Ok(())
}

/// The server hears the same signals and finishes its requests; whoever watches a job would keep it
/// waiting.
async fn close_when_told(board: Board, collector: Collector) {
    if let Err(error) = told().await {
        tracing::warn!(%error, "could not listen for signals");
        return;
    }
    board.close();
    collector.stop();
}

async fn told() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Without a key every caller may do everything, so nobody but this machine may ask.
fn refuse_strangers(listen: SocketAddr, app: &App) -> anyhow::Result<()> {
    if listen.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    let any = super::runtime()?.block_on(app.access.any());
    if any.map_err(|error| anyhow::anyhow!("{error}"))? {
        return Ok(());
    }
    Err(Strangers(listen).into())
}

/// Says whether a daemon could be started on this configuration, beside one that runs, too.
pub(super) fn check(loaded: &Loaded) -> anyhow::Result<Done> {
    let config = &loaded.config;
    let mut out = stdout().lock();
    match &loaded.file {
        Some(file) => writeln!(out, "ok   configuration {}", file.display())?,
        None => writeln!(out, "ok   configuration without a file")?,
    }
    if !config.sources.is_empty() {
        writeln!(out, "ok   sources {}", sources(config))?;
    }
    let folder = config.folder();
    try_writing(folder)?;
    writeln!(out, "ok   data folder {}", folder.display())?;
    if folder.join(DATABASE).exists() {
        let app = App::build_to_read(config, Clock::system())?;
        refuse_strangers(config.listen, &app)?;
    } else if !config.listen.ip().to_canonical().is_loopback() {
        return Err(Strangers(config.listen).into());
    }
    writeln!(out, "ok   address {}", config.listen)?;
    Ok(Done::Well)
}

/// Who will be asked, and how many will not.
fn sources(config: &Config) -> String {
    let (on, off): (Vec<_>, Vec<_>) = config.sources.iter().partition(|source| source.enabled);
    let names: Vec<_> = on.iter().map(|source| source.name.as_str()).collect();
    let names = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    format!("{names}; switched off: {}", off.len())
}

/// Makes a file in the folder, or in the one that it would be made in, and takes it away again.
fn try_writing(folder: &Path) -> anyhow::Result<()> {
    let mut stands = folder.to_owned();
    while !stands.as_os_str().is_empty() && !stands.exists() {
        stands.pop();
    }
    let probe = stands.join(format!(".lurcher-check-{}", std::process::id()));
    fs::File::create_new(&probe)
        .and_then(|_file| fs::remove_file(&probe))
        .with_context(|| format!("the data folder {} cannot be used", folder.display()))
}

fn announce(address: SocketAddr) -> anyhow::Result<()> {
    writeln!(stdout(), "listening on http://{address}")?;
    Ok(())
}
