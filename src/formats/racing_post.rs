//! Form lines as the Racing Post prints them: one past run a row, British and Irish dogs.
//!
//! `By` is lengths behind the winner, or the winner's lead, and `WnTm` is the winner's time: a
//! beaten dog's own is not told. `CalTm` is that time worked out for the going, so it is not read.
//! `NR` did not run, and a row without place, rival and time tells of a race not yet run or called
//! off: neither is a past run.

use super::british::{Gap, gap, is_trial, measured, price};
use super::cells::Cells;
use super::table::{Table, columns};
use super::{Out, Stop, form_rows};
use crate::domain::{DogDraft, FormDraft, PerformanceDraft};

const SOURCE: &str = "racing-post";

columns! {
    must {
        date: "Date" => "day",
        track: "Track" => "track",
        distance: "Dis" => "distance_m",
        trap: "Trp" => "rug",
        finish: "Fin" => "place",
        by: "By" => "margin_lengths",
        other: "Win/Sec" => "other",
        time: "WnTm" => "winner_time_s",
        dog: "DogName" => "dog",
    }
    may {
        sectional: "Split" => "sectional_s",
        bends: "Bends" => "positions",
        remarks: "Remarks" => "comment",
        weight: "Wght" => "weight_kg",
        sp: "SP" => "sp",
        grade: "Grade" => "grade",
        id: "DogId" => "ref",
    }
}

/// Every row as a past run.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    form_rows::read(
        table,
        out,
        |cells| form(&columns, cells),
        |at| columns.of(at),
    )
}

fn form(columns: &Columns, cells: &mut Cells<'_>) -> Option<FormDraft> {
    let place = place(columns, cells);
    let winner_time = cells.number(columns.time).filter(|time| *time != 0.0);
    let untold = cells.known(columns.finish).is_none() && winner_time.is_none();
    if cells.raw(columns.finish).eq_ignore_ascii_case("NR") || untold {
        return None;
    }
    let sp = sp(columns, cells);
    // A race between tracks (IT) has prices, a trial of that class has none.
    let trial = is_trial(cells.raw(columns.grade)) && sp.is_none();
    let other = cells.known(columns.other);
    let alone = other == Some("Solo");
    let trap = trap(columns, cells);
    let gap = behind(columns, cells);
    Some(FormDraft {
        source: SOURCE.to_owned(),
        dog: dog(columns, cells),
        track: cells.raw(columns.track).to_owned(),
        day: cells.day(columns.date, &["%d%b%y"]),
        distance_m: cells.with_unit(columns.distance, "m"),
        grade: cells.known(columns.grade).map(str::to_owned),
        rug: trap,
        box_no: trap,
        trial,
        performance: PerformanceDraft {
            place: place.filter(|_| !trial),
            outcome: (gap == Gap::NoFinish).then(|| "DNF".to_owned()),
            run_time_s: winner_time.filter(|_| place == Some(1) || alone),
            winner_time_s: winner_time,
            sectional_s: cells.number(columns.sectional),
            margin_lengths: measured(gap).filter(|_| !trial),
            weight_kg: cells.number(columns.weight),
            positions: bends(cells.known(columns.bends)),
            other: other.filter(|_| !alone).map(plain_name),
            sp,
            comment: cells.known(columns.remarks).map(str::to_owned),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    })
}

fn dog(columns: &Columns, cells: &Cells<'_>) -> DogDraft {
    let id = cells.known(columns.id);
    DogDraft {
        reference: id.map(|id| (SOURCE.to_owned(), id.to_owned())),
        ..DogDraft::named(cells.raw(columns.dog))
    }
}

/// The place of `2nd`; `NR` and `NA` are none.
fn place(columns: &Columns, cells: &mut Cells<'_>) -> Option<i64> {
    let text = cells.known(columns.finish)?;
    if ["NR", "DNF"].contains(&text) {
        return None;
    }
    let ordinal = |c: char| c.is_ascii_alphabetic();
    text.trim_end_matches(ordinal)
        .parse()
        .ok()
        .or_else(|| cells.bad(columns.finish, "must be a position like 2nd, or NR"))
}

/// The trap of `[5]`; `[0]` is unknown.
fn trap(columns: &Columns, cells: &mut Cells<'_>) -> Option<i64> {
    let text = cells.known(columns.trap)?;
    let digits = text.trim_start_matches('[').trim_end_matches(']');
    digits
        .parse()
        .ok()
        .or_else(|| cells.bad(columns.trap, "must be a trap like [5]"))
        .filter(|trap| *trap != 0)
}

fn behind(columns: &Columns, cells: &mut Cells<'_>) -> Gap {
    let text = cells.known(columns.by).unwrap_or_default();
    gap(text).unwrap_or_else(|| {
        let rule = "must be a distance between dogs like shd, 2¼, dist or DNF";
        cells.bad(columns.by, rule).unwrap_or_default()
    })
}

fn sp(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.known(columns.sp)?;
    price(text).or_else(|| cells.bad(columns.sp, "must be a price like 7/2, 5/2J or EvsF"))
}

/// The digits of `1-2-`: a dash is a bend that a short race has not.
fn bends(text: Option<&str>) -> Option<String> {
    let digits: String = text?.chars().filter(|c| *c != '-').collect();
    Some(digits).filter(|digits| !digits.is_empty())
}

/// The name without the start of its handicap, `R4` or `Scr`, which a hard space sets off.
fn plain_name(text: &str) -> String {
    let name = text.split_once('\u{a0}').map_or(text, |(_, name)| name);
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::{fixture, items};

    #[test]
    fn the_beaten_have_a_margin_and_only_the_winner_its_own_time() {
        let (drafts, faults) = fixture("racing-post.csv");

        let runs: Vec<_> = drafts
            .iter()
            .map(|draft| match draft {
                Draft::Form(run) => run,
                other => panic!("{other:?}"),
            })
            .collect();
        let [beaten, won, solo, stopped] = runs.as_slice() else {
            panic!("{runs:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!((beaten.day.as_str(), beaten.rug), ("2019-10-29", Some(5)));
        assert_eq!(beaten.performance.margin_lengths, Some(2.25));
        assert_eq!(
            (
                beaten.performance.run_time_s,
                beaten.performance.winner_time_s
            ),
            (None, Some(27.75))
        );
        assert_eq!(beaten.performance.other.as_deref(), Some("Dr Button"));
        assert_eq!(won.performance.run_time_s, Some(16.47));
        assert_eq!(won.performance.positions.as_deref(), Some("12"));
        assert_eq!(won.performance.sp, Some(3.5));
        assert!(solo.trial && !won.trial);
        assert_eq!(
            (solo.performance.run_time_s, &solo.performance.other),
            (Some(28.18), &None)
        );
        assert_eq!(stopped.performance.outcome.as_deref(), Some("DNF"));
        let id = Some(("racing-post".to_owned(), "700002".to_owned()));
        assert_eq!(won.dog.reference, id);
    }

    #[test]
    fn lines_without_a_header_lack_their_dog() {
        let line =
            "05Nov19|Sland|450m|[5]|5.03|1222|3rd|2|Wet Match|EvCh|27.57|+10|26.1|5/2J|A2|27.75\n";

        let refusal = items("x.txt", line.as_bytes()).0.unwrap_err();

        assert!(
            refusal.reason.contains("no column names their dog"),
            "{refusal}"
        );
    }
}
