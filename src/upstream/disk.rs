//! The copies on disk: bounded in bytes, number and age, the oldest go first.
//!
//! One thread owns this. What is wrong with the disk costs copies, never answers.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use lru::LruCache;

use super::entry::{Entry, OVERHEAD};
use super::key::{Key, Salt};
use crate::runtime::sealed;

/// Copies, at most.
const COPIES: usize = 10_000;
/// Pages that are remembered as missing, at most.
const MISSING: NonZeroUsize = NonZeroUsize::new(4_096).expect("is not zero");

/// See the module.
pub(super) struct Disk {
    folder: PathBuf,
    most: u64,
    age: Duration,
    copies: HashMap<Key, Slot>,
    bytes: u64,
    missing: LruCache<Key, DateTime<Utc>>,
}

#[derive(Clone, Copy)]
struct Slot {
    bytes: u64,
    fetched_ms: i64,
}

/// What is known of a page.
#[derive(Debug)]
pub(super) enum Found {
    /// A copy, and how old it is.
    Copy(Entry, Duration),
    /// That it is not there.
    Missing,
    /// Nothing.
    Nothing,
}

impl Disk {
    /// Makes the folder or looks what is in it. What broke off while it was written is removed.
    pub(super) fn open(folder: &Path, most: u64, age: Duration) -> io::Result<(Self, Salt)> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let salt = salt(&folder.join("salt"))?;
        let mut disk = Self {
            folder: folder.to_owned(),
            most,
            age,
            copies: HashMap::new(),
            bytes: 0,
            missing: LruCache::new(MISSING),
        };
        for file in fs::read_dir(folder)? {
            disk.take_in(&file?.path())?;
        }
        disk.evict();
        Ok((disk, salt))
    }

    fn take_in(&mut self, path: &Path) -> io::Result<()> {
        let part = |part: Option<&std::ffi::OsStr>| {
            part.and_then(|text| text.to_str()).unwrap_or("").to_owned()
        };
        let (name, kind) = (part(path.file_stem()), part(path.extension()));
        if kind == "part" {
            return fs::remove_file(path);
        }
        if kind == "copy"
            && let Some(key) = Key::from_hex(&name)
        {
            let about = fs::metadata(path)?;
            let written = about.modified()?.duration_since(UNIX_EPOCH);
            let fetched_ms = i64::try_from(written.unwrap_or_default().as_millis()).unwrap_or(0);
            self.count(key, about.len(), fetched_ms);
        }
        Ok(())
    }

    /// What is known of a page.
    pub(super) fn find(&mut self, key: &Key, now: DateTime<Utc>) -> Found {
        if self.missing.get(key).is_some_and(|until| *until > now) {
            return Found::Missing;
        }
        let Some(slot) = self.copies.get(key) else {
            return Found::Nothing;
        };
        let entry = read(&self.path(key), slot.bytes)
            .ok()
            .and_then(|bytes| Entry::decode(&bytes, key));
        // A copy from the future has no age that could be told.
        let aged = entry.and_then(|entry| {
            let age = (now - entry.fetched_at).to_std().ok()?;
            (age < self.age).then_some((entry, age))
        });
        let Some((entry, age)) = aged else {
            self.forget(key);
            return Found::Nothing;
        };
        Found::Copy(entry, age)
    }

    /// Keeps a copy, if there is room.
    pub(super) fn keep(&mut self, key: &Key, entry: &Entry) {
        self.missing.pop(key);
        let Some(bytes) = entry.encode(key) else {
            return;
        };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.forget(key);
        if length > self.most {
            return;
        }
        match sealed::replace(&self.path(key), &bytes) {
            Ok(()) => self.count(key.clone(), length, entry.fetched_at.timestamp_millis()),
            Err(error) => tracing::warn!(%error, "an upstream copy could not be kept"),
        }
        self.evict();
    }

    /// Remembers that a page is not there.
    pub(super) fn miss(&mut self, key: &Key, until: DateTime<Utc>) {
        self.forget(key);
        self.missing.put(key.clone(), until);
    }

    fn forget(&mut self, key: &Key) {
        if let Some(slot) = self.copies.remove(key) {
            self.bytes -= slot.bytes;
            if let Err(error) = fs::remove_file(self.path(key)) {
                tracing::debug!(%error, "an upstream copy was gone already");
            }
        }
    }

    fn count(&mut self, key: Key, bytes: u64, fetched_ms: i64) {
        self.bytes += bytes;
        self.copies.insert(key, Slot { bytes, fetched_ms });
    }

    fn evict(&mut self) {
        while self.bytes > self.most || self.copies.len() > COPIES {
            let oldest = self.copies.iter().min_by_key(|(_, slot)| slot.fetched_ms);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.forget(&key);
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(key.hex()).with_extension("copy")
    }
}

/// The file, no more of it than we wrote.
fn read(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(length.saturating_add(OVERHEAD))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn salt(path: &Path) -> io::Result<Salt> {
    if let Ok(bytes) = read(path, 32)
        && let Ok(salt) = Salt::try_from(bytes)
    {
        return Ok(salt);
    }
    let salt: Salt = rand::random();
    sealed::replace(path, &salt)?;
    Ok(salt)
}
