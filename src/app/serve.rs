//! `lurcher serve`: bind, build, run until told to stop.
//!
//! The order of the end: no new connections, requests finish, the desks go, the writer empties its
//! queue, checkpoints and closes the database, exit 0.

use std::net::{SocketAddr, TcpListener};

use anyhow::Context;

use super::cli::Done;
use super::{App, Config};
use crate::http;
use crate::runtime::Clock;

pub(super) fn run(config: &Config, listen: SocketAddr) -> anyhow::Result<Done> {
    refuse_strangers(listen)?;
    let listener =
        TcpListener::bind(listen).with_context(|| format!("could not listen on {listen}"))?;
    let app = App::build(config, Clock::system())?;
    announce(&listener)?;
    until_stopped(&app, listener)?;
    Ok(Done::Well)
}

/// Serves until SIGTERM or SIGINT, and leaves the database closed.
pub(super) fn until_stopped(app: &App, listener: TcpListener) -> anyhow::Result<()> {
    let desks = app.desks();
    actix_web::rt::System::new().block_on(async move {
        http::serve(listener, desks)?.await?;
        anyhow::Ok(())
    })?;
    app.store.close();
    tracing::info!("stopped");
    Ok(())
}

/// There are no keys yet, so nobody but this machine may ask.
fn refuse_strangers(listen: SocketAddr) -> anyhow::Result<()> {
    anyhow::ensure!(
        listen.ip().is_loopback(),
        "{listen} is open to others and no API key exists; listen on 127.0.0.1 and put a reverse \
         proxy in front"
    );
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "where it listens is the result of the command"
)]
fn announce(listener: &TcpListener) -> anyhow::Result<()> {
    println!("listening on http://{}", listener.local_addr()?);
    Ok(())
}
