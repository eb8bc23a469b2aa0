//! The benches: how fast, beside what a reader can judge it by, measured in the same minutes.
//!
//! `cargo bench` runs them all, `cargo bench -- store` those whose name contains that. Every answer
//! is checked and no time is. `cargo bench -- --test` runs each once on a small season and only
//! checks the answers; without cargo's own `--bench` that is also what happens.

mod arithmetic;
mod cpu;
mod formats;
mod http;
mod import;
mod predict;
mod replay;
mod start;
mod store;
mod table;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use table::Table;
use world::World;

/// What a bench is given.
struct Bench {
    /// Where its figures go.
    table: Table,
    /// Small inputs, one round: only the answers count.
    tiny: bool,
    world: Option<World>,
}

type Run = fn(&mut Bench) -> anyhow::Result<()>;

/// Every bench, in the order in which they run.
const BENCHES: [(&str, Run); 23] = [
    ("formats/parse", formats::parse),
    ("import/commit", import::commit),
    ("import/au_runs", import::au_runs),
    ("store/read_race", store::read_race),
    ("store/write_commit_1", store::write_commit_1),
    ("store/write_commit_64", store::write_commit_64),
    ("predict/cold", predict::cold),
    ("predict/cached", predict::cached),
    ("predict/arithmetic", arithmetic::arithmetic),
    ("replay/snapshots", replay::snapshots),
    ("http/livez", http::livez),
    ("http/race", http::race),
    ("http/race_uncached", http::race_uncached),
    ("http/prediction_cold", http::cold::prediction),
    ("http/batch_cold", http::cold::batch),
    ("http/prediction_cached", http::prediction_cached),
    ("http/prediction_bytes", http::prediction_bytes),
    ("http/post_night", http::post::night),
    ("http/post_result", http::post::results),
    ("http/post_card", http::post::cards),
    ("http/post_prices", http::post::prices),
    ("start/ready", start::ready),
    // The last, because it adds to the season.
    ("uploads/read_p99", http::uploads::read_p99),
];

/// What the command line asks for.
#[derive(Default)]
struct Asked {
    filters: Vec<String>,
    timed: bool,
    test: bool,
    csv: Option<PathBuf>,
}

impl Asked {
    fn parse(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut asked = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--bench" => asked.timed = true,
                "--test" => asked.test = true,
                "--csv" => {
                    let path = words.next().context("--csv wants a file")?;
                    asked.csv = Some(PathBuf::from(path));
                }
                option if option.starts_with('-') => anyhow::bail!("no option {option}"),
                _ => asked.filters.push(word),
            }
        }
        Ok(asked)
    }

    fn wants(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|part| name.contains(part.as_str()))
    }
}

impl Bench {
    /// The larger input, or the small one where only the answers count.
    fn size<T>(&self, full: T, tiny: T) -> T {
        if self.tiny { tiny } else { full }
    }

    /// The imported and trained season, made when it is first asked for.
    fn world(&mut self) -> anyhow::Result<&World> {
        if self.world.is_none() {
            table::note("making, importing and training the season");
            self.world = Some(World::make(self.tiny)?);
        }
        self.world.as_ref().context("the world was just made")
    }
}

fn run(asked: &Asked) -> anyhow::Result<()> {
    let tiny = asked.test || !asked.timed;
    let mut bench = Bench {
        table: Table::new(tiny),
        tiny,
        world: None,
    };
    let mut ran = 0;
    for (name, run) in BENCHES {
        if asked.wants(name) {
            run(&mut bench).with_context(|| format!("bench {name}"))?;
            ran += 1;
        }
    }
    anyhow::ensure!(ran > 0, "no bench has such a name");
    bench.table.close(ran);
    if let Some(path) = &asked.csv {
        let path = path.display();
        std::fs::write(path.to_string(), bench.table.csv())
            .with_context(|| format!("could not write {path}"))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let outcome = Asked::parse(std::env::args().skip(1)).and_then(|asked| run(&asked));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            table::note(&format!("FAIL {error:#}"));
            ExitCode::FAILURE
        }
    }
}
