//! The rules of the house, checked.
//!
//! They read the sources as text, so they are about what is written, not about what it means.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::{below, root, statements};

/// Every room under `src/`, lowest floor first. A room may only use rooms on lower floors.
const FLOORS: &[&[&str]] = &[
    &["domain"],
    &["runtime"],
    &["model", "formats", "upstream", "store", "season", "bench"],
    &["ingest", "predict", "train", "access", "backup"],
    &["collect"],
    &["jobs", "watch"],
    &["http"],
    &["app"],
];

/// What may stand at the top of the repository. What git ignores (`target`, `data`) may lie there
/// too.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".git",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "data",
    "deploy",
    "sql",
    "src",
    "target",
    "tests",
];

/// How a statement begins.
const VERBS: &[&str] = &[
    "ALTER",
    "ATTACH",
    "BEGIN",
    "COMMIT",
    "CREATE",
    "DELETE",
    "DROP",
    "EXPLAIN",
    "INSERT",
    "PRAGMA",
    "RELEASE",
    "REPLACE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "UPDATE",
    "VACUUM",
    "WITH",
];

/// Statements that may stand in Rust: they take no parameters and ask for nothing that is stored.
const SQL_IN_RUST: &[(&str, &str)] = &[
    (
        "EXPLAIN QUERY PLAN {sql}",
        "it is put before another statement, by the slow-query log",
    ),
    ("PRAGMA optimize", "the last thing the writer does"),
];

/// Lines of a file, at most; 400 is the aim.
const LINES: usize = 450;

/// Where a room stands.
fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// A source file, split for reading.
struct Source {
    path: PathBuf,
    /// The modules above and at it: `["store", "races"]`.
    module: Vec<String>,
    /// What is compiled into the house; comments are left out.
    code: String,
    /// The tests at its foot.
    tests: String,
}

impl Source {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| !line.trim().starts_with("//"));
        let spoken = lines.collect::<Vec<_>>().join("\n");
        let (code, tests) = spoken.split_once("#[cfg(test)]").unwrap_or((&spoken, ""));
        let mut module: Vec<_> = path
            .strip_prefix(root().join("src"))
            .unwrap()
            .with_extension("")
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        module.pop_if(|last| last == "mod");
        let whole_is_test = module.last().is_some_and(|last| last == "tests");
        let (code, tests) = if whole_is_test {
            ("", code)
        } else {
            (code, tests)
        };
        Self {
            code: code.to_owned(),
            tests: tests.to_owned(),
            module,
            path,
        }
    }

    fn room(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }
}

fn sources() -> Vec<Source> {
    let files = below(&root().join("src"), "rs");
    files.into_iter().map(Source::read).collect()
}

/// The rooms that a text mentions as `crate::room`.
fn rooms_in(text: &str) -> BTreeSet<&str> {
    let word = |rest: &'_ str| rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    let mentions = text.split("crate::").skip(1);
    mentions
        .map(|rest| rest.split_at(word(rest).unwrap_or(rest.len())).0)
        .collect()
}

/// The string literals that begin like a statement, up to their first quotation mark.
fn sql_in(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('"') {
        let rest = text.split_at(at + 1).1;
        let literal = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
        let literal = literal.split('"').next().unwrap_or_default();
        let verb = literal.split_whitespace().next().unwrap_or_default();
        let more = literal.len() > verb.len();
        if more && VERBS.contains(&verb) {
            found.push(literal);
        }
    }
    found
}

#[test]
fn rooms_only_look_down() {
    let mut wrong = Vec::new();

    for source in sources() {
        let room = source.room();
        if ["lib", "main"].contains(&room) {
            continue;
        }
        let Some(here) = floor(room) else {
            wrong.push(format!("{room} has no floor"));
            continue;
        };
        let text = [source.code.as_str(), source.tests.as_str()].concat();
        for other in rooms_in(&text).into_iter().filter(|other| *other != room) {
            if floor(other).is_none_or(|there| there >= here) {
                wrong.push(format!("{}: {room} -> {other}", source.path.display()));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nobody_leaves_a_room_by_the_window() {
    let mut wrong = Vec::new();

    for source in sources() {
        let out = "super::".repeat(source.module.len());
        if source.code.contains(&out) {
            wrong.push(format!("{}: {out}", source.path.display()));
        }
    }

    assert!(wrong.is_empty(), "say crate::room: {}", wrong.join("\n"));
}

#[test]
fn statements_live_in_files_and_not_in_strings() {
    let mut wrong = Vec::new();
    let mut excused = BTreeSet::new();

    for source in sources() {
        for literal in sql_in(&source.code) {
            if SQL_IN_RUST.iter().any(|(allowed, _)| *allowed == literal) {
                excused.insert(literal.to_owned());
            } else {
                wrong.push(format!("{}: {literal}", source.path.display()));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(excused.len(), SQL_IN_RUST.len(), "an excuse without need");
}

#[test]
fn every_statement_is_used_exactly_once() {
    let code: String = sources().into_iter().map(|source| source.code).collect();
    let packed: String = code.split_whitespace().collect();
    let mut wrong = Vec::new();

    for (name, _) in statements() {
        let uses = packed.matches(&format!("query!(\"{name}\")")).count();
        if uses != 1 {
            wrong.push(format!("{name}: {uses} uses"));
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!statements().is_empty());
}

#[test]
fn every_migration_and_pragma_is_included_exactly_once() {
    let code: String = sources().into_iter().map(|source| source.code).collect();
    let mut included = 0;

    for folder in ["migrations", "pragma"] {
        for file in below(&root().join("sql").join(folder), "sql") {
            let name = file.file_name().unwrap().to_str().unwrap();
            let uses = code.matches(&format!("sql/{folder}/{name}\"")).count();
            assert_eq!(uses, 1, "{folder}/{name}");
            included += 1;
        }
    }

    assert!(included > 0);
}

#[test]
fn a_file_is_short_enough_to_read() {
    let mut wrong = Vec::new();

    for folder in ["src", "tests"] {
        for file in below(&root().join(folder), "rs") {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            if lines > LINES {
                wrong.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_what_belongs_there_stands_at_the_top() {
    let entries = fs::read_dir(root()).unwrap();

    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let strangers: Vec<_> = names.filter(|name| !TOP.contains(&name.as_str())).collect();

    assert!(strangers.is_empty(), "{strangers:?}");
}

/// The channels in a text that hold as much as anybody sends; those for one answer hold one.
fn unbounded_in(code: &str) -> Vec<&'static str> {
    let packed: String = code.split_whitespace().collect();
    let packed = packed.replace("oneshot::channel", "");
    let mut found = Vec::new();
    if packed.contains("channel()") {
        found.push("channel()");
    }
    let typed = packed.split("channel::<").skip(1);
    if typed
        .filter_map(|rest| rest.split_once('('))
        .any(|(_, rest)| rest.starts_with(')'))
    {
        found.push("channel::<_>()");
    }
    if packed.to_lowercase().contains("unboundedsender") || packed.contains("unbounded_channel") {
        found.push("unbounded_channel");
    }
    found
}

#[test]
fn no_channel_holds_as_much_as_anybody_sends() {
    let mut wrong = Vec::new();

    for source in sources() {
        for found in unbounded_in(&source.code) {
            wrong.push(format!("{}: {found}", source.path.display()));
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for code in [
        "let (a, b) = mpsc::channel();",
        "mpsc::channel::<Vec<u8>>()",
        "tokio::sync::mpsc::unbounded_channel()",
    ] {
        assert!(!unbounded_in(code).is_empty(), "{code}");
    }
    for code in [
        "oneshot::channel()",
        "oneshot::channel::<()>()",
        "mpsc::channel::<u8>(8)",
    ] {
        assert!(unbounded_in(code).is_empty(), "{code}");
    }
}

#[test]
fn nothing_is_unsafe() {
    let word = ["un", "safe"].concat();
    let forbidden = format!("{word}_code = \"forbid\"");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut wrong = Vec::new();

    for folder in ["src", "tests"] {
        for file in below(&root().join(folder), "rs") {
            if is_unsafe(&file, &word) {
                wrong.push(file.display().to_string());
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(manifest.contains(&forbidden), "{forbidden}");
}

fn is_unsafe(file: &Path, word: &str) -> bool {
    let text = fs::read_to_string(file).unwrap();
    ["{", "fn", "impl", "trait", "extern"]
        .iter()
        .any(|next| text.contains(&format!("{word} {next}")))
}
