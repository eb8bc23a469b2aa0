//! Every statement, prepared on the migrated schema, with its plan.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use lurcher::store::{DATABASE, Settings, Store};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::files::{below, root, statements};

/// Tables of a few hundred rows that do not grow with the facts, and the rows of a bounded count.
const SMALL: &[&str] = &[
    "(subquery-1)",
    "alias",
    "api_key",
    "circuit",
    "circuit_distance",
    "model",
    "pragma_quick_check",
    "pragma_user_version",
    "rating_debt",
    "summary_circuit",
    "summary_month",
    "summary_track",
    "track",
    "track_alias",
];

/// Statements that may read a whole table, and why.
const WHOLE_TABLE: &[(&str, &str)] = &[
    ("job/release", "asked once a start, of the few that run"),
    (
        "job/states",
        "those that wait or run, in indexes of no others",
    ),
    ("maintenance/counts", "asked by a person, by doctor"),
    ("payload/sizes", "asked once an hour, at most 100,000 rows"),
    ("race/span", "asked once a training and by doctor"),
    ("rating/boxes_before", "asked once, where a walk begins"),
    ("rating/dogs_before", "asked once, where a walk begins"),
    ("rating/pars_before", "asked once, where a walk begins"),
    ("rating/priors_before", "asked once, where a walk begins"),
    ("summary/counts", "asked by a person, by doctor"),
    ("summary/scores", "asked by a person, by doctor"),
    ("upload/count", "counts to a bound"),
    ("upload/spooled", "asked once an hour, at most 100,000 rows"),
];

/// Statements that change a table whose rows are added up. Whoever runs one of them notes by how
/// much (`Tx::note`), but for two that change nothing that counts.
const SUMMED: [&str; 12] = [
    "dog/insert",
    "dog/learn",
    "race/insert",
    "race/name_slot",
    "race/stand",
    "run/forget_line",
    "run/forget_race",
    "run/insert",
    "run/supersede",
    "runner/forget",
    "runner/insert",
    "trainer/insert",
];

/// A database as the daemon makes it, empty.
fn migrated() -> (TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(Settings::new(folder.path()), |_touched| {}).unwrap());
    let conn = Connection::open(folder.path().join(DATABASE)).unwrap();
    (folder, conn)
}

/// The steps of a statement's plan.
fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = explain.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get("detail").unwrap());
    }
    steps
}

#[test]
fn every_statement_prepares() {
    let (_folder, conn) = migrated();
    let mut wrong = Vec::new();

    for (name, sql) in statements() {
        if let Err(error) = conn.prepare(&sql) {
            wrong.push(format!("{name}: {error}"));
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_plan_is_known() {
    let (_folder, conn) = migrated();
    let mut plans = String::new();

    for (name, sql) in statements() {
        writeln!(plans, "{name}").unwrap();
        for step in plan(&conn, &sql) {
            writeln!(plans, "  {step}").unwrap();
        }
    }

    insta::assert_snapshot!("plans", plans);
}

#[test]
fn a_statement_reads_no_more_than_it_asks_for() {
    let (_folder, conn) = migrated();
    let mut wrong = Vec::new();
    let mut excused = BTreeSet::new();

    for (name, sql) in statements() {
        for step in plan(&conn, &sql) {
            let Some(scanned) = step.strip_prefix("SCAN ") else {
                continue;
            };
            let table = scanned.split_whitespace().next().unwrap_or_default();
            // A virtual table is the list that came with the question.
            let asked = scanned == "CONSTANT ROW" || scanned.contains("VIRTUAL TABLE");
            if asked || SMALL.contains(&table) {
                continue;
            }
            if WHOLE_TABLE.iter().any(|(allowed, _)| *allowed == name) {
                excused.insert(name.clone());
            } else {
                wrong.push(format!("{name}: {step}"));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let allowed: BTreeSet<_> = WHOLE_TABLE
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(excused, allowed, "an excuse without need");
}

#[test]
fn whatever_changes_what_is_added_up_is_known() {
    let verbs = [
        "INSERT INTO",
        "INSERT OR IGNORE INTO",
        "REPLACE INTO",
        "UPDATE",
        "DELETE FROM",
    ];
    let tables = ["dog", "race", "run", "runner", "trainer"];
    let changes = |sql: &str| {
        let packed = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        verbs.iter().any(|verb| {
            let one = |table: &&str| packed.contains(&format!("{verb} {table} "));
            tables.iter().any(one)
        })
    };

    let statements = statements().into_iter();
    let changing: Vec<_> = statements
        .filter(|(_, sql)| changes(&format!("{sql} ;")))
        .map(|(name, _)| name)
        .collect();

    assert_eq!(changing, SUMMED);
}

#[test]
fn the_past_is_read_within_bounds() {
    let history: Vec<_> = statements()
        .into_iter()
        .filter(|(name, _)| name.starts_with("history/"))
        .collect();

    for (name, sql) in &history {
        let packed = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        for bound in [
            "day < :day",
            "known_at_ms <= :as_of_ms",
            "(gone_at_ms IS NULL OR gone_at_ms > :since_ms)",
        ] {
            assert!(packed.contains(bound), "{name} has no {bound}");
        }
    }

    assert!(history.len() >= 4, "{}", history.len());
}

#[test]
fn a_released_migration_is_never_edited() {
    let mut digests = String::new();

    for file in below(&root().join("sql/migrations"), "sql") {
        let name = file.file_name().unwrap().to_str().unwrap();
        let digest = Sha256::digest(fs::read(&file).unwrap());
        let hex = digest.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        writeln!(digests, "{hex}  {name}").unwrap();
    }

    insta::assert_snapshot!("migrations", digests);
}
