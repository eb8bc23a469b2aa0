//! Runs of the Topaz API of Greyhound Racing Victoria, as JSON or saved as a table.
//!
//! Runs of one race stand together and are its result. A race of which a single run is told is
//! seen from one dog's side: a past run.

use std::io;
use std::ops::ControlFlow;

use super::cells::Cells;
use super::json::{Document, Documents};
use super::races::{Race, Races};
use super::sheet::{Sheet, cell, row};
use super::table::{Col, Table, columns};
use super::text::Text;
use super::{Item, Out, RowFault, Stop};
use crate::domain::{
    DogDraft, Draft, FormDraft, Outcome, PerformanceDraft, RaceDraft, ResultRunnerDraft,
};

const SOURCE: &str = "topaz";

columns! {
    must {
        track: "track" => "track",
        day: "meetingDate" => "day",
        race: "raceId" => "ref",
        number: "raceNumber" => "number",
        distance: "distance" => "distance_m",
        dog: "dogName" => "dog",
        rug: "rugNumber" => "rug",
        place: "place" => "place",
    }
    may {
        box_no: "boxNumber" => "box",
        dog_id: "dogId" => "dog.ref",
        grade: "incomingGrade" => "grade",
        trainer: "trainerName" => "trainer",
        weight: "weightInKg" => "weight_kg",
        sp: "startPrice" => "sp",
        scratched: "scratched" => "scratched",
        late: "isLateScratching" => "late",
        unplaced: "unplacedCode" => "outcome",
        time: "resultTime" => "run_time_s",
        margin: "resultMarginLengths" => "margin_lengths",
        positions: "pir" => "positions",
        split: "firstSplitTime" => "sectional_s",
    }
}

/// Members that JSON items may have beside [`MUST`], in any order.
const MAY: [&str; 13] = [
    "boxNumber",
    "dogId",
    "incomingGrade",
    "trainerName",
    "weightInKg",
    "startPrice",
    "scratched",
    "isLateScratching",
    "unplacedCode",
    "resultTime",
    "resultMarginLengths",
    "pir",
    "firstSplitTime",
];

/// Every run of a JSON list, by way of the table that it would have been.
pub(super) fn read_json(documents: &mut Documents<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let names = || MUST.iter().chain(&MAY);
    let mut sheet = Sheet::of(names().copied(), |ready| {
        let Some(Document { row: number, value }) = documents.next().map_err(io::Error::other)?
        else {
            return Ok(());
        };
        let value = value.map_err(|why| io::Error::other(format!("item {number}: {why}")))?;
        let line = |text: String| text.replace(['\r', '\n', '\0'], " ");
        row(
            ready,
            names().map(|name| value.get(name).map(cell).map_or_else(String::new, line)),
        );
        Ok(())
    });
    let mut table = Table::open(Text::open(&mut sheet)?)?;
    // An item has no header above it.
    let mut sink = |item| {
        let item = match item {
            Item::Draft { row, draft } => Item::Draft {
                row: row - 1,
                draft,
            },
            Item::Fault(mut fault) => {
                fault.row -= 1;
                Item::Fault(fault)
            }
        };
        match out.give(item) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_enough) => ControlFlow::Break(()),
        }
    };
    read(&mut table, &mut Out { sink: &mut sink })
}

/// Every race as an official result, or as the past run of one dog.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    let mut races = Races::by(columns.race);
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        if let Some(over) = races.turn(&mut cells) {
            out.outcome(over.row, draft(over))?;
        }
        if cells.clean() {
            if races.headless() {
                let head = head(&columns, &mut cells);
                races.head(head, &mut cells, |at| columns.of(at));
            }
            let runner = runner(&columns, &mut cells);
            races.add(runner, (), &mut cells, |at| columns.of(at));
        }
        out.faults(cells.faults())?;
    }
    let lost = table.lost_its_end();
    for over in races.last(lost) {
        out.outcome(over.row, draft(over))?;
    }
    Ok(())
}

/// The race; a lone run of which no distance is told is none.
fn draft(mut race: Race<()>) -> Result<Draft, RowFault> {
    if let (1, false) = (race.runners.len(), race.partial)
        && let Some((runner, ())) = race.runners.pop()
    {
        let row = race.row;
        let head = race.take_head();
        return match head.distance_m {
            Some(_) => Ok(past_run(head, runner)),
            None => Err(RowFault {
                row,
                column: "distance".to_owned(),
                value: String::new(),
                rule: "must be given of a past run".to_owned(),
            }),
        };
    }
    let winner = |(runner, ()): &(ResultRunnerDraft, ())| runner.performance.place == Some(1);
    race.partial |= !race.runners.iter().any(winner);
    Ok(race.into_result("official"))
}

fn past_run(race: RaceDraft, runner: ResultRunnerDraft) -> Draft {
    Draft::Form(Box::new(FormDraft {
        source: race.source,
        dog: runner.dog.unwrap_or_default(),
        track: race.track,
        day: race.day,
        number: race.number,
        distance_m: race.distance_m,
        grade: race.grade,
        rug: Some(runner.rug),
        box_no: runner.box_no,
        field_size: None,
        trainer: runner.trainer,
        trial: false,
        performance: runner.performance,
    }))
}

fn head(columns: &Columns, cells: &mut Cells<'_>) -> RaceDraft {
    RaceDraft {
        source: SOURCE.to_owned(),
        track: cells.raw(columns.track).to_owned(),
        day: day(cells, columns.day),
        number: cells.whole(columns.number),
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.grade),
        reference: cells.words(columns.race).map(|id| (SOURCE.to_owned(), id)),
        ..RaceDraft::default()
    }
}

/// The day of `2017-01-01T00:00:00.000Z`, which is the day at the track and no instant.
fn day(cells: &Cells<'_>, column: Col) -> String {
    let raw = cells.raw(column);
    raw.split_once('T').map_or(raw, |(day, _)| day).to_owned()
}

fn runner(columns: &Columns, cells: &mut Cells<'_>) -> ResultRunnerDraft {
    let is_true = |cells: &Cells<'_>, column| cells.raw(column).eq_ignore_ascii_case("true");
    let scratched = is_true(cells, columns.scratched) || is_true(cells, columns.late);
    let place = cells.whole(columns.place).filter(|place| *place > 0);
    let outcome = match (scratched, place, cells.text(columns.unplaced)) {
        (true, ..) => Some("SCR"),
        // A code that nobody has explained is still no place.
        (false, None, Some(code)) => Some(Outcome::parse(code).map_or("U", |_known| code)),
        (false, ..) => None,
    };
    let run = !scratched;
    let margin = lengths(columns, cells).filter(|_| place.is_some_and(|place| place > 1));
    ResultRunnerDraft {
        rug: cells.whole(columns.rug).unwrap_or_default(),
        box_no: cells.whole(columns.box_no).filter(|_| run),
        dog: Some(DogDraft {
            reference: cells
                .words(columns.dog_id)
                .map(|id| (SOURCE.to_owned(), id)),
            ..DogDraft::named(cells.raw(columns.dog))
        }),
        trainer: cells.words(columns.trainer),
        performance: PerformanceDraft {
            place: place.filter(|_| run),
            outcome: outcome.map(str::to_owned),
            run_time_s: cells.number(columns.time).filter(|time| run && *time > 0.0),
            sectional_s: cells
                .number(columns.split)
                .filter(|time| run && *time > 0.0),
            margin_lengths: margin.filter(|_| run),
            weight_kg: cells.number(columns.weight).filter(|weight| *weight > 0.0),
            positions: cells.words(columns.positions).filter(|_| run),
            sp: price(columns, cells).filter(|_| run),
            ..PerformanceDraft::default()
        },
    }
}

/// `0.25L`
fn lengths(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.text(columns.margin)?;
    let number = text.trim_end_matches(['L', 'l']).trim().parse::<f64>().ok();
    number.or_else(|| cells.bad(columns.margin, "must be lengths like 0.25L"))
}

/// `$2.70F`, `2.7`; `$0.00` is no price.
fn price(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.text(columns.sp)?;
    let number = text
        .trim_start_matches('$')
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number = number.trim().parse::<f64>().ok();
    let number = number.or_else(|| cells.bad(columns.sp, "must be a price like $2.70F"));
    number.filter(|price| *price > 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{fixture, text};

    #[test]
    fn runs_of_one_race_are_its_result_and_a_lone_run_a_past_run() {
        let (drafts, faults) = fixture("topaz.json");

        let [Draft::Result(race), Draft::Form(run)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(
            (race.race.day.as_str(), race.race.number),
            ("2026-01-01", Some(3))
        );
        assert!(!race.partial);
        let first = &race.runners[0].performance;
        assert_eq!((first.sp, first.margin_lengths), (Some(2.7), None));
        assert_eq!(race.runners[1].performance.margin_lengths, Some(0.25));
        assert_eq!(race.runners[2].performance.outcome.as_deref(), Some("SCR"));
        assert_eq!(race.runners[3].performance.outcome.as_deref(), Some("U"));
        assert_eq!((run.rug, run.performance.place), (Some(8), Some(4)));
    }

    #[test]
    fn a_fault_names_its_item() {
        let (_, faults) = text(
            r#"[{"track":"Sale","meetingDate":"2026-01-01","raceId":1,"raceNumber":1,"distance":440,
              "dogName":"A","rugNumber":1,"place":1,"startPrice":"evens"}]"#,
        );

        assert_eq!(
            faults,
            [r#"row 1: startPrice must be a price like $2.70F (found "evens")"#]
        );
    }

    #[test]
    fn a_past_run_must_tell_its_distance() {
        let (drafts, faults) = text(
            r#"[{"track":"Sale","meetingDate":"2026-01-01","raceId":1,"raceNumber":1,"distance":null,
              "dogName":"A","rugNumber":1,"place":1}]"#,
        );

        assert_eq!(drafts, []);
        assert_eq!(
            faults,
            [r#"row 1: distance must be given of a past run (found "")"#]
        );
    }

    #[test]
    fn the_same_runs_saved_as_a_table_say_the_same() {
        let (drafts, faults) = text(
            "track,meetingDate,raceId,raceNumber,distance,dogName,rugNumber,place\n\
             Sale,2026-01-01T00:00:00.000Z,1,1,440,A,1,1\n\
             Sale,2026-01-01T00:00:00.000Z,1,1,440,B,2,2\n",
        );

        assert_eq!(faults, [""; 0]);
        assert!(matches!(drafts.as_slice(), [Draft::Result(race)] if race.runners.len() == 2));
    }
}
