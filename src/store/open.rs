//! Opening connections: the version gate, the PRAGMAs, and reading each of them back.

use std::path::Path;
use std::time::Duration;

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::{Error, Synchronous};

/// Statements a connection keeps prepared; more than there are files under `sql/`.
const STATEMENTS: usize = 256;

/// Page cache of the writer in KiB; the readers share what is left of the budget.
const WRITER_CACHE_KIB: u32 = 32 * 1024;

/// What the writer must answer when asked, so that a typo cannot pass for durability.
const WRITER_ANSWERS: [(&str, &str); 6] = [
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    ("wal_autocheckpoint", "0"),
    ("trusted_schema", "0"),
    ("cell_size_check", "1"),
];

/// The pool of read connections.
pub(super) type Pool = r2d2::Pool<SqliteConnectionManager>;

/// Refuses a SQLite whose WAL can lose committed data when two connections write and checkpoint
/// at one instant (fixed in 3.51.3; 3.52.0 was withdrawn).
pub(super) fn gate() -> Result<(), Error> {
    let version = rusqlite::version_number();
    if version < 3_051_003 || version == 3_052_000 {
        return Err(Error::UnsafeSqlite(rusqlite::version()));
    }
    Ok(())
}

pub(super) fn writer(path: &Path, synchronous: Synchronous) -> Result<Connection, Error> {
    gate()?;
    let conn = Connection::open(path)?;
    harden(&conn)?;
    conn.execute_batch(include_str!("../../sql/pragma/writer.sql"))?;
    conn.pragma_update(None, "cache_size", -i64::from(WRITER_CACHE_KIB))?;
    for (pragma, wanted) in WRITER_ANSWERS {
        check(&conn, pragma, wanted)?;
    }
    if synchronous == Synchronous::Normal {
        tracing::warn!("commits do not wait for the disk");
        conn.pragma_update(None, "synchronous", "NORMAL")?;
    }
    Ok(conn)
}

/// `budget_kib` is the page cache of the whole house; the writer's part is taken off first.
pub(super) fn readers(
    path: &Path,
    size: u32,
    acquire: Duration,
    budget_kib: u32,
) -> Result<Pool, Error> {
    gate()?;
    let each_kib = i64::from(budget_kib.saturating_sub(WRITER_CACHE_KIB) / size.max(1)).max(256);
    let manager = SqliteConnectionManager::file(path)
        .with_flags(OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .with_init(move |conn| {
            conn.execute_batch(include_str!("../../sql/pragma/reader.sql"))?;
            conn.pragma_update(None, "cache_size", -each_kib)?;
            harden(conn)
        });
    let pool = r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(acquire)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_on_check_out(false)
        .build(manager)?;
    Ok(pool)
}

fn harden(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024)?;
    conn.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000)?;
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    Ok(())
}

fn check(conn: &Connection, pragma: &'static str, wanted: &'static str) -> Result<(), Error> {
    let found =
        conn.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))?;
    let found = match found {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    };
    if found == wanted {
        return Ok(());
    }
    Err(Error::Pragma {
        pragma,
        found,
        wanted,
    })
}
