//! What a file is, told by its content.
//!
//! Names lie (web pages are saved as `.csv`), headers do not.

use serde_json::Value;

use super::json::Documents;
use super::table::Header;
use super::{
    Refusal, betfair_model, facts, form_runs, gbgb_api, gbgb_web, runs, thedogs_form, topaz,
};
use crate::domain::{Fault, printable};

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Card with form guide of thedogs.com.au, one race a file.
    ExpertForm,
    /// Betfair's monthly model results.
    BetfairModel,
    /// Our own interchange: one row for each runner of a race.
    Runs,
    /// Our own interchange: one row for each past run.
    FormRuns,
    /// Results of the GBGB API, flattened.
    GbgbApi,
    /// Results copied from the GBGB web pages.
    GbgbWeb,
    /// Betfair's exchange stream, JSON lines.
    BetfairStream,
    /// Results of the GBGB API as they come: meetings, or the runs of a dog.
    GbgbJson,
    /// Runs of the Topaz API, as JSON or as a table of the same names.
    Topaz,
    /// British cards as a MongoDB export.
    UkCard,
    /// Our own JSON, as the HTTP interface takes it.
    Facts,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::ExpertForm,
        Self::BetfairModel,
        Self::Runs,
        Self::FormRuns,
        Self::GbgbApi,
        Self::GbgbWeb,
        Self::BetfairStream,
        Self::GbgbJson,
        Self::Topaz,
        Self::UkCard,
        // Every other JSON is asked first.
        Self::Facts,
    ];

    /// Its name: `thedogs-form`, `betfair-model`, `runs`, `form-runs`, `gbgb-api`, `gbgb-web`,
    /// `betfair-stream`, `gbgb-json`, `topaz`, `uk-card` or `facts`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExpertForm => "thedogs-form",
            Self::BetfairModel => "betfair-model",
            Self::Runs => "runs",
            Self::FormRuns => "form-runs",
            Self::GbgbApi => "gbgb-api",
            Self::GbgbWeb => "gbgb-web",
            Self::BetfairStream => "betfair-stream",
            Self::GbgbJson => "gbgb-json",
            Self::Topaz => "topaz",
            Self::UkCard => "uk-card",
            Self::Facts => "facts",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| {
                let names: Vec<_> = Self::ALL.iter().map(|format| format.as_str()).collect();
                Fault::new(format!("must be one of {}", names.join(" ")))
            })
    }

    const fn must(self) -> &'static [&'static str] {
        match self {
            Self::ExpertForm => thedogs_form::MUST,
            Self::BetfairModel => betfair_model::MUST,
            Self::Runs => runs::MUST,
            Self::FormRuns => form_runs::MUST,
            Self::GbgbApi => gbgb_api::MUST,
            Self::GbgbWeb => gbgb_web::MUST,
            Self::Topaz => topaz::MUST,
            // Never a table.
            Self::BetfairStream | Self::GbgbJson | Self::UkCard | Self::Facts => &[],
        }
    }

    /// Whether it may be a table.
    const fn has_header(self) -> bool {
        !self.must().is_empty()
    }

    /// Whether a JSON item has its keys.
    fn has_keys(self, item: &Value) -> bool {
        let all = |keys: &[&str]| keys.iter().all(|key| item.get(key).is_some());
        match self {
            Self::BetfairStream => all(&["op", "pt"]) && item["op"] == "mcm",
            Self::GbgbJson => {
                let meeting = all(&["races"]) || all(&["traps"]);
                meeting && all(&["trackName"]) || all(&["raceClass", "trapNumber", "SP"])
            }
            Self::Topaz => all(topaz::MUST),
            Self::UkCard => all(&["race_id", "dogs"]) || all(&["race_date_time", "dogs"]),
            Self::Facts => facts::is(item),
            Self::ExpertForm
            | Self::BetfairModel
            | Self::Runs
            | Self::FormRuns
            | Self::GbgbApi
            | Self::GbgbWeb => false,
        }
    }

    fn missing(self, header: &Header) -> Vec<&'static str> {
        let absent = |name: &&&str| header.name(header.find(name)).is_empty();
        self.must().iter().filter(absent).copied().collect()
    }
}

/// Beginnings of files that are no tables, and what to call them.
const FOREIGN: [(&[u8], &str); 11] = [
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
];

/// The kind of archive that the bytes begin, if [`super::walk`] could open it or another could.
pub(super) fn archive(head: &[u8]) -> Option<&'static str> {
    if head.get(257..262) == Some(b"ustar") {
        return Some("a tar archive");
    }
    let kind = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic));
    kind.map(|(_, name)| *name)
        .filter(|name| name.contains("archive"))
}

/// Refuses what is no table at all.
pub(super) fn content(head: &[u8]) -> Result<(), Refusal> {
    if let Some((_, name)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Refusal::new(format!("{name}, not a CSV file")));
    }
    let line = head
        .trim_ascii_start()
        .split(|byte| b"\r\n".contains(byte))
        .next()
        .unwrap_or_default();
    match line.first() {
        Some(b'<') => Err(Refusal::new("an HTML page saved as CSV")),
        _ if line.contains(&0) => Err(Refusal::new(
            "NUL bytes in the header: a binary file, or UTF-16 without a byte order mark",
        )),
        _ => Ok(()),
    }
}

/// The format of a header; fails when none fits, or not the wanted one.
pub(super) fn format(
    name: &str,
    header: &Header,
    wanted: Option<Format>,
) -> Result<Format, Refusal> {
    if let Some(wanted) = wanted {
        if !wanted.has_header() {
            return Err(Refusal::new(format!("not {}: a table", wanted.as_str())));
        }
        let missing = wanted.missing(header);
        if missing.is_empty() {
            return Ok(wanted);
        }
        let reason = format!("not {}: missing {}", wanted.as_str(), missing.join(", "));
        return Err(Refusal::new(reason));
    }
    let fits = |format: &Format| format.has_header() && format.missing(header).is_empty();
    Format::ALL
        .into_iter()
        .find(fits)
        .ok_or_else(|| unknown(name, header))
}

/// The format of JSON, told by the keys of its first item; fails when none fits, or not the wanted
/// one.
pub(super) fn json(
    documents: &mut Documents<'_>,
    wanted: Option<Format>,
) -> Result<Format, Refusal> {
    let of = |item: &Value| Format::ALL.into_iter().find(|format| format.has_keys(item));
    let found = documents.first(of)?.map_err(|item| {
        let keys = item
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys());
        let keys: Vec<_> = keys.take(12).map(|key| shown(key, 30)).collect();
        Refusal::new(format!("no known JSON: found keys {}", keys.join(", ")))
    })?;
    match wanted {
        Some(wanted) if wanted != found => Err(Refusal::new(format!(
            "not {}: its keys are those of {}",
            wanted.as_str(),
            found.as_str()
        ))),
        _ => Ok(found),
    }
}

fn shown(name: &str, most: usize) -> String {
    name.chars().filter(|c| printable(*c)).take(most).collect()
}

fn unknown(name: &str, header: &Header) -> Refusal {
    let mut names: Vec<String> = header
        .names()
        .iter()
        .take(12)
        .map(|name| shown(name, 30))
        .collect();
    if header.names().len() > names.len() {
        names.push("…".to_owned());
    }
    let mut reason = format!("no known header: found columns {}", names.join(", "));
    let closest = Format::ALL
        .into_iter()
        .filter(|format| format.has_header())
        .map(|format| (format, format.missing(header)))
        .filter(|(format, missing)| missing.len() * 2 <= format.must().len())
        .min_by_key(|(format, missing)| missing.len() * 100 / format.must().len());
    if let Some((format, missing)) = closest {
        reason.push_str("; closest is ");
        reason.push_str(format.as_str());
        reason.push_str(", missing ");
        reason.push_str(&missing.join(", "));
    }
    if thedogs_form::card(name).is_ok() {
        reason.push_str("; its name is that of a thedogs-form card, its content is not");
    }
    Refusal::new(reason)
}
