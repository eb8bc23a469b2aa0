//! `predict/…`: one question at a time to the desk, without HTTP.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use lurcher::domain::RaceKey;
use lurcher::predict::{Prediction, Predictor, Question};

use crate::{Bench, cpu, table, world};

/// Never asked before: snapshot from the database, features, model. Wall and processor time.
pub(crate) fn cold(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(1_000, 20);
    let world = bench.world()?;
    let races: Vec<RaceKey> = world.races.iter().map(|race| race.key.clone()).collect();
    let now = world.now;
    let app = world.app()?;
    let runtime = world::runtime()?;
    let mut asked = 0;
    let mut work = Vec::new();
    let ours = &mut || {
        let missed = app.predictor.cache_stats().misses;
        let cpu = cpu::spent();
        let began = Instant::now();
        for (race, _) in races.iter().cycle().zip(0..count) {
            // A millisecond later is another question, with the same answer.
            asked += 1;
            let at = now + Duration::from_millis(asked);
            runtime.block_on(ask(&app.predictor, race, at))?;
        }
        let took = began.elapsed();
        if let (Some(before), Some(after)) = (cpu, cpu::spent()) {
            work.push(table::micros(count, after.saturating_sub(before)));
        }
        let missed = app.predictor.cache_stats().misses - missed;
        anyhow::ensure!(
            missed == u64::try_from(count)?,
            "{missed} of {count} were cold"
        );
        Ok(table::micros(count, took))
    };
    bench.table.contest("predict/cold", "us", ours, &mut [])?;
    if !work.is_empty() {
        bench.table.line("predict/cold_cpu", "us", work);
    }
    Ok(())
}

/// Asked before: from memory.
pub(crate) fn cached(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(100_000, 100);
    let world = bench.world()?;
    let race = world.race()?.key.clone();
    let now = world.now;
    let app = world.app()?;
    let runtime = world::runtime()?;
    let ours = &mut || {
        runtime.block_on(ask(&app.predictor, &race, now))?;
        let hits = app.predictor.cache_stats().hits;
        let began = Instant::now();
        for _ in 0..count {
            runtime.block_on(ask(&app.predictor, &race, now))?;
        }
        let took = began.elapsed();
        let hits = app.predictor.cache_stats().hits - hits;
        anyhow::ensure!(
            hits == u64::try_from(count)?,
            "{hits} of {count} were cached"
        );
        Ok(table::micros(count, took))
    };
    bench.table.contest("predict/cached", "us", ours, &mut [])
}

async fn ask(predictor: &Predictor, race: &RaceKey, at: DateTime<Utc>) -> anyhow::Result<()> {
    let question = Question {
        race: race.clone(),
        as_of: Some(at),
    };
    let prediction = predictor.race(question).await;
    check(&*prediction.map_err(|error| anyhow::anyhow!("{error}"))?)
}

/// A whole field whose chances sum to one.
fn check(prediction: &Prediction) -> anyhow::Result<()> {
    let field = prediction.runners.len();
    anyhow::ensure!((4..=8).contains(&field), "a field of {field}");
    let sum: f64 = prediction.runners.iter().map(|runner| runner.win).sum();
    anyhow::ensure!((sum - 1.0).abs() < 1e-9, "the chances sum to {sum}");
    Ok(())
}
