//! What can go wrong below the SQL line.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::runtime::Refused;

/// Why the store gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error("query `{query}` failed: {source}")]
    Query {
        /// Which named statement.
        query: &'static str,
        /// SQLite's own words.
        source: rusqlite::Error,
    },
    /// The database could not be opened or configured.
    #[error("could not open the database: {0}")]
    Open(#[from] rusqlite::Error),
    /// A PRAGMA did not take.
    #[error("the database answers `{pragma} = {found}`, not `{wanted}`")]
    Pragma {
        /// Which.
        pragma: &'static str,
        /// What was read back.
        found: String,
        /// What was asked for.
        wanted: &'static str,
    },
    /// The linked SQLite can lose committed data.
    #[error("SQLite {0} is not safe here: 3.51.3 or newer is needed, and not 3.52.0")]
    UnsafeSqlite(&'static str),
    /// The database was written by a newer lurcher.
    #[error(
        "the database has schema {found}, this lurcher knows up to {known}; nothing was changed"
    )]
    Newer {
        /// In the file.
        found: u32,
        /// In this binary.
        known: u32,
    },
    /// There is no database yet.
    #[error("no database at {0}; import something first, or run `lurcher demo`")]
    Missing(PathBuf),
    /// Another process owns the data folder.
    #[error("another lurcher{holder} holds {folder}; stop it, or send it the work")]
    Held {
        /// The folder.
        folder: PathBuf,
        /// ` (pid 123)`, when it could be read.
        holder: String,
    },
    /// The data folder or the lock file would not do.
    #[error("could not use {path}: {source}")]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The reader pool could not be built, or no connection came free in time.
    #[error("no database connection came free: {0}")]
    Pool(#[from] r2d2::Error),
    /// The system would not start a thread.
    #[error("could not start the store's threads: {0}")]
    Threads(#[from] io::Error),
    /// Too much asked at once.
    #[error("the store is busy: {0}")]
    Crew(#[from] Refused),
    /// Nobody got round to the question in time.
    #[error("the store is busy: no reader came free within {0:?}")]
    Busy(std::time::Duration),
    /// The commit failed, so nothing of the change was kept.
    #[error("the commit failed: {why}")]
    Commit {
        /// What SQLite calls it.
        code: Option<ErrorCode>,
        /// In words.
        why: String,
    },
    /// This handle was opened for reading.
    #[error("the store was opened for reading only")]
    ReadOnly,
}

impl Error {
    /// Whether the caller may simply try again later.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Crew(Refused::Full { .. }) | Self::Busy(_) | Self::Pool(_) => true,
            Self::Query { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
            ),
            _ => false,
        }
    }

    /// Whether the disk is full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        self.code() == Some(ErrorCode::DiskFull)
    }

    /// What SQLite calls it.
    pub(super) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Query { source, .. } | Self::Open(source) => source.sqlite_error_code(),
            Self::Commit { code, .. } => *code,
            _ => None,
        }
    }
}
