//! The commands, one small function each. Results go to stdout, logs to stderr.
//!
//! Exit codes: 0 done, 1 failed, 2 done with faults, 64 wrong usage, 65 data from a newer lurcher,
//! 70 the storage failed, 75 another lurcher holds the data folder.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{Config, demo, doctor, import, predict, serve, telemetry, train};
use crate::domain::RaceDay;
use crate::formats::Format;
use crate::ingest;
use crate::store;

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
    /// What to log, for example `info` or `lurcher=debug`
    #[arg(long, global = true, env = "LURCHER_LOG", default_value = "warn")]
    log: String,
    /// Statements that take this many milliseconds are logged as slow
    #[arg(long, global = true, env = "LURCHER_SLOW_MS", default_value_t = 100)]
    slow_ms: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the HTTP interface
    Serve(Serve),
    /// A simulated season, trained and served; needs nothing else
    Demo(Demo),
    /// Import files, folders or archives
    Import(Import),
    /// Fit a model and judge it on later days
    Train(Train),
    /// Who wins, with what chance
    Predict(Predict),
    /// Check the installation and say what to do
    Doctor(Doctor),
}

#[derive(Debug, Args)]
struct Serve {
    /// Address to listen on
    #[arg(long, env = "LURCHER_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
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
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
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
    let common = cli.common;
    let outcome = telemetry::start(&common.log).and_then(|()| {
        let config = Config {
            slow: std::time::Duration::from_millis(common.slow_ms),
            ..Config::new(&common.data)
        };
        dispatch(cli.command, &config)
    });
    match outcome {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithFaults) => ExitCode::from(2),
        Err(error) => {
            complain(&error);
            ExitCode::from(code(&error))
        }
    }
}

fn dispatch(command: Command, config: &Config) -> anyhow::Result<Done> {
    match command {
        Command::Serve(serve) => serve::run(config, serve.listen),
        Command::Demo(demo) => demo::run(config, demo.listen, demo.once),
        Command::Import(import) => {
            let request = ingest::file::Request {
                paths: import.paths,
                format: import.format,
            };
            import::run(config, request, import.json)
        }
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
    let store = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<store::Error>());
    match store {
        Some(store::Error::Held { .. }) => 75,
        Some(store::Error::Newer { .. }) => 65,
        Some(store::Error::UnsafeSqlite(_)) => 78,
        Some(store::Error::Commit(_)) => 70,
        _ => 1,
    }
}
