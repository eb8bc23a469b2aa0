//! A file that is whole or not there, and is believed only when it is what was written.
//!
//! One line says what it is, how its body is packed, how long that is and its SHA-256; the body
//! follows. Nothing is reserved or unpacked on the word of a file before its digest has been checked.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::hex;

/// Bytes of the line, at most.
const LINE: usize = 256;
/// How hard zstd tries: its own default.
const LEVEL: i32 = 3;
/// Binary logarithm of the bytes that unpacking may look back.
const WINDOW: u32 = 22;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As it is.
    Plain,
    /// With zstd.
    Zstd,
}

impl Packing {
    /// With zstd, if so wished.
    #[must_use]
    pub const fn zstd_if(wished: bool) -> Self {
        if wished { Self::Zstd } else { Self::Plain }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Zstd => "zstd",
        }
    }
}

/// Replaces the file by one that holds `body`; says how many bytes it has. `what` names its content
/// and the version of that, without line breaks.
pub fn write(path: &Path, what: &str, packing: Packing, body: &[u8]) -> io::Result<usize> {
    let packed = match packing {
        Packing::Plain => body.to_vec(),
        Packing::Zstd => zstd::encode_all(body, LEVEL)?,
    };
    let digest = hex(&Sha256::digest(&packed));
    let (name, length) = (packing.name(), packed.len());
    let mut bytes = format!("lurcher {what} {name} {length} {digest}\n").into_bytes();
    bytes.extend(packed);
    replace(path, &bytes)?;
    Ok(bytes.len())
}

/// The body that [`write()`] put there, which has at most `most` bytes, packed or not; `None` where
/// there is no file.
pub fn read(path: &Path, what: &str, most: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(limit(most + LINE)).read_to_end(&mut bytes)?;
    let end = bytes.iter().take(LINE).position(|byte| *byte == b'\n');
    let Some((line, packed)) = end.map(|end| (&bytes[..end], &bytes[end + 1..])) else {
        return Err(damaged("its first line is missing"));
    };
    let packing = [Packing::Plain, Packing::Zstd].into_iter().find(|packing| {
        let (name, length, digest) = (packing.name(), packed.len(), hex(&Sha256::digest(packed)));
        line == format!("lurcher {what} {name} {length} {digest}").as_bytes()
    });
    match packing {
        Some(Packing::Plain) => Ok(Some(packed.to_vec())),
        Some(Packing::Zstd) => unpacked(packed, most).map(Some),
        None => Err(damaged(&format!("it is not `{what}`, or not whole"))),
    }
}

fn unpacked(packed: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let mut decoder = zstd::Decoder::with_buffer(packed)?;
    decoder.window_log_max(WINDOW)?;
    let mut body = Vec::new();
    decoder.take(limit(most + 1)).read_to_end(&mut body)?;
    if body.len() > most {
        return Err(damaged("it holds more than it may"));
    }
    Ok(body)
}

/// Replaces the file, whole or not at all; only its owner may read it.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut part = OsString::from(path);
    part.push(".part");
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, path)
}

fn damaged(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn limit(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_written_comes_back_packed_or_not_and_no_other_kind_of_file_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        let body = b"{\"chances\":[0.1,0.9]}".repeat(1_000);
        assert_eq!(read(&path, "things 1", 100_000).unwrap(), None);

        let sizes = [Packing::Plain, Packing::Zstd].map(|packing| {
            let size = write(&path, "things 1", packing, &body).unwrap();
            assert_eq!(read(&path, "things 1", 100_000).unwrap().unwrap(), body);
            size
        });

        assert!(sizes[1] < sizes[0] / 10, "{sizes:?}");
        assert!(read(&path, "things 2", 100_000).is_err());
        assert!(read(&path, "things 1", body.len() - 1).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    proptest! {
        #[test]
        fn a_file_that_anything_happened_to_is_not_believed(
            zstd: bool, at: prop::sample::Index, change in 1_u8..=255, kind in 0..3_u8,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("kept");
            let packing = if zstd { Packing::Zstd } else { Packing::Plain };
            write(&path, "things 1", packing, &b"0123456789".repeat(100)).unwrap();
            let mut bytes = fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] ^= change,
                1 => bytes.truncate(at),
                _ => bytes.insert(at, change),
            }
            fs::write(&path, bytes).unwrap();

            prop_assert!(read(&path, "things 1", 4_096).is_err());
        }
    }
}
