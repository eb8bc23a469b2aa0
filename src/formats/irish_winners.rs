//! Winners of Irish races, in windows-1252 with HTML left in: one winning run a row.
//!
//! A row names neither the race's number nor its time and nobody but the winner, so it is a past
//! run of that dog and no result. Distances are yards and weights pounds. `Est_time` is the time
//! corrected by the going: arithmetic, not a fact, and not read.

use super::british::{gap, measured, price};
use super::cells::Cells;
use super::table::{Table, columns};
use super::{Out, Stop, form_rows};
use crate::domain::{DogDraft, FormDraft, PerformanceDraft};

const SOURCE: &str = "irish";

/// Metres in a yard, by law of 1959.
const YARD: f64 = 0.9144;
/// Kilograms in a pound, by the same.
const POUND: f64 = 0.453_592_37;

columns! {
    must {
        dog: "Greyhound_name" => "dog",
        weight: "Weight" => "weight_kg",
        time: "Win_time" => "run_time_s",
        date: "Date" => "day",
        race: "Name_of_race1" => "distance_m",
        track: "County" => "track",
    }
    may {
        sire: "Sire_Name" => "sire",
        dam: "Dam_name" => "dam",
        by: "By" => "margin_lengths",
        sp: "SP" => "sp",
        grade: "Grade" => "grade",
        comment: "Comment" => "comment",
    }
}

/// Every row as a past run that was won.
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
    let time = cells.number(columns.time).filter(|time| *time != 0.0);
    let pounds = cells.number(columns.weight).filter(|weight| *weight != 0.0);
    FormDraft {
        source: SOURCE.to_owned(),
        dog: DogDraft {
            sire: cells.known(columns.sire).map(str::to_owned),
            dam: cells.known(columns.dam).map(str::to_owned),
            ..DogDraft::named(cells.raw(columns.dog))
        },
        track: cells.raw(columns.track).replace('_', " "),
        day: cells.day(columns.date, &["%d-%b-%y", "%d-%b-%Y"]),
        distance_m: yards(columns, cells).map(|yards| (yards * YARD).round()),
        grade: cells.known(columns.grade).map(str::to_owned),
        performance: PerformanceDraft {
            place: Some(1),
            run_time_s: time,
            winner_time_s: time,
            margin_lengths: by(columns, cells),
            weight_kg: pounds.map(|pounds| pounds * POUND),
            sp: sp(columns, cells),
            comment: cells.known(columns.comment).map(str::to_owned),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    }
}

/// The yards of `Flat 525`; hurdles are cut short to `dles 525`.
fn yards(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let last = cells.raw(columns.race).split_whitespace().last();
    last.and_then(|yards| yards.parse::<u16>().ok())
        .map(f64::from)
        .or_else(|| cells.bad(columns.race, "must end with its yards like Flat 525"))
}

fn by(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.known(columns.by)?;
    match gap(text) {
        Some(gap) => measured(gap),
        None => cells.bad(columns.by, "must be a distance between dogs like 1 1/4"),
    }
}

/// A price, if there was one: `n/p` is none.
fn sp(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.known(columns.sp)?;
    if text.eq_ignore_ascii_case("n/p") {
        return None;
    }
    price(text).or_else(|| cells.bad(columns.sp, "must be a price like 7/2, 1/1F, EVS or n/p"))
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::fixture;

    #[test]
    fn yards_and_pounds_become_metres_and_kilograms() {
        let (drafts, faults) = fixture("irish-winners.csv");

        let [Draft::Form(first), Draft::Form(second)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(
            faults,
            ["row 4: SP must be a price like 7/2, 1/1F, EVS or n/p (found \"6-4\")"]
        );
        assert_eq!(
            (first.day.as_str(), first.distance_m),
            ("2018-01-05", Some(480.0))
        );
        let weight = first.performance.weight_kg.unwrap();
        assert!((weight - 28.576).abs() < 0.001, "{weight}");
        assert_eq!(
            (first.performance.place, first.performance.sp),
            (Some(1), None)
        );
        assert_eq!(first.performance.margin_lengths, None);
        assert_eq!(second.track, "Curaheen park");
        assert_eq!(second.dog.sire, None);
        assert_eq!(
            (second.performance.sp, second.performance.run_time_s),
            (Some(2.0), Some(29.5))
        );
    }
}
