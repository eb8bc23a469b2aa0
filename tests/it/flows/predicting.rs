//! `lurcher predict`, as a person meets it.

use std::path::Path;
use std::process::Output;

use lurcher::store::DATABASE;

use crate::process::{assert_well, lurcher, text};
use crate::world::{House, season, to_come};

/// A data folder with the season and its model.
fn data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = House::of_season().into_bytes();
    std::fs::write(folder.path().join(DATABASE), bytes).unwrap();
    folder
}

fn predict(data: &Path, args: &[&str]) -> Output {
    lurcher(data).arg("predict").args(args).output().unwrap()
}

#[test]
fn a_day_names_the_races_that_could_not_be_predicted_and_ends_with_2() {
    let data = data();
    let day = season().settings.last_day().to_string();
    let early = ["--day", &day, "--as-of", "2020-01-01T00:00:00Z"];

    let well = predict(data.path(), &["--day", &day]);
    let blocked = predict(data.path(), &early);
    let json = predict(data.path(), &[&early[..], &["--format", "json"]].concat());

    assert_well(&well);
    assert!(!text(&well.stdout).contains("no prediction"));
    assert_eq!(
        (blocked.status.code(), json.status.code()),
        (Some(2), Some(2))
    );
    let line = format!("{}: no prediction: nobody was known to run", to_come());
    assert!(text(&blocked.stdout).contains(&line));
    assert_eq!(
        text(&blocked.stdout).lines().count(),
        season().to_come().count()
    );
    assert_eq!(text(&json.stdout).trim(), "[]");
    assert!(text(&json.stderr).contains(&to_come()));
}

#[test]
fn a_table_says_why_of_the_likeliest_and_a_csv_of_all() {
    let data = data();

    let table = text(&predict(data.path(), &[&to_come()]).stdout);
    let csv = text(&predict(data.path(), &[&to_come(), "--format", "csv"]).stdout);

    let field: Vec<_> = table.lines().skip(2).collect();
    let signed = |line: &&&str| line.contains(" +") || line.contains(" -");
    let field = field.iter().take_while(|line| line.starts_with(' '));
    assert!((1..=3).contains(&field.filter(signed).count()), "{table}");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let head = reader.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|one| one == name).unwrap();
    for row in reader.records().map(Result::unwrap) {
        let number = |name: &str| row[at(name)].parse::<f64>().unwrap();
        assert!(number("win_low") < number("win") && number("win") < number("win_high"));
        assert!(!row[at("why")].starts_with(['+', '-']), "{row:?}");
    }
}
