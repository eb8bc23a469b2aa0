//! Rounds, and the table of what they measured.
//!
//! Contenders take turns within each round, so a busy machine is busy for all of them; the ratio
//! is the median of the rounds' ratios. It says how many times the pace of the baseline ours is,
//! whatever the unit: 2.00 is twice as fast.

use std::fmt::Write as _;
use std::time::Duration;

/// Rounds of a timed bench.
const ROUNDS: usize = 7;

/// One turn of a contender: does its work, checks the answer, says the figure.
pub(crate) type Turn<'t> = &'t mut dyn FnMut() -> anyhow::Result<f64>;

/// Figures of lurcher, all rounds.
struct Line {
    name: String,
    unit: &'static str,
    figures: Vec<f64>,
}

/// Everything measured so far.
pub(crate) struct Table {
    tiny: bool,
    lines: Vec<Line>,
}

/// Prints a remark between the lines of the table.
#[expect(clippy::print_stdout, reason = "printing is the point of a bench")]
pub(crate) fn note(text: &str) {
    println!("# {text}");
}

#[expect(clippy::print_stdout, reason = "printing is the point of a bench")]
fn print(text: &str) {
    println!("{text}");
}

impl Table {
    pub(crate) fn new(tiny: bool) -> Self {
        if !tiny {
            print(&format!(
                "{:<40} {:>10} {:>10} {:>10}  {:<9} {:>6}",
                "bench", "median", "min", "max", "unit", "pace"
            ));
        }
        Self {
            tiny,
            lines: Vec::new(),
        }
    }

    /// Runs `ours` and every baseline in turns, and enters the figures.
    pub(crate) fn contest(
        &mut self,
        name: &str,
        unit: &'static str,
        ours: Turn<'_>,
        baselines: &mut [(&str, Turn<'_>)],
    ) -> anyhow::Result<()> {
        let mut figures = Vec::new();
        let mut theirs = vec![Vec::new(); baselines.len()];
        for _ in 0..if self.tiny { 1 } else { ROUNDS } {
            figures.push(ours()?);
            for ((_, turn), figures) in baselines.iter_mut().zip(&mut theirs) {
                figures.push(turn()?);
            }
        }
        self.line(name, unit, figures.clone());
        for ((name, _), theirs) in baselines.iter().zip(theirs) {
            self.baseline(name, unit, &figures, theirs);
        }
        Ok(())
    }

    /// Enters figures that were taken elsewhere.
    pub(crate) fn line(&mut self, name: &str, unit: &'static str, figures: Vec<f64>) {
        if self.tiny {
            print(&format!("{name}: the answers are right"));
        } else {
            print(&row(name, unit, figures.clone()));
        }
        self.lines.push(Line {
            name: name.to_owned(),
            unit,
            figures,
        });
    }

    fn baseline(&self, name: &str, unit: &'static str, ours: &[f64], theirs: Vec<f64>) {
        if self.tiny {
            return;
        }
        let more_is_better = unit.ends_with("/s");
        let pace = ours.iter().zip(&theirs).map(|(ours, theirs)| {
            if more_is_better {
                ours / theirs
            } else {
                theirs / ours
            }
        });
        let pace = median(pace.collect());
        let row = row(&format!("  beside {name}"), unit, theirs);
        print(&format!("{row} {pace:>6.2}"));
    }

    /// Says that all is done.
    pub(crate) fn close(&self, ran: usize) {
        let figures = self.lines.len();
        note(&format!(
            "{ran} benches, {figures} figures, every answer right"
        ));
    }

    /// Name, median and unit of every line.
    pub(crate) fn csv(&self) -> String {
        let mut csv = "name,median,unit\n".to_owned();
        for line in &self.lines {
            let median = median(line.figures.clone());
            // Writing to a string cannot fail.
            let _ = writeln!(csv, "{},{},{}", line.name, figure(median), line.unit);
        }
        csv
    }
}

fn row(name: &str, unit: &str, figures: Vec<f64>) -> String {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(0.0, f64::max);
    format!(
        "{name:<40} {:>10} {:>10} {:>10}  {unit:<9}",
        figure(median(figures)),
        figure(least),
        figure(most)
    )
}

/// Three digits that mean something, and no more.
fn figure(value: f64) -> String {
    if value < 100.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How many a second.
pub(crate) fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Microseconds for each.
pub(crate) fn micros(count: usize, took: Duration) -> f64 {
    took.as_secs_f64() * 1e6 / count as f64
}
