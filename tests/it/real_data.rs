//! Real files, where they are at hand: what is in them arrives, once.
//!
//! The counts were taken from the files without lurcher. Where the database differs from the file,
//! the message says why.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::facts::row_counts;
use crate::files::root;
use crate::world::House;

/// The archive of cards, whose broken cousins come after everything that is counted.
pub(crate) const CARDS: &str = "01_thedogs_expert_form/cards.zip";

/// The other files, in the order of their import.
const OTHERS: [&str; 5] = [
    "02_au_results/au_runs.csv.zst",
    "02_au_results/au_form_runs.csv.zst",
    "04_uk_gbgb/gbgb_api_2024-05-15_17.csv",
    "04_uk_gbgb/gbgb_web_results_2020_2024.csv",
    "01_thedogs_expert_form/odd_files.zip",
];

/// What the tests look at: the database after the cards, and after everything.
struct Imported {
    cards: House,
    all: House,
}

/// The data folder, or a line that says that it is not there.
pub(crate) fn data() -> Option<PathBuf> {
    let folder = root().join("../shared/data");
    if folder.join(CARDS).exists() {
        return Some(folder);
    }
    print_line(&format!("skipped: no data at {}", folder.display()));
    None
}

#[expect(clippy::print_stdout, reason = "says why a test did nothing")]
fn print_line(line: &str) {
    println!("{line}");
}

/// Everything imported, by whoever asks first.
fn imported(data: &Path) -> Imported {
    static BYTES: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    let (cards, all) = BYTES.get_or_init(|| {
        let mut house = House::empty();
        let report = house.import(&[data.join(CARDS)]);
        assert_eq!(
            (report.files, report.rows, report.counts.failed),
            (1_986, 74_640, 0)
        );
        house.close();
        let cards = std::fs::read(house.database()).unwrap();
        house.restart();
        house.import(&OTHERS.map(|file| data.join(file)));
        (cards, house.into_bytes())
    });
    Imported {
        cards: House::copy_of(cards),
        all: House::copy_of(all),
    }
}

#[test]
fn every_card_of_the_archive_arrives() {
    let Some(data) = data() else { return };

    let house = imported(&data).cards;

    let count = |sql| house.number(sql);
    assert_eq!(
        count("SELECT count(*) FROM card WHERE source = 'thedogs'"),
        1_986
    );
    assert_eq!(count("SELECT count(*) FROM entry"), 15_613);
    assert_eq!(count("SELECT count(DISTINCT dog_id) FROM entry"), 7_045);
    assert_eq!(count("SELECT count(*) FROM dog"), 7_045);
    let distinct = "SELECT count(*) FROM (
        SELECT DISTINCT dog_id, day, circuit_id, distance_m, rug FROM run)";
    assert_eq!(count(distinct), 41_754);
    assert_eq!(count("SELECT count(*) FROM run"), 41_754);
    assert_eq!(
        count("SELECT count(*) FROM run WHERE rug IN (9, 10)"),
        807,
        "1,481 rows wear rug 9 or 10, but a run stands on several cards: 807 runs do"
    );
}

#[test]
fn every_australian_result_arrives() {
    let Some(data) = data() else { return };

    let house = imported(&data).all;

    let count = |sql| house.number(sql);
    let results = "SELECT count(*) FROM result WHERE source = 'canonical'";
    assert_eq!(count(results), 26_072);
    let lines = "SELECT count(*) FROM result_line JOIN result ON result.id = result_id
                 WHERE source = 'canonical'";
    assert_eq!(count(lines), 189_006);
    let circuits = "SELECT count(DISTINCT race.circuit_id)
                    FROM result JOIN race ON race.id = race_id WHERE source = 'canonical'";
    assert_eq!(count(circuits), 48);
    let names = "SELECT count(DISTINCT name_key) FROM dog_name WHERE dog_id IN (
        SELECT dog_id FROM result_line JOIN result ON result.id = result_id
        WHERE source = 'canonical')";
    assert_eq!(count(names), 15_990);
}

#[test]
fn war_is_warrnambool_or_warragul_by_its_distance() {
    let Some(data) = data() else { return };

    let house = imported(&data).cards;

    let told = house.texts(
        "SELECT DISTINCT distance_m || ' ' || circuit.slug
         FROM run JOIN circuit ON circuit.id = circuit_id
         WHERE circuit.slug IN ('warragul', 'warrnambool')
         ORDER BY distance_m",
    );
    assert_eq!(
        told,
        [
            "390 warrnambool",
            "400 warragul",
            "450 warrnambool",
            "460 warragul",
            "650 warrnambool",
            "680 warragul"
        ]
    );
}

#[test]
fn a_second_import_of_everything_adds_no_row() {
    let Some(data) = data() else { return };
    let mut house = imported(&data).all;
    house.close();
    let before = row_counts(&house.database());
    house.restart();

    let cards = house.import(&[data.join(CARDS)]);
    let others = house.import(&OTHERS.map(|file| data.join(file)));

    house.close();
    let changed =
        |report: &lurcher::ingest::file::Report| (report.counts.created, report.counts.updated);
    assert_eq!((changed(&cards), changed(&others)), ((0, 0), (0, 0)));
    assert_eq!(row_counts(&house.database()), before);
}

#[test]
fn every_market_of_the_stream_and_every_british_card_arrives() {
    let Some(data) = data() else { return };
    let house = House::empty();

    let report = house.import(&[
        data.join("07_betfair_stream"),
        data.join("04_uk_gbgb/uk_cards_mongo_export.json"),
    ]);

    let count = |sql| house.number(sql);
    let refused = |column: &str| {
        let faults = report
            .faults
            .iter()
            .filter(|fault| fault.column.ends_with(column));
        faults.map(|fault| fault.value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(
        refused("marketType"),
        [
            "PLACE",
            "EXACTA",
            "QUINELLA",
            "MATCH_BET",
            "PLACE",
            "PLACE",
            "PLACE"
        ],
        "eight markets of the fifteen are to win"
    );
    assert_eq!(
        refused("track").len(),
        3,
        "three cards are of a track that is spelt wrong"
    );
    assert_eq!(report.counts.failed, 10);
    let results = "SELECT count(*) FROM result WHERE source = 'betfair-stream'";
    assert_eq!(count(results), 8);
    assert_eq!(count("SELECT count(*) FROM price"), 396);
    let sum = "SELECT CAST(round(sum(win_price) * 100) AS INTEGER) FROM price";
    assert_eq!(count(sum), 592_054);
    let otherwise = "SELECT count(*) FROM price WHERE known_at_ms <> at_ms";
    assert_eq!(count(otherwise), 0, "a price is known when it is to be had");
    assert_eq!(
        count("SELECT count(*) FROM card WHERE source = 'uk-card'"),
        11
    );
    assert_eq!(count("SELECT count(*) FROM entry"), 62);
}

/// The small files: rows, facts that arrive, and what fails, each in an empty house. The counts of
/// rows and races were taken without lurcher.
const SMALL: [(&str, [u64; 3], &str); 12] = [
    // 3,840 markets that were run, 160 without a result.
    (
        "02_au_results/betfair_model_results_raw_2025_01.zip",
        [29_168, 4_000, 0],
        "",
    ),
    // 498 runners, 57 races.
    (
        "05_thedogs_results/thedogs_results_2025-05-10_5_tracks.csv",
        [498, 57, 0],
        "",
    ),
    // One price is `11/f`.
    (
        "06_irish_dirty_cp1252/irish_winners_first4000.csv",
        [4_000, 3_999, 1],
        "must be a price",
    ),
    (
        "08_small_formats/ANZ_Greyhounds_2026_09_first12rows.csv",
        [12, 2, 0],
        "",
    ),
    (
        "08_small_formats/grv_style_form_multiline_cells.csv",
        [542, 542, 0],
        "",
    ),
    // Five did not run, four races had not been run.
    (
        "08_small_formats/racingpost_form_600rows.csv",
        [600, 591, 0],
        "",
    ),
    ("08_small_formats/results_2025-11-25.csv", [8, 8, 0], ""),
    ("08_small_formats/results_2025-11-28.csv", [8, 8, 0], ""),
    ("08_small_formats/results_2025-12-11.csv", [8, 8, 0], ""),
    // 45 placed, 72 others, 27 scratched.
    (
        "08_small_formats/20.03.2020 Addington.txt",
        [144, 15, 0],
        "",
    ),
    // One stood by; nobody has told of the dog with that id.
    (
        "08_small_formats/dog_890320106_races.csv",
        [7, 0, 6],
        "no dog with id 890320106",
    ),
    (
        "04_uk_gbgb/gbgb_dog_histories_part.csv",
        [6_000, 0, 6_000],
        "no name to add one by",
    ),
];

#[test]
fn every_small_file_arrives_or_says_what_it_lacks() {
    let Some(data) = data() else { return };

    for (file, [rows, created, failed], why) in SMALL {
        let house = House::empty();

        let report = house.import(&[data.join(file)]);

        let counts = report.counts;
        let found = [report.rows, counts.created, counts.failed];
        assert_eq!(found, [rows, created, failed], "{file}");
        assert_eq!(counts.updated + counts.unchanged, 0, "{file}");
        let told = |fault: &lurcher::ingest::file::FileFault| fault.rule.contains(why);
        assert!(why.is_empty() || report.faults.iter().any(told), "{file}");
    }
}

#[test]
fn lists_that_are_no_facts_of_races_are_refused_with_the_reason() {
    let Some(data) = data() else { return };
    let house = House::empty();

    for (file, why) in [
        ("tracks_seed.csv", "no known header: found columns slug"),
        (
            "01_thedogs_expert_form/outcomes.csv",
            "closest is runs, missing date",
        ),
    ] {
        let report = house.import(&[data.join(file)]);

        assert_eq!((report.rows, report.counts.failed), (0, 1), "{file}");
        assert!(report.faults[0].rule.contains(why), "{:?}", report.faults);
    }
}

#[test]
fn five_hundred_real_races_see_together_what_each_sees_alone() {
    let Some(data) = data() else { return };
    let house = imported(&data).all;
    let keys = house.texts(
        "SELECT race.day || '-' || track.slug || '-' || race.number
         FROM race
         JOIN meeting ON meeting.id = race.meeting_id
         JOIN track ON track.id = meeting.track_id
         WHERE race.complete = 1 AND race.number IS NOT NULL AND meeting.session = 1
           AND race.day >= '2025-01-01' AND race.id % 47 = 0
         ORDER BY race.day, race.id
         LIMIT 500",
    );
    assert_eq!(keys.len(), 500);
    let asked: Vec<_> = keys.into_iter().map(|key| (key, None)).collect();

    let past = crate::flows::book::assert_alike(&house, &asked);

    assert!(past > 20_000, "{past} runs");
}
