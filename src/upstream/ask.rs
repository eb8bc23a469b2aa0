//! What somebody wants of a server, and what they get.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::target::Target;
use super::{Error, Settings};
use crate::domain::Source;
use crate::runtime::Secret;

/// Requests a second at one host, unless the source says otherwise.
const POLITE: f64 = 2.0;
/// Requests at one host at once, unless the source says otherwise.
const AT_ONCE: usize = 2;

/// One thing to GET. [`Ask::new`] has the polite figures.
#[derive(Debug, Clone)]
pub struct Ask {
    /// For whom: what is counted and cached is theirs alone.
    pub source: Source,
    /// Where it is; `http` or `https`.
    pub url: String,
    /// Sent to the origin of `url` and to no other. All values are kept like secrets.
    pub headers: Vec<(String, Secret)>,
    /// At the host, together with everybody else who asks it; above zero.
    pub requests_per_second: f64,
    /// At the host, at once.
    pub host_concurrency: usize,
    /// Lets the origin of `url` be an address of this machine or network. A redirect to another
    /// such origin is refused all the same.
    pub allow_private: bool,
    /// How long a copy is as good as new.
    pub ttl: Duration,
    /// The longest body, decoded, when it is to be shorter than [`super::Settings::max_bytes`].
    pub max_bytes: Option<u64>,
    /// How long one request may take, when it is to be shorter than [`super::Settings::total`].
    pub timeout: Option<Duration>,
    /// Who asks, when it is not [`super::Settings::user_agent`].
    pub user_agent: Option<String>,
    /// What the body must look like.
    pub expect: Expect,
}

impl Ask {
    /// Asks politely, for anything, once a minute at most.
    pub fn new(source: Source, url: impl Into<String>) -> Self {
        Self {
            source,
            url: url.into(),
            headers: Vec::new(),
            requests_per_second: POLITE,
            host_concurrency: AT_ONCE,
            allow_private: false,
            ttl: Duration::from_mins(1),
            max_bytes: None,
            timeout: None,
            user_agent: None,
            expect: Expect::Any,
        }
    }

    /// The longest body that is taken.
    pub(super) fn limit(&self, settings: &Settings) -> u64 {
        let most = settings.max_bytes;
        self.max_bytes.map_or(most, |bytes| bytes.min(most))
    }

    /// The URL as it may be shown: what looks like a secret in its query is `***`. One that cannot
    /// be asked is not shown at all.
    #[must_use]
    pub fn shown(&self) -> String {
        Target::parse(&self.url).map_or_else(|error| error.to_string(), |target| target.shown())
    }
}

/// What a body must look like. An empty one is never what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Begins like an object or a list.
    Json,
    /// Text that does not begin like HTML, XML or JSON.
    Csv,
    /// Anything but nothing.
    Any,
}

impl Expect {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Any => "anything",
        }
    }

    /// Why the body is not what was expected. `Content-Type` is not asked: too many lie.
    pub(super) fn fault(self, body: &[u8]) -> Option<&'static str> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let Some(first) = body.trim_ascii_start().first() else {
            return Some("it is empty");
        };
        match (self, first) {
            (Self::Json | Self::Csv, b'<') => Some("it looks like a web page"),
            (Self::Json, b'{' | b'[') | (Self::Any, _) => None,
            (Self::Json, _) => Some("it begins with neither { nor ["),
            (Self::Csv, b'{' | b'[') => Some("it looks like JSON"),
            (Self::Csv, _) if body.contains(&0) => Some("it is no text"),
            (Self::Csv, _) => None,
        }
    }
}

/// A body that may be believed to be what the server sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Decoded; never empty.
    pub body: Vec<u8>,
    /// Where it came from in the end; what looks like a secret in its query is `***`.
    pub url: String,
    /// When the server last said that this is it.
    pub fetched_at: DateTime<Utc>,
    /// How long ago that was.
    pub age: Duration,
    /// Whether the server was not asked, or did not answer well.
    pub from_cache: bool,
    /// Why this is an old copy; `None` when it is as good as new.
    pub stale: Option<Error>,
    /// What `Content-Type` said, empty when nothing.
    pub media: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_known_by_its_beginning() {
        assert_eq!(Expect::Json.fault(b"\xef\xbb\xbf \n{\"a\":1}"), None);
        assert_eq!(Expect::Csv.fault(b"dog,place\n"), None);
        assert_eq!(Expect::Any.fault(b"\x00"), None);
        let web_page = Some("it looks like a web page");
        assert_eq!(Expect::Json.fault(b"\r\n <!doctype html>"), web_page);
        assert_eq!(Expect::Csv.fault(b"<html>"), web_page);
        for expect in [Expect::Json, Expect::Csv, Expect::Any] {
            assert_eq!(expect.fault(b"\xef\xbb\xbf \n"), Some("it is empty"));
        }
        assert!(Expect::Json.fault(b"Too many requests").is_some());
        assert!(Expect::Csv.fault(b"{\"error\":1}").is_some());
        assert!(Expect::Csv.fault(b"PK\x03\x04\x00").is_some());
    }
}
