//! What may be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::{JobKind, JobState, RaceDay, Scope, Source};
use crate::formats::Format;

/// Greyhound racing: facts in, honest probabilities out.
#[derive(Debug, Parser)]
#[command(name = "lurcher", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// Data folder: database, backups, spool
    #[arg(long, global = true, env = "LURCHER_DATA", default_value = "data")]
    pub(super) data: PathBuf,
    /// Configuration file [default: lurcher.toml in the data folder, if it is there]
    #[arg(long, global = true, env = "LURCHER_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// What to log, for example `info` or `lurcher=debug` [env: LURCHER_LOG] [default: warn]
    #[arg(long, global = true)]
    pub(super) log: Option<String>,
    /// Statements that take this many milliseconds are logged as slow [default: 100]
    #[arg(long, global = true, env = "LURCHER_SLOW_MS")]
    pub(super) slow_ms: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
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
    /// Walk a model forward through past days and say how good it was
    Backtest(Backtest),
    /// Who wins, with what chance
    Predict(Predict),
    /// API keys
    #[command(subcommand)]
    Key(Key),
    /// Measure this box: every route cold, warm and without caches, beside a bare server
    Bench(Bench),
    /// Check the installation and say what to do
    Doctor(Doctor),
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address to listen on [env: LURCHER_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long)]
    pub(super) listen: Option<SocketAddr>,
    /// Check the configuration and the data folder, and do not serve
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address to listen on; the next free port when it is taken
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Make, train and predict, and do not stay to serve
    #[arg(long)]
    pub(super) once: bool,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// Files, folders or archives (.gz .zst .zip)
    #[arg(required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Refuse every file that is of another format
    #[arg(long, value_parser = parse_format)]
    pub(super) format: Option<Format>,
    /// Read every file by this mapping of its columns (TOML)
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub(super) mapping: Option<PathBuf>,
    /// Say what each file is taken for and why, and import nothing
    #[arg(long, conflicts_with = "format")]
    pub(super) explain: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["sources", "all"])))]
pub(super) struct Collect {
    /// Sources, as the configuration names them
    #[arg(value_name = "SOURCE", value_parser = Source::new)]
    pub(super) sources: Vec<Source>,
    /// Every source that is switched on
    #[arg(long)]
    pub(super) all: bool,
    /// One day at the source [default: today with the days around it that are configured]
    #[arg(long, value_parser = RaceDay::parse)]
    pub(super) day: Option<RaceDay>,
    /// Stay until a daemon has done it, and end as it ended
    #[arg(long)]
    pub(super) wait: bool,
    /// Print each report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Reparse {
    /// The source, as the configuration names it
    #[arg(long, value_parser = Source::new)]
    pub(super) source: Source,
    /// What came on this day (UTC) or later
    #[arg(long, value_parser = RaceDay::parse)]
    pub(super) since: RaceDay,
    /// Take it in; else only say what would become of it
    #[arg(long)]
    pub(super) commit: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Jobs {
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
pub(super) struct Train {
    /// The last day to fit on; the days after it judge
    #[arg(long, value_parser = RaceDay::parse)]
    pub(super) until: Option<RaceDay>,
    /// Put the model in force whatever the judgement
    #[arg(long)]
    pub(super) activate: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Backtest {
    /// First day that is predicted
    #[arg(long, value_parser = RaceDay::parse)]
    pub(super) from: RaceDay,
    /// Last day that is predicted
    #[arg(long, value_parser = RaceDay::parse)]
    pub(super) to: RaceDay,
    /// Days of a fold, each with a fit of its own [default: calendar months]
    #[arg(long)]
    pub(super) step_days: Option<u32>,
    /// Days left out before each fold [default: 1]
    #[arg(long)]
    pub(super) gap_days: Option<u32>,
    /// Share that is taken off winnings [default: 0.08]
    #[arg(long)]
    pub(super) commission: Option<f64>,
    /// What a bet must promise beyond its stake [default: 0.05]
    #[arg(long)]
    pub(super) edge: Option<f64>,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["race", "day"])))]
pub(super) struct Predict {
    /// A race, like 2025-07-21-angle-park-3
    pub(super) race: Option<String>,
    /// Every race of this day
    #[arg(long, value_parser = RaceDay::parse)]
    pub(super) day: Option<RaceDay>,
    /// Only what was known at this instant (RFC 3339)
    #[arg(long)]
    pub(super) as_of: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    pub(super) format: Shape,
}

#[derive(Debug, Subcommand)]
pub(super) enum Key {
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
pub(super) struct CreateKey {
    /// What people call it
    #[arg(long)]
    pub(super) name: String,
    /// What it may do: read, write or admin; each includes those before it
    #[arg(long = "scope", required = true, value_parser = Scope::parse)]
    pub(super) scopes: Vec<Scope>,
    /// When it ends (RFC 3339)
    #[arg(long)]
    pub(super) expires_at: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Bench {
    /// Requests of each route, warm and as many without caches
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) requests: u32,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Write the report, as JSON, to be compared with later
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// Compare with a report that was saved
    #[arg(long, value_name = "FILE")]
    pub(super) compare: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Count all sums anew from the facts, and say which were wrong; takes the folder
    #[arg(long)]
    pub(super) rebuild: bool,
    /// Print the findings as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// How predictions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::app) enum Shape {
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
