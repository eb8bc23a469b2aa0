//! Files as they are met in the wild: what is good is kept, what is not is told.

use crate::collect::{HEAD, row};
use crate::facts::{assert_same, facts};
use crate::world::House;

const FORM: &str = "date,track_code,track_src,distance_m,grade,dog_name,sex,box,finish_pos,src\n";
const GOOD: &str = "2025-06-18,SAL,thedogs,435,5,TIN WHISTLE,D,4,2,thedogs_form\n";
const OTHER: &str = "2025-06-19,BAL,thedogs,450,5,PAPER HAT,B,1,1,thedogs_form\n";

/// What a report says is wrong: file, row, column, value and rule.
fn told(report: &lurcher::ingest::file::Report) -> Vec<String> {
    let faults = report.faults.iter();
    faults
        .map(|f| {
            format!(
                "{}:{}: {} {:?}: {}",
                f.file, f.row, f.column, f.value, f.rule
            )
        })
        .collect()
}

#[test]
fn a_web_page_saved_as_csv_is_refused_by_name() {
    let house = House::empty();
    let page = "<!DOCTYPE html>\n<html><body>Too many requests</body></html>\n";

    let report = house.import_text("Race 1 - SAL - 01 July 2025.csv", page);

    assert_eq!((report.files, report.counts.failed), (1, 1));
    let [fault] = report.faults.as_slice() else {
        panic!("{:?}", report.faults);
    };
    assert!(fault.file.ends_with("Race 1 - SAL - 01 July 2025.csv"));
    assert_eq!(fault.row, 0);
    assert!(fault.rule.contains("HTML"), "{}", fault.rule);
}

#[test]
fn a_refused_file_leaves_its_neighbours_standing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.csv", format!("{FORM}{GOOD}")),
        ("b.csv", "<html></html>".to_owned()),
        ("c.csv", format!("{FORM}{OTHER}")),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let house = House::empty();

    let report = house.import(&[folder.path().to_owned()]);

    assert_eq!((report.counts.created, report.counts.failed), (2, 1));
    assert_eq!(house.number("SELECT count(*) FROM run"), 2);
}

#[test]
fn marks_encodings_and_delimiters_change_nothing() {
    let plain = format!("{FORM}{GOOD}{OTHER}");
    let mut expected = House::empty();
    expected.import_text("plain.csv", &plain);
    expected.close();

    for (name, text) in [
        ("bom.csv", format!("\u{feff}{plain}")),
        ("semicolons.csv", plain.replace(',', ";")),
        ("tabs.csv", plain.replace(',', "\t")),
        ("windows.csv", plain.replace('\n', "\r\n")),
    ] {
        let mut house = House::empty();
        let report = house.import_text(name, text);
        house.close();

        assert_eq!(told(&report), [""; 0], "{name}");
        assert_same(&facts(&house.database()), &facts(&expected.database()));
    }
}

#[test]
fn windows_1252_is_read_as_what_it_is() {
    let house = House::empty();
    let mut text = format!("{FORM}2025-06-18,SAL,thedogs,435,5,CAF").into_bytes();
    text.push(0xc9);
    text.extend(b" NOIR,D,4,2,thedogs_form\n");

    let report = house.import_text("cp1252.csv", text);

    assert_eq!(told(&report), [""; 0]);
    assert_eq!(house.texts("SELECT name FROM dog"), ["CAF\u{c9} NOIR"]);
}

#[test]
fn a_ragged_row_is_told_and_the_others_are_kept() {
    let house = House::empty();
    let short = "2025-06-18,SAL,thedogs\n";
    let long = format!("{},more,and,more\n", GOOD.trim_end().replace("TIN", "IRON"));

    let report = house.import_text("ragged.csv", format!("{FORM}{GOOD}{short}{long}{OTHER}"));

    assert_eq!(report.rows, 4);
    assert_eq!(report.counts.created + report.counts.failed, 4);
    assert!(report.faults.iter().any(|fault| fault.row == 3));
    let dogs = house.texts("SELECT name FROM dog ORDER BY name");
    assert!(dogs.contains(&"TIN WHISTLE".to_owned()), "{dogs:?}");
    assert!(dogs.contains(&"PAPER HAT".to_owned()), "{dogs:?}");
    for fault in &report.faults {
        assert!(!fault.rule.is_empty() && fault.file.ends_with("ragged.csv"));
    }
}

#[test]
fn a_row_that_stands_twice_is_counted_once() {
    let house = House::empty();

    let report = house.import_text("doubles.csv", format!("{FORM}{GOOD}{OTHER}{GOOD}"));

    assert_eq!((report.counts.created, report.counts.unchanged), (2, 1));
    assert_eq!(house.number("SELECT count(*) FROM run"), 2);
}

#[test]
fn every_bad_value_is_told_with_its_place_and_its_rule() {
    let house = House::empty();
    let far = GOOD.replace("435", "99999");
    let when = GOOD.replace("2025-06-18", "18th of June");
    let rug = GOOD.replace(",4,2,", ",44,2,");
    let nowhere = GOOD.replace("SAL", "XYZ");

    let report = house.import_text(
        "bad.csv",
        [FORM, &far, &when, &rug, &nowhere, OTHER].concat(),
    );

    assert_eq!((report.counts.created, report.counts.failed), (1, 4));
    let folder = |line: String| line.split_once("bad.csv").unwrap().1.to_owned();
    let told: Vec<_> = told(&report).into_iter().map(folder).collect();
    insta::assert_snapshot!("bad_values", told.join("\n"));
}

#[test]
fn a_race_whose_rows_are_far_apart_keeps_all_its_runners() {
    let house = House::empty();
    let of = |rugs: std::ops::RangeInclusive<u8>| -> String {
        rugs.map(|rug| row("2026-10-30", 1, rug, rug)).collect()
    };
    let others: String = (1..=26)
        .flat_map(|day| (1..=12).map(move |race| row(&format!("2026-10-{day:02}"), race, 1, 1)))
        .collect();
    house.import_text("whole.csv", format!("{HEAD}{}", of(1..=6)));

    let apart = format!("{HEAD}{}{others}{}", of(1..=3), of(4..=7));
    let report = house.import_text("apart.csv", apart);

    assert_eq!(told(&report), [""; 0]);
    assert_eq!(
        house.number("SELECT count(*) FROM runner WHERE scratched"),
        0
    );
    assert_eq!(house.number("SELECT count(*) FROM runner"), 26 * 12 + 7);
}
