//! Logs go to stderr: for people on a terminal, one JSON object a line otherwise.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts logging. `level` is a filter such as `info` or `lurcher=debug`.
pub(super) fn start(level: &str) -> anyhow::Result<()> {
    let mut filter = EnvFilter::try_new(level)?;
    if !level.contains("actix_http") {
        // What a client's broken head is to actix is no error of ours, and anybody can send one.
        filter = filter.add_directive("actix_http::h1::dispatcher=off".parse()?);
    }
    let terminal = stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(terminal);
    let started = if terminal {
        builder.compact().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
    started.map_err(|error| anyhow::anyhow!("could not start logging: {error}"))?;
    log_panics();
    Ok(())
}

/// A panic is logged with its place, never with what was in memory.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
}
