//! Files: bytes become drafts.
//!
//! [`walk`] opens what was given (a file, a folder, an archive) and hands out one stream after the
//! other; [`read`] tells from the content what a stream is and turns it into drafts. Nothing here
//! holds a whole file, asks who a dog is or writes anything. What the newcomer gets wrong: a bad
//! row is an [`Item::Fault`] and never the end; a [`Refusal`] is about the file as a whole.

mod archive;
mod betfair_anz;
mod betfair_bsp;
mod betfair_model;
mod british;
mod cells;
mod detect;
mod explain;
mod fasttrack_form;
mod fields;
mod form_rows;
mod form_runs;
mod gbgb_api;
mod gbgb_history;
mod gbgb_web;
mod grv_form;
mod guess;
mod irish_winners;
mod mapped;
mod mapping;
mod named;
mod nz_tab;
mod races;
mod racing_post;
mod rug_results;
mod runs;
mod spelled;
mod table;
mod text;
mod thedogs_form;
mod thedogs_results;
mod workbook;

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

pub use archive::{OnFile, Opened, WalkError, walk};
pub use detect::Format;
pub use explain::{Explanation, explain};
pub use mapping::Mapping;

use crate::domain::Draft;
use table::Table;
use text::Text;
use workbook::Workbook;

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
    opened(bytes, None, |text| read_text(name, text, wanted, sink))
}

/// Reads one stream as `mapping` says that its columns are meant.
pub fn read_mapped(
    bytes: &mut dyn Read,
    mapping: &Mapping,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, Refusal> {
    opened(bytes, mapping.sheet.as_deref(), |text| {
        let mut table = Table::open(text)?;
        let end = mapped::read(mapping, &mut table, &mut Out { sink });
        ended(end, Format::Mapped, table.rows())
    })
}

/// The text of a stream; of a workbook that of one sheet.
fn opened<T>(
    bytes: &mut dyn Read,
    sheet: Option<&str>,
    read: impl FnOnce(Text<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut head = Vec::new();
    let peeked = bytes.take(4).read_to_end(&mut head);
    peeked.map_err(|error| Refusal::new(format!("cannot be read: {error}")))?;
    let packed = head == b"PK\x03\x04";
    let mut whole = Cursor::new(head).chain(bytes);
    if !packed {
        return read(Text::open(&mut whole)?);
    }
    let mut book = Workbook::open(&mut whole)?;
    let mut sheet = book.sheet(sheet)?;
    read(Text::open(&mut sheet)?)
}

fn read_text(
    name: &str,
    text: Text<'_>,
    wanted: Option<Format>,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, Refusal> {
    let mut out = Out { sink };
    if nz_tab::is(text.head()) && wanted.is_none_or(|wanted| wanted == Format::NzTab) {
        let mut rows = 0;
        let end = nz_tab::read(text, &mut rows, &mut out);
        return ended(end, Format::NzTab, rows);
    }
    let mut table = Table::open(text)?;
    let format = detect::format(name, table.header(), wanted)?;
    let end = match format {
        Format::ExpertForm => thedogs_form::read(name, &mut table, &mut out),
        Format::BetfairModel => betfair_model::read(&mut table, &mut out),
        Format::Runs => runs::read(&mut table, &mut out),
        Format::FormRuns => form_runs::read(&mut table, &mut out),
        Format::GbgbApi => gbgb_api::read(&mut table, &mut out),
        Format::GbgbWeb => gbgb_web::read(&mut table, &mut out),
        Format::ThedogsResults => thedogs_results::read(name, &mut table, &mut out),
        Format::BetfairAnz => betfair_anz::read(&mut table, &mut out),
        Format::BetfairBsp => betfair_bsp::read(&mut table, &mut out),
        Format::FasttrackForm => fasttrack_form::read(name, &mut table, &mut out),
        Format::GrvForm => grv_form::read(&mut table, &mut out),
        Format::RacingPost => racing_post::read(&mut table, &mut out),
        Format::GbgbHistory => gbgb_history::read(&mut table, &mut out),
        Format::IrishWinners => irish_winners::read(&mut table, &mut out),
        Format::RugResults => rug_results::read(name, &mut table, &mut out),
        // No header has the column of the one, and nobody asks for the other by name.
        Format::NzTab | Format::Mapped => Ok(()),
    };
    ended(end, format, table.rows())
}

fn ended(end: Result<(), Stop>, format: Format, rows: u64) -> Result<Summary, Refusal> {
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

    /// The drafts and the faults of a text under a name.
    pub(super) fn named(name: &str, text: &str) -> (Vec<Draft>, Vec<String>) {
        sorted(items(name, text.as_bytes()).1)
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
    pub(super) const FIXTURES: [(&str, Format); 16] = [
        (CARD, Format::ExpertForm),
        ("betfair-model.csv", Format::BetfairModel),
        ("runs.csv", Format::Runs),
        ("form-runs.csv", Format::FormRuns),
        ("gbgb-api.csv", Format::GbgbApi),
        ("gbgb-web.csv", Format::GbgbWeb),
        ("thedogs-results 2026-01-03.csv", Format::ThedogsResults),
        ("betfair-anz.csv", Format::BetfairAnz),
        ("betfair-bsp.csv", Format::BetfairBsp),
        ("dog_700000001_races.csv", Format::FasttrackForm),
        ("grv-form.csv", Format::GrvForm),
        ("racing-post.csv", Format::RacingPost),
        ("gbgb-history.csv", Format::GbgbHistory),
        ("irish-winners.csv", Format::IrishWinners),
        ("nz-tab.txt", Format::NzTab),
        ("rug-results.csv", Format::RugResults),
    ];

    fn reason(name: &str, text: &[u8]) -> String {
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
        assert!(reason("x.csv", b"{\"a\":1}").contains("JSON"));
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
            which in 0..FIXTURES.len(),
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
            which in 0..FIXTURES.len(),
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
            // These may be refused for what a row or the file's name lacks.
            let strict = matches!(format, Format::ExpertForm | Format::NzTab | Format::RugResults);
            prop_assert!(strict || summary.is_ok());
        }
    }
}
