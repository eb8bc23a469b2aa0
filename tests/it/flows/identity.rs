//! Names become tracks, circuits and dogs, or questions.

use crate::world::House;

const FORM: &str = "date,track_code,track_src,distance_m,grade,dog_name,sex,box,finish_pos,src";
const RUNS: &str = "race_id,date,track,race_number,distance_m,rug,dog_name,won";
const GBGB: &str = "trackName,raceTime,raceDate,raceId,raceNumber,raceClass,raceDistance,\
    trapNumber,dogId,dogName,dogSire,dogDam,dogBorn,dogSex,SP,resultPosition,resultBtnDistance,\
    resultSectionalTime,resultRunTime";
const EXPERT: &str =
    "Dog Name,Sex,PLC,BOX,WGT,DIST,DATE,TRACK,G,TIME,WIN,BON,1 SEC,MGN,W/2G,PIR,SP";

/// A form line of one dog.
fn form(code: &str, distance_m: u32) -> String {
    format!("{FORM}\n2025-06-18,{code},thedogs,{distance_m},5,TIN WHISTLE,D,4,2,thedogs_form\n")
}

/// The circuits of all runs.
fn circuits(house: &House) -> Vec<String> {
    house.texts(
        "SELECT circuit.slug FROM run JOIN circuit ON circuit.id = circuit_id ORDER BY distance_m",
    )
}

#[test]
fn war_is_told_by_its_distance() {
    let house = House::empty();

    let warragul = house.import_text("a.csv", form("WAR", 400));
    let warrnambool = house.import_text("b.csv", form("WAR", 390));

    assert_eq!((warragul.faults, warrnambool.faults), (vec![], vec![]));
    assert_eq!(circuits(&house), ["warrnambool", "warragul"]);
}

#[test]
fn war_at_a_distance_of_neither_is_a_question_with_both_answers() {
    let house = House::empty();

    let report = house.import_text("a.csv", form("WAR", 425));

    let [fault] = report.faults.as_slice() else {
        panic!("{:?}", report.faults);
    };
    assert_eq!((fault.row, report.counts.failed), (2, 1));
    assert!(fault.rule.contains("WAR at 425 m"), "{}", fault.rule);
    assert!(fault.rule.contains("warragul"), "{}", fault.rule);
    assert!(fault.rule.contains("warrnambool"), "{}", fault.rule);
    assert_eq!(circuits(&house), [""; 0]);
}

#[test]
fn war_in_the_name_of_a_file_is_warrnambool() {
    let house = House::empty();
    let card = format!("{EXPERT}\n1. TIN WHISTLE,D,,,,,,,,,,,,,,,\n");

    let report = house.import_text("Race 3 - WAR - 01 July 2025.csv", card);

    assert_eq!(report.faults, []);
    assert_eq!(
        house.texts("SELECT slug FROM meeting JOIN track ON track.id = track_id"),
        ["warrnambool"]
    );
}

#[test]
fn a_weekday_after_the_code_is_still_the_track() {
    for weekday in ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] {
        let house = House::empty();

        let albion = house.import_text("a.csv", form(&format!("AP{weekday}"), 520));
        let ipswich = house.import_text("b.csv", form(&format!("IP{weekday}"), 630));

        // What was never met in the wild is a question, never another track.
        let (albion, ipswich) = (albion.faults.is_empty(), ipswich.faults.is_empty());
        let mut expected = Vec::new();
        expected.extend(albion.then_some("albion-park"));
        expected.extend(ipswich.then_some("ipswich"));
        assert_eq!(circuits(&house), expected, "{weekday}");
        assert!(albion, "AP{weekday} is not known");
        assert!(ipswich, "IP{weekday} is not known");
    }
}

#[test]
fn the_short_distances_of_murray_bridge_are_the_straight() {
    let house = House::empty();
    let rows = [(1, 300, "TIN WHISTLE"), (2, 395, "PAPER HAT")];
    let rows = rows.map(|(race, distance_m, dog)| {
        format!("{race},2025-03-02,Murray Bridge,{race},{distance_m},1,{dog},1\n")
    });

    let report = house.import_text("runs.csv", format!("{RUNS}\n{}", rows.concat()));

    assert_eq!(report.faults, []);
    let straight = ["murray-bridge-straight", "murray-bridge"];
    assert_eq!(circuits(&house), straight);
    assert_eq!(
        house.texts(
            "SELECT circuit.slug FROM race JOIN circuit ON circuit.id = circuit_id
             ORDER BY distance_m"
        ),
        straight
    );
    assert_eq!(
        house.texts("SELECT slug FROM meeting JOIN track ON track.id = track_id"),
        ["murray-bridge"]
    );
}

/// A British race of one dog with an id.
fn british(race: u32, id: u32, dog: &str) -> String {
    format!(
        "{GBGB}\nHarlow,18:3{race}:00,15/05/2024,{race},{race},A5,415.0,\
         1,{id},{dog},Old Hat,Old Shoe,Oct-2022,d,7/2,1,,03.9,26.1\n"
    )
}

#[test]
fn one_name_with_two_ids_is_two_dogs() {
    let house = House::empty();

    let one = house.import_text("a.csv", british(1, 501, "Tin Whistle"));
    let other = house.import_text("b.csv", british(2, 502, "TIN WHISTLE"));
    let again = house.import_text("c.csv", british(3, 501, "Tin Whistle"));

    let faults = [one.faults, other.faults, again.faults].concat();
    assert_eq!(faults, []);
    assert_eq!(house.number("SELECT count(*) FROM dog"), 2);
    assert_eq!(
        house.number("SELECT count(DISTINCT dog_id) FROM dog_ref"),
        2
    );
}

#[test]
fn a_name_that_two_dogs_share_is_a_question_with_both_answers() {
    let house = House::empty();
    house.import_text("a.csv", british(1, 501, "Tin Whistle"));
    house.import_text("b.csv", british(2, 502, "Tin Whistle"));
    let ids = house.texts("SELECT CAST(id AS TEXT) FROM dog ORDER BY id");
    let row = "9,2024-05-16,Harlow,1,415,1,TIN WHISTLE,1\n";

    let report = house.import_text("runs.csv", format!("{RUNS}\n{row}"));

    let [fault] = report.faults.as_slice() else {
        panic!("{:?}", report.faults);
    };
    assert_eq!((fault.row, fault.column.as_str()), (2, "runners[0].dog"));
    assert!(fault.rule.contains(&ids.join(" or ")), "{}", fault.rule);
    assert_eq!(house.number("SELECT count(*) FROM dog"), 2);
}

#[test]
fn one_name_in_two_countries_is_two_dogs() {
    let house = House::empty();
    house.import_text("a.csv", british(1, 501, "Tin Whistle"));

    let report = house.import_text("b.csv", form("SAL", 435));

    assert_eq!(report.faults, []);
    assert_eq!(
        house.texts("SELECT country FROM dog ORDER BY country"),
        ["AU", "GB"]
    );
}
