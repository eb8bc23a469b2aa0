//! `predict/arithmetic`: what one prediction takes to compute, the snapshot being in memory.
//!
//! Eight dogs with twenty past runs each, on one thread: features, chances, places, intervals, reasons
//! and every exotic with its dividends. Beside it the read of such a snapshot from SQLite, and the
//! logit without everything else.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, Utc};
use lurcher::domain::{RaceKey, Snapshot};
use lurcher::model::discount::{Discount, Discounts};
use lurcher::model::exotics::{Demand, Exotic, fair_dividend};
use lurcher::model::features::{self, Matrix};
use lurcher::model::placing::{self, Order};
use lurcher::model::{Pipeline, Rules, artifact, interval};
use lurcher::store::{self, Reader, models, races, snapshots};
use lurcher::{app::App, domain::Chances, runtime::Lane};

use crate::{Bench, table, world};

/// Runners of the field.
const FIELD: usize = 8;
/// Past runs of each.
const RUNS: usize = 20;
/// Combinations of each exotic, as HTTP lists them.
const LISTED: usize = 10;
/// Days that a copied run lies before the one that it is a copy of.
const EARLIER: i64 = 90;

/// The whole, then each part by itself.
pub(crate) fn arithmetic(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(2_000, 2);
    let world = bench.world()?;
    let now = world.now;
    let race = world.races.iter().max_by_key(|race| race.field);
    let race = race.context("no race is to come")?.key.clone();
    let app = world.app()?;
    let runtime = world::runtime()?;
    let read = || {
        let race = race.clone();
        runtime.block_on(
            app.store
                .read(Lane::Live, move |reader| look(reader, &race, now)),
        )
    };
    let pipeline = in_force(&app)?;
    let snapshot = full(read()?.context("the race is unknown")?)?;
    let matrix = features::matrix(&snapshot);
    let ours = &mut || timed(count, || served(&pipeline, &snapshot));
    let sqlite = &mut || {
        timed(count, || {
            let found = read()?.map_or(0, |snapshot| snapshot.entries.len());
            anyhow::ensure!(found > 3, "a field of {found}");
            Ok(())
        })
    };
    let logit = &mut || timed(count, || whole(&pipeline.chances_by_logit(&matrix)?));
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [
        ("a snapshot from SQLite", sqlite),
        ("the logit alone", logit),
    ];
    let name = "predict/arithmetic";
    bench.table.contest(name, "us", ours, baselines)?;
    parts(bench, &pipeline, &snapshot, count)
}

fn look(
    reader: &Reader<'_>,
    race: &RaceKey,
    now: DateTime<Utc>,
) -> Result<Option<Snapshot>, store::Error> {
    let race = races::by_key(reader, race)?;
    race.map(|race| snapshots::load(reader, &race, now))
        .transpose()
}

fn in_force(app: &App) -> anyhow::Result<Pipeline> {
    let stored = world::runtime()?.block_on(app.store.read(Lane::Live, models::active));
    let stored: Result<_, store::Error> = stored;
    let stored = stored?.context("no model is in force")?;
    let fitted = artifact::read(&stored.artifact)?;
    Ok(fitted.part(Rules::Australia).pipeline().clone())
}

/// The same with a field of eight and twenty runs of each: earlier copies of those that there are.
fn full(mut snapshot: Snapshot) -> anyhow::Result<Snapshot> {
    let first = snapshot
        .entries
        .iter()
        .position(|entry| !entry.history.runs.is_empty());
    let first = first.context("nobody has run")?;
    let raced = snapshot.entries[first].clone();
    snapshot.entries.resize(FIELD, raced.clone());
    for entry in &mut snapshot.entries {
        let runs = &mut entry.history.runs;
        if runs.is_empty() {
            runs.clone_from(&raced.history.runs);
        }
        let own = runs.len();
        for n in own..RUNS {
            let mut copy = runs[n - own].clone();
            copy.day = copy.day.plus(-EARLIER);
            runs.push(copy);
        }
        runs.truncate(RUNS);
    }
    Ok(snapshot)
}

/// Everything that is computed for an answer.
fn served(pipeline: &Pipeline, snapshot: &Snapshot) -> anyhow::Result<()> {
    let matrix = features::matrix(black_box(snapshot));
    let chances = pipeline.chances_of(&matrix)?;
    places(&chances)?;
    black_box(interval::doubts(snapshot, pipeline.races()));
    reasons(pipeline, &matrix)?;
    exotics(&chances)?;
    whole(&chances)
}

/// A chance for everybody, and all of them together one.
fn whole(chances: &Chances) -> anyhow::Result<()> {
    let sum: f64 = chances.all().iter().map(|chance| chance.get()).sum();
    anyhow::ensure!(
        chances.all().len() == FIELD && (sum - 1.0).abs() < 1e-9,
        "{sum}"
    );
    Ok(())
}

const fn discount() -> Discount {
    Discounts::AUSTRALIA.of(FIELD)
}

fn places(chances: &Chances) -> anyhow::Result<()> {
    let paid = Rules::Australia.paid_places(FIELD);
    let places = placing::place_chances(black_box(chances), paid, discount())?;
    anyhow::ensure!(places.len() == FIELD, "{} places", places.len());
    Ok(())
}

fn reasons(pipeline: &Pipeline, matrix: &Matrix) -> anyhow::Result<()> {
    let shares = pipeline.contributions(black_box(matrix));
    anyhow::ensure!(shares.len() == FIELD, "{} runners", shares.len());
    Ok(())
}

fn exotics(chances: &Chances) -> anyhow::Result<()> {
    let order = Order::new(black_box(chances), discount());
    let demand = Demand::new(0.05, 0.0)?;
    for exotic in Exotic::ALL {
        let best = exotic.best(&order, LISTED)?;
        anyhow::ensure!(best.len() == LISTED, "{} of {exotic:?}", best.len());
        for one in best {
            black_box((fair_dividend(one.chance), demand.dividend(one.chance)));
        }
    }
    Ok(())
}

/// Where the time goes.
fn parts(
    bench: &mut Bench,
    pipeline: &Pipeline,
    snapshot: &Snapshot,
    count: usize,
) -> anyhow::Result<()> {
    let matrix = features::matrix(snapshot);
    let chances = pipeline.chances_of(&matrix)?;
    let turns: [(&str, table::Turn<'_>); 5] = [
        ("features", &mut || {
            timed(count, || {
                anyhow::ensure!(features::matrix(black_box(snapshot)).len() == FIELD);
                Ok(())
            })
        }),
        ("chances", &mut || {
            timed(count, || whole(&pipeline.chances_of(black_box(&matrix))?))
        }),
        ("places", &mut || timed(count, || places(&chances))),
        ("reasons", &mut || {
            timed(count, || reasons(pipeline, &matrix))
        }),
        ("exotics", &mut || timed(count, || exotics(&chances))),
    ];
    for (name, turn) in turns {
        let name = format!("predict/arithmetic_{name}");
        bench.table.contest(&name, "us", turn, &mut [])?;
    }
    Ok(())
}

/// Microseconds for each of so many.
fn timed(count: usize, mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let began = Instant::now();
    for _ in 0..count {
        work()?;
    }
    Ok(table::micros(count, began.elapsed()))
}
