//! The sums that a database keeps, and what its facts come to: counted here in SQL of the tests' own.

use std::collections::BTreeSet;

use rusqlite::Connection;

/// What is kept. A sum of nothing is as good as none.
const KEPT: [&str; 5] = [
    "SELECT 'known', dogs, trainers FROM summary",
    "SELECT 'track', track_id, races, first_day, last_day FROM summary_track",
    "SELECT 'circuit', circuit_id, runs FROM summary_circuit WHERE runs <> 0",
    "SELECT 'month', month, races, runs, results_pending FROM summary_month
     WHERE races <> 0 OR runs <> 0 OR results_pending <> 0",
    "SELECT subject, track_id, subject_id, starts, wins, priced, profit_milli FROM summary_score
     WHERE starts <> 0 OR wins <> 0 OR priced <> 0 OR profit_milli <> 0",
];

/// The same from the facts.
const COUNTED: [&str; 5] = [
    "SELECT 'known', (SELECT count(*) FROM dog), (SELECT count(*) FROM trainer)",
    "SELECT 'track', track_id, count(*), min(race.day), max(race.day)
     FROM race JOIN meeting ON meeting.id = meeting_id GROUP BY track_id",
    "SELECT 'circuit', circuit_id, count(*) FROM run WHERE gone_at_ms IS NULL GROUP BY circuit_id",
    "SELECT 'month', substr(day, 1, 7), sum(races), sum(runs), sum(pending)
     FROM (
       SELECT day, 1 AS races, 0 AS runs, status IN ('open', 'interim')
         AND EXISTS (SELECT 1 FROM runner WHERE race_id = race.id AND scratched = 0) AS pending
       FROM race
       UNION ALL
       SELECT day, 0, 1, 0 FROM run WHERE gone_at_ms IS NULL)
     GROUP BY substr(day, 1, 7)",
    "WITH
       started AS (
         SELECT race_id, track_id, dog_id, trainer_id, won IS 1 AS won,
           coalesce(sp_price, bsp_price) AS price
         FROM race
         JOIN meeting ON meeting.id = meeting_id
         JOIN runner ON race_id = race.id
         WHERE status IN ('official', 'amended') AND scratched = 0
           AND (complete = 1 OR won IS NOT NULL OR place IS NOT NULL OR outcome IS NOT NULL)),
       shared AS (SELECT race_id, max(1, sum(won)) AS winners FROM started GROUP BY race_id),
       scored AS (
         SELECT track_id, dog_id, trainer_id, won, price IS NOT NULL AS priced,
           CASE
             WHEN price IS NULL THEN 0
             WHEN won THEN CAST(round((price / winners - 1) * 1000) AS INTEGER)
             ELSE -1000
           END AS profit
         FROM started JOIN shared USING (race_id)),
       theirs AS (
         SELECT 'dogs' AS subject, dog_id AS id, * FROM scored WHERE dog_id IS NOT NULL
         UNION ALL
         SELECT 'trainers', trainer_id, * FROM scored WHERE trainer_id IS NOT NULL
         UNION ALL
         SELECT 'tracks', track_id, * FROM scored)
     SELECT subject, track_id, id, count(*), sum(won), sum(priced), sum(profit)
     FROM theirs GROUP BY subject, track_id, id
     UNION ALL
     SELECT subject, 0, id, count(*), sum(won), sum(priced), sum(profit)
     FROM theirs GROUP BY subject, id",
];

fn lines(conn: &Connection, statements: &[&str]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for sql in statements {
        let mut statement = conn.prepare(sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells = (0..columns).map(|n| row.get_ref(n).unwrap());
            lines.insert(format!("{:?}", cells.collect::<Vec<_>>()));
        }
    }
    lines
}

/// Where the sums that are kept are not what the facts come to; none in a database that has not been
/// opened for the first time to the end.
pub(crate) fn wrong_sums(conn: &Connection) -> Vec<String> {
    let there = "SELECT count(*) FROM sqlite_schema WHERE name = 'summary'";
    let there: i64 = conn.query_row(there, [], |row| row.get(0)).unwrap();
    if there == 0 {
        return Vec::new();
    }
    let begun: i64 = conn
        .query_row("SELECT count(*) FROM summary", [], |row| row.get(0))
        .unwrap();
    if begun == 0 {
        return Vec::new();
    }
    let (kept, counted) = (lines(conn, &KEPT), lines(conn, &COUNTED));
    let only_kept = kept.difference(&counted).map(|line| format!("kept {line}"));
    let missing = counted
        .difference(&kept)
        .map(|line| format!("not kept {line}"));
    only_kept.chain(missing).collect()
}
