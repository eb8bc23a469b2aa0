//! A file that goes when nobody holds it any more.

use std::fs;
use std::path::{Path, PathBuf};

/// Dropping it takes the file away, unless it has got another name by then.
#[derive(Debug)]
pub(super) struct Passing(PathBuf);

impl Passing {
    /// Of a file that is there, or will be.
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        // What cannot be taken away now is cleared away by the next daemon.
        drop(fs::remove_file(&self.0));
    }
}
