//! Small lists of results: track, race and the rugs in the order of finish, `1875`.
//!
//! No dog is named: a card or a fuller result of the same race names the rugs. Nobody but the first
//! four is told, so the list is partial. Three layouts are about: the day is a column, or it is
//! glued to the track (`Grafton25/11/25`), or it stands in the file's name.

use chrono::NaiveDate;

use super::cells::Cells;
use super::table::{Col, Header, Table, columns};
use super::{Out, Refusal, Stop, named};
use crate::domain::{Draft, PerformanceDraft, RaceDraft, ResultDraft, ResultRunnerDraft};

const SOURCE: &str = "rug-results";

const NAMING: &str = "its rows have no day: a column `Date`, the track (`Grafton25/11/25`) or the \
                      file's name (`results_2025-11-28.csv`) must hold it";

columns! {
    must {
        track: "Track" => "track",
        number: "Race" => "number",
    }
    may {
        date: "Date" => "day",
        winner: "Winner" => "rug",
        result: "Result" => "rug",
        full: "FullResult" => "rug",
    }
}

/// Whether the header has these columns and no other; `Winner` beside a dog's name is a dog.
pub(super) fn fits(header: &Header) -> bool {
    const ALL: [&str; 6] = ["Track", "Race", "Date", "Winner", "Result", "FullResult"];
    let known = |name: &String| ALL.iter().any(|own| name.eq_ignore_ascii_case(own));
    let order = ["Winner", "Result", "FullResult"];
    let told = |name: &&str| header.find(name) != Col::NONE;
    header.names().iter().all(known) && order.iter().any(told)
}

/// Every row as the official result of a race.
pub(super) fn read(name: &str, table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    let of_file = named::day(name);
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        let (track, glued) = track_and_day(cells.raw(columns.track));
        let day = if columns.date == Col::NONE {
            let day = glued.or(of_file).ok_or_else(|| Refusal::new(NAMING))?;
            day.to_string()
        } else {
            cells.day(columns.date, &["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"])
        };
        let result = ResultDraft {
            race: RaceDraft {
                source: SOURCE.to_owned(),
                track: track.to_owned(),
                day,
                number: number(&columns, &mut cells),
                ..RaceDraft::default()
            },
            known_at: None,
            status: "official".to_owned(),
            partial: true,
            runners: runners(&columns, &mut cells),
        };
        cells.checked(result.check(), |at| columns.of(at));
        if cells.clean() {
            out.draft(row.number, Draft::Result(Box::new(result)))?;
        }
        out.faults(cells.faults())?;
    }
    Ok(())
}

/// Track and day of `Grafton25/11/25`.
fn track_and_day(raw: &str) -> (&str, Option<NaiveDate>) {
    let digits = |c: char| c.is_ascii_digit();
    let Some((track, date)) = raw.find(digits).and_then(|at| raw.split_at_checked(at)) else {
        return (raw, None);
    };
    let day = ["%d/%m/%y", "%d/%m/%Y", "%Y-%m-%d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(date.trim(), form).ok());
    match day {
        Some(day) => (track.trim(), Some(day)),
        None => (raw, None),
    }
}

/// The number of `3` or `R3`.
fn number(columns: &Columns, cells: &mut Cells<'_>) -> Option<i64> {
    let raw = cells.raw(columns.number);
    let digits = raw.strip_prefix('R').unwrap_or(raw);
    digits
        .parse()
        .ok()
        .or_else(|| cells.bad(columns.number, "must be a race like 3 or R3"))
}

/// The rugs in the order of finish, one digit each.
fn runners(columns: &Columns, cells: &mut Cells<'_>) -> Vec<ResultRunnerDraft> {
    let winner = cells.text(columns.winner);
    let column = [columns.full, columns.result]
        .into_iter()
        .find(|column| cells.text(*column).is_some())
        .unwrap_or(columns.winner);
    let order = cells.raw(column);
    let digit = |c: char| c.to_digit(10).filter(|rug| *rug != 0).map(i64::from);
    let rugs: Option<Vec<i64>> = order.chars().map(digit).collect();
    let good = |rugs: &Vec<i64>| {
        let mut apart = rugs.clone();
        apart.sort_unstable();
        apart.dedup();
        apart.len() == rugs.len() && (1..=4).contains(&rugs.len())
    };
    let Some(rugs) = rugs.filter(good) else {
        let rule = "must be 1 to 4 rugs, a digit each, none twice, like 1875";
        let _: Option<()> = cells.bad(column, rule);
        return Vec::new();
    };
    if winner.is_some_and(|winner| !order.starts_with(winner)) {
        let rule = format!("must be the first of {order}");
        let _: Option<()> = cells.bad(columns.winner, rule);
    }
    let placed = rugs.into_iter().zip(1..);
    placed
        .map(|(rug, place)| ResultRunnerDraft {
            rug,
            performance: PerformanceDraft {
                place: Some(place),
                ..PerformanceDraft::default()
            },
            ..ResultRunnerDraft::default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::{items, named, text};

    fn told(name: &str, sheet: &str) -> (Vec<String>, Vec<String>) {
        let (drafts, faults) = named(name, sheet);
        let shown = drafts.iter().map(|draft| match draft {
            Draft::Result(result) => {
                assert!(result.partial);
                let rugs: Vec<_> = result.runners.iter().map(|run| run.rug).collect();
                let race = &result.race;
                format!("{} {} {:?} {rugs:?}", race.day, race.track, race.number)
            }
            other => panic!("{other:?}"),
        });
        (shown.collect(), faults)
    }

    #[test]
    fn the_day_is_glued_to_the_track_or_a_column_or_in_the_name() {
        let (glued, _) = told("x.csv", "Track,Race,Result\nThe Gardens25/11/25,R1,1875\n");
        let (column, _) = told("x.csv", "Track,Date,Race,Winner\nSale,2025-12-11,2,8\n");
        let name = "results_2025-11-28.csv";
        let (named, _) = told(name, "Track,Race,Winner,FullResult\nSale,3,8,8762\n");

        assert_eq!(glued, ["2025-11-25 The Gardens Some(1) [1, 8, 7, 5]"]);
        assert_eq!(column, ["2025-12-11 Sale Some(2) [8]"]);
        assert_eq!(named, ["2025-11-28 Sale Some(3) [8, 7, 6, 2]"]);
    }

    #[test]
    fn rugs_that_are_none_and_winners_that_are_not_first_are_faults() {
        let name = "results_2025-11-28.csv";

        let (drafts, faults) = told(
            name,
            "Track,Race,Winner,FullResult\nSale,1,8,1875\nSale,2,8,8862\nSale,3,0,0\nSale,4,8\n",
        );

        assert_eq!(drafts, [""; 0]);
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults[0].starts_with("row 2: Winner must be the first of 1875"));
    }

    #[test]
    fn a_list_without_any_day_is_refused_and_a_list_of_dogs_is_no_list_of_rugs() {
        let refusal = items("x.csv", b"Track,Race,Winner\nSale,1,8\n")
            .0
            .unwrap_err();
        assert!(refusal.reason.contains("no day"), "{refusal}");

        let unknown = items("x.csv", b"Track,Race,Winner,Trainer\nSale,1,Wet Match,A\n").0;
        assert!(unknown.unwrap_err().reason.contains("no known header"));
        assert_eq!(text("Track,Date,Race,Winner\n").0, []);
    }
}
