//! Are the sums that are kept with the facts what the facts come to? `lurcher doctor` compares them,
//! `lurcher doctor --rebuild` makes them anew.

use std::io::{Write, stdout};

use super::cli::Done;
use super::{App, Config};
use crate::runtime::{Clock, Lane};
use crate::store::summaries::{self, Difference, Differences, Recount};
use crate::store::{self, Class, Store};

/// What a comparison came to.
pub(super) enum Checked {
    /// They are the same.
    Right {
        /// Races.
        races: i64,
        /// Runs.
        runs: i64,
    },
    /// Facts came in while they were counted.
    Moving,
    /// They are not.
    Wrong(Differences),
}

/// Counts the facts beside whoever writes. Each step sees them as they are then, so it says nothing
/// of sums that have changed on the way.
pub(super) async fn check(store: &Store) -> Result<Checked, store::Error> {
    let before = store.read(Lane::Batch, summaries::stored).await?;
    let mut recount = Recount::default();
    while !recount.is_done() {
        let step = store.read(Lane::Batch, move |reader| recount.go_on(reader));
        recount = step.await?;
    }
    let counted = recount.sums();
    let differences = before.differences(&counted);
    if differences.total == 0 {
        return Ok(Checked::Right {
            races: counted.races(),
            runs: counted.runs_standing(),
        });
    }
    let after = store.read(Lane::Batch, summaries::stored).await?;
    if after == before {
        return Ok(Checked::Wrong(differences));
    }
    Ok(Checked::Moving)
}

/// Takes the folder, and puts sums that are right in the place of those that are kept.
pub(super) fn rebuild(config: &Config, json: bool) -> anyhow::Result<Done> {
    let app = App::build(config, Clock::system())?;
    let rebuilt = app.store.write(Class::Admin, summaries::rebuild);
    let differences = super::runtime()?.block_on(rebuilt)?;
    let mut out = stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &differences)?;
        writeln!(out)?;
    } else {
        writeln!(out, "summaries made anew: {}", in_words(&differences))?;
    }
    Ok(Done::Well)
}

/// What differs, one line each.
pub(super) fn in_words(differences: &Differences) -> String {
    let mut lines = vec![format!("{} sums differed", differences.total)];
    lines.extend(differences.some.iter().map(|one| {
        let Difference {
            what,
            kept,
            counted,
        } = one;
        format!("  {what}: {kept} was kept, {counted} is right")
    }));
    let more = differences.total - differences.some.len();
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines.join("\n")
}
