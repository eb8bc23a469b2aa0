//! Canonical form runs: one past run a row, its race unknown.
//!
//! `track_src` says whose code the track code is, hence who is the source of the run. The column
//! `box` holds the rug: 9 and 10 occur.

use super::cells::Cells;
use super::table::{Table, columns};
use super::{Out, Stop, form_rows};
use crate::domain::{DogDraft, FormDraft, PerformanceDraft};

columns! {
    must {
        date: "date" => "day",
        track: "track_code" => "track",
        source: "track_src" => "source",
        distance: "distance_m" => "distance_m",
        dog: "dog_name" => "dog",
        rug: "box" => "rug",
        place: "finish_pos" => "place",
    }
    may {
        sex: "sex" => "sex",
        grade: "grade" => "grade",
        field_size: "field_size" => "field_size",
        trainer: "trainer" => "trainer",
        weight: "weight_kg" => "weight_kg",
        run_time: "run_time_s" => "run_time_s",
        winner_time: "winner_time_s" => "winner_time_s",
        best: "best_of_night_s" => "best_of_night_s",
        sectional: "sectional_s" => "sectional_s",
        margin: "margin_lengths" => "margin_lengths",
        other: "winner_or_second" => "other",
        positions: "pir" => "positions",
        sp: "sp_decimal" => "sp",
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
    FormDraft {
        source: cells.raw(columns.source).to_owned(),
        dog: DogDraft {
            sex: cells.words(columns.sex),
            ..DogDraft::named(cells.raw(columns.dog))
        },
        track: cells.raw(columns.track).to_owned(),
        day: cells.raw(columns.date).to_owned(),
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.grade),
        rug: cells.whole(columns.rug),
        field_size: cells.whole(columns.field_size),
        trainer: cells.words(columns.trainer),
        performance: PerformanceDraft {
            place: cells.whole(columns.place),
            run_time_s: cells.number(columns.run_time),
            winner_time_s: cells.number(columns.winner_time),
            best_of_night_s: cells.number(columns.best),
            sectional_s: cells.number(columns.sectional),
            margin_lengths: cells.number(columns.margin),
            weight_kg: cells.number(columns.weight),
            positions: cells.words(columns.positions),
            other: cells.words(columns.other),
            sp: cells.number(columns.sp),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::fixture;

    #[test]
    fn the_box_of_a_past_run_is_its_rug() {
        let (drafts, faults) = fixture("form-runs.csv");

        let [Draft::Form(run), Draft::Form(_)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(
            (run.rug, run.box_no, run.field_size),
            (Some(9), None, Some(8))
        );
        assert_eq!(
            (run.source.as_str(), run.trainer.as_deref()),
            ("thedogs", Some("A Maker"))
        );
        assert_eq!(run.performance.other.as_deref(), Some("Paper Hat"));
    }
}
