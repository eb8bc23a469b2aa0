//! The commands, one small function each. Results go to stdout, logs to stderr.
//!
//! Exit codes: 0 done, 1 failed, 2 done with faults, 64 wrong usage, 65 data from a newer lurcher,
//! 70 the storage failed, 75 another lurcher holds the data folder, 78 bad or unsafe configuration.

mod args;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use args::Cli;
pub(super) use args::Shape;
use args::{Command, Jobs, Key, Reparse};

use super::config::{self, Loaded, Sources};
use super::{
    backtest, bench, collect, demo, doctor, explain, import, jobs, key, predict, reparse, serve,
    sums, telemetry, train,
};
use crate::access::{self, KeyDraft};
use crate::domain::{JobId, Scope};
use crate::ingest;
use crate::store;
use crate::store::jobs::Filter;
use crate::train::BacktestSpec;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// All of it.
    Well,
    /// With faults.
    WithFaults,
}

/// Runs what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match begin(cli) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithFaults) => ExitCode::from(2),
        Err(error) => {
            complain(&error);
            ExitCode::from(code(&error))
        }
    }
}

fn begin(cli: Cli) -> anyhow::Result<Done> {
    let loaded = config::load(cli.sources())?;
    let _last_events = telemetry::start(&loaded.config.log, &loaded.config.sentry)?;
    dispatch(cli.command, &loaded)
}

impl Cli {
    /// Where this command line says that settings are, and those that it is itself.
    fn sources(&self) -> Sources {
        let common = &self.common;
        let listen = match &self.command {
            Command::Serve(serve) => serve.listen,
            _ => None,
        };
        let text = |(name, value): (OsString, OsString)| {
            let lossy = |text: OsString| text.to_string_lossy().into_owned();
            (lossy(name), lossy(value))
        };
        let flags = [
            ("--listen", "listen", listen.map(|at| at.to_string())),
            ("--log", "log", common.log.clone()),
            (
                "--slow-ms",
                "store.slow_ms",
                common.slow_ms.map(|ms| ms.to_string()),
            ),
        ];
        let given = |(flag, key, value): (_, _, Option<String>)| Some((flag, key, value?));
        Sources {
            folder: common.data.clone(),
            file: common.config.clone(),
            environment: std::env::vars_os().map(text).collect(),
            flags: flags.into_iter().filter_map(given).collect(),
        }
    }
}

fn dispatch(command: Command, loaded: &Loaded) -> anyhow::Result<Done> {
    let config = &loaded.config;
    match command {
        Command::Serve(serve) if serve.check => serve::check(loaded),
        Command::Serve(_) => serve::run(config),
        Command::Demo(demo) => demo::run(config, demo.listen, demo.once),
        Command::Import(import) => {
            let request = ingest::file::Request {
                paths: import.paths,
                format: import.format,
                mapping: import
                    .mapping
                    .as_deref()
                    .map(explain::mapping)
                    .transpose()?,
                ..ingest::file::Request::default()
            };
            if import.explain {
                return explain::run(&request, import.json);
            }
            import::run(config, request, import.json)
        }
        Command::Collect(collect) => {
            let asked = collect::Asked {
                sources: collect.sources,
                day: collect.day,
                wait: collect.wait,
                json: collect.json,
            };
            collect::run(config, &asked)
        }
        Command::Reparse(again) => {
            let Reparse {
                source,
                since,
                commit,
                json,
            } = again;
            reparse::run(config, &source, since, commit, json)
        }
        Command::Jobs(Jobs::List {
            state,
            kind,
            limit,
            json,
        }) => jobs::list(config, Filter { kind, state }, limit, json),
        Command::Jobs(Jobs::Show { id }) => jobs::show(config, JobId::new(id)),
        Command::Jobs(Jobs::Cancel { id }) => jobs::cancel(config, JobId::new(id)),
        Command::Jobs(Jobs::Retry { id }) => jobs::retry(config, JobId::new(id)),
        Command::Train(train) => {
            let spec = crate::train::TrainSpec {
                until: train.until,
                activate: train.activate,
            };
            train::run(config, spec, train.json)
        }
        Command::Backtest(asked) => {
            let usual = BacktestSpec::of(asked.from, asked.to);
            let spec = BacktestSpec {
                step_days: asked.step_days,
                gap_days: asked.gap_days.unwrap_or(usual.gap_days),
                commission: asked.commission.unwrap_or(usual.commission),
                edge: asked.edge.unwrap_or(usual.edge),
                ..usual
            };
            backtest::run(config, spec, asked.json)
        }
        Command::Predict(predict) => {
            let asked = predict::Asked {
                race: predict.race,
                day: predict.day,
                as_of: predict.as_of,
                shape: predict.format,
            };
            predict::run(config, asked)
        }
        Command::Key(Key::Create(new)) => {
            let draft = KeyDraft {
                name: new.name,
                scopes: new.scopes.iter().map(Scope::to_string).collect(),
                expires_at: new.expires_at,
            };
            key::create(config, &draft)
        }
        Command::Key(Key::List { json }) => key::list(config, json),
        Command::Key(Key::Revoke { id }) => key::revoke(config, &id),
        Command::Bench(asked) => {
            let asked = bench::Asked {
                requests: usize::try_from(asked.requests)?,
                json: asked.json,
                save: asked.save,
                compare: asked.compare,
            };
            bench::run(config, &asked)
        }
        Command::Doctor(doctor) if doctor.rebuild => sums::rebuild(config, doctor.json),
        Command::Doctor(doctor) => doctor::run(config, doctor.json),
    }
}

/// Help and version are answers; everything else clap says is wrong usage.
fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be done about a closed terminal.
    drop(error.print());
    if error.use_stderr() {
        ExitCode::from(64)
    } else {
        ExitCode::SUCCESS
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the one place that tells a person why a command failed"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("lurcher: {error:#}");
}

/// What a supervisor may do about it.
fn code(error: &anyhow::Error) -> u8 {
    if error.is::<config::Error>() || error.is::<serve::Strangers>() {
        return 78;
    }
    let wrong_key = matches!(error.downcast_ref(), Some(access::Error::Invalid(_)));
    let wrong_name = error.is::<collect::Unknown>() || error.is::<backtest::Wrong>();
    if wrong_key || wrong_name || error.is::<explain::WrongMapping>() {
        return 64;
    }
    let store = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<store::Error>());
    match store {
        Some(store::Error::Held { .. }) => 75,
        Some(store::Error::Newer { .. }) => 65,
        Some(store::Error::UnsafeSqlite(_)) => 78,
        Some(store::Error::Commit { .. }) => 70,
        _ => 1,
    }
}
