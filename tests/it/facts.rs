//! What a database says, without the numbers it gives to rows and the instants at which it heard.
//!
//! Two databases that were told the same say the same, whatever the order they were told in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// The tables that hold facts; the seeded ones and the derived numbers are none.
const FACTS: [&str; 14] = [
    "meeting",
    "race",
    "race_ref",
    "card",
    "entry",
    "scratching",
    "runner",
    "result",
    "result_line",
    "run",
    "dog",
    "dog_name",
    "dog_ref",
    "trainer",
];

/// What the walk through time made of the facts.
const RATINGS: [&str; 5] = ["rating", "par", "box_bias", "class_prior", "hindsight"];

/// Columns that say when or how often we were told, not what.
const OURS: [&str; 4] = ["id", "recorded_at_ms", "revision", "updated_at_ms"];

/// What identity columns stand for, by column and number.
type Names = BTreeMap<&'static str, BTreeMap<i64, String>>;

/// Every fact, one sorted line each.
pub(crate) fn facts(database: &Path) -> BTreeSet<String> {
    dump(database, &FACTS)
}

/// Every rating, one sorted line each, to the last bit.
pub(crate) fn ratings(database: &Path) -> BTreeSet<String> {
    dump(database, &RATINGS)
}

/// The rows of every table there is.
pub(crate) fn row_counts(database: &Path) -> BTreeMap<String, i64> {
    let conn = Connection::open(database).unwrap();
    let mut tables = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names = tables.query_map([], |row| row.get(0)).unwrap();
    names
        .map(|name| {
            let name: String = name.unwrap();
            let count = format!("SELECT count(*) FROM {name}");
            let count = conn.query_row(&count, [], |row| row.get(0)).unwrap();
            (name, count)
        })
        .collect()
}

/// Fails with the first differences, where two sets of lines differ.
pub(crate) fn assert_same(one: &BTreeSet<String>, other: &BTreeSet<String>) {
    let only = |of: &BTreeSet<String>, not: &BTreeSet<String>| {
        let lines: Vec<_> = of.difference(not).take(5).cloned().collect();
        (of.difference(not).count(), lines.join("\n  "))
    };
    let ((left, first), (right, second)) = (only(one, other), only(other, one));
    assert!(
        left == 0 && right == 0,
        "{left} lines only here:\n  {first}\n{right} lines only there:\n  {second}"
    );
    assert!(!one.is_empty());
}

fn dump(database: &Path, tables: &[&str]) -> BTreeSet<String> {
    let conn = Connection::open(database).unwrap();
    let names = names(&conn);
    let mut lines = BTreeSet::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<_> = statement
            .column_names()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let mut line = (*table).to_owned();
            for (at, column) in columns.iter().enumerate() {
                if OURS.contains(&column.as_str()) {
                    continue;
                }
                let value = value(&names, column, row.get_ref(at).unwrap());
                write!(line, " {column}={value}").unwrap();
            }
            assert!(lines.insert(line.clone()), "said twice: {line}");
        }
    }
    lines
}

fn value(names: &Names, column: &str, value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(number) => {
            let name = names.get(column).and_then(|names| names.get(&number));
            name.map_or_else(|| number.to_string(), Clone::clone)
        }
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("{bytes:02x?}"),
    }
}

/// What a row is called by people: dogs by name and the sources' ids, races by day, track, session
/// and number, cards and results by race, source and version.
fn names(conn: &Connection) -> Names {
    let mut names = Names::new();
    for (column, sql) in [
        ("track_id", "SELECT id, slug FROM track"),
        ("circuit_id", "SELECT id, slug FROM circuit"),
        ("trainer_id", "SELECT id, name_key FROM trainer"),
        (
            "dog_id",
            "SELECT id, country || ' ' || name || ' ' || coalesce(
               (SELECT group_concat(source || ':' || ref, ' ' ORDER BY source, ref)
                FROM dog_ref WHERE dog_ref.dog_id = dog.id), '')
             FROM dog",
        ),
        (
            "meeting_id",
            "SELECT meeting.id, meeting.day || ' ' || slug || ' ' || session
             FROM meeting JOIN track ON track.id = track_id",
        ),
        (
            "race_id",
            "SELECT race.id, meeting.day || ' ' || slug || ' ' || session || ' '
               || coalesce(number, local_time)
             FROM race
             JOIN meeting ON meeting.id = meeting_id
             JOIN track ON track.id = track_id",
        ),
    ] {
        read_names(conn, column, sql, &mut names);
    }
    for (column, table) in [("card_id", "card"), ("result_id", "result")] {
        let sql = format!(
            "SELECT id, race_id, source || ' ' || known_at_ms || ' ' || hex(digest) FROM {table}"
        );
        let mut statement = conn.prepare(&sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let race = names["race_id"][&row.get(1).unwrap()].clone();
            let version: String = row.get(2).unwrap();
            let versions = names.entry(column).or_default();
            versions.insert(row.get(0).unwrap(), format!("{race} {version}"));
        }
    }
    names
}

fn read_names(conn: &Connection, column: &'static str, sql: &str, names: &mut Names) {
    let mut statement = conn.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let of = names.entry(column).or_default();
        of.insert(row.get(0).unwrap(), row.get(1).unwrap());
    }
}
