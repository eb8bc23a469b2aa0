//! What is true of every format.

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
