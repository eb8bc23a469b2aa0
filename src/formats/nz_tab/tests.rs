use crate::domain::Draft;
use crate::formats::tests::{bytes, fixture, named};

const NAME: &str = "nz-tab.txt";

#[test]
fn a_page_of_text_is_its_races() {
    let (drafts, faults) = fixture(NAME);

    let [Draft::Result(first), Draft::Result(second)] = drafts.as_slice() else {
        panic!("{drafts:?}");
    };
    assert_eq!(faults, [""; 0]);
    let race = &first.race;
    assert_eq!(
        (race.track.as_str(), race.day.as_str()),
        ("ADDINGTON", "2020-03-20")
    );
    assert_eq!(
        (race.number, race.jump_at.as_deref()),
        (Some(1), Some("11:30"))
    );
    assert_eq!(
        (race.distance_m, race.grade.as_deref()),
        (Some(295.0), Some("C0q"))
    );
    assert_eq!(race.name.as_deref(), Some("PAPER MAIDEN SPRINT"));
    let runs: Vec<_> = first
        .runners
        .iter()
        .map(|runner| {
            (
                runner.rug,
                runner.performance.place,
                runner.performance.margin_lengths,
            )
        })
        .collect();
    assert_eq!(
        runs,
        [
            (4, Some(1), Some(1.25)),
            (9, Some(2), Some(1.25)),
            (5, Some(3), Some(1.75)),
            (3, Some(4), Some(3.1)),
            (2, None, None),
            (1, None, None),
            (8, None, None)
        ]
    );
    assert_eq!(first.runners[0].performance.run_time_s, Some(17.66));
    assert_eq!(first.runners[1].performance.winner_time_s, Some(17.66));
    assert_eq!(first.runners[4].performance.outcome.as_deref(), Some("DNF"));
    assert_eq!(first.runners[5].performance.outcome.as_deref(), Some("F"));
    assert_eq!(first.runners[6].performance.outcome.as_deref(), Some("SCR"));
    assert_eq!(first.runners[3].trainer.as_deref(), Some("M & P Maker"));
    // From half a head on nothing is measured.
    assert_eq!(second.runners[1].performance.margin_lengths, None);
}

#[test]
fn lines_that_cannot_be_told_apart_are_faults() {
    let text = String::from_utf8(bytes(NAME)).unwrap();

    let (drafts, faults) = named(
        NAME,
        &text.replace("3-Wet Match-M & P Maker(3.1L)", "3 Wet Match"),
    );

    let Some(Draft::Result(first)) = drafts.first() else {
        panic!("{drafts:?}");
    };
    assert!(first.partial);
    assert_eq!(
        faults,
        ["row 20:  must be like 3-Some Dog-A Trainer(3.1L) (found \"3 Wet Match\")"]
    );
}

#[test]
fn a_page_without_a_day_has_no_races() {
    let text = String::from_utf8(bytes(NAME)).unwrap();

    let (drafts, faults) = named(NAME, &text.replace("Fri, 20 Mar 2020", "today"));

    assert_eq!(drafts, []);
    assert_eq!(faults.len(), 2);
    assert!(faults[0].contains("day must be a date"), "{faults:?}");
}
