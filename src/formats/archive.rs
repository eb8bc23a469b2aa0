//! What was given, opened: files, folders and archives, one plain stream after the other.
//!
//! An archive is known by its first bytes, not by its name. Everything comes in the order of
//! names, so the same files give the same facts in the same order everywhere. Limits are measured
//! while reading: the sizes that an archive claims are claims. In an archive a file may be packed
//! once more, alone; an archive in an archive is refused.

mod measured;
mod tar;

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zip::ZipArchive;

use measured::{Counted, Limited, peek, unpacked};

use super::{Refusal, detect, workbook};
use crate::domain::printable;

/// Receives each file: its name for people (`cards.zip/Race 1 - SAL - 01 July 2025.csv`) and its
/// bytes, or why it is not opened. Breaking ends the walk.
pub type OnFile<'f> = dyn FnMut(&str, Opened<'_>) -> ControlFlow<()> + 'f;

/// The bytes of a file, or why it is not opened.
pub type Opened<'b> = Result<&'b mut dyn Read, Refusal>;

/// Why a walk ended early.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// Something given, or inside it, cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not an archive after all, or a broken one.
    #[error("{name} is a broken archive: {reason}")]
    Broken {
        /// Which archive.
        name: String,
        /// Why.
        reason: String,
    },
    /// More than is read in one go.
    #[error("{name} holds more than {limit}")]
    TooMuch {
        /// Archive or folder.
        name: String,
        /// The limit, in words.
        limit: String,
    },
}

/// How much is read.
struct Limits {
    /// Files in an archive, or in everything given.
    entries: usize,
    /// Decoded bytes of one file.
    file_bytes: u64,
    /// Decoded bytes of one archive.
    archive_bytes: u64,
    /// Decoded bytes for each byte of an archive, after the first MiB.
    ratio: u64,
    /// Folders inside folders.
    depth: usize,
}

const LIMITS: Limits = Limits {
    entries: 10_000,
    file_bytes: 4 << 30,
    archive_bytes: 8 << 30,
    ratio: 1_000,
    depth: 16,
};

/// Opens a file, an archive or a folder and hands out every plain file in it, in order of names.
/// `taken` grows with the bytes that are read of what lies on the disk; `name` is what the thing is
/// called, where that is not its name on the disk.
pub fn walk(
    path: &Path,
    name: Option<&str>,
    taken: &Arc<AtomicU64>,
    on_file: &mut OnFile<'_>,
) -> Result<(), WalkError> {
    walk_within(&LIMITS, path, name, taken, on_file)
}

fn walk_within(
    limits: &Limits,
    path: &Path,
    name: Option<&str>,
    taken: &Arc<AtomicU64>,
    on_file: &mut OnFile<'_>,
) -> Result<(), WalkError> {
    let mut walk = Walk {
        limits,
        on_file,
        files: 0,
        taken: Arc::clone(taken),
    };
    let name = name.map_or_else(|| file_name(path), plain);
    walk.path(path, &name, 0).map(|_flow| ())
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    plain(&name.to_string_lossy())
}

fn plain(name: &str) -> String {
    let plain = |c: char| if printable(c) { c } else { '\u{fffd}' };
    name.chars().map(plain).collect()
}

type Flow = Result<ControlFlow<()>, WalkError>;

struct Walk<'w, 'f> {
    limits: &'w Limits,
    on_file: &'w mut OnFile<'f>,
    files: usize,
    taken: Arc<AtomicU64>,
}

impl Walk<'_, '_> {
    fn path(&mut self, path: &Path, name: &str, depth: usize) -> Flow {
        let unreadable = |source| WalkError::Unreadable {
            path: path.to_owned(),
            source,
        };
        // A link that was given by hand is followed, one that was found is not.
        let kind = match depth {
            0 => fs::metadata(path),
            _ => fs::symlink_metadata(path),
        };
        let kind = kind.map_err(unreadable)?.file_type();
        if kind.is_dir() {
            return self.folder(path, name, depth);
        }
        self.count(name)?;
        if !kind.is_file() {
            return Ok(self.refuse(name, "a link or device, not a file"));
        }
        let file = OnDisk {
            file: File::open(path).map_err(unreadable)?,
            taken: Arc::clone(&self.taken),
        };
        self.file(file, name).map_err(|error| match error {
            Opening::Io(source) => unreadable(source),
            Opening::Walk(error) => error,
        })
    }

    fn folder(&mut self, path: &Path, name: &str, depth: usize) -> Flow {
        if depth > self.limits.depth {
            return Err(WalkError::TooMuch {
                name: name.to_owned(),
                limit: format!("{} folders inside each other", self.limits.depth),
            });
        }
        let unreadable = |source| WalkError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if inside.len() > self.limits.entries {
                return Err(self.too_many(name));
            }
            if !is_litter(&entry.file_name().to_string_lossy()) {
                inside.push(entry.path());
            }
        }
        inside.sort();
        for path in inside {
            let name = format!("{name}/{}", file_name(&path));
            if self.path(&path, &name, depth + 1)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn file(&mut self, mut file: OnDisk, name: &str) -> Result<ControlFlow<()>, Opening> {
        let head = peek(&mut file)?;
        file.rewind()?;
        match detect::archive(&head) {
            Some(kind) if kind.contains("ZIP") => Ok(self.zip(file, name)?),
            Some("a tar archive") => Ok(self.tar(file, name)?),
            Some(kind) => {
                let counted = Counted::new(file);
                let taken = Rc::clone(&counted.taken);
                let most = self.limits.file_bytes;
                match unpacked(kind, counted)? {
                    Some((decoder, ending)) => {
                        let name = inner_name(name, ending);
                        Ok(self.decoded(decoder, &taken, name, most).0)
                    }
                    None => Ok(self.refuse(name, &format!("{kind} is not opened"))),
                }
            }
            None => Ok(self.whole(file, name)),
        }
    }

    fn whole(&mut self, file: OnDisk, name: &str) -> ControlFlow<()> {
        let mut file = Limited {
            inner: file,
            given: 0,
            most: self.limits.file_bytes,
            packed: None,
        };
        (self.on_file)(name, Ok(&mut file))
    }

    /// A workbook is one file to whoever gave it, not the parts that it is packed from.
    fn workbook(&mut self, mut file: OnDisk, name: &str) -> ControlFlow<()> {
        match file.rewind() {
            Ok(()) => self.whole(file, name),
            Err(error) => self.refuse(name, &format!("cannot be read: {error}")),
        }
    }

    /// Hands out what was packed alone, and says how much came out of it.
    fn decoded(
        &mut self,
        decoder: impl Read,
        taken: &Cell<u64>,
        name: &str,
        most: u64,
    ) -> (ControlFlow<()>, u64) {
        let mut bytes = Limited {
            inner: decoder,
            given: 0,
            most,
            packed: Some((taken, self.limits.ratio)),
        };
        let flow = self.plain(&mut bytes, name);
        (flow, bytes.given)
    }

    fn zip(&mut self, file: OnDisk, name: &str) -> Flow {
        let broken = |error: zip::result::ZipError| WalkError::Broken {
            name: name.to_owned(),
            reason: error.to_string(),
        };
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        if workbook::is(&archive) {
            return Ok(self.workbook(archive.into_inner().into_inner(), name));
        }
        if archive.len() > self.limits.entries {
            return Err(self.too_many(name));
        }
        let mut entries = Vec::with_capacity(archive.len());
        for index in 0..archive.len() {
            let entry = archive.name_for_index(index).transpose().map_err(broken)?;
            entries.push((entry.unwrap_or_default().into_owned(), index));
        }
        entries.sort();
        let mut total = 0;
        for (entry, index) in entries {
            if entry.ends_with('/') || entry.split('/').any(is_litter) {
                continue;
            }
            self.count(name)?;
            let shown = format!("{name}/{}", plain(&entry));
            let flow = match archive.by_index(index) {
                Ok(file) => self.entry(file, &shown, &mut total),
                Err(error) => self.refuse(&shown, &format!("cannot be opened: {error}")),
            };
            if flow.is_break() {
                return Ok(flow);
            }
            self.within(name, total)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Fails when more came out of an archive than is read in one go.
    fn within(&self, name: &str, total: u64) -> Result<(), WalkError> {
        if total <= self.limits.archive_bytes {
            return Ok(());
        }
        Err(WalkError::TooMuch {
            name: name.to_owned(),
            limit: format!("{} bytes", self.limits.archive_bytes),
        })
    }

    fn entry<R: Read + ?Sized>(
        &mut self,
        file: zip::read::ZipFile<'_, R>,
        name: &str,
        total: &mut u64,
    ) -> ControlFlow<()> {
        if file.is_symlink() {
            return self.refuse(name, "a link inside an archive");
        }
        let packed = Cell::new(file.compressed_size());
        self.member(file, Some(&packed), name, total)
    }

    /// A file inside an archive; if it was packed alone before, it is unpacked once more.
    fn member(
        &mut self,
        file: impl Read,
        packed: Option<&Cell<u64>>,
        name: &str,
        total: &mut u64,
    ) -> ControlFlow<()> {
        let left = self.limits.archive_bytes.saturating_sub(*total);
        // One byte more than is left, so that the walk learns of it.
        let most = self.limits.file_bytes.min(left.saturating_add(1));
        let mut bytes = Limited {
            inner: file,
            given: 0,
            most,
            packed: packed.map(|packed| (packed, self.limits.ratio)),
        };
        let (flow, given) = self.once_more(&mut bytes, name, most);
        *total = total.saturating_add(bytes.given.max(given));
        flow
    }

    fn once_more(&mut self, bytes: &mut dyn Read, name: &str, most: u64) -> (ControlFlow<()>, u64) {
        let head = match peek(bytes) {
            Ok(head) => head,
            Err(error) => return (self.refuse(name, &format!("cannot be read: {error}")), 0),
        };
        let kind = detect::archive(&head);
        let mut whole = Cursor::new(head).chain(bytes);
        let Some(kind) = kind else {
            return ((self.on_file)(name, Ok(&mut whole)), 0);
        };
        let counted = Counted::new(whole);
        let taken = Rc::clone(&counted.taken);
        match unpacked(kind, counted) {
            Ok(Some((decoder, ending))) => {
                self.decoded(decoder, &taken, inner_name(name, ending), most)
            }
            Ok(None) => (self.refuse(name, &format!("{kind} inside an archive")), 0),
            Err(error) => (self.refuse(name, &format!("cannot be read: {error}")), 0),
        }
    }

    /// Hands out a stream from an archive, unless it is an archive itself.
    fn plain(&mut self, bytes: &mut dyn Read, name: &str) -> ControlFlow<()> {
        let head = match peek(bytes) {
            Ok(head) => head,
            Err(error) => return self.refuse(name, &format!("cannot be read: {error}")),
        };
        if let Some(kind) = detect::archive(&head) {
            return self.refuse(name, &format!("{kind} inside an archive"));
        }
        let mut whole = Cursor::new(head).chain(bytes);
        (self.on_file)(name, Ok(&mut whole))
    }

    fn refuse(&mut self, name: &str, reason: &str) -> ControlFlow<()> {
        (self.on_file)(name, Err(Refusal::new(reason)))
    }

    fn count(&mut self, name: &str) -> Result<(), WalkError> {
        self.files += 1;
        if self.files > self.limits.entries {
            return Err(self.too_many(name));
        }
        Ok(())
    }

    fn too_many(&self, name: &str) -> WalkError {
        WalkError::TooMuch {
            name: name.to_owned(),
            limit: format!("{} files", self.limits.entries),
        }
    }
}

/// A file that tells how much of it has been read.
struct OnDisk {
    file: File,
    taken: Arc<AtomicU64>,
}

impl Read for OnDisk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let bytes = u64::try_from(read).unwrap_or(u64::MAX);
        self.taken.fetch_add(bytes, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for OnDisk {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Why a file was not opened.
enum Opening {
    Io(io::Error),
    Walk(WalkError),
}

impl From<io::Error> for Opening {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<WalkError> for Opening {
    fn from(error: WalkError) -> Self {
        Self::Walk(error)
    }
}

/// What systems leave in folders and archives.
fn is_litter(name: &str) -> bool {
    name == "__MACOSX" || name.starts_with('.')
}

/// The name without the archive's ending: a card's name tells its race.
fn inner_name<'n>(name: &'n str, ending: &str) -> &'n str {
    match name.rsplit_once('.') {
        Some((inner, last)) if last.eq_ignore_ascii_case(ending) => inner,
        _ => name,
    }
}

#[cfg(test)]
mod tests;
