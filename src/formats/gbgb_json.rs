//! Results of the GBGB API as they come: meetings with their races, or the runs of one dog.
//!
//! A meeting has the names of the flattened file of [`super::gbgb_api`], spread over three levels,
//! so it is flattened and read there. The runs of a dog show its races from one side only: they
//! are past runs, and the margin is known where the dog in front was the winner.

use std::ops::ControlFlow;

use serde_json::Value;

use super::british::{Gap, gap, is_trial, month, price};
use super::json::Documents;
use super::node::{Node, Notes, member};
use super::sheet::{cell, row};
use super::table::Table;
use super::text::Text;
use super::{Item, Out, Stop, gbgb_api};
use crate::domain::{DogDraft, Draft, FormDraft, PerformanceDraft};

const SOURCE: &str = "gbgb";

/// Members that [`gbgb_api`] may use beside those it must have.
const MAY: [&str; 4] = [
    "racePrizes",
    "trainerName",
    "resultComment",
    "resultDogWeight",
];

/// Draft fields of a past run, and the members that fill them.
const FIELDS: [(&str, &str); 16] = [
    ("track", "trackName"),
    ("day", "raceDate"),
    ("number", "raceNumber"),
    ("distance_m", "raceDistance"),
    ("grade", "raceClass"),
    ("rug", "trapNumber"),
    ("box", "trapNumber"),
    ("trainer", "trainerName"),
    ("dog", "dogName"),
    ("place", "resultPosition"),
    ("run_time_s", "resultRunTime"),
    ("sectional_s", "resultSectionalTime"),
    ("weight_kg", "resultDogWeight"),
    ("comment", "resultComment"),
    ("sp", "SP"),
    ("whelped", "dogBorn"),
];

/// Every race of a meeting as a result, every trial and every run of a dog as a past run.
pub(super) fn read(documents: &mut Documents<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    while let Some((row, value)) = documents.good(out)? {
        if value.get("races").is_some() || value.get("traps").is_some() {
            meeting(row, &value, out)?;
            continue;
        }
        let notes = Notes::of(row);
        let form = run(&Node::root(&value, &notes));
        let form = Draft::Form(Box::new(form));
        notes.all(form.faults(), |at| member(&FIELDS, at));
        if notes.clean() {
            out.draft(row, form)?;
        }
        out.faults(notes.faults())?;
    }
    Ok(())
}

fn meeting(number: u64, meeting: &Value, out: &mut Out<'_>) -> Result<(), Stop> {
    let (sheet, paths) = flat(meeting);
    let mut bytes = sheet.as_slice();
    let mut table = Table::open(Text::open(&mut bytes)?)?;
    let mut sink = |item| {
        let item = match item {
            Item::Draft { draft, .. } => Item::Draft { row: number, draft },
            Item::Fault(mut fault) => {
                // Below the header, and counted from one.
                let at = usize::try_from(fault.row)
                    .unwrap_or_default()
                    .checked_sub(2);
                let path = at.and_then(|at| paths.get(at)).map_or("", String::as_str);
                fault.column = format!("{path}.{}", fault.column);
                fault.row = number;
                Item::Fault(fault)
            }
        };
        match out.give(item) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_enough) => ControlFlow::Break(()),
        }
    };
    gbgb_api::read(&mut table, &mut Out { sink: &mut sink })
}

/// A row for each trap, and the path of each. What a trap does not say its race says, or else the
/// meeting.
fn flat(meeting: &Value) -> (Vec<u8>, Vec<String>) {
    let names = || gbgb_api::MUST.iter().chain(&MAY);
    let (mut sheet, mut paths) = (Vec::new(), Vec::new());
    row(&mut sheet, names());
    let whole = std::slice::from_ref(meeting);
    let races = meeting.get("races").and_then(Value::as_array);
    for (n, race) in races.map_or(whole, Vec::as_slice).iter().enumerate() {
        let traps = race.get("traps").and_then(Value::as_array);
        for (m, trap) in traps.into_iter().flatten().enumerate() {
            let levels = [trap, race, meeting];
            let told = |name: &str| levels.iter().find_map(|level| level.get(name));
            let value = |name: &&str| match (told(name), *name) {
                (None, "raceDate") => told("meetingDate").map(cell),
                (value, _) => value.map(cell),
            };
            let line = |text: String| text.replace(['\r', '\n', '\0'], " ");
            row(
                &mut sheet,
                names().map(|name| value(name).map_or_else(String::new, line)),
            );
            paths.push(match races {
                Some(_) => format!("races[{n}].traps[{m}]"),
                None => format!("traps[{m}]"),
            });
        }
    }
    (sheet, paths)
}

fn run(node: &Node<'_>) -> FormDraft {
    let class = node.text("raceClass");
    let trial = class.as_deref().is_some_and(is_trial);
    let trap = node.whole("trapNumber").filter(|trap| *trap != 0);
    let place = node
        .whole("resultPosition")
        .filter(|place| *place > 0 && !trial);
    FormDraft {
        source: SOURCE.to_owned(),
        dog: dog(node),
        track: node.text("trackName").unwrap_or_default(),
        day: day(node),
        number: node.whole("raceNumber"),
        distance_m: node.number("raceDistance"),
        grade: class,
        rug: trap,
        box_no: trap,
        trainer: node.text("trainerName"),
        trial,
        performance: performance(node, place),
        ..FormDraft::default()
    }
}

fn performance(node: &Node<'_>, place: Option<i64>) -> PerformanceDraft {
    let text = node.text("resultBtnDistance").unwrap_or_default();
    let gap = gap(&text).or_else(|| node.bad("resultBtnDistance", "must be like SH, 1 1/4 or DIS"));
    let behind = match gap {
        Some(Gap::Hundredths(gap)) if place == Some(2) => Some(f64::from(gap) / 100.0),
        _ => None,
    };
    let sp = node.text("SP").and_then(|text| {
        price(&text).or_else(|| node.bad("SP", "must be a price like 7/2, 11/10F or EVS"))
    });
    PerformanceDraft {
        place: place.filter(|_| gap != Some(Gap::NoFinish)),
        outcome: (gap == Some(Gap::NoFinish)).then(|| "DNF".to_owned()),
        margin_lengths: behind,
        run_time_s: node.number("resultRunTime"),
        sectional_s: node.number("resultSectionalTime"),
        weight_kg: node.number("resultDogWeight"),
        comment: node.text("resultComment"),
        sp,
        ..PerformanceDraft::default()
    }
}

fn dog(node: &Node<'_>) -> DogDraft {
    DogDraft {
        reference: node.text("dogId").map(|id| (SOURCE.to_owned(), id)),
        name: node.text("dogName"),
        sex: node.text("dogSex"),
        whelped: node.text("dogBorn").map(|text| month(&text)),
        sire: node.text("dogSire"),
        dam: node.text("dogDam"),
        ..DogDraft::default()
    }
}

fn day(node: &Node<'_>) -> String {
    let text = node.text("raceDate").unwrap_or_default();
    chrono::NaiveDate::parse_from_str(&text, "%d/%m/%Y").map_or(text, |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{bytes, fixture, text};

    #[test]
    fn a_meeting_says_what_its_flat_file_says() {
        let (drafts, faults) = fixture("gbgb-meeting.json");

        let [Draft::Result(race)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(
            (race.race.day.as_str(), race.race.session),
            ("2024-05-15", Some(2))
        );
        let runs: Vec<_> = race
            .runners
            .iter()
            .map(|runner| {
                (
                    runner.rug,
                    runner.performance.margin_lengths,
                    runner.performance.sp,
                )
            })
            .collect();
        assert_eq!(
            runs,
            [
                (5, Some(0.1), Some(2.1)),
                (2, Some(0.1), Some(2.0)),
                (3, Some(1.35), Some(4.5))
            ],
            "gaps are summed, and nobody stood in trap 4"
        );
    }

    #[test]
    fn a_fault_names_the_trap() {
        let spoiled = String::from_utf8(bytes("gbgb-meeting.json")).unwrap();

        let (drafts, faults) = text(&spoiled.replace("\"25.03\"", "\"soon\""));

        assert_eq!(
            faults,
            [r#"row 1: races[0].traps[1].resultRunTime must be a number (found "soon")"#]
        );
        assert!(matches!(&drafts[0], Draft::Result(race) if race.partial));
    }

    #[test]
    fn the_runs_of_a_dog_are_past_runs() {
        let (drafts, faults) = fixture("gbgb-dog.json");

        let [Draft::Form(second), Draft::Form(trial)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(second.performance.margin_lengths, Some(1.25));
        assert_eq!(second.day, "2024-05-15");
        assert!(trial.trial && trial.performance.place.is_none());
    }
}
