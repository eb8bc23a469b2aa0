//! Streamed exports.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::tracks::every;
use crate::world::{World, season};

fn lines(world: &World, path: &str) -> Vec<Value> {
    let answer = world.get(path);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let lines = answer.body.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn count(world: &World, sql: &str) -> usize {
    usize::try_from(world.house.number(sql)).unwrap()
}

#[test]
fn every_run_that_stands_is_exported_once() {
    let world = World::of_season();

    let runs = lines(&world, "/api/export/runs?format=ndjson");

    let all = count(&world, "SELECT count(*) FROM run WHERE gone_at_ms IS NULL");
    assert!(all > 2_000, "{all} are too few for pages");
    assert_eq!(runs.len(), all);
    let distinct: BTreeSet<_> = runs.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), all);
}

#[test]
fn every_race_is_exported_as_it_is_listed() {
    let world = World::of_season();

    let mut exported = lines(&world, "/api/export/races?format=ndjson");

    exported.reverse();
    assert_eq!(exported, every(&world, "/api/races", 500));
}

#[test]
fn an_export_of_some_days_at_a_track_is_named_for_them() {
    let world = World::of_season();
    let (from, to) = (
        season().settings.first_day.plus(5),
        season().settings.first_day.plus(9),
    );
    let slug = season().tracks[1].slug;

    let answer = world.get(&format!(
        "/api/export/runs?from={from}&to={to}&track={slug}"
    ));

    let name = format!("attachment; filename=\"lurcher-runs-{from}-{to}.csv\"");
    assert_eq!(answer.header("content-disposition"), name);
    let mut reader = csv::Reader::from_reader(answer.body.as_bytes());
    let head = reader.headers().unwrap().clone();
    let column = |name| head.iter().position(|column| column == name).unwrap();
    let (day, track) = (column("day"), column("track"));
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let stand = count(
        &world,
        &format!(
            "SELECT count(*) FROM run JOIN circuit ON circuit.id = circuit_id
         JOIN track ON track.id = track_id
         WHERE gone_at_ms IS NULL AND day BETWEEN '{from}' AND '{to}' AND track.slug = '{slug}'"
        ),
    );
    assert!(stand > 0);
    assert_eq!(rows.len(), stand);
    for row in &rows {
        assert!((from.to_string().as_str()..=to.to_string().as_str()).contains(&&row[day]));
        assert_eq!(&row[track], slug);
    }
}

#[test]
fn every_version_of_a_price_is_exported() {
    let world = World::of_season();
    let race = count(&world, "SELECT max(id) FROM race");
    let rows = (0..2_500).map(|number: u64| {
        let (rug, at) = (number % 8 + 1, 1_795_000_000_000 + number);
        format!(
            "INSERT INTO price (race_id, kind, rug, at_ms, source, win_price, known_at_ms, recorded_at_ms)
             VALUES ({race}, 'fixed', {rug}, {at}, 'odds', 2.5, {at}, {at});"
        )
    });
    let rows: String = rows.collect();
    world
        .house
        .look()
        .execute_batch(&format!("BEGIN; {rows} COMMIT;"))
        .unwrap();

    let prices = lines(&world, "/api/export/prices?format=ndjson");

    let distinct: BTreeSet<_> = prices.iter().map(Value::to_string).collect();
    assert_eq!((prices.len(), distinct.len()), (2_500, 2_500));
    assert_eq!(prices[0]["win"], 2.5);
}

#[test]
fn an_export_of_nothing_is_a_head_without_rows_and_of_a_strange_thing_a_404() {
    let world = World::empty();

    let nothing = world.get("/api/export/predictions");
    let strange = world.get("/api/export/secrets");
    let track = world.get("/api/export/runs?track=paper-park");

    assert_eq!(
        nothing.body,
        "race,day,track,model,as_of,made_at,chances\r\n"
    );
    assert_eq!(strange.problem(), (404, "unknown_path".to_owned()));
    assert_eq!(track.problem(), (404, "unknown_track".to_owned()));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_which_has_it() {
    let world = World::empty();

    let answer = world.get("/api/export/runs?format=parquet");

    assert_eq!(answer.problem(), (415, "unsupported_format".to_owned()));
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("`parquet`")
    );
}

#[cfg(feature = "parquet")]
#[test]
fn every_run_reads_back_from_parquet() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let world = World::of_season();
    let path = world.house.database().with_extension("parquet");

    std::fs::write(&path, world.bytes("/api/export/runs?format=parquet")).unwrap();

    let reader = SerializedFileReader::try_from(path.as_path()).unwrap();
    let rows: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let all = count(&world, "SELECT count(*) FROM run WHERE gone_at_ms IS NULL");
    assert_eq!(rows.len(), all);
    assert!(rows[0].to_string().contains("distance_m"));
}

/// How often pages of runs were read.
fn pages(world: &World) -> u64 {
    let stats = world.house.app().store.profile().queries();
    let page = stats.iter().find(|stats| stats.name == "export/runs");
    page.map_or(0, |stats| stats.count)
}

#[test]
fn a_client_that_reads_slowly_holds_no_log() {
    let world = World::of_season();
    let dog = world.house.number("SELECT min(id) FROM dog");
    let many = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 79999)
         INSERT INTO run (dog_id, day, circuit_id, distance_m, rug, source, known_at_ms, race_id, number, trial)
         SELECT {dog}, '2020-01-01', 1, 500, 0, 'many', 1 + i, 0, 0, 0 FROM n"
    );
    let own = world.house.tamper();
    own.execute_batch(&many).unwrap();
    let all = count(&world, "SELECT count(*) FROM run WHERE gone_at_ms IS NULL");
    let (mut stream, mut answer) = open(&world, "/api/export/runs?format=ndjson");

    // A page that is being read may hold the log for its moment.
    let patience = Instant::now() + Duration::from_secs(30);
    let busy = loop {
        own.execute_batch("UPDATE dog SET name = name WHERE id = 1")
            .unwrap();
        let busy: i64 = own
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .unwrap();
        if busy == 0 || Instant::now() > patience {
            break busy;
        }
        thread::yield_now();
    };
    let read = pages(&world);

    assert_eq!(busy, 0, "the export holds the log");
    assert!(
        read < u64::try_from(all / 1_000).unwrap(),
        "{read} pages: it was over already"
    );
    stream.read_to_end(&mut answer).unwrap();
    let rows = answer.split(|byte| *byte == b'\n');
    assert_eq!(rows.filter(|row| row.starts_with(b"{")).count(), all);
    assert!(answer.ends_with(LAST_CHUNK));
}

#[test]
fn an_export_that_breaks_off_does_not_end_like_a_whole_one() {
    let world = World::of_season();
    let dog = world.house.number("SELECT max(id) FROM dog");
    let broken = format!(
        "INSERT INTO run (dog_id, day, circuit_id, distance_m, rug, source, known_at_ms, race_id, number, trial)
         VALUES ({dog}, '2020-01-01', 1, 500, 0, 'no source!', 1, 0, 0, 0)"
    );
    world.house.tamper().execute_batch(&broken).unwrap();

    let (mut stream, mut answer) = open(&world, "/api/export/runs");
    let ended = stream.read_to_end(&mut answer);

    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert!(
        answer.len() > 10_000,
        "the pages before the broken one were sent"
    );
    assert!(ended.is_err() || !answer.ends_with(LAST_CHUNK));
}

#[test]
fn who_asks_for_the_head_alone_has_nothing_read() {
    let world = World::of_season();
    let asked = "HEAD /api/export/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream.write_all(asked.as_bytes()).unwrap();

    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    assert_eq!(pages(&world), 0);
}

/// What ends a whole answer in chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Asks for something and reads the first kilobyte of the answer.
fn open(world: &World, path: &str) -> (TcpStream, Vec<u8>) {
    let mut stream = TcpStream::connect(world.address()).unwrap();
    let asked = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    let mut some = vec![0; 1_024];
    stream.read_exact(&mut some).unwrap();
    (stream, some)
}
