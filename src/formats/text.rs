//! Bytes become text, a record at a time.
//!
//! No file says how it is encoded. A byte order mark settles it; without one every record that is
//! valid UTF-8 is taken as UTF-8 and any other as windows-1252, so one pound sign in a big file
//! costs nothing and spoils nothing.

use std::io::{self, Read};

use csv::{ByteRecord, StringRecord};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Refusal;

/// The longest row, in bytes; an open quote would otherwise swallow the file.
pub(super) const ROW_LIMIT: usize = 64 * 1024;

/// How much of a stream is looked at to tell what it is, in bytes.
const HEAD: u64 = 64 * 1024;

/// A stream without byte order mark, in UTF-8 or windows-1252, that gives out one row's worth of
/// bytes at a time.
pub(super) struct Text<'b> {
    mark: Option<&'static str>,
    head: Vec<u8>,
    used: usize,
    rest: Box<dyn Read + 'b>,
    left: usize,
    exhausted: bool,
}

impl<'b> Text<'b> {
    /// Looks at the beginning; fails on empty, binary and unreadable streams.
    pub(super) fn open(bytes: &'b mut dyn Read) -> Result<Self, Refusal> {
        let mut rest: Box<dyn Read + 'b> = Box::new(bytes);
        let mut head = beginning(&mut rest)?;
        let bom = Encoding::for_bom(&head);
        if let Some((encoding, mark)) = bom {
            if encoding == UTF_16LE || encoding == UTF_16BE {
                rest = Box::new(Utf16::new(encoding, io::Cursor::new(head).chain(rest)));
                head = beginning(&mut rest)?;
            } else {
                head.drain(..mark);
            }
        }
        if head.iter().all(u8::is_ascii_whitespace) {
            return Err(Refusal::new("an empty file"));
        }
        Ok(Self {
            mark: bom.map(|(encoding, _)| encoding.name()),
            head,
            used: 0,
            rest,
            left: ROW_LIMIT,
            exhausted: false,
        })
    }

    /// The beginning, at most 64 KiB.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The beginning without a row that is cut off.
    pub(super) fn whole_rows(&self) -> &[u8] {
        if u64::try_from(self.head.len()).is_ok_and(|size| size < HEAD) {
            return &self.head;
        }
        let last = self.head.iter().rposition(|byte| *byte == b'\n');
        let (rows, _) = self
            .head
            .split_at(last.map_or(self.head.len(), |last| last + 1));
        rows
    }

    /// The encoding that a byte order mark names.
    pub(super) fn mark(&self) -> Option<&'static str> {
        self.mark
    }

    /// Allows the next row.
    pub(super) fn next_row(&mut self) {
        self.left = ROW_LIMIT;
    }

    /// Whether a row went over its limit.
    pub(super) fn exhausted(&self) -> bool {
        self.exhausted
    }
}

impl Read for Text<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            self.exhausted = true;
            return Err(io::Error::other("a row is too long"));
        }
        let want = buffer.len().min(self.left);
        let (buffer, _) = buffer.split_at_mut(want);
        let unused = self.head.get(self.used..).unwrap_or_default();
        let got = if unused.is_empty() {
            self.rest.read(buffer)?
        } else {
            let got = unused.len().min(want);
            buffer
                .iter_mut()
                .zip(unused)
                .for_each(|(to, from)| *to = *from);
            self.used += got;
            got
        };
        self.left -= got;
        Ok(got)
    }
}

fn beginning(bytes: &mut dyn Read) -> Result<Vec<u8>, Refusal> {
    let mut head = Vec::new();
    bytes
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|error| Refusal::new(format!("cannot be read: {error}")))?;
    Ok(head)
}

/// How bytes without a byte order mark are taken.
pub(super) fn decoded_as(bytes: &[u8]) -> &'static str {
    if bytes.is_ascii() {
        return "ASCII";
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => "UTF-8",
        Err(_) => "windows-1252",
    }
}

/// The record as text.
pub(super) fn decode(record: ByteRecord) -> StringRecord {
    StringRecord::from_byte_record(record).unwrap_or_else(|error| {
        let mut text = StringRecord::new();
        for field in &error.into_byte_record() {
            text.push_field(&WINDOWS_1252.decode_without_bom_handling(field).0);
        }
        text
    })
}

/// UTF-16 as UTF-8; its byte order mark goes.
struct Utf16<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    ready: Vec<u8>,
    used: usize,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    fn new(encoding: &'static Encoding, inner: R) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; 8 * 1024],
            ready: Vec::new(),
            used: 0,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let got = self.inner.read(&mut self.raw)?;
        self.ended = got == 0;
        let mut source = self.raw.get(..got).unwrap_or_default();
        // A UTF-16 unit of two bytes is at most three in UTF-8; one more unit may be pending.
        let mut text = String::with_capacity(source.len() * 2 + 16);
        loop {
            let (result, read, _) = self.decoder.decode_to_string(source, &mut text, self.ended);
            source = source.get(read..).unwrap_or_default();
            match result {
                CoderResult::InputEmpty => break,
                CoderResult::OutputFull => text.reserve(source.len() * 2 + 16),
            }
        }
        self.ready = text.into_bytes();
        self.used = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.ready.len() && !self.ended {
            self.refill()?;
        }
        let mut unused = self.ready.get(self.used..).unwrap_or_default();
        let got = unused.read(buffer)?;
        self.used += got;
        Ok(got)
    }
}
