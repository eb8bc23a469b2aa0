//! `replay/…`: what was known before many races, read together, beside one race at a time.

use std::time::Instant;

use anyhow::Context;
use lurcher::domain::Snapshot;
use lurcher::runtime::Lane;
use lurcher::store::races::Race;
use lurcher::store::snapshots::{self, Snapshots};
use lurcher::store::{self, Store, races};

use crate::{Bench, table, world};

/// Days of races that are read together.
const DAYS: i64 = 28;

/// The snapshots of the season's last four weeks.
pub(crate) fn snapshots(bench: &mut Bench) -> anyhow::Result<()> {
    let world = bench.world()?;
    let app = world.app()?;
    let runtime = world::runtime()?;
    let asked = runtime.block_on(app.store.read(Lane::Batch, last_races))?;
    let count = asked.len();
    anyhow::ensure!(count > 20, "{count} races");
    let runs = runtime.block_on(together(&app.store, asked.clone()))?;
    let ours = &mut || {
        let began = Instant::now();
        let found = runtime.block_on(together(&app.store, asked.clone()))?;
        let took = began.elapsed();
        anyhow::ensure!(found == runs, "{found} of {runs} runs");
        Ok(table::micros(count, took))
    };
    let alone = &mut || {
        let began = Instant::now();
        let found = runtime.block_on(one_by_one(&app.store, asked.clone()))?;
        let took = began.elapsed();
        anyhow::ensure!(found == runs, "{found} of {runs} runs");
        Ok(table::micros(count, took))
    };
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [("one race at a time", alone)];
    bench
        .table
        .contest("replay/snapshots", "us", ours, baselines)
}

fn last_races(reader: &store::Reader<'_>) -> Result<Vec<Race>, store::Error> {
    let mut found = Vec::new();
    if let Some(last) = races::span(reader)?.last {
        for back in (0..DAYS).rev() {
            found.extend(races::judged_on(reader, last.plus(-back))?);
        }
    }
    Ok(found)
}

async fn together(store: &Store, asked: Vec<Race>) -> anyhow::Result<usize> {
    let read = store.read(Lane::Batch, move |reader| {
        let asked: Vec<_> = asked.iter().map(|race| (race, race.cutoff())).collect();
        let book = Snapshots::load(reader, &asked)?;
        Ok::<_, store::Error>(book.some(0..asked.len()).map(|one| runs(&one)).sum())
    });
    read.await.context("could not read the races together")
}

async fn one_by_one(store: &Store, asked: Vec<Race>) -> anyhow::Result<usize> {
    let read = store.read(Lane::Batch, move |reader| {
        let each = asked.iter().map(|race| {
            let snapshot = snapshots::load(reader, race, race.cutoff())?;
            Ok::<_, store::Error>(runs(&snapshot))
        });
        each.sum::<Result<usize, store::Error>>()
    });
    read.await.context("could not read the races one by one")
}

fn runs(snapshot: &Snapshot) -> usize {
    let entries = snapshot.entries.iter();
    entries.map(|entry| entry.history.runs.len()).sum()
}
