use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::formats::tests::{bytes, items, named};
use crate::formats::{Format, Item, Mapping, explain, read_mapped};
use std::ops::ControlFlow;
use zip::write::SimpleFileOptions;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#;
const ROOT: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Runs" sheetId="1" r:id="a"/><sheet name="Mine" sheetId="2" r:id="b"/></sheets></workbook>"#;
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs></styleSheet>"#;

fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of two sheets, given what stands inside their rows.
fn book(first: &str, second: &str) -> Vec<u8> {
    let sheet = |rows: &str| {
        format!(
            r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        )
    };
    packed(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", &sheet(first)),
        ("xl/worksheets/sheet2.xml", &sheet(second)),
    ])
}

/// One row of text cells.
fn row(number: u32, cells: &[&str]) -> String {
    let cells = cells.iter().zip('A'..).map(|(text, column)| {
        let text = text.replace('&', "&amp;");
        format!(r#"<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    });
    format!(r#"<row r="{number}">{}</row>"#, cells.collect::<String>())
}

fn text(book: &[u8], sheet: Option<&str>) -> Result<String, String> {
    let mut bytes = book;
    let mut book = Workbook::open(&mut bytes).map_err(|refusal| refusal.reason)?;
    let mut sheet = book.sheet(sheet).map_err(|refusal| refusal.reason)?;
    let mut text = String::new();
    let read = sheet.read_to_string(&mut text);
    read.map(|_| text).map_err(|error| error.to_string())
}

#[test]
fn a_known_format_is_read_from_a_workbook_as_from_csv() {
    let csv = String::from_utf8(bytes("form-runs.csv")).unwrap();
    let rows: String = csv
        .lines()
        .zip(1..)
        .map(|(line, number)| row(number, &line.split(',').collect::<Vec<_>>()))
        .collect();

    let (summary, found) = items("x", &book(&rows, ""));

    assert_eq!(summary.unwrap().format, Format::FormRuns);
    let drafts: Vec<_> = found
        .into_iter()
        .map(|item| match item {
            Item::Draft { draft, .. } => draft,
            Item::Fault(fault) => panic!("{fault}"),
        })
        .collect();
    assert_eq!(drafts, named("x", &csv).0);
}

#[test]
fn cells_are_dates_numbers_and_texts_and_rows_keep_their_numbers() {
    let cells = r#"<row r="3"><c r="A3" s="1"><v>46000</v></c><c r="B3" s="2"><v>0.75</v></c><c r="D3"><v>29.87</v></c></row>"#;
    let head = row(1, &["a", "b,\"c\"", "d", "e", ""]);

    let text = text(&book(&format!("{head}{cells}"), ""), None);

    assert_eq!(
        text.unwrap(),
        "a,\"b,\"\"c\"\"\",d,e\n\n2025-12-09,18:00:00,,29.87\n"
    );
}

#[test]
fn a_sheet_is_asked_for_by_its_name() {
    let rows = format!(
        "{}{}",
        row(1, &["Where", "When", "Far", "Who"]),
        r#"<row r="2"><c r="A2" t="str"><v>Sale</v></c><c r="B2" s="1"><v>46000</v></c><c r="C2"><v>450</v></c><c r="D2" t="str"><v>Paper Lantern</v></c></row>"#
    );
    let map = "format = \"form\"\nsource = \"mine\"\nsheet = \"Mine\"\n[columns]\ntrack = \"Where\"\n\
               day = \"When\"\ndistance_m = \"Far\"\ndog = \"Who\"\n";
    let book = book("", &rows);
    let mut found = Vec::new();

    let mut bytes = book.as_slice();
    let summary = read_mapped(&mut bytes, &Mapping::parse(map).unwrap(), &mut |item| {
        found.push(item);
        ControlFlow::Continue(())
    });

    assert_eq!(summary.unwrap().rows, 1);
    assert!(format!("{found:?}").contains("2025-12-09"), "{found:?}");
    let missing = text(&book, Some("Yours")).unwrap_err();
    assert!(missing.contains("its sheets are Runs, Mine"), "{missing}");
    let mut bytes = book.as_slice();
    let empty = explain("x", &mut bytes, None);
    assert_eq!(empty.refusal.as_deref(), Some("an empty file"));
}

#[test]
fn a_far_away_cell_costs_nothing_and_one_beyond_is_refused() {
    let far = r#"<row r="1000000"><c r="A1000000"><v>1</v></c></row>"#;
    let beyond = r#"<row r="1"><c r="XFD1"><v>1</v></c></row>"#;
    let below = r#"<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>"#;
    let back = r#"<row r="5"><c r="A5"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#;

    assert_eq!(text(&book(far, ""), None).unwrap().len(), 1_000_001);
    for bad in [beyond, below, back] {
        assert!(text(&book(bad, ""), None).is_err(), "{bad}");
    }
}

#[test]
fn an_archive_that_is_no_workbook_and_a_bomb_are_refused() {
    let plain = packed(&[("a.csv", "a,b\n")]);
    assert!(text(&plain, None).unwrap_err().contains("not a workbook"));

    let most = 1 << 20;
    let zeros = "0".repeat(most + 1);
    let bomb = packed(&[
        ("[Content_Types].xml", TYPES),
        ("xl/workbook.xml", BOOK),
        ("xl/sharedStrings.xml", &zeros),
    ]);
    let mut bytes = bomb.as_slice();
    let refusal = Workbook::open_within(1 << 20, &mut bytes).err().unwrap();
    assert!(bomb.len() < 10_000);
    assert!(
        refusal
            .reason
            .contains("unpacks to more than 1048576 bytes")
    );
    assert!(
        text(b"PK\x03\x04rest", None)
            .unwrap_err()
            .contains("broken")
    );
}

#[test]
fn a_row_of_endless_text_is_refused() {
    let long = row(1, &["x".repeat(ROW_LIMIT + 1).as_str()]);

    assert!(
        text(&book(&long, ""), None)
            .unwrap_err()
            .contains("row 1 is longer")
    );
}

proptest! {
    #[test]
    fn no_sheet_makes_it_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..9_usize), 1..12),
    ) {
        let mut rows = format!(
            "{}{}",
            row(1, &["date", "b"]),
            r#"<row r="2"><c r="A2" s="1"><v>46000</v></c><c r="B2" t="s"><v>0</v></c></row>"#
        );
        for (at, which) in edits {
            let at = at.index(rows.len());
            let piece = ["9", "<", ">", "\"", "</c>", "<c r=\"A4294967295\">", "-", "Z", "e9"][which];
            rows.replace_range(at..=at, piece);
        }
        let _ = items("x.xlsx", &book(&rows, ""));
    }

    #[test]
    fn no_broken_workbook_makes_it_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut book = bytes("my-results.xlsx");
        for (at, byte) in edits {
            let at = at.index(book.len() - 4) + 4;
            book[at] = byte;
        }
        let _ = items("x.xlsx", &book);
    }
}

#[test]
fn a_cell_whose_row_is_past_all_counting_is_told_and_nothing_panics() {
    let far = row(1, &["dog"]).replace("r=\"A1\"", "r=\"A99999999999\"");

    let told = text(&book(&far, ""), None).unwrap_err();

    assert_eq!(told, "a broken workbook: a cell is nowhere");
}
