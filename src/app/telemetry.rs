//! Logs go to stderr: for people on a terminal, one JSON object a line otherwise. Errors also go to the
//! error tracker, if there is one.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::watch::sentry::{self, Ending, SentrySettings};

type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logging. `level` is a filter such as `info` or `lurcher=debug`. What it gives back is kept
/// until the end.
pub(super) fn start(level: &str, tracker: &SentrySettings) -> anyhow::Result<Option<Ending>> {
    let mut filter = EnvFilter::try_new(level)?;
    if !level.contains("actix_http") {
        // What a client's broken head is to actix is no error of ours, and anybody can send one.
        filter = filter.add_directive("actix_http::h1::dispatcher=off".parse()?);
    }
    let mut layers = vec![log(filter)];
    let ending = sentry::start(tracker)?.map(|(layer, ending)| {
        layers.push(layer.with_filter(filter_fn(sentry::Layer::wants)).boxed());
        ending
    });
    let started = tracing_subscriber::registry().with(layers).try_init();
    started.map_err(|error| anyhow::anyhow!("could not start logging: {error}"))?;
    log_panics();
    Ok(ending)
}

fn log(filter: EnvFilter) -> Boxed {
    let terminal = stderr().is_terminal();
    let lines = fmt::layer().with_writer(stderr).with_ansi(terminal);
    if terminal {
        lines.compact().with_filter(filter).boxed()
    } else {
        let lines = lines.json().flatten_event(true);
        lines.with_filter(filter).boxed()
    }
}

/// A panic is logged with its place, never with what was in memory.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::process::Command;
    use std::sync::{Arc, Mutex};
    use std::thread;

    use tracing::Instrument;

    use super::*;
    use crate::runtime::{Crew, Lane, Secret};
    use crate::watch::sentry::ROUTE;

    /// Where the process of its own is to tell of its panic.
    const DSN: &str = "LURCHER_TEST_DSN";

    #[test]
    #[ignore = "the next test runs it in a process of its own, because logging is the process's"]
    fn a_process_whose_worker_panics() {
        let settings = SentrySettings {
            dsn: Some(Secret::new(env::var(DSN).unwrap())),
            ..SentrySettings::default()
        };
        let ending = start("off", &settings).unwrap();
        let crew = Crew::start("worker", 1, vec![()]).unwrap();
        let asked = async {
            tracing::trace!(target: ROUTE, route = "/api/races/{race}/prediction");
            tracing::warn!("this is no error");
            crew.ask(Lane::Live, |()| panic!("over lur_0123abcd_hunter2"))
                .await
        };
        let asked = asked.instrument(tracing::error_span!("request", request.id = "mine"));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let answer: Result<(), _> = runtime.unwrap().block_on(asked);

        assert!(answer.is_err());
        drop(ending);
    }

    /// Takes one post: its head and its body.
    fn take(stream: &mut TcpStream) -> (String, String) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(said) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = said.trim().parse().unwrap();
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    #[test]
    fn a_panic_is_told_once_with_its_request_and_without_a_key() {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let dsn = format!("http://s3cret@{}/7", door.local_addr().unwrap());
        let posts = Arc::<Mutex<Vec<_>>>::default();
        let seen = Arc::clone(&posts);
        // It ends with the tests.
        thread::spawn(move || {
            for stream in door.incoming() {
                let post = take(&mut stream.unwrap());
                seen.lock().unwrap().push(post);
            }
        });

        let name = "app::telemetry::tests::a_process_whose_worker_panics";
        let process = Command::new(env::current_exe().unwrap())
            .args(["--exact", name, "--ignored"])
            .env(DSN, dsn)
            .output()
            .unwrap();

        assert!(process.status.success(), "{process:?}");
        let posts = posts.lock().unwrap().clone();
        let [(head, body)] = posts.as_slice() else {
            panic!("{posts:?}");
        };
        assert!(head.starts_with("POST /api/7/envelope/ "), "{head}");
        assert!(head.contains("sentry_key=s3cret"), "{head}");
        for said in [
            "\"request.id\":\"mine\"",
            "\"transaction\":\"/api/races/{race}/prediction\"",
            "\"type\":\"panic\"",
            "src/app/telemetry.rs:",
            "\"environment\":\"production\"",
            concat!("\"release\":\"lurcher@", env!("CARGO_PKG_VERSION")),
        ] {
            assert!(body.contains(said), "{said}: {body}");
        }
        for secret in ["hunter2", "lur_", "s3cret", "this is no error"] {
            assert!(!body.contains(secret), "{secret}: {body}");
        }
    }
}
