//! Histories of single dogs from the GBGB API, flattened to CSV: one past run a row.
//!
//! The dog's name is often left out: its id must then be known already, from results or cards. A
//! gap is that to the dog in front, so only the second's is a margin; the others' cannot be summed
//! from one row.

use super::british::{Gap, gap, is_trial, measured, price};
use super::cells::Cells;
use super::table::{Table, columns};
use super::{Out, Stop, form_rows};
use crate::domain::{DogDraft, FormDraft, PerformanceDraft};

const SOURCE: &str = "gbgb";

columns! {
    must {
        dog_id: "dogId" => "ref",
        dog: "dogName" => "dog",
        sp: "SP" => "sp",
        position: "resultPosition" => "place",
        gap: "resultBtnDistance" => "margin_lengths",
        run_time: "resultRunTime" => "run_time_s",
        other: "winnerOr2ndName" => "other",
        trap: "trapNumber" => "rug",
        date: "raceDate" => "day",
        class: "raceClass" => "grade",
        distance: "raceDistance" => "distance_m",
        winner_time: "raceWinTime" => "winner_time_s",
        track: "trackName" => "track",
    }
    may {
        sectional: "resultSectionalTime" => "sectional_s",
        comment: "resultComment" => "comment",
        weight: "resultDogWeight" => "weight_kg",
        number: "raceNumber" => "number",
        trainer: "trainerName" => "trainer",
    }
}

/// Every row as a past run.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    form_rows::read(
        table,
        out,
        |cells| Some(form(&columns, cells)),
        |at| columns.of(at),
    )
}

fn form(columns: &Columns, cells: &mut Cells<'_>) -> FormDraft {
    let place = cells.whole(columns.position).filter(|place| *place != 0);
    let gap = gap_of(columns, cells);
    let sp = sp(columns, cells);
    let trial = is_trial(cells.raw(columns.class));
    let trap = cells.whole(columns.trap).filter(|trap| *trap != 0);
    let time = |time: Option<f64>| time.filter(|time| *time != 0.0);
    FormDraft {
        source: SOURCE.to_owned(),
        dog: DogDraft {
            reference: cells
                .words(columns.dog_id)
                .map(|id| (SOURCE.to_owned(), id)),
            name: cells.words(columns.dog),
            ..DogDraft::default()
        },
        track: cells.raw(columns.track).to_owned(),
        day: cells.day(columns.date, &["%d/%m/%Y", "%Y-%m-%d"]),
        number: cells.whole(columns.number),
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.class),
        rug: trap,
        box_no: trap,
        trainer: cells.words(columns.trainer),
        trial,
        performance: PerformanceDraft {
            place: place.filter(|_| !trial && gap != Gap::NoFinish),
            outcome: (gap == Gap::NoFinish).then(|| "DNF".to_owned()),
            run_time_s: time(cells.number(columns.run_time)),
            winner_time_s: time(cells.number(columns.winner_time)),
            sectional_s: time(cells.number(columns.sectional)),
            margin_lengths: measured(gap).filter(|_| place == Some(2) && !trial),
            weight_kg: cells.number(columns.weight),
            other: cells.words(columns.other),
            sp,
            comment: cells.words(columns.comment),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    }
}

fn gap_of(columns: &Columns, cells: &mut Cells<'_>) -> Gap {
    gap(cells.raw(columns.gap)).unwrap_or_else(|| {
        let rule = "must be a distance between dogs like SH, 1 1/4, DIS or DNF";
        cells.bad(columns.gap, rule).unwrap_or_default()
    })
}

fn sp(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.text(columns.sp)?;
    price(text).or_else(|| cells.bad(columns.sp, "must be a price like 7/2, 11/10F or EVS"))
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::fixture;

    #[test]
    fn a_run_belongs_to_an_id_and_only_the_second_has_a_margin() {
        let (drafts, faults) = fixture("gbgb-history.csv");

        let runs: Vec<_> = drafts
            .iter()
            .map(|draft| match draft {
                Draft::Form(run) => run,
                other => panic!("{other:?}"),
            })
            .collect();
        let [last, second, trial] = runs.as_slice() else {
            panic!("{runs:?}");
        };
        assert_eq!(faults, [""; 0]);
        let id = Some(("gbgb".to_owned(), "700101".to_owned()));
        assert_eq!((&last.dog.reference, &last.dog.name), (&id, &None));
        assert_eq!(last.performance.outcome.as_deref(), Some("DNF"));
        assert_eq!(
            (last.performance.place, last.performance.run_time_s),
            (None, None)
        );
        assert_eq!(second.performance.margin_lengths, Some(0.5));
        assert_eq!(second.performance.winner_time_s, Some(30.21));
        assert!(trial.trial);
        assert_eq!((trial.rug, trial.performance.place), (None, None));
        assert_eq!(trial.performance.sectional_s, None);
    }
}
