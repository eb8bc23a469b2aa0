//! One `[[source]]` of the file: its keys, and the secrets that they point at.
//!
//! Secrets are read only for a source that is enabled, so that an example may name a file that is
//! not there.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::{TZ_VARIANTS, Tz};

use super::schema::{self, Raw};
use crate::domain::{Fault, Source, printable};
use crate::formats::Format;
use crate::runtime::{Cron, Secret};
use crate::upstream::{SourceDraft, SourceKind, SourceSpec, Template};

/// Addresses of a source, at most.
const URLS: usize = 10;
/// Tracks of a source, at most.
const TRACKS: usize = 500;
/// Headers of a source, at most.
const HEADERS: usize = 16;
/// Bytes of a header's value, at most.
const VALUE: usize = 4_096;
/// What the names of headers begin with here.
const HEADER: &str = "headers.";
/// Headers that are made for each request, or would change what it is.
const RESERVED: [&str; 9] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// A key and its value, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The byte at which it begins.
    pub(super) start: usize,
    /// The key.
    pub(super) name: String,
    /// The value.
    pub(super) raw: Raw,
}

/// One key.
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    set: fn(&mut SourceDraft, Raw, &Path) -> Result<(), Fault>,
}

macro_rules! keys {
    ($($name:literal: |$draft:ident, $raw:ident, $folder:tt| $place:expr, $value:expr;)+) => {
        /// Every key of a source.
        pub(super) const KEYS: &[Key] = &[$(Key {
            name: $name,
            set: |$draft, $raw, $folder| {
                $place = $value?;
                Ok(())
            },
        }),+];
    };
}

keys! {
    "name": |draft, raw, _| draft.name, text(raw).and_then(|name| Source::new(&name)).map(Some);
    "kind": |draft, raw, _| draft.kind, text(raw).and_then(|name| SourceKind::parse(&name)).map(Some);
    "enabled": |draft, raw, _| draft.enabled, flag(&raw);
    "url": |draft, raw, _| draft.reach.urls, urls(raw);
    "tracks": |draft, raw, _| draft.reach.tracks, tracks(raw);
    "path": |draft, raw, folder| draft.reach.path, path(raw, folder).map(Some);
    "days_back": |draft, raw, _| draft.reach.days_back, schema::number(raw, 0, 31);
    "days_ahead": |draft, raw, _| draft.reach.days_ahead, schema::number(raw, 0, 7);
    "schedule": |draft, raw, _| draft.cron, schedule(raw).map(Some);
    "timezone": |draft, raw, _| draft.timezone, timezone(raw).map(Some);
    "format": |draft, raw, _| draft.expected.format, format(raw).map(Some);
    "mapping": |draft, raw, folder| draft.expected.mapping, path(raw, folder).map(Some);
    "expect_races": |draft, raw, _| draft.expected.races, schema::number(raw, 1, 2_000).map(Some);
    "allow_private": |draft, raw, _| draft.manners.allow_private, flag(&raw);
    "requests_per_second": |draft, raw, _| draft.manners.requests_per_second, rate(&raw);
    "timeout_s": |draft, raw, _| draft.manners.timeout, seconds(raw, 1, 30);
    "ttl_s": |draft, raw, _| draft.manners.ttl, seconds(raw, 0, 86_400);
    "max_mb": |draft, raw, _| draft.manners.max_bytes, schema::megabytes(raw, 1, 64);
    "headers": |draft, raw, _| draft.manners.headers, no_headers(&raw);
    "user_agent": |draft, raw, _| draft.manners.user_agent, text(raw).and_then(agent).map(Some);
}

/// A source being read, and what was wrong so far.
struct Reading<'a> {
    draft: SourceDraft,
    entries: &'a [Entry],
    /// Paths are meant from here.
    folder: &'a Path,
    start: usize,
    wrongs: Vec<(usize, Fault)>,
}

/// The source that begins at `start`, or everything that is wrong with it and where.
pub(super) fn read(
    start: usize,
    entries: &[Entry],
    folder: &Path,
) -> Result<SourceSpec, Vec<(usize, Fault)>> {
    let reading = Reading {
        draft: SourceDraft::default(),
        entries,
        folder,
        start,
        wrongs: Vec::new(),
    };
    reading.all()
}

impl Reading<'_> {
    fn all(mut self) -> Result<SourceSpec, Vec<(usize, Fault)>> {
        let (headers, plain): (Vec<_>, Vec<_>) = self
            .entries
            .iter()
            .partition(|entry| entry.name.starts_with(HEADER));
        for entry in plain {
            let outcome = self.set(entry);
            self.note(entry, outcome);
        }
        if headers.len() > HEADERS {
            self.wrongs.push((
                self.start,
                Fault::new(format!("must have at most {HEADERS} headers")),
            ));
        }
        for entry in headers {
            let outcome = self.header(entry);
            self.note(entry, outcome);
        }
        self.together()
    }

    fn set(&mut self, entry: &Entry) -> Result<(), Fault> {
        let name = entry.name.as_str();
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let names = KEYS.iter().map(|key| key.name);
            let meant = schema::meant(name, names);
            return Err(Fault::new(format!("is no key of a source{meant}")));
        };
        (key.set)(&mut self.draft, entry.raw.clone(), self.folder)
    }

    fn header(&mut self, entry: &Entry) -> Result<(), Fault> {
        let name = entry.name.trim_start_matches(HEADER);
        header_name(name)?;
        let headers = &self.draft.manners.headers;
        if headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            return Err(Fault::new("is there twice"));
        }
        let value = match &entry.raw {
            Raw::Text(text) => text.clone(),
            Raw::File(_) if !self.draft.enabled => return Ok(()),
            Raw::File(file) => secret(&self.folder.join(file))?,
            _ => return Err(Fault::new("must be a string, or { file = \"…\" }")),
        };
        header_value(&value)?;
        let header = (name.to_owned(), Secret::new(value));
        self.draft.manners.headers.push(header);
        Ok(())
    }

    /// What the values mean together. Where one of them was wrong, that says enough.
    fn together(mut self) -> Result<SourceSpec, Vec<(usize, Fault)>> {
        let mapping = self.draft.expected.mapping.as_ref();
        if let Some(missing) = mapping.filter(|path| self.draft.enabled && !path.is_file()) {
            let why = format!("there is no file {}", missing.display());
            self.place("mapping", Fault::new(why).under("mapping"));
        }
        if !self.wrongs.is_empty() {
            return Err(self.wrongs);
        }
        let draft = std::mem::take(&mut self.draft);
        draft.check().map_err(|faults| {
            for fault in faults {
                let key = fault.at.clone();
                self.place(&key, fault);
            }
            self.wrongs
        })
    }

    fn note(&mut self, entry: &Entry, outcome: Result<(), Fault>) {
        if let Err(fault) = outcome {
            let fault = fault.under(&entry.name).under("source");
            self.wrongs.push((entry.start, fault));
        }
    }

    /// At the line of the key, or of the source when it has no such key.
    fn place(&mut self, key: &str, fault: Fault) {
        let entry = self.entries.iter().find(|entry| entry.name == key);
        let start = entry.map_or(self.start, |entry| entry.start);
        self.wrongs.push((start, fault.under("source")));
    }
}

fn text(raw: Raw) -> Result<String, Fault> {
    match raw {
        Raw::Text(text) => Ok(text),
        _ => Err(Fault::new("must be a string")),
    }
}

fn flag(raw: &Raw) -> Result<bool, Fault> {
    match raw {
        Raw::Flag(flag) => Ok(*flag),
        _ => Err(Fault::new("must be true or false")),
    }
}

fn urls(raw: Raw) -> Result<Vec<Template>, Fault> {
    let raw = match raw {
        Raw::Text(url) => return Ok(vec![Template::parse(&url)?]),
        raw => raw,
    };
    let urls = schema::list(raw, Template::parse)?;
    if urls.len() > URLS {
        return Err(Fault::new(format!("must be at most {URLS} addresses")));
    }
    Ok(urls)
}

fn tracks(raw: Raw) -> Result<Vec<String>, Fault> {
    let tracks = schema::list(raw, track)?;
    if tracks.len() > TRACKS {
        return Err(Fault::new(format!("must be at most {TRACKS} tracks")));
    }
    Ok(tracks)
}

/// Dots alone would lead up the path of an address.
fn track(raw: &str) -> Result<String, Fault> {
    let dots = raw.chars().all(|letter| letter == '.');
    if dots || raw.chars().count() > 60 || !raw.chars().all(printable) {
        return Err(Fault::new("must be 1 to 60 printable characters"));
    }
    Ok(raw.to_owned())
}

fn path(raw: Raw, folder: &Path) -> Result<PathBuf, Fault> {
    let path = text(raw)?;
    if path.is_empty() {
        return Err(Fault::new("must be a path"));
    }
    Ok(folder.join(path))
}

fn schedule(raw: Raw) -> Result<Cron, Fault> {
    Cron::parse(&text(raw)?).map_err(|error| Fault::new(error.to_string()))
}

fn timezone(raw: Raw) -> Result<Tz, Fault> {
    let name = text(raw)?;
    name.parse().map_err(|_unknown| {
        let names = TZ_VARIANTS.iter().map(|zone| zone.name());
        let meant = schema::meant(&name, names);
        Fault::new(format!("`{name}` is no time zone{meant}"))
    })
}

fn format(raw: Raw) -> Result<String, Fault> {
    let name = text(raw)?;
    Format::parse(&name).map(|_known| name)
}

fn rate(raw: &Raw) -> Result<f64, Fault> {
    let rate = match raw {
        Raw::Number(number) => i32::try_from(*number).ok().map(f64::from),
        Raw::Decimal(rate) => Some(*rate),
        _ => None,
    };
    let fits = rate.filter(|rate| (0.01..=10.0).contains(rate));
    fits.ok_or_else(|| Fault::new("must be a number, 0.01 to 10"))
}

fn seconds(raw: Raw, least: u32, most: u32) -> Result<Duration, Fault> {
    schema::number(raw, least, most).map(|s| Duration::from_secs(s.into()))
}

/// Headers in a table are keys of their own.
fn no_headers(_raw: &Raw) -> Result<Vec<(String, Secret)>, Fault> {
    Err(Fault::new(
        "must be a table like { Authorization = { file = \"secrets/key\" } }",
    ))
}

fn agent(name: String) -> Result<String, Fault> {
    header_value(&name)?;
    Ok(name)
}

fn header_name(name: &str) -> Result<(), Fault> {
    let letter = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(letter) {
        return Err(Fault::new("is no name of a header"));
    }
    if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Fault::new("is a header that lurcher sets itself"));
    }
    Ok(())
}

/// Says nothing of the value: it may be a secret.
fn header_value(value: &str) -> Result<(), Fault> {
    let plain = |c: u8| c.is_ascii_graphic() || c == b' ';
    if value.is_empty() || value.len() > VALUE || !value.bytes().all(plain) {
        return Err(Fault::new(format!(
            "must be 1 to {VALUE} plain characters on one line"
        )));
    }
    Ok(())
}

/// What stands in a file, without the space around it.
pub(super) fn secret(path: &Path) -> Result<String, Fault> {
    let told = |error: std::io::Error| Fault::new(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(told)?;
    private(&file, path)?;
    let most = u64::try_from(VALUE).unwrap_or(u64::MAX) + 2;
    let mut text = String::new();
    file.take(most).read_to_string(&mut text).map_err(told)?;
    Ok(text.trim().to_owned())
}

#[cfg(unix)]
fn private(file: &File, path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt;
    let path = path.display();
    let meta = file.metadata();
    let meta = meta.map_err(|error| Fault::new(format!("{path}: {error}")))?;
    if !meta.is_file() {
        return Err(Fault::new(format!("{path} is no file")));
    }
    if meta.permissions().mode() & 0o007 != 0 {
        let why = format!("everybody can read {path}; chmod 600 it");
        return Err(Fault::new(why));
    }
    Ok(())
}

#[cfg(not(unix))]
fn private(_file: &File, _path: &Path) -> Result<(), Fault> {
    Ok(())
}

#[cfg(test)]
mod tests;
