//! Named queries: the file under `sql/` is the name, the metric label and the slow-log key.

/// One SQL statement and the name it is known by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query {
    /// Path under `sql/`, without the extension.
    pub name: &'static str,
    /// The statement.
    pub sql: &'static str,
}

/// `query!("race/by_id")` is the statement in `sql/race/by_id.sql`.
macro_rules! query {
    ($name:literal) => {
        $crate::store::query::Query {
            name: $name,
            sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".sql")),
        }
    };
}
pub(super) use query;

/// Reads one value from one row.
pub(super) trait FromRow: Sized {
    /// Column names, never positions.
    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self>;
}
