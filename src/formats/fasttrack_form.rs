//! A dog's form page of FastTrack: one past run a row, the dog itself only in the file's name.
//!
//! `Bx` is the box: the rug of a reserve is not told. A row with `Pl` of `R` is a race in which the
//! dog stood by and did not run, so it is no run.

use super::cells::Cells;
use super::table::{Table, columns};
use super::{Out, Refusal, Stop, form_rows, named};
use crate::domain::{DogDraft, FormDraft, PerformanceDraft};

const SOURCE: &str = "fasttrack";

const NAMING: &str = "it does not name its dog: the file's name must hold the dog's FastTrack id, \
                      like `dog_890320106_races.csv`";

columns! {
    must {
        place: "Pl" => "place",
        stall: "Bx" => "box",
        weight: "Wght" => "weight_kg",
        distance: "Dist" => "distance_m",
        track: "Trk" => "track",
        number: "Race" => "number",
        date: "Date" => "day",
        time: "Time" => "run_time_s",
        margin: "M'gin" => "margin_lengths",
        other: "1st/2nd Time" => "other",
    }
    may {
        best: "BON" => "best_of_night_s",
        sectional: "Split1" => "sectional_s",
        positions: "PIR" => "positions",
        comment: "Comment" => "comment",
        sp: "S/P" => "sp",
        grade: "Grade" => "grade",
    }
}

/// Every row as a past run of the dog.
pub(super) fn read(name: &str, table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let dog = named::dog(name).ok_or_else(|| Refusal::new(NAMING))?;
    let columns = Columns::find(table.header());
    form_rows::read(
        table,
        out,
        |cells| form(&columns, dog, cells),
        |at| columns.of(at),
    )
}

fn form(columns: &Columns, dog: &str, cells: &mut Cells<'_>) -> Option<FormDraft> {
    let raw = cells.raw(columns.place);
    if raw.eq_ignore_ascii_case("R") {
        return None;
    }
    let place: Option<i64> = raw.parse().ok();
    let code = cells.known(columns.place).filter(|_| place.is_none());
    let (other, time) = winner(columns, cells);
    let own = cells.number(columns.time);
    Some(FormDraft {
        source: SOURCE.to_owned(),
        dog: DogDraft {
            reference: Some((SOURCE.to_owned(), dog.to_owned())),
            ..DogDraft::default()
        },
        track: cells.raw(columns.track).to_owned(),
        day: cells.day(columns.date, &["%d/%m/%Y", "%Y-%m-%d"]),
        number: number(columns, cells),
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.grade),
        box_no: cells.whole(columns.stall),
        performance: PerformanceDraft {
            place,
            outcome: code.map(str::to_owned),
            run_time_s: own,
            // In brackets stands the winner's time, or the second's where this dog won.
            winner_time_s: if place == Some(1) { own } else { time },
            best_of_night_s: cells.number(columns.best),
            sectional_s: cells.number(columns.sectional),
            margin_lengths: cells.number(columns.margin),
            weight_kg: cells.number(columns.weight),
            positions: cells.words(columns.positions),
            other,
            sp: cells.dollars(columns.sp),
            comment: cells.words(columns.comment),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    })
}

/// The number of `R3`.
fn number(columns: &Columns, cells: &mut Cells<'_>) -> Option<i64> {
    let text = cells.text(columns.number)?;
    let digits = text.strip_prefix('R').unwrap_or(text);
    digits
        .parse()
        .ok()
        .or_else(|| cells.bad(columns.number, "must be a race like R3"))
}

/// Name and time of `DR. HOPPER (24.95)`.
fn winner(columns: &Columns, cells: &mut Cells<'_>) -> (Option<String>, Option<f64>) {
    let Some(text) = cells.text(columns.other) else {
        return (None, None);
    };
    let Some((name, time)) = text.rsplit_once(" (") else {
        return (Some(text.to_owned()), None);
    };
    let time = time.trim_end_matches(')').parse().ok();
    let time = time.or_else(|| cells.bad(columns.other, "must be like DR. HOPPER (24.95)"));
    (Some(name.to_owned()), time)
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::{bytes, fixture, items};

    const NAME: &str = "dog_700000001_races.csv";

    #[test]
    fn the_dog_is_the_files_and_a_reserve_did_not_run() {
        let (drafts, faults) = fixture(NAME);

        let [Draft::Form(beaten), Draft::Form(won)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        let id = Some(("fasttrack".to_owned(), "700000001".to_owned()));
        assert_eq!((&beaten.dog.reference, &beaten.dog.name), (&id, &None));
        assert_eq!(
            (beaten.day.as_str(), beaten.number),
            ("2025-07-30", Some(1))
        );
        assert_eq!((beaten.box_no, beaten.rug), (Some(7), None));
        assert_eq!(beaten.performance.other.as_deref(), Some("DR. BUTTON"));
        assert_eq!(beaten.performance.winner_time_s, Some(24.95));
        assert_eq!(beaten.performance.sp, Some(4.5));
        assert_eq!(won.performance.winner_time_s, Some(17.35));
        assert_eq!(
            (won.performance.sp, won.performance.weight_kg),
            (Some(1.5), None)
        );
    }

    #[test]
    fn a_file_whose_name_tells_no_dog_is_refused() {
        let refusal = items("races.csv", &bytes(NAME)).0.unwrap_err();

        assert!(
            refusal.reason.contains("does not name its dog"),
            "{refusal}"
        );
    }
}
