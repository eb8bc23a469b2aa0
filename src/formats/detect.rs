//! What a file is, told by its content.
//!
//! Names lie (web pages are saved as `.csv`), headers do not.

use serde_json::Value;

use super::json::Documents;
use super::table::Header;
use super::{
    Refusal, betfair_anz, betfair_bsp, betfair_model, facts, fasttrack_form, form_runs, gbgb_api,
    gbgb_history, gbgb_web, grv_form, guess, irish_winners, racing_post, rug_results, runs,
    thedogs_form, thedogs_results, topaz,
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
    /// Full results of thedogs.com.au.
    ThedogsResults,
    /// Betfair's monthly files for Australia and New Zealand.
    BetfairAnz,
    /// Betfair's daily files of starting prices.
    BetfairBsp,
    /// A dog's form page of FastTrack, the dog in the file's name.
    FasttrackForm,
    /// Form guides in the style of Victoria's register.
    GrvForm,
    /// Form lines as the Racing Post prints them.
    RacingPost,
    /// Histories of single dogs from the GBGB API, flattened.
    GbgbHistory,
    /// Winners of Irish races.
    IrishWinners,
    /// Results of the New Zealand TAB, saved as text.
    NzTab,
    /// Small lists of results: track, race and rugs in the order of finish.
    RugResults,
    /// Whatever a mapping says; never found out and never asked for by name.
    Mapped,
}

impl Format {
    /// Every format that has a name to ask for.
    pub const ALL: [Self; 21] = [
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
        Self::ThedogsResults,
        Self::BetfairAnz,
        Self::BetfairBsp,
        Self::FasttrackForm,
        Self::GrvForm,
        Self::RacingPost,
        Self::GbgbHistory,
        Self::IrishWinners,
        Self::NzTab,
        Self::RugResults,
        // Every other JSON is asked first.
        Self::Facts,
    ];

    /// Its name on the command line and in reports.
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
            Self::ThedogsResults => "thedogs-results",
            Self::BetfairAnz => "betfair-anz",
            Self::BetfairBsp => "betfair-bsp",
            Self::FasttrackForm => "fasttrack-form",
            Self::GrvForm => "grv-form",
            Self::RacingPost => "racing-post",
            Self::GbgbHistory => "gbgb-history",
            Self::IrishWinners => "irish-winners",
            Self::NzTab => "nz-tab",
            Self::RugResults => "rug-results",
            Self::Mapped => "mapped",
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

    pub(super) const fn must(self) -> &'static [&'static str] {
        match self {
            Self::ExpertForm => thedogs_form::MUST,
            Self::BetfairModel => betfair_model::MUST,
            Self::Runs => runs::MUST,
            Self::FormRuns => form_runs::MUST,
            Self::GbgbApi => gbgb_api::MUST,
            Self::GbgbWeb => gbgb_web::MUST,
            Self::ThedogsResults => thedogs_results::MUST,
            Self::BetfairAnz => betfair_anz::MUST,
            Self::BetfairBsp => betfair_bsp::MUST,
            Self::FasttrackForm => fasttrack_form::MUST,
            Self::GrvForm => grv_form::MUST,
            Self::RacingPost => racing_post::MUST,
            Self::GbgbHistory => gbgb_history::MUST,
            Self::IrishWinners => irish_winners::MUST,
            Self::RugResults => rug_results::MUST,
            // Not a table: it is told by its first lines, before there is a header.
            Self::NzTab => &["RACING RESULTS"],
            Self::Topaz => topaz::MUST,
            // Never a table.
            Self::BetfairStream | Self::GbgbJson | Self::UkCard | Self::Facts | Self::Mapped => &[],
        }
    }

    /// Whether it may be a table.
    const fn has_header(self) -> bool {
        !self.must().is_empty()
    }

    /// The keys of a JSON item by which it is known; none when it is no JSON.
    pub(super) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::BetfairStream => &["op", "pt"],
            Self::GbgbJson => &["trackName", "races or traps"],
            Self::UkCard => &["race_date_time or race_id", "dogs"],
            Self::Topaz => topaz::MUST,
            Self::Facts => &["source, track or race", "runners or prices"],
            _ => &[],
        }
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
            _ => false,
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
    let fits = |format: &Format| {
        let alone = *format != Format::RugResults || rug_results::fits(header);
        alone && format.has_header() && format.missing(header).is_empty()
    };
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
    if let Some(reason) = headless(header) {
        return Refusal::new(reason);
    }
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
    let closest = closest(header);
    if let Some((format, missing)) = closest {
        reason.push_str("; closest is ");
        reason.push_str(format.as_str());
        reason.push_str(", missing ");
        reason.push_str(&missing.join(", "));
    }
    if guess::mapping(header).is_some() {
        reason.push_str("; --mapping reads any table, --explain proposes one for this");
    }
    if thedogs_form::card(name).is_ok() {
        reason.push_str("; its name is that of a thedogs-form card, its content is not");
    }
    Refusal::new(reason)
}

/// Form lines as they are printed, `05Nov19|Sland|450m|[5]|…`: nothing in them says whose they are.
fn headless(header: &Header) -> Option<&'static str> {
    let first = header.names().first()?;
    chrono::NaiveDate::parse_from_str(first, "%d%b%y").ok()?;
    Some(
        "form lines without a header: no column names their dog; racing-post needs the headings \
         Date, Track, Dis, … and DogName above them",
    )
}

/// The format whose columns are there for the most part, and those that are missing.
pub(super) fn closest(header: &Header) -> Option<(Format, Vec<&'static str>)> {
    Format::ALL
        .into_iter()
        .filter(|format| format.has_header())
        .map(|format| (format, format.missing(header)))
        // Two everyday words as columns are near to everything.
        .filter(|(format, _)| *format != Format::RugResults)
        .filter(|(format, missing)| missing.len() * 2 <= format.must().len())
        .min_by_key(|(format, missing)| missing.len() * 100 / format.must().len())
}
