//! What a source is: where it is asked, when, how politely, and how its answer is read.
//!
//! A draft is what somebody configured, value by value; what the values mean together is checked
//! when it becomes a [`SourceSpec`].

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{MEETINGS, PAGES, Request, Template};
use crate::domain::{Fault, Faults, RaceDay, Source};
use crate::runtime::{Cron, Schedule, Secret};

/// Requests that one collection may make: addresses times days times tracks, with every page and
/// every meeting that may be.
const REQUESTS: usize = 2_000;

/// What kind of upstream a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// JSON over HTTP, read by a format or a mapping.
    HttpJson,
    /// CSV over HTTP, read by a format or a mapping.
    HttpCsv,
    /// The British results API.
    Gbgb,
    /// The Australian racing authorities' API.
    Topaz,
    /// Betfair's files, downloaded or in a folder.
    BetfairFiles,
    /// Files that somebody else leaves in a folder.
    Folder,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::HttpJson,
        Self::HttpCsv,
        Self::Gbgb,
        Self::Topaz,
        Self::BetfairFiles,
        Self::Folder,
    ];

    /// The name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpJson => "http-json",
            Self::HttpCsv => "http-csv",
            Self::Gbgb => "gbgb",
            Self::Topaz => "topaz",
            Self::BetfairFiles => "betfair-files",
            Self::Folder => "folder",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        let known = Self::ALL.into_iter().find(|kind| kind.name() == name);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Fault::new(format!("`{name}` is no kind of source; there are {names}"))
        })
    }

    const fn has_url(self) -> bool {
        !matches!(self, Self::Folder)
    }

    const fn has_path(self) -> bool {
        matches!(self, Self::Folder | Self::BetfairFiles)
    }

    const fn has_mapping(self) -> bool {
        matches!(self, Self::HttpJson | Self::HttpCsv | Self::Folder)
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a source is asked, and for which days and tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Addresses; each is asked for each day and each track that it has a gap for.
    pub urls: Vec<Template>,
    /// What the source calls its tracks.
    pub tracks: Vec<String>,
    /// A folder with files.
    pub path: Option<PathBuf>,
    /// Days that are read again, because results are amended.
    pub days_back: u32,
    /// Days to come.
    pub days_ahead: u32,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            urls: Vec::new(),
            tracks: Vec::new(),
            path: None,
            days_back: 3,
            days_ahead: 0,
        }
    }
}

/// How politely a source is asked, and how much is taken from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Manners {
    /// Whether it may be on this machine or in a private network.
    pub allow_private: bool,
    /// Requests a second, at most.
    pub requests_per_second: f64,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long an answer stands before it is asked for again.
    pub ttl: Duration,
    /// Bytes of an answer, decoded, at most.
    pub max_bytes: u64,
    /// Sent with each request.
    pub headers: Vec<(String, Secret)>,
    /// Who we say we are, when it is not lurcher.
    pub user_agent: Option<String>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            allow_private: false,
            requests_per_second: 2.0,
            timeout: Duration::from_secs(30),
            ttl: Duration::from_mins(1),
            max_bytes: 8 * 1_024 * 1_024,
            headers: Vec::new(),
            user_agent: None,
        }
    }
}

/// How an answer is read, and what is expected of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The format it must have; else it is told by the content.
    pub format: Option<String>,
    /// A file that says what its columns or keys mean.
    pub mapping: Option<PathBuf>,
    /// Races on an ordinary day; fewer are told as incomplete.
    pub races: Option<u32>,
}

/// A source as somebody configured it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceDraft {
    /// What it is called.
    pub name: Option<Source>,
    /// What kind of upstream it is.
    pub kind: Option<SourceKind>,
    /// Whether it is asked at all.
    pub enabled: bool,
    /// When it is asked.
    pub cron: Option<Cron>,
    /// The zone of its times and days; UTC when none is named.
    pub timezone: Option<Tz>,
    /// Where it is asked.
    pub reach: Reach,
    /// How politely.
    pub manners: Manners,
    /// How it is read.
    pub expected: Expected,
}

/// A source that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceSpec {
    /// What it is called.
    pub name: Source,
    /// What kind of upstream it is.
    pub kind: SourceKind,
    /// Whether it is asked at all; one that is not need not be complete.
    pub enabled: bool,
    /// When it is asked without being told to.
    pub schedule: Option<Schedule>,
    /// The zone of its days.
    pub timezone: Tz,
    /// Where it is asked.
    pub reach: Reach,
    /// How politely.
    pub manners: Manners,
    /// How it is read.
    pub expected: Expected,
}

impl SourceDraft {
    /// The source, or everything that is wrong with its values together.
    pub fn check(self) -> Result<SourceSpec, Vec<Fault>> {
        let mut faults = Faults::default();
        if self.name.is_none() {
            faults.add("name", "is missing");
        }
        if self.kind.is_none() {
            faults.add("kind", "is missing");
        }
        if let Some(kind) = self.kind {
            self.fits(kind, &mut faults);
        }
        faults.done()?;
        let (Some(name), Some(kind)) = (self.name, self.kind) else {
            return Err(Vec::new());
        };
        let timezone = self.timezone.unwrap_or(Tz::UTC);
        let schedule = self.cron.map(|cron| Schedule {
            cron,
            zone: timezone,
        });
        Ok(SourceSpec {
            name,
            kind,
            enabled: self.enabled,
            schedule,
            timezone,
            reach: self.reach,
            manners: self.manners,
            expected: self.expected,
        })
    }

    fn fits(&self, kind: SourceKind, faults: &mut Faults) {
        let Reach { urls, path, .. } = &self.reach;
        if !kind.has_url() && !urls.is_empty() {
            faults.add("url", format!("is not for {kind}, which has a path"));
        }
        if !kind.has_path() && path.is_some() {
            faults.add("path", format!("is not for {kind}, which has a url"));
        }
        if !kind.has_mapping() && self.expected.mapping.is_some() {
            faults.add("mapping", format!("is not for {kind}, whose form is known"));
        }
        if self.enabled && urls.is_empty() && path.is_none() {
            let missing = if kind.has_url() { "url" } else { "path" };
            faults.add(missing, "is missing, and the source is enabled");
        }
        if kind.has_path() && !urls.is_empty() && path.is_some() {
            faults.add("path", "is for a source that has no url");
        }
        self.lists(kind, faults);
        self.reaches(faults);
    }

    fn reaches(&self, faults: &mut Faults) {
        let reach = &self.reach;
        let asks = reach.urls.iter().any(Template::has_track);
        if asks && reach.tracks.is_empty() {
            faults.add("tracks", "is missing: the url has a {track}");
        }
        if !asks && !reach.tracks.is_empty() {
            faults.add("tracks", "is of no use: no url has a {track}");
        }
        let requests = reach.requests();
        if requests > REQUESTS {
            let why = format!(
                "makes up to {requests} requests with days, tracks, pages and meetings, more than \
                 {REQUESTS}"
            );
            faults.add("url", why);
        }
    }

    /// A list is asked for page by page, and then each meeting that it names.
    fn lists(&self, kind: SourceKind, faults: &mut Faults) {
        let (meetings, lists): (Vec<_>, Vec<_>) =
            self.reach.urls.iter().partition(|url| url.has_meeting());
        if !meetings.is_empty() && kind != SourceKind::Gbgb {
            faults.add(
                "url",
                format!("must have no {{meeting}}, which is not for {kind}"),
            );
        }
        if !meetings.is_empty() && lists.is_empty() {
            faults.add("url", "must have another address, which lists the meetings");
        }
        if meetings.iter().any(|url| url.has_page() || url.has_track()) {
            let why = "must have no {track} and no {page} beside a {meeting}";
            faults.add("url", why);
        }
        if meetings.is_empty() && lists.iter().any(|url| url.has_page()) {
            let why = "must have another address with a {meeting}: a {page} is of a list of them";
            faults.add("url", why);
        }
    }
}

impl Reach {
    /// How many requests an ordinary collection makes.
    fn requests(&self) -> usize {
        let days = usize::try_from(self.days_back + self.days_ahead).unwrap_or(REQUESTS) + 1;
        let times = |has: bool, count: usize| if has { count } else { 1 };
        let (meetings, lists): (Vec<_>, Vec<_>) =
            self.urls.iter().partition(|url| url.has_meeting());
        let pages = usize::try_from(PAGES).unwrap_or(REQUESTS);
        let asked = |url: &&Template| {
            let lists = times(url.has_day(), days) * times(url.has_track(), self.tracks.len());
            lists * (times(url.has_page(), pages) + meetings.len() * MEETINGS)
        };
        lists.iter().map(asked).sum()
    }
}

impl SourceSpec {
    /// The days that an ordinary collection is about, the latest first.
    #[must_use]
    pub fn days(&self, now: DateTime<Utc>) -> Vec<RaceDay> {
        let today = RaceDay::new(now.with_timezone(&self.timezone).date_naive());
        let (back, ahead) = (
            i64::from(self.reach.days_back),
            i64::from(self.reach.days_ahead),
        );
        let around = |today: RaceDay| (-back..=ahead).rev().map(|days| today.plus(days)).collect();
        today.map(around).unwrap_or_default()
    }

    /// Whether it is asked at that host, `name:port`.
    #[must_use]
    pub fn asks(&self, host: &str) -> bool {
        let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        self.reach.urls.iter().any(|url| url.host() == name)
    }

    /// What to ask about those days: no address twice.
    #[must_use]
    pub fn requests(&self, days: &[RaceDay]) -> Vec<Request> {
        let mut seen = BTreeSet::new();
        let all = days.iter().flat_map(|day| self.of_day(*day));
        all.filter(|request| seen.insert(request.url.clone()))
            .collect()
    }

    /// Whether what is asked first is lists of meetings, which bring no facts.
    #[must_use]
    pub fn lists_meetings(&self) -> bool {
        self.reach.urls.iter().any(Template::has_meeting)
    }

    /// What to ask about a meeting that the answer to `list` named.
    #[must_use]
    pub fn of_meeting(&self, meeting: &str, list: &Request) -> Vec<Request> {
        let urls = self.reach.urls.iter().filter(|url| url.has_meeting());
        urls.map(|url| Request::of_meeting(url, meeting, list))
            .collect()
    }

    fn of_day(&self, day: RaceDay) -> Vec<Request> {
        let mut requests = Vec::new();
        for url in self.reach.urls.iter().filter(|url| !url.has_meeting()) {
            if !url.has_track() {
                requests.push(Request::of(url, day, None));
                continue;
            }
            let tracks = self.reach.tracks.iter();
            requests.extend(tracks.map(|track| Request::of(url, day, Some(track))));
        }
        requests
    }
}

#[cfg(test)]
mod tests;
