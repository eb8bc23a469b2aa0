//! Is a database that somebody leaves behind as it should be?

use std::path::Path;

use rusqlite::Connection;

use crate::sums::wrong_sums;

/// Fails unless the database is whole, every reference leads somewhere, and what is added up is what
/// the facts come to.
pub(crate) fn assert_sound(database: &Path) {
    let conn = Connection::open(database).unwrap();
    assert_whole(&conn);
    let wrong = wrong_sums(&conn);
    let some = wrong.get(..8).unwrap_or(&wrong);
    assert!(wrong.is_empty(), "{} sums: {some:#?}", wrong.len());
}

/// Fails unless the database is whole and every reference leads somewhere.
pub(crate) fn assert_whole(conn: &Connection) {
    let answer: String = conn
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    let dangling: i64 = conn
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!((answer.as_str(), dangling), ("ok", 0));
}
