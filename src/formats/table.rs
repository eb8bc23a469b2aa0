//! Rows under a header.
//!
//! Columns are found by name once and read by index. Rows that cannot be told apart into fields
//! (ragged, with NUL bytes) are reported here and never reach a format; the next row says that
//! something was lost before it, because a continuation row would otherwise join the wrong dog.

use csv::{ByteRecord, StringRecord};

use super::text::{ROW_LIMIT, Text, decode};
use super::{Out, Refusal, RowFault, Stop};
use crate::domain::printable;

/// A column by its index; a missing one reads as blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Col(usize);

impl Col {
    /// The column that is not there.
    pub(super) const NONE: Self = Self(usize::MAX);
}

/// The names of the columns.
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    /// The first column of that name, letter case aside.
    pub(super) fn find(&self, name: &str) -> Col {
        self.names
            .iter()
            .position(|own| own.eq_ignore_ascii_case(name))
            .map_or(Col::NONE, Col)
    }

    /// The name as written; empty for a column that is not there.
    pub(super) fn name(&self, column: Col) -> &str {
        self.names.get(column.0).map_or("", String::as_str)
    }

    /// All names.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}

/// Declares the columns of a format: those its header must have, those it may have, and the draft
/// field that each of them fills.
macro_rules! columns {
    (
        must { $($must:ident: $must_name:literal => $must_at:literal,)+ }
        may { $($may:ident: $may_name:literal => $may_at:literal,)* }
    ) => {
        struct Columns {
            $($must: $crate::formats::table::Col,)+
            $($may: $crate::formats::table::Col,)*
        }

        /// The columns without which a header is another format's.
        pub(super) const MUST: &[&str] = &[$($must_name),+];

        impl Columns {
            fn find(header: &$crate::formats::table::Header) -> Self {
                Self {
                    $($must: header.find($must_name),)+
                    $($may: header.find($may_name),)*
                }
            }

            /// The column that fills a draft field.
            fn of(&self, at: &str) -> $crate::formats::table::Col {
                $(if at == $must_at { return self.$must; })+
                $(if at == $may_at { return self.$may; })*
                $crate::formats::table::Col::NONE
            }
        }
    };
}
pub(super) use columns;

/// A header and the rows below it, one at a time.
pub(super) struct Table<'b> {
    csv: csv::Reader<Text<'b>>,
    delimiter: u8,
    header: Header,
    record: StringRecord,
    row: u64,
    rows: u64,
    line: u64,
    lost: bool,
}

/// One row with as many fields as the header.
#[derive(Clone, Copy)]
pub(super) struct Row<'t> {
    /// Row as a spreadsheet shows it.
    pub(super) number: u64,
    /// Rows directly before this one were dropped.
    pub(super) after_loss: bool,
    header: &'t Header,
    fields: &'t StringRecord,
}

impl<'b> Table<'b> {
    /// Reads the header; the delimiter is the one that stands in it most often.
    pub(super) fn open(text: Text<'b>) -> Result<Self, Refusal> {
        super::detect::content(text.head())?;
        let blank = text.head().iter().take_while(|byte| b"\r\n".contains(byte));
        let blank_lines = blank.filter(|byte| **byte == b'\n').count();
        let blank_lines = u64::try_from(blank_lines).unwrap_or_default();
        let delimiter = delimiter(text.head());
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text);
        let mut table = Self {
            csv,
            delimiter,
            header: Header { names: Vec::new() },
            record: StringRecord::new(),
            row: blank_lines,
            rows: 0,
            line: 0,
            lost: false,
        };
        table.advance()?;
        table.row = blank_lines + 1;
        let names = table.record.iter().map(|name| name.trim().to_owned());
        table.header.names = names.collect();
        Ok(table)
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// What stands between fields.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Rows below the header so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows at the very end were dropped.
    pub(super) fn lost_its_end(&self) -> bool {
        self.lost
    }

    /// The next row that can be read, `None` at the end.
    pub(super) fn next(&mut self, out: &mut Out<'_>) -> Result<Option<Row<'_>>, Stop> {
        self.lost = false;
        loop {
            if !self.advance()? {
                return Ok(None);
            }
            if self.record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            self.rows += 1;
            let Some(fault) = self.misshapen() else {
                break;
            };
            self.lost = true;
            out.faults(vec![fault])?;
        }
        Ok(Some(Row {
            number: self.row,
            after_loss: self.lost,
            header: &self.header,
            fields: &self.record,
        }))
    }

    fn advance(&mut self) -> Result<bool, Refusal> {
        self.csv.get_mut().next_row();
        let mut bytes: ByteRecord = std::mem::take(&mut self.record).into_byte_record();
        let more = self.csv.read_byte_record(&mut bytes);
        self.record = decode(bytes);
        let more = more.map_err(|error| self.broken(&error))?;
        let line = self.csv.position().line();
        let passed = line.saturating_sub(self.line).max(1);
        // Line breaks inside cells are lines of the file, but not rows of the sheet.
        let inside = match passed {
            1 => 0,
            _ => self.record.as_slice().matches('\n').count(),
        };
        self.row += passed
            .saturating_sub(u64::try_from(inside).unwrap_or(u64::MAX))
            .max(1);
        self.line = line;
        Ok(more)
    }

    fn broken(&self, error: &csv::Error) -> Refusal {
        let row = self.row + 1;
        if self.csv.get_ref().exhausted() {
            return Refusal::new(format!(
                "row {row} is longer than {ROW_LIMIT} bytes, perhaps a quote is left open: \
                 nothing is read from there on"
            ));
        }
        Refusal::new(format!("cannot be read from row {row} on: {error}"))
    }

    fn misshapen(&self) -> Option<RowFault> {
        let fields = self.header.names.len();
        let rule = if self.record.len() != fields {
            format!("must have {fields} fields, has {}", self.record.len())
        } else if self.record.as_slice().contains('\0') {
            "must not hold NUL characters".to_owned()
        } else {
            return None;
        };
        Some(RowFault {
            row: self.row,
            column: String::new(),
            value: shown(&self.record.iter().collect::<Vec<_>>().join(",")),
            rule,
        })
    }
}

impl<'t> Row<'t> {
    /// The field without surrounding space; empty for a column that is not there.
    pub(super) fn raw(&self, column: Col) -> &'t str {
        self.fields.get(column.0).unwrap_or_default().trim()
    }

    /// A fault of the field at `column`.
    pub(super) fn fault(&self, column: Col, rule: impl Into<String>) -> RowFault {
        RowFault {
            row: self.number,
            column: self.header.name(column).to_owned(),
            value: shown(self.raw(column)),
            rule: rule.into(),
        }
    }
}

/// At most 80 characters, printable.
pub(super) fn shown(value: &str) -> String {
    let plain = |c: char| if printable(c) { c } else { '\u{fffd}' };
    value.chars().take(80).map(plain).collect()
}

fn delimiter(head: &[u8]) -> u8 {
    let line = head
        .split(|byte| b"\r\n".contains(byte))
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let fields = |delimiter: &u8| line.split(|byte| byte == delimiter).count();
    // The last of equals wins: a comma, when none is there at all.
    [b'|', b'\t', b';', b',']
        .into_iter()
        .max_by_key(fields)
        .unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use crate::formats::tests::{items, text};

    const HEAD: &str = "date,track_code,track_src,distance_m,dog_name,box,finish_pos,grade\n";
    const GOOD: &str = "2023-08-24,SHE,thedogs,450,TIN WHISTLE,1,1,5\n";

    #[test]
    fn a_ragged_row_is_a_fault_and_not_the_end() {
        let (drafts, faults) = text(&format!("{HEAD}2023-08-24,SHE\n{GOOD}"));

        assert_eq!(drafts.len(), 1);
        assert_eq!(
            faults,
            ["row 2:  must have 8 fields, has 2 (found \"2023-08-24,SHE\")"]
        );
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let broken = "2023-08-24,SHE,thedogs,450,TIN WHISTLE,1,x,5\n";
        let tall = "2023-08-24,SHE,thedogs,450,TIN WHISTLE,1,1,\"5\n6\"\n";

        for end in ["\n", "\r\n"] {
            let sheet = format!("{HEAD}{tall}\n{broken}{GOOD}{broken}").replace('\n', end);
            let (_, faults) = text(&sheet);

            // The cell of two lines breaks the rule for text.
            let rows: Vec<_> = faults
                .iter()
                .filter_map(|fault| fault.split(':').next())
                .collect();
            assert_eq!(rows, ["row 2", "row 4", "row 6"], "{end:?}");
        }
    }

    #[test]
    fn nul_bytes_spoil_one_row() {
        let (drafts, faults) = text(&format!("{HEAD}{}{GOOD}", GOOD.replace("SHE", "S\0E")));

        assert_eq!(drafts.len(), 1);
        assert!(faults[0].contains("NUL"), "{faults:?}");
        assert!(faults[0].contains('\u{fffd}'), "{faults:?}");
    }

    #[test]
    fn a_quote_left_open_does_not_swallow_the_file() {
        let open = GOOD.replace("TIN", "\"TIN");
        let sheet = format!("{HEAD}{GOOD}{open}{}", GOOD.repeat(5_000));

        let (summary, items) = items("x.csv", sheet.as_bytes());

        assert_eq!(items.len(), 1);
        assert!(
            summary
                .unwrap_err()
                .reason
                .starts_with("row 3 is longer than")
        );
    }

    #[test]
    fn empty_rows_are_no_rows() {
        let (drafts, faults) = text(&format!("{HEAD},,,,,,,\n{GOOD},,,,,,,\n"));

        assert_eq!((drafts.len(), faults.len()), (1, 0));
    }

    #[test]
    fn one_row_in_windows_1252_spoils_no_other() {
        let mut sheet = format!("{HEAD}{}", GOOD.replace("TIN", "TÍN")).into_bytes();
        sheet.extend(
            GOOD.replace("TIN", "T@N")
                .bytes()
                .map(|b| if b == b'@' { 0xcd } else { b }),
        );

        let (_, items) = items("x.csv", &sheet);

        let shown = format!("{items:?}");
        assert_eq!(shown.matches("TÍN WHISTLE").count(), 2);
    }
}
