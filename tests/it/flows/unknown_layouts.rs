//! Files that nobody has described before: what lurcher thinks of them, and a mapping of one's own.

use std::fs;
use std::path::PathBuf;

use lurcher::ingest::payload::Reading;
use serde_json::Value;

use crate::files::root;
use crate::process::{assert_well, import, text};
use crate::world::{House, wait};

fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures/formats").join(name)
}

#[test]
fn an_explanation_opens_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("none");
    let files = [fixture("form-runs.csv"), fixture("nz-tab.txt")];

    let output = import(&data, &files).args(["--explain", "--json"]).output();

    let output = output.unwrap();
    assert_well(&output);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said[0]["format"], "form-runs");
    assert_eq!(said[0]["rows_sampled"], 2);
    assert_eq!(said[1]["format"], "nz-tab");
    assert!(!data.exists());
}

#[test]
fn a_workbook_of_unknown_layout_is_explained_then_mapped_then_imported() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let book = [fixture("my-results.xlsx")];

    let refused = import(&data, &book).output().unwrap();
    let explained = import(&data, &book).arg("--explain").output().unwrap();

    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(text(&refused.stdout).contains("--explain proposes one"));
    assert_eq!(explained.status.code(), Some(2));
    let said = text(&explained.stdout);
    assert!(said.contains("track = \"Course\""), "{said}");
    // The proposal with what only a person can know: what these three headings mean.
    let proposed = said.lines().filter_map(|line| line.strip_prefix("    "));
    let mapping = format!(
        "{}\nday = \"When\"\nnumber = \"Heat\"\ndog = \"Hound\"\nrun_time_s = \"Secs\"\n",
        proposed.collect::<Vec<_>>().join("\n")
    );
    let mapping = mapping.replace("format = \"form\"", "format = \"result\"");
    let map = folder.path().join("map.toml");
    fs::write(&map, &mapping).unwrap();

    let imported = import(&data, &book)
        .arg("--mapping")
        .arg(&map)
        .output()
        .unwrap();

    assert_well(&imported);
    let report = text(&imported.stdout);
    assert!(report.contains("1 files, 3 rows: 2 created"), "{report}");
}

#[test]
fn a_mapping_that_cannot_be_used_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.toml");
    fs::write(
        &map,
        "format = \"result\"\nsource = \"mine\"\n[columns]\ntrak = \"T\"\n",
    )
    .unwrap();

    let output = import(folder.path(), &[fixture("runs.csv")])
        .arg("--mapping")
        .arg(&map)
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(64));
    let said = text(&output.stderr);
    assert!(
        said.contains("columns.trak: is no field of a result"),
        "{said}"
    );
}

#[test]
fn what_a_source_sent_is_read_by_its_mapping() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.toml");
    fs::write(
        &map,
        "format = \"result\"\nsource = \"mine\"\nitems = \"data.races\"\nrunners = \"field\"\n[columns]\n\
         track = \"venue.name\"\nday = \"date\"\nnumber = \"no\"\ndistance_m = \"metres\"\n\
         rug = \"no\"\ndog = \"dog\"\nplace = \"pos\"\n",
    )
    .unwrap();
    let body = r#"{"data":{"races":[{"venue":{"name":"Sale"},"date":"2026-01-02","no":3,"metres":440,
        "field":[{"no":1,"dog":"Oat Biscuit","pos":2},{"no":2,"dog":"Plum Duff","pos":1}]}]}}"#;
    let house = House::empty();
    let reading = |mapping| Reading {
        mapping: Some(mapping),
        ..Reading::default()
    };
    let take = |mapping| {
        let ingest = &house.app().ingest;
        wait(ingest.payload("answer", body.into(), &reading(mapping)))
    };

    let report = take(map).unwrap();
    let lost = take(folder.path().join("lost.toml")).unwrap_err();

    assert_eq!(report.faults, []);
    assert_eq!(report.counts.created, 1);
    let placed = "SELECT count(*) FROM result_line WHERE place IN (1, 2)";
    assert_eq!(house.number(placed), 2);
    assert!(lost.to_string().contains("lost.toml"), "{lost}");
}
