//! The commands, one small function each. Results go to stdout, logs to stderr.
//!
//! Exit codes: 0 done, 1 failed, 2 done with faults, 64 wrong usage, 65 data from a newer lurcher,
//! 70 the storage failed, 75 another lurcher holds the data folder, 78 bad or unsafe configuration.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::config::{self, Loaded, Sources};
use super::{
    collect, demo, doctor, explain, import, jobs, key, predict, reparse, serve, telemetry, train,
};
use crate::access::{self, KeyDraft};
use crate::domain::{JobId, JobKind, JobState, RaceDay, Scope, Source};
use crate::formats::Format;
use crate::ingest;
use crate::store;
use crate::store::jobs::Filter;

/// Greyhound racing: facts in, honest probabilities out.
#[derive(Debug, Parser)]
#[command(name = "lurcher", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Args)]
struct Common {
    /// Data folder: database, backups, spool
    #[arg(long, global = true, env = "LURCHER_DATA", default_value = "data")]
    data: PathBuf,
    /// Configuration file [default: lurcher.toml in the data folder, if it is there]
    #[arg(long, global = true, env = "LURCHER_CONFIG")]
    config: Option<PathBuf>,
    /// What to log, for example `info` or `lurcher=debug` [env: LURCHER_LOG] [default: warn]
    #[arg(long, global = true)]
    log: Option<String>,
    /// Statements that take this many milliseconds are logged as slow [default: 100]
    #[arg(long, global = true, env = "LURCHER_SLOW_MS")]
    slow_ms: Option<u64>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the HTTP interface
    Serve(Serve),
    /// A simulated season, trained and served; needs nothing else
    Demo(Demo),
    /// Import files, folders or archives
    Import(Import),
    /// Ask sources what is new; what cron runs
    Collect(Collect),
    /// Read again what a source sent, after a parser has been mended
    Reparse(Reparse),
    /// Work that takes time
    #[command(subcommand)]
    Jobs(Jobs),
    /// Fit a model and judge it on later days
    Train(Train),
    /// Who wins, with what chance
    Predict(Predict),
    /// API keys
    #[command(subcommand)]
    Key(Key),
    /// Check the installation and say what to do
    Doctor(Doctor),
}

#[derive(Debug, Args)]
struct Serve {
    /// Address to listen on [env: LURCHER_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Check the configuration and the data folder, and do not serve
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
struct Demo {
    /// Address to listen on; the next free port when it is taken
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Make, train and predict, and do not stay to serve
    #[arg(long)]
    once: bool,
}

#[derive(Debug, Args)]
struct Import {
    /// Files, folders or archives (.gz .zst .zip)
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Refuse every file that is of another format
    #[arg(long, value_parser = parse_format)]
    format: Option<Format>,
    /// Read every file by this mapping of its columns (TOML)
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    mapping: Option<PathBuf>,
    /// Say what each file is taken for and why, and import nothing
    #[arg(long, conflicts_with = "format")]
    explain: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["sources", "all"])))]
struct Collect {
    /// Sources, as the configuration names them
    #[arg(value_name = "SOURCE", value_parser = Source::new)]
    sources: Vec<Source>,
    /// Every source that is switched on
    #[arg(long)]
    all: bool,
    /// One day at the source [default: today with the days around it that are configured]
    #[arg(long, value_parser = RaceDay::parse)]
    day: Option<RaceDay>,
    /// Stay until a daemon has done it, and end as it ended
    #[arg(long)]
    wait: bool,
    /// Print each report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Reparse {
    /// The source, as the configuration names it
    #[arg(long, value_parser = Source::new)]
    source: Source,
    /// What came on this day (UTC) or later
    #[arg(long, value_parser = RaceDay::parse)]
    since: RaceDay,
    /// Take it in; else only say what would become of it
    #[arg(long)]
    commit: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Jobs {
    /// The newest jobs; works beside a running daemon
    List {
        /// Only in this state: queued, running, succeeded, failed or cancelled
        #[arg(long, value_parser = JobState::parse)]
        state: Option<JobState>,
        /// Only of this kind
        #[arg(long, value_parser = JobKind::parse)]
        kind: Option<JobKind>,
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Print each as JSON
        #[arg(long)]
        json: bool,
    },
    /// One job, whole; works beside a running daemon
    Show {
        /// Its number
        id: i64,
    },
    /// Cancel a job that waits or runs
    Cancel {
        /// Its number
        id: i64,
    },
    /// Let a job that failed or was cancelled run again
    Retry {
        /// Its number
        id: i64,
    },
}

#[derive(Debug, Args)]
struct Train {
    /// The last day to fit on; the days after it judge
    #[arg(long, value_parser = RaceDay::parse)]
    until: Option<RaceDay>,
    /// Put the model in force whatever the judgement
    #[arg(long)]
    activate: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["race", "day"])))]
struct Predict {
    /// A race, like 2025-07-21-angle-park-3
    race: Option<String>,
    /// Every race of this day
    #[arg(long, value_parser = RaceDay::parse)]
    day: Option<RaceDay>,
    /// Only what was known at this instant (RFC 3339)
    #[arg(long)]
    as_of: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    format: Shape,
}

#[derive(Debug, Subcommand)]
enum Key {
    /// Make a key and print it, this once
    Create(CreateKey),
    /// Show the keys; works beside a running daemon
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key for good
    Revoke {
        /// The public part of the key, as `list` shows it
        id: String,
    },
}

#[derive(Debug, Args)]
struct CreateKey {
    /// What people call it
    #[arg(long)]
    name: String,
    /// What it may do: read, write or admin; each includes those before it
    #[arg(long = "scope", required = true, value_parser = Scope::parse)]
    scopes: Vec<Scope>,
    /// When it ends (RFC 3339)
    #[arg(long)]
    expires_at: Option<String>,
}

#[derive(Debug, Args)]
struct Doctor {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// How predictions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    /// Columns for people.
    Table,
    /// One JSON array.
    Json,
    /// Comma-separated values.
    Csv,
}

fn parse_format(name: &str) -> Result<Format, crate::domain::Fault> {
    Format::parse(name)
}

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
    telemetry::start(&loaded.config.log)?;
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
    if wrong_key || error.is::<explain::WrongMapping>() || error.is::<collect::Unknown>() {
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
