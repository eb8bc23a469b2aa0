//! Form guides in the style of Victoria's register: one past run a row, line breaks inside cells.
//!
//! `Time` is the winner's, rounded to a tenth: too coarse to stand beside the hundredths of others,
//! so it is not read. `Placing` lists the first three without the dog itself.

use super::cells::Cells;
use super::table::{Table, columns};
use super::{Out, Stop, form_rows};
use crate::domain::{DogDraft, FormDraft, PerformanceDraft};

const SOURCE: &str = "grv-form";

columns! {
    must {
        dog: "Greyhound" => "dog",
        place: "Plc" => "place",
        date: "Date" => "day",
        track: "Track" => "track",
        distance: "Distance" => "distance_m",
        margin: "Mgn" => "margin_lengths",
        grade: "Class" => "grade",
        stall: "Box" => "box",
        positions: "In Run" => "positions",
        sp: "Price" => "sp",
        placing: "Placing" => "other",
    }
    may {}
}

/// Every row as a past run.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    form_rows::read(
        table,
        out,
        |cells| Some(form(&columns, cells)),
        |at| match at {
            "field_size" | "outcome" => columns.place,
            at => columns.of(at),
        },
    )
}

fn form(columns: &Columns, cells: &mut Cells<'_>) -> FormDraft {
    let raw = cells.raw(columns.place);
    let (place, field) = raw.split_once('/').unwrap_or((raw, ""));
    let number: Option<i64> = place.parse().ok();
    let code = Some(place).filter(|code| number.is_none() && !code.is_empty());
    // The winner's lead is written as less than nothing.
    let margin = cells.number(columns.margin);
    let margin = if number == Some(1) {
        margin.map(f64::abs)
    } else {
        margin
    };
    FormDraft {
        source: SOURCE.to_owned(),
        dog: DogDraft::named(cells.raw(columns.dog)),
        track: cells.raw(columns.track).to_owned(),
        day: cells.day(columns.date, &["%Y-%m-%d", "%d/%m/%Y"]),
        distance_m: cells.number(columns.distance),
        grade: cells.known(columns.grade).map(str::to_owned),
        box_no: cells.whole(columns.stall),
        field_size: field.parse().ok(),
        performance: PerformanceDraft {
            place: number,
            outcome: code.map(str::to_owned),
            margin_lengths: margin,
            positions: cells
                .known(columns.positions)
                .map(|calls| calls.replace(',', "")),
            other: other(cells.raw(columns.placing)),
            sp: cells.dollars(columns.sp),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    }
}

/// The first name of `1. Paper Hat`, line break, `3. Cold Iron`: the winner, or the second.
fn other(placing: &str) -> Option<String> {
    let (_, name) = placing.lines().next()?.split_once(". ")?;
    Some(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::fixture;

    #[test]
    fn cells_of_several_lines_are_one_run() {
        let (drafts, faults) = fixture("grv-form.csv");

        let [Draft::Form(beaten), Draft::Form(won)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(
            faults,
            ["row 4: Mgn must be 0 to 1000 lengths (found \"-2\")"]
        );
        let run = &beaten.performance;
        assert_eq!((run.place, beaten.field_size), (Some(4), Some(7)));
        assert_eq!(run.positions.as_deref(), Some("322"));
        assert_eq!(run.other.as_deref(), Some("Dr. Button"));
        assert_eq!((run.sp, run.winner_time_s), (Some(6.0), None));
        assert_eq!(won.performance.margin_lengths, Some(1.25));
        assert_eq!(
            (won.performance.sp, won.performance.positions.as_deref()),
            (None, None)
        );
        assert_eq!(won.performance.other.as_deref(), Some("Tin Whistle"));
    }
}
