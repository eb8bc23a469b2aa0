//! The configuration: defaults, then one TOML file, then the environment, then the command line.
//!
//! Whatever it is wrong with, all of it is told at once, with the line. Each key is one row of
//! [`schema::KEYS`], so a key that is known is also checked, documented and settable from the
//! environment.

mod schema;
mod source;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::Fault;
use crate::http;
use crate::predict;
use crate::runtime::Limits;
use crate::store;
use crate::upstream::SourceSpec;
use crate::watch;
use crate::watch::sentry::SentrySettings;
use schema::{Raw, SECTIONS};
use source::Entry;

/// The file that is looked for in the data folder.
const NAME: &str = "lurcher.toml";
/// What names of the environment begin with.
const PREFIX: &str = "LURCHER_";
/// The name of the tables that say what is asked of others.
const SOURCE: &str = "source";
/// Sources, at most.
const MOST_SOURCES: usize = 100;

/// What is kept of what was collected, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// Days that an answer of a source is kept as it came.
    pub payload_days: u32,
    /// Bytes that those answers may take together.
    pub payload_bytes: u64,
    /// Bytes of a file that is sent to us.
    pub upload_bytes: u64,
}

impl Default for Keeping {
    fn default() -> Self {
        const MIB: u64 = 1_024 * 1_024;
        Self {
            payload_days: 30,
            payload_bytes: 512 * MIB,
            upload_bytes: 512 * MIB,
        }
    }
}

/// The threads that predict and train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Computations that may wait, per lane.
    pub queue: usize,
    /// How long one that somebody waits for may take before its thread is given up.
    pub stuck: Duration,
}

impl Default for Workers {
    fn default() -> Self {
        Self {
            queue: 1_024,
            stuck: Duration::from_secs(25),
        }
    }
}

/// How to put the house together.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// What to log.
    pub log: String,
    /// The data folder and what is in it.
    pub store: store::Settings,
    /// The door for people.
    pub http: http::Settings,
    /// How many predictions are kept, and for how long.
    pub predictions: Limits,
    /// Models that are loaded before anybody asks.
    pub preload: Vec<predict::Preload>,
    /// What is switched on at the start.
    pub switches: Switches,
    /// How long a question waits for others, to be answered with them.
    pub window: Duration,
    /// How they are kept across restarts.
    pub saving: predict::Saving,
    /// The threads that compute.
    pub workers: Workers,
    /// What is kept of what was collected.
    pub collect: Keeping,
    /// When somebody is alarmed, and who.
    pub alerts: watch::Settings,
    /// Who is told of errors.
    pub sentry: SentrySettings,
    /// Who is asked, in the order of the file.
    pub sources: Vec<SourceSpec>,
}

/// What can be done without, to see what it is worth or what it hides; changeable at run time by
/// `POST /api/cache/switch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// The caches of answers and predictions.
    pub memory: bool,
    /// Copies of what sources said.
    pub upstream: bool,
    /// Models are loaded when they are first asked for.
    pub lazy: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            memory: true,
            upstream: true,
            lazy: true,
        }
    }
}

impl Config {
    /// The defaults, in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            preload: vec![predict::Preload::Win],
            switches: Switches::default(),
            window: Duration::ZERO,
            saving: predict::Saving::default(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_080)),
            log: "warn".to_owned(),
            store: store::Settings::new(folder),
            http: http::Settings::default(),
            predictions: predict::KEPT,
            workers: Workers::default(),
            collect: Keeping::default(),
            alerts: watch::Settings::default(),
            sentry: SentrySettings::default(),
            sources: Vec::new(),
        }
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.store.folder
    }
}

/// Where to look for settings.
pub(super) struct Sources {
    /// The data folder.
    pub(super) folder: PathBuf,
    /// The file, when one was named; else the one in the data folder, if it is there.
    pub(super) file: Option<PathBuf>,
    /// The environment.
    pub(super) environment: Vec<(String, String)>,
    /// What the command line says, by flag, key and value.
    pub(super) flags: Vec<(&'static str, &'static str, String)>,
}

/// What the sources say together.
pub(super) struct Loaded {
    /// As meant.
    pub(super) config: Config,
    /// The file that was read.
    pub(super) file: Option<PathBuf>,
}

/// One thing wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The file and line, the name in the environment, or the flag.
    pub(super) source: String,
    /// Which key, and what is wrong with it.
    pub(super) fault: Fault,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.fault)
    }
}

/// Everything that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration will not do{}", lines(.0))]
pub(super) struct Error(pub(super) Vec<Wrong>);

fn lines(wrongs: &[Wrong]) -> String {
    let line = |said: String, wrong| format!("{said}\n  {wrong}");
    wrongs.iter().fold(String::new(), line)
}

/// Brings the sources together, later ones over earlier ones.
pub(super) fn load(sources: Sources) -> Result<Loaded, Error> {
    let mut reading = Reading {
        config: Config::new(&sources.folder),
        wrongs: Vec::new(),
    };
    let usual = sources.folder.join(NAME);
    let file = sources.file.or_else(|| usual.exists().then_some(usual));
    if let Some(file) = &file {
        reading.file(file);
    }
    let mut environment = sources.environment;
    environment.sort_unstable();
    for (name, value) in &environment {
        reading.variable(name, value);
    }
    for (flag, key, value) in sources.flags {
        reading.set(flag, key, Raw::Word(value));
    }
    if !reading.wrongs.is_empty() {
        return Err(Error(reading.wrongs));
    }
    let config = reading.config;
    Ok(Loaded { config, file })
}

/// The configuration so far, and what was wrong so far.
struct Reading {
    config: Config,
    wrongs: Vec<Wrong>,
}

impl Reading {
    fn file(&mut self, path: &Path) {
        let source = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.text(path, &text),
            Err(error) => self.wrong(&source, Fault::new(error.to_string())),
        }
    }

    fn text(&mut self, file: &Path, text: &str) {
        let line = |start: usize| {
            let before = text.bytes().take(start);
            let line = before.filter(|byte| *byte == b'\n').count() + 1;
            format!("{}:{line}", file.display())
        };
        // Paths in the file are meant from where it stands.
        let folder = file.parent().unwrap_or(Path::new(""));
        for (start, said) in said(text) {
            match said {
                Ok(Saying::Key(name, raw)) => self.set(&line(start), &name, raw.from(folder)),
                Ok(Saying::Source(entries)) => {
                    for (start, fault) in self.source(start, &entries, folder) {
                        self.wrong(&line(start), fault);
                    }
                }
                Err(fault) => self.wrong(&line(start), fault),
            }
        }
    }

    /// Takes a source over, or says what is wrong with it and where.
    fn source(&mut self, start: usize, entries: &[Entry], folder: &Path) -> Vec<(usize, Fault)> {
        let spec = match source::read(start, entries, folder) {
            Ok(spec) => spec,
            Err(wrongs) => return wrongs,
        };
        let sources = &mut self.config.sources;
        if sources.iter().any(|known| known.name == spec.name) {
            let named = entries.iter().find(|entry| entry.name == "name");
            let start = named.map_or(start, |entry| entry.start);
            let why = format!("there is a source `{}` already", spec.name);
            return vec![(start, Fault::new(why).under("source.name"))];
        }
        if sources.len() == MOST_SOURCES {
            let why = format!("there are more than {MOST_SOURCES}");
            return vec![(start, Fault::new(why).under(SOURCE))];
        }
        sources.push(spec);
        Vec::new()
    }

    /// `LURCHER_LIMITS__READ` is `limits.read`. Other names without a double underscore may be
    /// anybody's.
    fn variable(&mut self, name: &str, value: &str) {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            return;
        };
        let key = rest.to_lowercase().replacen("__", ".", 1);
        if key.contains('.') || schema::find(&key).is_some() {
            self.set(name, &key, Raw::Word(value.to_owned()));
        }
    }

    fn set(&mut self, source: &str, name: &str, raw: Raw) {
        let outcome = match schema::find(name) {
            Some(key) => (key.set)(&mut self.config, raw).map_err(|fault| fault.under(name)),
            None => Err(schema::unknown(name)),
        };
        if let Err(fault) = outcome {
            self.wrong(source, fault);
        }
    }

    fn wrong(&mut self, source: &str, fault: Fault) {
        self.wrongs.push(Wrong {
            source: source.to_owned(),
            fault,
        });
    }
}

/// What one place of a file says.
#[derive(Debug, PartialEq)]
enum Saying {
    /// A key and its value.
    Key(String, Raw),
    /// A source.
    Source(Vec<Entry>),
}

/// What a place says, or what is wrong with it.
type Said = Result<Saying, Fault>;

/// What a file says and where, from top to bottom.
fn said(text: &str) -> Vec<(usize, Said)> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let broken = errors.iter().map(|error| {
        let start = error.span().map_or(0, |span| span.start);
        (start, Err(Fault::new(error.message())))
    });
    let mut all: Vec<_> = broken.collect();
    for (name, value) in table.get_ref() {
        let (start, name) = (name.span().start, name.get_ref().as_ref());
        match value.get_ref() {
            DeValue::Array(items) if name == SOURCE => all.extend(items.iter().map(one_source)),
            DeValue::Table(section) if SECTIONS.contains(&name) => {
                all.extend(section.iter().map(|(key, value)| {
                    let name = format!("{name}.{}", key.get_ref());
                    (key.span().start, Ok(Saying::Key(name, raw(value))))
                }));
            }
            _ if name == SOURCE => all.push((start, Err(no_source()))),
            DeValue::Table(_) => all.push((start, Err(schema::unknown_section(name)))),
            _ if SECTIONS.contains(&name) => {
                let fault = Fault::new(format!("must be a section: [{name}]"));
                all.push((start, Err(fault.under(name))));
            }
            _ => all.push((start, Ok(Saying::Key(name.to_owned(), raw(value))))),
        }
    }
    all.sort_by_key(|(start, _)| *start);
    all.dedup();
    all
}

fn no_source() -> Fault {
    Fault::new("must be a table for each source: [[source]]").under(SOURCE)
}

/// A header is a key of its own, so that it has its own line.
fn one_source(item: &Spanned<DeValue<'_>>) -> (usize, Said) {
    let start = item.span().start;
    let DeValue::Table(table) = item.get_ref() else {
        return (start, Err(no_source()));
    };
    let entry = |name: String, start, value| Entry {
        start,
        name,
        raw: raw(value),
    };
    let mut entries = Vec::new();
    for (key, value) in table {
        let (start, name) = (key.span().start, key.get_ref());
        match value.get_ref() {
            DeValue::Table(headers) if name == "headers" => {
                entries.extend(headers.iter().map(|(header, value)| {
                    let name = format!("{name}.{}", header.get_ref());
                    entry(name, header.span().start, value)
                }));
            }
            _ => entries.push(entry(name.to_string(), start, value)),
        }
    }
    entries.sort_by_key(|entry| entry.start);
    (start, Ok(Saying::Source(entries)))
}

fn raw(value: &Spanned<DeValue<'_>>) -> Raw {
    match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Raw::Other, Raw::Number)
        }
        DeValue::Float(number) => {
            let number = number.as_str().parse();
            number.map_or(Raw::Other, Raw::Decimal)
        }
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Table(table) if table.len() == 1 => {
            let file = table.get("file").and_then(|file| file.get_ref().as_str());
            file.map_or(Raw::Other, |file| Raw::File(file.to_owned()))
        }
        DeValue::Array(items) => {
            let items = items.iter().map(|item| item.get_ref().as_str());
            let items: Option<_> = items.map(|item| item.map(str::to_owned)).collect();
            items.map_or(Raw::Other, Raw::List)
        }
        _ => Raw::Other,
    }
}

#[cfg(test)]
mod tests;
