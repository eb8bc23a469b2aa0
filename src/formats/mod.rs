//! Files: bytes become drafts.
//!
//! [`walk`] opens what was given (a file, a folder, an archive) and hands out one stream after the
//! other; [`read`] tells from the content what a stream is and turns it into drafts. Nothing here
//! holds a whole file, asks who a dog is or writes anything. What the newcomer gets wrong: a bad
//! row is an [`Item::Fault`] and never the end; a [`Refusal`] is about the file as a whole.

mod archive;
mod betfair_model;
mod betfair_stream;
mod british;
mod cells;
mod detect;
pub(crate) mod facts;
mod form_runs;
mod gbgb_api;
mod gbgb_json;
mod gbgb_web;
mod json;
mod node;
mod races;
mod runs;
mod sheet;
mod table;
mod text;
mod thedogs_form;
mod topaz;
mod uk_card;

use std::io::Read;
use std::ops::ControlFlow;

pub use archive::{OnFile, Opened, WalkError, walk};
pub use detect::Format;

use crate::domain::Draft;
use json::Documents;
use table::Table;
use text::Text;

/// What one stream brings, in the order of its rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A fact whose every part passed its check, from the race or run that begins at `row`.
    Draft {
        /// Row as a spreadsheet shows it; the header is row 1.
        row: u64,
        /// The fact.
        draft: Draft,
    },
    /// A value that broke a rule; its row was dropped, or that part of it which the value spoils.
    Fault(RowFault),
}

/// One thing wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {column} {rule} (found {value:?})")]
pub struct RowFault {
    /// Row as a spreadsheet shows it; the header is row 1.
    pub row: u64,
    /// Column as the header names it; empty when the whole row is meant.
    pub column: String,
    /// What stood there, at most 80 characters, printable.
    pub value: String,
    /// The rule that was broken, for example `must be a number`.
    pub rule: String,
}

/// What became of a stream that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// What it was.
    pub format: Format,
    /// Rows below the header, good and bad, empty ones left out.
    pub rows: u64,
}

/// Why a file, or the rest of it, is not read; for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// The reason, lower case.
    pub reason: String,
}

impl Refusal {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Reads one stream to its end, or until `sink` breaks.
///
/// The format is told by the header, and must be `wanted` if that is given; `name` matters only
/// where a format keeps facts in it. A refusal may come late (a broken archive, an endless row):
/// the items before it stand.
pub fn read(
    name: &str,
    bytes: &mut dyn Read,
    wanted: Option<Format>,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, Refusal> {
    let text = Text::open(bytes)?;
    if json::begins(text.head()) {
        return read_json(Documents::open(text), wanted, &mut Out { sink });
    }
    let mut table = Table::open(text)?;
    let format = detect::format(name, table.header(), wanted)?;
    let mut out = Out { sink };
    let end = match format {
        Format::ExpertForm => thedogs_form::read(name, &mut table, &mut out),
        Format::BetfairModel => betfair_model::read(&mut table, &mut out),
        Format::Runs => runs::read(&mut table, &mut out),
        Format::FormRuns => form_runs::read(&mut table, &mut out),
        Format::GbgbApi => gbgb_api::read(&mut table, &mut out),
        Format::GbgbWeb => gbgb_web::read(&mut table, &mut out),
        Format::Topaz => topaz::read(&mut table, &mut out),
        Format::BetfairStream | Format::GbgbJson | Format::UkCard | Format::Facts => {
            return Err(Refusal::new(format!("{} is JSON", format.as_str())));
        }
    };
    summary(format, table.rows(), end)
}

fn read_json(
    mut documents: Documents<'_>,
    wanted: Option<Format>,
    out: &mut Out<'_>,
) -> Result<Summary, Refusal> {
    let format = detect::json(&mut documents, wanted)?;
    let end = match format {
        Format::BetfairStream => betfair_stream::read(&mut documents, out),
        Format::GbgbJson => gbgb_json::read(&mut documents, out),
        Format::UkCard => uk_card::read(&mut documents, out),
        Format::Topaz => topaz::read_json(&mut documents, out),
        Format::Facts => facts::read(&mut documents, out),
        Format::ExpertForm
        | Format::BetfairModel
        | Format::Runs
        | Format::FormRuns
        | Format::GbgbApi
        | Format::GbgbWeb => return Err(Refusal::new(format!("{} is a table", format.as_str()))),
    };
    summary(format, documents.rows(), end)
}

fn summary(format: Format, rows: u64, end: Result<(), Stop>) -> Result<Summary, Refusal> {
    match end {
        Ok(()) | Err(Stop::Enough) => Ok(Summary { format, rows }),
        Err(Stop::Refused(refusal)) => Err(refusal),
    }
}

/// Why reading ended early.
enum Stop {
    /// The sink has had enough.
    Enough,
    /// The rest cannot be read.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Where items go.
struct Out<'s> {
    sink: &'s mut dyn FnMut(Item) -> ControlFlow<()>,
}

impl Out<'_> {
    fn draft(&mut self, row: u64, draft: Draft) -> Result<(), Stop> {
        self.give(Item::Draft { row, draft })
    }

    fn faults(&mut self, faults: Vec<RowFault>) -> Result<(), Stop> {
        faults
            .into_iter()
            .try_for_each(|fault| self.give(Item::Fault(fault)))
    }

    fn give(&mut self, item: Item) -> Result<(), Stop> {
        match (self.sink)(item) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Enough),
        }
    }
}

#[cfg(test)]
mod every_json;
#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;

    /// Everything that a text brings, each draft having passed its whole check.
    pub(super) fn items(name: &str, text: &[u8]) -> (Result<Summary, Refusal>, Vec<Item>) {
        let mut items = Vec::new();
        let mut bytes = text;
        let summary = read(name, &mut bytes, None, &mut |item| {
            items.push(item);
            ControlFlow::Continue(())
        });
        for item in &items {
            if let Item::Draft { draft, .. } = item {
                assert_eq!(draft.faults(), []);
            }
        }
        (summary, items)
    }

    /// The drafts and the faults of a file of `tests/fixtures/formats`.
    pub(super) fn fixture(name: &str) -> (Vec<Draft>, Vec<String>) {
        sorted(items(name, &bytes(name)).1)
    }

    /// The drafts and the faults of a text.
    pub(super) fn text(text: &str) -> (Vec<Draft>, Vec<String>) {
        sorted(items("x.csv", text.as_bytes()).1)
    }

    pub(super) fn bytes(name: &str) -> Vec<u8> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
        fs::read(folder.join(name)).unwrap()
    }

    fn sorted(items: Vec<Item>) -> (Vec<Draft>, Vec<String>) {
        let (mut drafts, mut faults) = (Vec::new(), Vec::new());
        for item in items {
            match item {
                Item::Draft { draft, .. } => drafts.push(draft),
                Item::Fault(fault) => faults.push(fault.to_string()),
            }
        }
        (drafts, faults)
    }

    pub(super) const CARD: &str = "Race 3 - W_PK - 01 July 2025.csv";
    const FIXTURES: [(&str, Format); 6] = [
        (CARD, Format::ExpertForm),
        ("betfair-model.csv", Format::BetfairModel),
        ("runs.csv", Format::Runs),
        ("form-runs.csv", Format::FormRuns),
        ("gbgb-api.csv", Format::GbgbApi),
        ("gbgb-web.csv", Format::GbgbWeb),
    ];

    pub(super) fn reason(name: &str, text: &[u8]) -> String {
        items(name, text).0.unwrap_err().reason
    }

    #[test]
    fn every_format_is_told_by_its_header() {
        for (name, format) in FIXTURES {
            assert_eq!(items(name, &bytes(name)).0.unwrap().format, format);
            assert_eq!(Format::parse(format.as_str()), Ok(format));
        }
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_kind() {
        assert_eq!(reason("x.csv", b" \r\n\t "), "an empty file");
        assert_eq!(reason("x.csv", b""), "an empty file");
        assert!(reason("x.csv", b"\xef\xbb\xbf \n<!DOCTYPE html>").contains("HTML"));
        assert!(reason("x.csv", b"{\"a\":1}").contains("no known JSON: found keys a"));
        assert!(reason("x.csv", b"%PDF-1.7").contains("PDF"));
        assert!(reason("x.csv", b"a\0b\0,").contains("NUL"));
    }

    #[test]
    fn an_unknown_header_names_the_closest_format() {
        let text = "race_id,date,track,race_number,dog_name,won\n";

        let reason = reason("Race 3 - SAL - 01 July 2025.csv", text.as_bytes());

        assert!(reason.contains("closest is runs, missing rug"), "{reason}");
        assert!(reason.contains("its content is not"), "{reason}");
    }

    #[test]
    fn another_format_than_the_wanted_one_is_refused() {
        let text = bytes("runs.csv");

        let refusal = read(
            "x",
            &mut text.as_slice(),
            Some(Format::GbgbWeb),
            &mut |_item| ControlFlow::Continue(()),
        );

        assert!(
            refusal
                .unwrap_err()
                .reason
                .starts_with("not gbgb-web: missing")
        );
    }

    #[test]
    fn a_sink_that_has_enough_ends_the_reading() {
        let text = bytes("form-runs.csv");

        let summary = read("x", &mut text.as_slice(), None, &mut |_item| {
            ControlFlow::Break(())
        });

        assert_eq!(summary.unwrap().rows, 1);
    }

    #[test]
    fn encodings_and_delimiters_say_the_same() {
        let plain = String::from_utf8(bytes("form-runs.csv")).unwrap();
        let expected = text(&plain);
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend(plain.encode_utf16().flat_map(u16::to_le_bytes));

        assert_eq!(expected.0.len(), 2);
        assert_eq!(text(&format!("\u{feff}{plain}")), expected);
        assert_eq!(sorted(items("x.csv", &utf16).1), expected);
        for delimiter in [";", "\t", "|"] {
            assert_eq!(text(&plain.replace(',', delimiter)), expected);
        }
        assert_eq!(text(&plain.replace('\n', "\r\n")), expected);
        assert_eq!(
            text(&plain.replace("date,track_code", " DATE ,Track_Code ")),
            expected
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = items(CARD, &bytes);
        }

        #[test]
        fn no_mutation_makes_it_panic(
            which in 0_usize..6,
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..20),
        ) {
            let (name, _) = FIXTURES[which];
            let mut text = bytes(name);
            for (at, byte, kind) in edits {
                let at = at.index(text.len());
                match kind {
                    0 => text[at] = byte,
                    1 => text.insert(at, b",\n\"-09;"[usize::from(byte) % 7]),
                    2 => { text.remove(at); }
                    _ => text[at] = b"0123456789"[usize::from(byte) % 10],
                }
            }
            let _ = items(name, &text);
        }

        #[test]
        fn no_cells_make_it_panic(
            which in 0_usize..6,
            rows in prop::collection::vec(prop::collection::vec("[0-9./ :A-Z½-]{0,6}|\\PC{0,8}", 40), 0..8),
        ) {
            let (name, format) = FIXTURES[which];
            let header = String::from_utf8_lossy(&bytes(name)).lines().next().unwrap().to_owned();
            let width = header.split(',').count();
            let mut text = header;
            for row in rows {
                text.push('\n');
                let cells: Vec<_> = row.iter().take(width).map(|cell| cell.replace(['"', ','], "")).collect();
                text.push_str(&cells.join(","));
            }
            let (summary, _) = items(name, text.as_bytes());
            prop_assert!(format == Format::ExpertForm || summary.is_ok());
        }
    }
}
