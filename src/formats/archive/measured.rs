//! Streams that count, and streams that end when there is too much of them.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;

/// Decoded bytes that are given before the ratio counts.
const RATIO_FREE: u64 = 1 << 20;

/// Enough to know every archive by; the mark of a tar stands at byte 257.
const MAGIC: u64 = 512;

/// The beginning.
pub(super) fn peek(bytes: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    bytes.take(MAGIC).read_to_end(&mut head)?;
    Ok(head)
}

/// The plain stream of a file that was packed alone, and the ending that such files have; nothing
/// for other kinds of archive.
pub(super) fn unpacked<'r>(
    kind: &str,
    packed: impl Read + 'r,
) -> io::Result<Option<(Box<dyn Read + 'r>, &'static str)>> {
    let packed = BufReader::new(packed);
    Ok(Some(match kind {
        "a gzip archive" => (Box::new(MultiGzDecoder::new(packed)), "gz"),
        "a zstd archive" => {
            let decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
            (Box::new(decoder), "zst")
        }
        "a bzip2 archive" => (Box::new(MultiBzDecoder::new(packed)), "bz2"),
        _ => return Ok(None),
    }))
}

/// Counts what is taken from an archive.
pub(super) struct Counted<R> {
    inner: R,
    pub(super) taken: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    /// Nothing taken yet.
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            taken: Rc::new(Cell::new(0)),
        }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        let more = u64::try_from(got).unwrap_or(u64::MAX);
        self.taken.set(self.taken.get().saturating_add(more));
        Ok(got)
    }
}

/// Fails when too much comes out, or too much for what went in.
pub(super) struct Limited<'l, R> {
    pub(super) inner: R,
    pub(super) given: u64,
    pub(super) most: u64,
    pub(super) packed: Option<(&'l Cell<u64>, u64)>,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        let more = u64::try_from(got).unwrap_or(u64::MAX);
        self.given = self.given.saturating_add(more);
        if self.given > self.most {
            return Err(io::Error::other(format!("larger than {} bytes", self.most)));
        }
        if let Some((taken, ratio)) = self.packed
            && self.given > RATIO_FREE
            && self.given / taken.get().max(1) > ratio
        {
            return Err(io::Error::other(format!("packed more than {ratio} to 1")));
        }
        Ok(got)
    }
}
