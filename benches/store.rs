//! `store/…`: a question and a durable change through the store, beside SQLite by hand.

use std::time::Instant;

use lurcher::runtime::Lane;
use lurcher::store::{self, Class, DATABASE, Settings, Store, dogs, races, runners};
use rusqlite::{Connection, OpenFlags, named_params};

use crate::{Bench, table, world};

const RACE: &str = include_str!("../sql/race/by_key.sql");
const FIELD: &str = include_str!("../sql/runner/of_race.sql");
const TRAINER: &str = "INSERT INTO trainer (name_key, name) VALUES (?1, ?1)";

/// A race and its field by name, one caller who waits for each answer.
pub(crate) fn read_race(bench: &mut Bench) -> anyhow::Result<()> {
    let count = bench.size(5_000, 50);
    let world = bench.world()?;
    let known = world.race()?;
    let (key, field) = (known.key.clone(), known.field);
    let number = match key.slot {
        lurcher::domain::RaceSlot::Number(number) => number,
        lurcher::domain::RaceSlot::Time(_) => anyhow::bail!("the season numbers its races"),
    };
    let app = world.app()?;
    let file = world.data().join(DATABASE);
    let runtime = world::runtime()?;
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let ours = &mut || {
        let began = Instant::now();
        for _ in 0..count {
            let asked = key.clone();
            let found = runtime.block_on(app.store.read(Lane::Live, move |reader| {
                let race = races::by_key(reader, &asked)?;
                let field = race.map(|race| runners::of_race(reader, race.id));
                field.transpose()
            }));
            let found: Option<Vec<runners::Runner>> = found.map_err(|e: store::Error| e)?;
            let found = found.map(|field| field.len());
            anyhow::ensure!(found == Some(field), "{found:?} of {field} runners");
        }
        Ok(table::micros(count, began.elapsed()))
    };
    let bare = &mut || {
        let began = Instant::now();
        for _ in 0..count {
            let params = named_params! {
                ":slug": key.track, ":day": key.day.to_string(), ":session": key.session.get(),
                ":number": number, ":local_time": None::<String>,
            };
            let mut race = conn.prepare_cached(RACE)?;
            let race: i64 = race.query_row(params, |row| row.get(0))?;
            let mut runners = conn.prepare_cached(FIELD)?;
            let mut rows = runners.query(named_params! { ":race_id": race })?;
            let mut found = 0;
            while rows.next()?.is_some() {
                found += 1;
            }
            anyhow::ensure!(found == field, "{found} of {field} runners");
        }
        Ok(table::micros(count, began.elapsed()))
    };
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [("the two statements by hand", bare)];
    bench
        .table
        .contest("store/read_race", "us", ours, baselines)
}

pub(crate) fn write_commit_1(bench: &mut Bench) -> anyhow::Result<()> {
    let each = bench.size(200, 10);
    write_commit(bench, "store/write_commit_1", 1, each)
}

pub(crate) fn write_commit_64(bench: &mut Bench) -> anyhow::Result<()> {
    let each = bench.size(100, 2);
    write_commit(bench, "store/write_commit_64", 64, each)
}

/// Small changes, each durable before its caller makes the next.
fn write_commit(bench: &mut Bench, name: &str, callers: usize, each: usize) -> anyhow::Result<()> {
    let folder = world::folder()?;
    let store = Store::open(Settings::new(folder.path()), |_touched| ())?;
    let runtime = world::runtime()?;
    let conn = Connection::open(folder.path().join(DATABASE))?;
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000")?;
    let trainers = || -> anyhow::Result<usize> {
        let count: i64 = conn.query_row("SELECT count(*) FROM trainer", [], |row| row.get(0))?;
        Ok(usize::try_from(count)?)
    };
    let mut round = 0;
    let ours = &mut || {
        round += 1;
        let before = trainers()?;
        let began = Instant::now();
        runtime.block_on(all(&store, callers, each, round))?;
        let took = began.elapsed();
        let made = trainers()? - before;
        anyhow::ensure!(made == callers * each, "{made} of {} rows", callers * each);
        Ok(table::rate(made, took))
    };
    let mut bare_round = 0;
    let alone = 200.min(callers * each);
    let bare = &mut || {
        bare_round += 1;
        let before = trainers()?;
        let began = Instant::now();
        for n in 0..alone {
            conn.prepare_cached(TRAINER)?
                .execute([format!("BARE {bare_round} {n}")])?;
        }
        let took = began.elapsed();
        anyhow::ensure!(trainers()? - before == alone, "rows are missing");
        Ok(table::rate(alone, took))
    };
    let baselines: &mut [(&str, table::Turn<'_>)] = &mut [("one INSERT, one connection", bare)];
    bench.table.contest(name, "commits/s", ours, baselines)
}

async fn all(store: &Store, callers: usize, each: usize, round: usize) -> anyhow::Result<()> {
    let mut tasks = Vec::new();
    for caller in 0..callers {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            for n in 0..each {
                let name = format!("TRAINER {round} {caller} {n}");
                let add = store.write(Class::Price, move |tx| dogs::trainer(tx, &name));
                add.await?;
            }
            Ok::<_, store::Error>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}
