//! Where things lie: the crate, its sources, its statements, and the data that may be absent.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` that ends like this, sorted.
pub(crate) fn below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The statements under `sql/`, by name: `race/by_id`. Migrations and pragmas are none.
pub(crate) fn statements() -> Vec<(String, String)> {
    let sql = root().join("sql");
    let mut found = Vec::new();
    for file in below(&sql, "sql") {
        let name = file.strip_prefix(&sql).unwrap().with_extension("");
        let name = name.to_str().unwrap().to_owned();
        if !name.starts_with("migrations/") && !name.starts_with("pragma/") {
            found.push((name, fs::read_to_string(&file).unwrap()));
        }
    }
    found
}
