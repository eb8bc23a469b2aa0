//! A copy of a page as bytes and back: version, key, head, body, checksum.
//!
//! Reading believes nothing: a file that is cut, damaged, of another version or about something
//! else is no copy.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::key::Key;

/// The first bytes of a file, with the version of what follows.
const MAGIC: &[u8] = b"lurcher copy 1\n";
/// The longest head.
const HEAD: usize = 16 << 10;
/// All that a file has beside its body, at most.
pub(super) const OVERHEAD: u64 = 32 << 10;

/// What a server told us to ask with next time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Validators {
    pub(super) etag: Option<String>,
    pub(super) modified: Option<String>,
}

impl Validators {
    /// The headers that make a request conditional.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let etag = self.etag.as_deref().map(|value| ("if-none-match", value));
        let modified = self.modified.as_deref();
        let modified = modified.map(|value| ("if-modified-since", value));
        etag.into_iter().chain(modified)
    }
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) url: String,
    pub(super) fetched_at: DateTime<Utc>,
    pub(super) validators: Validators,
    pub(super) media: String,
    pub(super) body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    url: String,
    fetched_ms: i64,
    validators: Validators,
    media: String,
}

impl Entry {
    /// The file; `None` when the head is too long to be kept.
    pub(super) fn encode(&self, key: &Key) -> Option<Vec<u8>> {
        let head = Head {
            url: self.url.clone(),
            fetched_ms: self.fetched_at.timestamp_millis(),
            validators: self.validators.clone(),
            media: self.media.clone(),
        };
        let head = serde_json::to_vec(&head).ok()?;
        if head.len() > HEAD {
            return None;
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&key.0);
        for part in [&head, &self.body] {
            bytes.extend_from_slice(&u64::try_from(part.len()).ok()?.to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        Some(bytes)
    }

    /// The copy in a file; `None` when it is not whole, or of something else.
    pub(super) fn decode(bytes: &[u8], key: &Key) -> Option<Self> {
        let (bytes, checksum) = bytes.split_last_chunk::<32>()?;
        if Sha256::digest(bytes).as_slice() != checksum {
            return None;
        }
        let rest = bytes.strip_prefix(MAGIC)?.strip_prefix(&key.0)?;
        let (head, rest) = part(rest)?;
        let (body, rest) = part(rest)?;
        let head: Head = serde_json::from_slice(head).ok()?;
        rest.is_empty().then_some(Self {
            url: head.url,
            fetched_at: DateTime::from_timestamp_millis(head.fetched_ms)?,
            validators: head.validators,
            media: head.media,
            body: body.to_vec(),
        })
    }
}

fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            url: "https://dogs.example/".to_owned(),
            fetched_at: DateTime::from_timestamp_millis(1_795_000_000_123).unwrap(),
            validators: Validators {
                etag: Some("\"1\"".to_owned()),
                modified: None,
            },
            media: "text/csv".to_owned(),
            body: b"dog,place\n".to_vec(),
        }
    }

    #[test]
    fn a_copy_reads_back_and_only_under_its_own_key() {
        let (key, other) = (Key([1; 32]), Key([2; 32]));

        let bytes = entry().encode(&key).unwrap();

        assert_eq!(Entry::decode(&bytes, &key), Some(entry()));
        assert_eq!(Entry::decode(&bytes, &other), None);
    }

    #[test]
    fn a_copy_that_is_cut_or_damaged_anywhere_is_none() {
        let key = Key([1; 32]);
        let bytes = entry().encode(&key).unwrap();

        for at in 0..bytes.len() {
            assert_eq!(Entry::decode(&bytes[..at], &key), None, "cut at {at}");
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x20;
            assert_eq!(Entry::decode(&damaged, &key), None, "damaged at {at}");
        }
        assert_eq!(Entry::decode(&[bytes, vec![0]].concat(), &key), None);
    }

    #[test]
    fn a_head_that_is_too_long_is_not_kept() {
        let mut entry = entry();
        entry.media = "x".repeat(HEAD);

        assert_eq!(entry.encode(&Key([1; 32])), None);
    }
}
