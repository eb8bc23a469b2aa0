//! A sheet of an XLSX workbook becomes CSV text, row by row.
//!
//! A workbook is an archive, so it is the one thing held whole, and only after it was unpacked once
//! to count what it comes to. Cells are then read as a stream: one far-away cell makes no empty
//! field of a million rows.

use std::io::{self, Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Cell, DataRef, ExcelDateTime, Reader, Xlsx, XlsxCellReader};
use zip::ZipArchive;

use super::Refusal;
use super::text::ROW_LIMIT;
use crate::domain::printable;

/// The largest workbook, packed.
const PACKED: u64 = 32 << 20;
/// The largest workbook, unpacked.
const UNPACKED: u64 = 128 << 20;
/// The most parts of a workbook.
const PARTS: usize = 1_000;
/// The most rows of a sheet; Excel has no more.
const ROWS: u32 = 1 << 20;
/// The most columns that are read.
const COLUMNS: u32 = 512;

/// Whether the archive is a workbook.
pub(super) fn is<R: Read + Seek>(archive: &ZipArchive<R>) -> bool {
    let has = |name| archive.index_for_name(name).is_some();
    has("[Content_Types].xml") && has("xl/workbook.xml")
}

/// A workbook in memory.
pub(super) struct Workbook {
    book: Xlsx<Cursor<Vec<u8>>>,
}

impl Workbook {
    /// Opens a workbook; fails on other archives and on what unpacks to too much.
    pub(super) fn open(bytes: &mut dyn Read) -> Result<Self, Refusal> {
        Self::open_within(UNPACKED, bytes)
    }

    fn open_within(unpacked: u64, bytes: &mut dyn Read) -> Result<Self, Refusal> {
        let unreadable = |error: io::Error| Refusal::new(format!("cannot be read: {error}"));
        let mut packed = Vec::new();
        bytes
            .take(PACKED + 1)
            .read_to_end(&mut packed)
            .map_err(unreadable)?;
        if u64::try_from(packed.len()).is_ok_and(|size| size > PACKED) {
            return Err(Refusal::new(format!(
                "a ZIP archive or workbook larger than {PACKED} bytes"
            )));
        }
        let packed = measured(packed, unpacked)?;
        let book = guarded(|| Xlsx::new(Cursor::new(packed)))?;
        Ok(Self { book })
    }

    /// The sheet of that name, or the first.
    pub(super) fn sheet(&mut self, wanted: Option<&str>) -> Result<Sheet<'_>, Refusal> {
        let names = self.book.sheet_names();
        let name = match wanted {
            Some(wanted) => names.iter().find(|name| *name == wanted),
            None => names.first(),
        };
        let Some(name) = name.cloned() else {
            let shown = names.iter().take(12).map(|name| plain(name));
            let shown = shown.collect::<Vec<_>>().join(", ");
            let wanted = wanted.unwrap_or_default();
            return Err(Refusal::new(format!(
                "a workbook without a sheet {wanted:?}; its sheets are {shown}"
            )));
        };
        let book = &mut self.book;
        let cells = guarded(|| book.worksheet_cells_reader(&name))?;
        Ok(Sheet {
            cells,
            next: None,
            row: 0,
            width: None,
            line: Vec::new(),
            used: 0,
            ended: false,
        })
    }
}

/// Unpacks everything once, to know how much it is.
fn measured(packed: Vec<u8>, most: u64) -> Result<Vec<u8>, Refusal> {
    let broken = |error: &dyn std::fmt::Display| {
        Refusal::new(format!("a broken ZIP archive or workbook: {error}"))
    };
    let mut archive = ZipArchive::new(Cursor::new(packed)).map_err(|error| broken(&error))?;
    if !is(&archive) {
        return Err(Refusal::new(
            "a ZIP archive or office document, not a workbook of sheets",
        ));
    }
    if archive.len() > PARTS {
        return Err(Refusal::new(format!(
            "a workbook of more than {PARTS} parts"
        )));
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| broken(&error))?;
        let left = most + 1 - total;
        total += io::copy(&mut part.take(left), &mut io::sink()).map_err(|error| broken(&error))?;
        if total > most {
            return Err(Refusal::new(format!(
                "a workbook that unpacks to more than {most} bytes"
            )));
        }
    }
    Ok(archive.into_inner().into_inner())
}

/// A place like `A99999999999` makes the library count past what a number holds, which panics.
fn guarded<T>(read: impl FnOnce() -> Result<T, calamine::XlsxError>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| broken(&error)),
        Err(_panic) => Err(Refusal::new("a broken workbook: a cell is nowhere")),
    }
}

fn broken(error: &calamine::XlsxError) -> Refusal {
    Refusal::new(format!("a broken workbook: {}", plain(&error.to_string())))
}

/// At most 200 printable characters.
fn plain(text: &str) -> String {
    let shown = |c: char| if printable(c) { c } else { '\u{fffd}' };
    text.chars().take(200).map(shown).collect()
}

/// A sheet as CSV text; a row that is not there is an empty line, so rows keep their numbers.
pub(super) struct Sheet<'b> {
    cells: XlsxCellReader<'b, Cursor<Vec<u8>>>,
    next: Option<Cell<DataRef<'b>>>,
    row: u32,
    width: Option<u32>,
    line: Vec<u8>,
    used: usize,
    ended: bool,
}

impl Sheet<'_> {
    /// The next row that has cells, and the empty lines before it.
    fn refill(&mut self) -> io::Result<()> {
        self.line.clear();
        self.used = 0;
        let mut fields: Vec<String> = Vec::new();
        let mut size = 0;
        let mut at = None;
        loop {
            let cell = match self.next.take() {
                Some(cell) => Some(cell),
                None => guarded(|| self.cells.next_cell()).map_err(io::Error::other)?,
            };
            let Some(cell) = cell else {
                self.ended = true;
                break;
            };
            let (row, column) = cell.get_position();
            if row >= ROWS || column >= COLUMNS {
                return Err(io::Error::other(format!(
                    "a cell lies beyond {ROWS} rows or {COLUMNS} columns"
                )));
            }
            if at.is_some_and(|at| at != row) {
                self.next = Some(cell);
                break;
            }
            if row < self.row {
                return Err(io::Error::other("its rows are out of order"));
            }
            at = Some(row);
            let text = shown(cell.get_value());
            size += text.len();
            if size > ROW_LIMIT {
                return Err(io::Error::other(format!(
                    "row {} is longer than {ROW_LIMIT} bytes",
                    row + 1
                )));
            }
            let column = usize::try_from(column).map_err(io::Error::other)?;
            if fields.len() <= column {
                fields.resize(column + 1, String::new());
            }
            if let Some(field) = fields.get_mut(column) {
                *field = text;
            }
        }
        if let Some(at) = at {
            self.write(at, fields);
        }
        Ok(())
    }

    /// Rows have as many fields as the first; what is blank beyond that is nothing.
    fn write(&mut self, at: u32, mut fields: Vec<String>) {
        for _ in self.row..at {
            self.line.push(b'\n');
        }
        self.row = at + 1;
        while fields.last().is_some_and(|field| field.trim().is_empty()) {
            fields.pop();
        }
        let width = usize::try_from(
            *self
                .width
                .get_or_insert_with(|| u32::try_from(fields.len()).unwrap_or(COLUMNS)),
        );
        let width = width.unwrap_or_default();
        if fields.len() < width {
            fields.resize(width, String::new());
        }
        for (n, field) in fields.iter().enumerate() {
            if n > 0 {
                self.line.push(b',');
            }
            let quoted = field.contains([',', '"', '\n', '\r']);
            if quoted {
                self.line.push(b'"');
            }
            self.line.extend(field.replace('"', "\"\"").bytes());
            if quoted {
                self.line.push(b'"');
            }
        }
        self.line.push(b'\n');
    }
}

impl Read for Sheet<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.line.len() && !self.ended {
            self.refill()?;
        }
        let mut unused = self.line.get(self.used..).unwrap_or_default();
        let got = unused.read(buffer)?;
        self.used += got;
        Ok(got)
    }
}

/// A value as a CSV file would have it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => u8::from(*flag).to_string(),
        DataRef::DateTime(at) => instant(at),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// `2026-11-20`, `2026-11-20 18:24:00`, `18:24:00`, or `0:00:29.870` of a stretch of time.
fn instant(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let clock = match milli {
        0 => format!("{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    };
    if (0.0..1.0).contains(&at.as_f64()) {
        return clock;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        return date;
    }
    format!("{date} {clock}")
}

#[cfg(test)]
pub(super) mod tests;
