//! JSON as the table it would have been: a format that exists in both dresses is read once.

use std::io::{self, Read};

use serde_json::Value;

/// Rows that are made while they are read; `more` writes the next ones, and nothing at the end.
pub(super) struct Sheet<F> {
    more: F,
    ready: Vec<u8>,
    used: usize,
}

impl<F: FnMut(&mut Vec<u8>) -> io::Result<()>> Sheet<F> {
    /// A sheet under these headings.
    pub(super) fn of<C: AsRef<str>>(columns: impl Iterator<Item = C>, more: F) -> Self {
        let mut ready = Vec::new();
        row(&mut ready, columns);
        Self {
            more,
            ready,
            used: 0,
        }
    }
}

impl<F: FnMut(&mut Vec<u8>) -> io::Result<()>> Read for Sheet<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.ready.len() {
            self.ready.clear();
            self.used = 0;
            (self.more)(&mut self.ready)?;
        }
        let got = self
            .ready
            .get(self.used..)
            .unwrap_or_default()
            .read(buffer)?;
        self.used += got;
        Ok(got)
    }
}

/// Writes a row.
pub(super) fn row<C: AsRef<str>>(to: &mut Vec<u8>, cells: impl Iterator<Item = C>) {
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            to.push(b',');
        }
        to.push(b'"');
        to.extend(cell.as_ref().replace('"', "\"\"").bytes());
        to.push(b'"');
    }
    to.push(b'\n');
}

/// What stands in a cell for a value: a list or an object as JSON, nothing for null.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
