//! What was measured, as it is printed, saved and compared.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::change::Compared;
use crate::bench::Summary;
use crate::http::benchmark;
use crate::store::QueryStats;

/// All of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    /// Of lurcher.
    pub(super) version: String,
    /// When it was over.
    pub(super) at: DateTime<Utc>,
    /// What was asked about: `database` or `season`.
    pub(super) data: String,
    /// Races that are known.
    pub(super) races: u64,
    /// Rows of the form book.
    pub(super) runs: u64,
    /// Dogs that are known.
    pub(super) dogs: u64,
    /// Of the box.
    pub(super) cores: usize,
    /// That were asked for, of each route, warm and without caches.
    pub(super) requests: usize,
    /// That asked at once.
    pub(super) connections: usize,
    /// Of this process, the client and all servers in it.
    pub(super) memory: Memory,
    /// Route by route.
    pub(super) routes: Vec<Row>,
    /// What was not measured.
    pub(super) left_out: Vec<LeftOut>,
    /// The dearest statements.
    pub(super) statements: Vec<Statement>,
    /// Against a report that was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) compared: Option<Compared>,
}

/// Resident memory, MiB, where that can be known.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Before anything was asked; after a season was made and trained on, where that had to be done.
    pub(super) before_mb: Option<f64>,
    /// When everything was over.
    pub(super) after_mb: Option<f64>,
}

/// One route.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    /// Its template.
    pub(super) route: String,
    /// Different questions that were asked in turn.
    pub(super) keys: usize,
    /// Of the first answer.
    pub(super) bytes: usize,
    /// First answers after the caches were emptied, one at a time.
    pub(super) cold: Summary,
    /// With caches that have everything.
    pub(super) warm: Summary,
    /// Without caches.
    pub(super) off: Summary,
    /// A bare server that sends the bytes of the first answer.
    pub(super) bare: Summary,
    /// Answers a second, warm, for each of the bare server's: the median of the rounds.
    pub(super) ratio: f64,
}

/// A route that was not measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LeftOut {
    route: String,
    why: String,
}

/// A statement of the database, all its executions while it was measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Statement {
    name: String,
    count: u64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

impl Memory {
    /// From bytes.
    pub(super) fn of(before: Option<u64>, after: Option<u64>) -> Self {
        let mb = |bytes: u64| (bytes as f64 / 1_048_576.0 * 10.0).round() / 10.0;
        Self {
            before_mb: before.map(mb),
            after_mb: after.map(mb),
        }
    }
}

impl LeftOut {
    /// As the door tells it.
    pub(super) fn of(out: benchmark::LeftOut) -> Self {
        Self {
            route: out.route.to_owned(),
            why: out.why,
        }
    }
}

impl Statement {
    /// As it is booked.
    pub(super) fn of(query: &QueryStats) -> Self {
        let ms = |share| query.took.quantile(share).as_secs_f64() * 1_000.0;
        Self {
            name: query.name.to_owned(),
            count: query.count,
            p50_ms: ms(0.50),
            p95_ms: ms(0.95),
            p99_ms: ms(0.99),
            max_ms: query.took.longest().as_secs_f64() * 1_000.0,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "lurcher {} on {} cores, {} connections; {}: {} races, {} runs, {} dogs\n",
            self.version, self.cores, self.connections, self.data, self.races, self.runs, self.dogs
        )?;
        writeln!(
            f,
            "{:<29} {:<5} {:>7} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>5}",
            "route",
            "",
            "answers",
            "errors",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "max ms",
            "per s",
            "bytes",
            "ratio"
        )?;
        for row in &self.routes {
            write!(f, "{row}")?;
        }
        for LeftOut { route, why } in &self.left_out {
            writeln!(f, "{route:<29} not measured: {why}")?;
        }
        writeln!(
            f,
            "\n{:<35} {:>7} {:>6} {:>8} {:>8} {:>8} {:>8}",
            "statement", "count", "", "p50 ms", "p95 ms", "p99 ms", "max ms"
        )?;
        for statement in &self.statements {
            write!(f, "{statement}")?;
        }
        write!(f, "{}", self.memory)?;
        match &self.compared {
            Some(compared) => write!(f, "{compared}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides = [
            (self.route.as_str(), "cold", &self.cold),
            ("", "warm", &self.warm),
            ("", "off", &self.off),
            ("", "bare", &self.bare),
        ];
        for (route, side, told) in sides {
            write!(
                f,
                "{route:<29} {side:<5} {:>7} {:>6} {:>8.3} {:>8.3} {:>8.3} {:>8.3} {:>8.0}",
                told.answers,
                told.errors,
                told.p50_ms,
                told.p95_ms,
                told.p99_ms,
                told.max_ms,
                told.per_second
            )?;
            match side {
                "warm" => writeln!(f, " {:>7} {:>5.2}", self.bytes, self.ratio)?,
                _ => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<35} {:>7} {:>6} {:>8.3} {:>8.3} {:>8.3} {:>8.3}",
            self.name, self.count, "", self.p50_ms, self.p95_ms, self.p99_ms, self.max_ms
        )
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.before_mb, self.after_mb) {
            (Some(before), Some(after)) => writeln!(
                f,
                "\nmemory {before} MiB before anything was asked, {after} MiB after all of it, client and bare server among it"
            ),
            _ => Ok(()),
        }
    }
}
