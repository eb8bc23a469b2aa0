//! One database with races of two countries: each has its part of the model.

use std::sync::OnceLock;

use lurcher::model::Rules;
use lurcher::season::{Season, SeasonRace, SeasonSettings};
use lurcher::train::TrainReport;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::world::{CARD_DAYS, House, World, day, key};

/// Two tracks that race every day; the last day is still to come.
fn season() -> &'static Season {
    static SEASON: OnceLock<Season> = OnceLock::new();
    SEASON.get_or_init(|| {
        let mut settings = SeasonSettings::small().unwrap();
        settings.days = 45;
        settings.tracks = 2;
        settings.meetings_per_day = 2;
        settings.kennels = 20;
        Season::generate(&settings.ending(day("2026-11-20"))).unwrap()
    })
}

/// A house whose second track is in London, with a model.
fn house() -> (House, TrainReport) {
    let files = tempfile::tempdir().unwrap();
    let house = House::empty();
    let written = season().write(files.path(), CARD_DAYS, None).unwrap();
    let report = house.import(&[written.runs, files.path().join("cards")]);
    assert_eq!(report.faults, []);
    let house = House::copy_of(&moved(house, files.path()));
    let report = house.train(Some(day("2026-11-13")));
    (house, report)
}

fn moved(house: House, folder: &std::path::Path) -> Vec<u8> {
    let path = folder.join("moved.db");
    std::fs::write(&path, house.into_bytes()).unwrap();
    let conn = Connection::open(&path).unwrap();
    let slug = season().tracks[1].slug;
    let sql = "UPDATE track SET zone = 'Europe/London' WHERE slug = ?1";
    assert_eq!(conn.execute(sql, [slug]).unwrap(), 1);
    conn.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(conn);
    std::fs::read(path).unwrap()
}

/// A race to come with eight runners on the first track or the second.
fn of_eight(track: usize) -> &'static SeasonRace {
    let races = season().to_come();
    let mut there = races.filter(|race| race.track == track && race.starters().count() == 8);
    there.next().unwrap()
}

#[test]
fn each_country_has_its_part_its_judgement_and_its_places() {
    let (house, report) = house();

    let rules: Vec<Rules> = report.parts.iter().map(|part| part.rules).collect();
    assert_eq!(rules, Rules::ALL);
    for part in &report.parts {
        let judged = part.judged.unwrap();
        assert_eq!(part.answered_by, part.rules);
        assert!(part.races >= 200, "{part:?}");
        assert!(judged.model.races >= 30, "{judged:?}");
        assert!(judged.model.log_loss < judged.model.uniform, "{judged:?}");
        assert!(part.closed_by_bsp <= judged.model.races);
    }
    let races: usize = report.parts.iter().map(|part| part.races).sum();
    assert_eq!(report.races, races);

    let world = World::serve(house);
    for (track, paid) in [(0, 3.0), (1, 2.0)] {
        let path = format!("/api/races/{}/prediction", key(of_eight(track)));
        let answer = world.get(&path).json();
        let runners = answer["runners"].as_array().unwrap();
        let place = runners
            .iter()
            .map(|runner| runner["place"].as_f64().unwrap());
        assert!((place.sum::<f64>() - paid).abs() < 1e-9, "{answer:#}");
        let notes = answer["notes"].to_string();
        assert!(!notes.contains("too few"), "{notes}");
    }
    let evaluation = world.get(&format!("/api/models/{}/evaluation", report.model));
    let parts = evaluation.json()["parts"].clone();
    let told: Vec<&Value> = parts
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["rules"])
        .collect();
    assert_eq!(told, [&json!("australia"), &json!("britain")]);
    assert!(
        parts[1]["judged"]["model"]["uniform"].is_number(),
        "{parts:#}"
    );
}
