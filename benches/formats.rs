//! `formats/parse`: bytes become checked facts, which are dropped.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use lurcher::formats::{self, Item};
use lurcher::ingest::Fact;

use crate::{Bench, import, table, world};

/// What reading a file brought.
#[derive(Default)]
struct Read {
    rows: u64,
    facts: usize,
    faults: usize,
}

pub(crate) fn parse(bench: &mut Bench) -> anyhow::Result<()> {
    let folder = world::folder()?;
    let season = import::long_season(bench.tiny)?;
    let path = folder.path().join("runs.csv");
    let text = season.runs_csv(0);
    let rows = text.lines().count() - 1;
    let races = season.finished().count();
    std::fs::write(&path, text)?;
    let ours = &mut || {
        let began = Instant::now();
        let found = read(&path)?;
        let took = began.elapsed();
        anyhow::ensure!(found.rows == u64::try_from(rows)?, "{} rows", found.rows);
        anyhow::ensure!(found.facts == races, "{} races of {races}", found.facts);
        anyhow::ensure!(found.faults == 0, "{} faults", found.faults);
        Ok(table::rate(rows, took))
    };
    let plain = &mut || {
        let began = Instant::now();
        let mut csv = csv::Reader::from_path(&path)?;
        let mut record = csv::ByteRecord::new();
        let mut found = 0;
        while csv.read_byte_record(&mut record)? {
            found += 1;
        }
        let took = began.elapsed();
        anyhow::ensure!(found == rows, "{found} rows of {rows}");
        Ok(table::rate(rows, took))
    };
    let baselines: &mut [(&str, table::Turn<'_>)] =
        &mut [("the csv crate, nothing understood", plain)];
    bench
        .table
        .contest("formats/parse", "rows/s", ours, baselines)
}

fn read(path: &Path) -> anyhow::Result<Read> {
    let mut found = Read::default();
    let bytes = Arc::new(AtomicU64::new(0));
    formats::walk(path, None, &bytes, &mut |name, opened| {
        let rows = opened.and_then(|bytes| {
            formats::read(name, bytes, None, &mut |item| {
                match item {
                    Item::Draft { draft, .. } if Fact::check(&draft).is_ok() => found.facts += 1,
                    Item::Draft { .. } | Item::Fault(_) => found.faults += 1,
                }
                ControlFlow::Continue(())
            })
        });
        match rows {
            Ok(summary) => found.rows += summary.rows,
            Err(_refusal) => found.faults += 1,
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}
