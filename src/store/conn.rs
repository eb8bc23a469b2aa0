//! The two ways to hold a connection: [`Reader`] asks, [`Tx`] changes.
//!
//! Four verbs, each taking a named [`Query`]: `all`, `maybe`, `one`, `change`. Every execution is
//! timed, counted and booked under its name.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection, Params, StatementStatus};

use super::profile::{Cost, Profile, Work};
use super::query::{FromRow, Query};
use super::summaries::Sums;
use super::{Error, Tag, Touched};

/// A connection that can only be asked.
pub struct Reader<'c> {
    conn: &'c Connection,
    profile: &'c Profile,
    work: Work,
    /// The wait, until the first statement has booked it.
    unbooked: Cell<Duration>,
}

/// An open write transaction. Its reads see its own uncommitted rows.
pub struct Tx<'c> {
    reader: Reader<'c>,
    touched: RefCell<Touched>,
    sums: RefCell<Sums>,
}

impl<'c> Reader<'c> {
    pub(super) const fn new(conn: &'c Connection, profile: &'c Profile, work: Work) -> Self {
        Self {
            conn,
            profile,
            unbooked: Cell::new(work.waited),
            work,
        }
    }

    /// Every row. Callers bound the number by the statement.
    pub(super) fn all<T: FromRow>(
        &self,
        query: Query,
        params: impl Params,
    ) -> Result<Vec<T>, Error> {
        self.timed(query, |stmt| {
            let rows: Vec<T> = stmt
                .query_map(params, T::from_row)?
                .collect::<Result<_, _>>()?;
            let count = rows.len();
            Ok((rows, count))
        })
    }

    /// The first row, if there is one.
    pub(super) fn maybe<T: FromRow>(
        &self,
        query: Query,
        params: impl Params,
    ) -> Result<Option<T>, Error> {
        self.timed(query, |stmt| {
            let mut rows = stmt.query(params)?;
            let row = rows.next()?.map(T::from_row).transpose()?;
            let count = usize::from(row.is_some());
            Ok((row, count))
        })
    }

    /// The one row that must be there.
    pub(super) fn one<T: FromRow>(&self, query: Query, params: impl Params) -> Result<T, Error> {
        self.maybe(query, params)?.ok_or(Error::Query {
            query: query.name,
            source: rusqlite::Error::QueryReturnedNoRows,
        })
    }

    fn timed<T>(
        &self,
        query: Query,
        run: impl FnOnce(&mut CachedStatement<'_>) -> rusqlite::Result<(T, usize)>,
    ) -> Result<T, Error> {
        let fail = |source| Error::Query {
            query: query.name,
            source,
        };
        let mut stmt = self.conn.prepare_cached(query.sql).map_err(fail)?;
        let started = Instant::now();
        let outcome = run(&mut stmt).map_err(fail);
        let cost = Cost {
            took: started.elapsed(),
            waited: self.unbooked.take(),
            rows: outcome
                .as_ref()
                .map_or(0, |(_, rows)| u64::try_from(*rows).unwrap_or(u64::MAX)),
            steps: status(&stmt, StatementStatus::VmStep),
            scanned: status(&stmt, StatementStatus::FullscanStep),
            sorts: status(&stmt, StatementStatus::Sort),
        };
        drop(stmt);
        self.profile
            .book(query, cost, &self.work, || self.plan(query));
        outcome.map(|(value, _)| value)
    }

    /// How SQLite would go about a statement, its steps with semicolons between.
    pub(super) fn plan(&self, query: Query) -> String {
        match explain(self.conn, query.sql) {
            Ok(steps) => steps.join("; "),
            Err(error) => format!("no plan: {error}"),
        }
    }

    /// The book that its statements are booked in.
    pub(super) const fn profile(&self) -> &'c Profile {
        self.profile
    }
}

/// Counters of a cached statement go on counting, so each reading sets them back.
fn status(stmt: &CachedStatement<'_>, which: StatementStatus) -> u64 {
    u64::try_from(stmt.reset_status(which)).unwrap_or(0)
}

fn explain(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut stmt = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let mut rows = stmt.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(row.get("detail")?);
    }
    Ok(steps)
}

impl<'c> Tx<'c> {
    pub(super) fn new(reader: Reader<'c>) -> Self {
        Self {
            reader,
            touched: RefCell::default(),
            sums: RefCell::default(),
        }
    }

    /// On a connection that nobody else waits for.
    pub(super) fn of(conn: &'c Connection, profile: &'c Profile) -> Self {
        Self::new(Reader::new(conn, profile, Work::default()))
    }

    /// Notes what this transaction changes of what is added up.
    pub(super) fn note(&self, change: impl FnOnce(&mut Sums)) {
        change(&mut self.sums.borrow_mut());
    }

    /// Runs a statement and says how many rows it changed.
    pub(super) fn change(&self, query: Query, params: impl Params) -> Result<usize, Error> {
        self.reader.timed(query, |stmt| {
            let changed = stmt.execute(params)?;
            Ok((changed, changed))
        })
    }

    /// Adds a row and returns its id.
    pub(super) fn insert(&self, query: Query, params: impl Params) -> Result<i64, Error> {
        self.change(query, params)?;
        Ok(self.last_id())
    }

    /// The id of the row that was added last.
    pub(super) fn last_id(&self) -> i64 {
        self.reader.conn.last_insert_rowid()
    }

    /// Notes that this transaction changes something.
    pub fn touch(&self, tag: Tag) {
        self.touched.borrow_mut().add(tag);
    }

    /// What was touched, and what is still to be added up.
    pub(super) fn into_notes(self) -> (Touched, Sums) {
        (self.touched.into_inner(), self.sums.into_inner())
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}
