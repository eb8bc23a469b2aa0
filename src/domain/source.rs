//! Who says so: the name of a feed, a file format or a collector.

use super::{Fault, printable};

/// A source's name: 1 to 32 of `a-z 0-9 - _ .`, starting with a letter or digit.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Source(String);

impl Source {
    /// Folds capitals; fails on anything else that is not in the alphabet.
    pub fn new(raw: &str) -> Result<Self, Fault> {
        let name = raw.trim().to_ascii_lowercase();
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        let starts = name
            .chars()
            .next()
            .is_some_and(|c| c.is_ascii_alphanumeric());
        if !starts || name.len() > 32 || !name.chars().all(known) {
            return Err(Fault::new("must be 1 to 32 of a-z 0-9 - _ ."));
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An id at a source, of a dog or a race: 1 to 40 characters.
pub(super) fn reference((source, id): &(String, String)) -> Result<(Source, String), Fault> {
    let id = id.trim();
    if id.is_empty() || id.len() > 40 || !id.chars().all(printable) {
        return Err(Fault::new("must have an id of 1 to 40 characters"));
    }
    Ok((Source::new(source)?, id.to_owned()))
}

impl TryFrom<String> for Source {
    type Error = Fault;

    fn try_from(raw: String) -> Result<Self, Fault> {
        Self::new(&raw)
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.0
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
