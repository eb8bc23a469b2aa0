//! Every key there is, what it may be, and where it goes.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use super::{Config, source};
use crate::domain::Fault;
use crate::http::Network;
use crate::predict::Preload;
use crate::runtime::Secret;
use crate::runtime::sealed::Packing;
use crate::watch::sentry::SentrySettings;

/// The sections of the file.
pub(super) const SECTIONS: &[&str] = &[
    "store", "http", "cache", "models", "limits", "workers", "collect", "alerts", "sentry",
];

/// Bytes of a secret, at most.
const SECRET: usize = 4_096;

/// How alike a key must be to be meant by a name that is none.
const ALIKE: f64 = 0.6;

/// A value as somebody wrote it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// A string of the file.
    Text(String),
    /// A number of the file.
    Number(i64),
    /// A number with a point of the file.
    Decimal(f64),
    /// True or false.
    Flag(bool),
    /// What stands in the file of that name.
    File(String),
    /// Strings of the file.
    List(Vec<String>),
    /// From the environment or the command line, where everything is a word.
    Word(String),
    /// Something that no key wants.
    Other,
}

impl Raw {
    /// The same, with a file's name meant from where the configuration stands.
    pub(super) fn from(self, folder: &Path) -> Self {
        match self {
            Self::File(name) => Self::File(folder.join(name).display().to_string()),
            other => other,
        }
    }
}

/// One key.
pub(super) struct Key {
    /// Its name, `section.key`.
    pub(super) name: &'static str,
    /// Checks a value and puts it where it belongs.
    pub(super) set: fn(&mut Config, Raw) -> Result<(), Fault>,
}

macro_rules! keys {
    ($($name:literal: |$config:ident, $raw:ident| $place:expr, $value:expr;)+) => {
        /// Every key.
        pub(super) const KEYS: &[Key] = &[$(Key {
            name: $name,
            set: |$config, $raw| {
                $place = $value?;
                Ok(())
            },
        }),+];
    };
}

keys! {
    "listen": |config, raw| config.listen, parsed(raw, "an address like 127.0.0.1:8080");
    "log": |config, raw| config.log, filter(raw);
    "store.readers": |config, raw| config.store.readers, number(raw, 1, 256);
    "store.acquire_ms": |config, raw| config.store.acquire, millis(raw, 1);
    "store.queue": |config, raw| config.store.queue, count(raw, 1, 1_000_000);
    "store.cache_mb": |config, raw| config.store.cache_kib, number(raw, 1, 65_536).map(|mb| mb * 1_024);
    "store.slow_ms": |config, raw| config.store.slow, millis(raw, 0);
    "store.deadline_ms": |config, raw| config.store.deadline, millis(raw, 1);
    "http.hosts": |config, raw| config.http.hosts, list(raw, host);
    "http.trusted_proxies": |config, raw| config.http.trusted_proxies, list(raw, Network::parse);
    "http.max_body_kib": |config, raw| config.http.max_body, count(raw, 1, 65_536).map(|kib| kib * 1_024);
    "http.deadline_s": |config, raw| config.http.deadline, seconds(raw);
    "http.body_deadline_s": |config, raw| config.http.body_deadline, seconds(raw);
"cache.races_entries": |config, raw| config.http.shelves.races.entries, entries(raw);
    "cache.races_kib": |config, raw| config.http.shelves.races.bytes, count(raw, 1, 1_048_576).map(|kib| kib * 1_024);
    "cache.races_ttl_s": |config, raw| config.http.shelves.races.ttl, lives(raw);
    "cache.dogs_entries": |config, raw| config.http.shelves.dogs.entries, entries(raw);
    "cache.dogs_kib": |config, raw| config.http.shelves.dogs.bytes, count(raw, 1, 1_048_576).map(|kib| kib * 1_024);
    "cache.dogs_ttl_s": |config, raw| config.http.shelves.dogs.ttl, lives(raw);
    "cache.aggregates_entries": |config, raw| config.http.shelves.aggregates.entries, entries(raw);
    "cache.aggregates_kib": |config, raw| config.http.shelves.aggregates.bytes, count(raw, 1, 1_048_576).map(|kib| kib * 1_024);
    "cache.aggregates_ttl_s": |config, raw| config.http.shelves.aggregates.ttl, lives(raw);
    "cache.meetings_entries": |config, raw| config.http.shelves.meetings.entries, entries(raw);
    "cache.meetings_kib": |config, raw| config.http.shelves.meetings.bytes, count(raw, 1, 1_048_576).map(|kib| kib * 1_024);
    "cache.meetings_ttl_s": |config, raw| config.http.shelves.meetings.ttl, lives(raw);
    "cache.leaderboards_entries": |config, raw| config.http.shelves.leaderboards.entries, entries(raw);
    "cache.leaderboards_kib": |config, raw| config.http.shelves.leaderboards.bytes, count(raw, 1, 1_048_576).map(|kib| kib * 1_024);
    "cache.leaderboards_ttl_s": |config, raw| config.http.shelves.leaderboards.ttl, lives(raw);
    "cache.responses_entries": |config, raw| config.http.shelves.responses.entries, entries(raw);
    "cache.responses_kib": |config, raw| config.http.shelves.responses.bytes, count(raw, 1, 1_048_576).map(|kib| kib * 1_024);
    "cache.responses_ttl_s": |config, raw| config.http.shelves.responses.ttl, lives(raw);
    "cache.predictions_entries": |config, raw| config.predictions.entries, entries(raw);
    "cache.predictions_kib": |config, raw| config.predictions.bytes, count(raw, 1, 1_048_576).map(|kib| kib * 1_024);
    "cache.predictions_ttl_s": |config, raw| config.predictions.ttl, lives(raw);
    "models.preload": |config, raw| config.preload, list(raw, preload);
    "models.lazy": |config, raw| config.switches.lazy, flag(raw);
    "models.window_ms": |config, raw| config.window, number(raw, 0, 200).map(|ms| Duration::from_millis(ms.into()));
    "cache.memory": |config, raw| config.switches.memory, flag(raw);
    "cache.upstream": |config, raw| config.switches.upstream, flag(raw);
    "cache.save_every_s": |config, raw| config.saving.every, pauses(raw);
    "cache.save_packed": |config, raw| config.saving.packing, flag(raw).map(Packing::zstd_if);
    "limits.read": |config, raw| config.http.quotas.read, number(raw, 0, 1_000_000);
    "limits.predict": |config, raw| config.http.quotas.predict, number(raw, 0, 1_000_000);
    "limits.ingest": |config, raw| config.http.quotas.ingest, number(raw, 0, 1_000_000);
    "limits.admin": |config, raw| config.http.quotas.admin, number(raw, 0, 1_000_000);
    "workers.queue": |config, raw| config.workers.queue, count(raw, 1, 1_000_000);
    "workers.stuck_s": |config, raw| config.workers.stuck, seconds(raw);
    "collect.payload_days": |config, raw| config.collect.payload_days, number(raw, 1, 3_650);
    "collect.payload_mb": |config, raw| config.collect.payload_bytes, megabytes(raw, 1, 1_048_576);
    "collect.upload_mb": |config, raw| config.collect.upload_bytes, megabytes(raw, 1, 65_536);
    "alerts.enabled": |config, raw| config.alerts.enabled, flag(raw);
    "alerts.avg_ms": |config, raw| config.alerts.avg_ms, number(raw, 0, 600_000);
    "alerts.p99_ms": |config, raw| config.alerts.p99_ms, number(raw, 0, 600_000);
    "alerts.error_percent": |config, raw| config.alerts.error_percent, number(raw, 0, 100);
    "alerts.min_requests": |config, raw| config.alerts.min_requests, number(raw, 1, 1_000_000);
    "alerts.pool_percent": |config, raw| config.alerts.pool_percent, number(raw, 0, 100);
    "alerts.wal_mb": |config, raw| config.alerts.wal_mb, number(raw, 0, 65_536);
    "alerts.memory_mb_per_hour": |config, raw| config.alerts.memory_mb_per_hour, number(raw, 0, 65_536);
    "alerts.for_s": |config, raw| config.alerts.lasting, seconds(raw);
    "alerts.webhook_url": |config, raw| config.alerts.webhook_url, secret(raw).and_then(address);
    "alerts.webhook_secret": |config, raw| config.alerts.webhook_secret, secret(raw);
    "sentry.dsn": |config, raw| config.sentry.dsn, secret(raw).and_then(dsn);
    "sentry.environment": |config, raw| config.sentry.environment, environment(raw);
    "sentry.per_minute": |config, raw| config.sentry.per_minute, number(raw, 1, 1_000);
}

/// The key of that name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Says that there is no such key, and which may be meant.
pub(super) fn unknown(name: &str) -> Fault {
    let names = KEYS.iter().map(|key| key.name);
    Fault::new(format!("unknown key `{name}`{}", meant(name, names)))
}

/// Says that there is no such section, and which may be meant.
pub(super) fn unknown_section(name: &str) -> Fault {
    let names = SECTIONS.iter().copied();
    Fault::new(format!("unknown section `{name}`{}", meant(name, names)))
}

/// A key may stand in the wrong section, so its last word counts as much as the whole.
pub(super) fn meant(name: &str, names: impl Iterator<Item = &'static str>) -> String {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let alike = |known: &str| {
        let whole = strsim::normalized_damerau_levenshtein(name, known);
        let word = strsim::normalized_damerau_levenshtein(&last(name), &last(known));
        f64::midpoint(whole, word)
    };
    let nearest = names
        .map(|known| (alike(known), known))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match nearest {
        Some((alike, known)) if alike >= ALIKE => format!(", did you mean `{known}`?"),
        _ => String::new(),
    }
}

pub(super) fn parsed<T: std::str::FromStr>(raw: Raw, what: &str) -> Result<T, Fault> {
    let fault = || Fault::new(format!("must be {what}"));
    match raw {
        Raw::Text(text) | Raw::Word(text) => text.parse().map_err(|_text| fault()),
        _ => Err(fault()),
    }
}

fn filter(raw: Raw) -> Result<String, Fault> {
    let text: String = parsed(raw, "a filter like info or lurcher=debug")?;
    match tracing_subscriber::EnvFilter::try_new(&text) {
        Ok(_filter) => Ok(text),
        Err(error) => Err(Fault::new(format!("must be a filter: {error}"))),
    }
}

pub(super) fn number(raw: Raw, least: u32, most: u32) -> Result<u32, Fault> {
    let number = match raw {
        Raw::Number(number) => u32::try_from(number).ok(),
        Raw::Word(text) => text.parse().ok(),
        _ => None,
    };
    let fits = number.filter(|number| (least..=most).contains(number));
    fits.ok_or_else(|| Fault::new(format!("must be a number, {least} to {most}")))
}

fn count(raw: Raw, least: u32, most: u32) -> Result<usize, Fault> {
    let number = number(raw, least, most)?;
    usize::try_from(number).map_err(|_number| Fault::new("is more than this machine can count"))
}

pub(super) fn megabytes(raw: Raw, least: u32, most: u32) -> Result<u64, Fault> {
    number(raw, least, most).map(|mb| u64::from(mb) * 1_024 * 1_024)
}

fn entries(raw: Raw) -> Result<NonZeroUsize, Fault> {
    let entries = count(raw, 1, 1_000_000)?;
    NonZeroUsize::new(entries).ok_or_else(|| Fault::new("must be at least 1"))
}

fn lives(raw: Raw) -> Result<Duration, Fault> {
    number(raw, 1, 86_400).map(|s| Duration::from_secs(s.into()))
}

/// A pause that may be told to last for ever.
fn pauses(raw: Raw) -> Result<Option<Duration>, Fault> {
    let seconds = number(raw, 0, 86_400)?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds.into())))
}

fn millis(raw: Raw, least: u32) -> Result<Duration, Fault> {
    number(raw, least, 600_000).map(|ms| Duration::from_millis(ms.into()))
}

fn seconds(raw: Raw) -> Result<Duration, Fault> {
    number(raw, 1, 3_600).map(|s| Duration::from_secs(s.into()))
}

fn flag(raw: Raw) -> Result<bool, Fault> {
    match raw {
        Raw::Flag(flag) => Ok(flag),
        Raw::Word(text) if text == "true" => Ok(true),
        Raw::Word(text) if text == "false" => Ok(false),
        _ => Err(Fault::new("must be true or false")),
    }
}

/// Said here or in a file that only lurcher can read; an empty one is none.
fn secret(raw: Raw) -> Result<Option<Secret>, Fault> {
    let text = match raw {
        Raw::Text(text) | Raw::Word(text) => text,
        Raw::File(path) => source::secret(Path::new(&path))?,
        _ => return Err(Fault::new("must be a string, or { file = \"…\" }")),
    };
    if text.len() > SECRET {
        return Err(Fault::new(format!("must have at most {SECRET} bytes")));
    }
    Ok((!text.is_empty()).then(|| Secret::new(text)))
}

/// Says nothing of the value: it may hold a token.
fn address(address: Option<Secret>) -> Result<Option<Secret>, Fault> {
    let fits = |address: &Secret| {
        let parsed = url::Url::parse(address.reveal());
        parsed.is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
    };
    if address.as_ref().is_some_and(|address| !fits(address)) {
        return Err(Fault::new(
            "must be an address that begins with http:// or https://",
        ));
    }
    Ok(address)
}

/// Says nothing of the value: it holds a key.
fn dsn(dsn: Option<Secret>) -> Result<Option<Secret>, Fault> {
    if dsn
        .as_ref()
        .is_some_and(|dsn| !SentrySettings::is_dsn(dsn.reveal()))
    {
        return Err(Fault::new("must be a DSN like https://key@example.org/1"));
    }
    Ok(dsn)
}

fn environment(raw: Raw) -> Result<String, Fault> {
    let text: String = parsed(raw, "a word like production")?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if text.is_empty() || text.len() > 64 || !text.chars().all(plain) {
        return Err(Fault::new(
            "must be a word like production, of 64 letters at most",
        ));
    }
    Ok(text)
}

/// In the environment the items stand with commas between.
pub(super) fn list<T>(raw: Raw, item: fn(&str) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let items = match raw {
        Raw::List(items) => items,
        Raw::Word(text) if text.trim().is_empty() => Vec::new(),
        Raw::Word(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
        _ => return Err(Fault::new("must be a list of strings")),
    };
    let said =
        |raw: &String| item(raw).map_err(|fault| Fault::new(format!("`{raw}` {}", fault.why)));
    items.iter().map(said).collect()
}

fn preload(raw: &str) -> Result<Preload, Fault> {
    match raw {
        "win" => Ok(Preload::Win),
        "shadows" => Ok(Preload::Shadows),
        _ => Err(Fault::new("must be win or shadows")),
    }
}

fn host(raw: &str) -> Result<String, Fault> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter);
    if raw.is_empty() || raw.len() > 253 || !raw.chars().all(plain) {
        return Err(Fault::new("must be a host name like racing.example.org"));
    }
    Ok(raw.to_ascii_lowercase())
}
