//! Canonical runs: one row for each runner of a finished race, Australian columns.
//!
//! Times marked as derived are arithmetic on a margin, not facts, and are left out.

use super::cells::Cells;
use super::races::Races;
use super::table::{Table, columns};
use super::{Out, Stop};
use crate::domain::{DogDraft, PerformanceDraft, RaceDraft, ResultRunnerDraft};

columns! {
    must {
        race_id: "race_id" => "ref",
        date: "date" => "day",
        track: "track" => "track",
        number: "race_number" => "number",
        rug: "rug" => "rug",
        dog: "dog_name" => "dog",
        won: "won" => "won",
    }
    may {
        time: "race_time" => "jump_at",
        distance: "distance_m" => "distance_m",
        grade: "grade" => "grade",
        stall: "box" => "box",
        trainer: "trainer" => "trainer",
        weight: "weight_kg" => "weight_kg",
        placed: "placed" => "placed",
        place: "finish_pos" => "place",
        note: "finish_note" => "outcome",
        run_time: "run_time_s" => "run_time_s",
        run_time_source: "run_time_src" => "",
        winner_time: "winner_time_s" => "winner_time_s",
        sectional: "sectional_s" => "sectional_s",
        margin: "margin_lengths" => "margin_lengths",
        positions: "pir" => "positions",
        sp: "sp_decimal" => "sp",
        bsp: "bsp" => "bsp",
        place_bsp: "place_bsp" => "place_bsp",
        complete: "field_complete" => "partial",
    }
}

/// Every race as an official result.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    let mut races = Races::by(columns.race_id);
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        if let Some(over) = races.turn(&mut cells) {
            out.draft(over.row, over.into_result("official"))?;
        }
        if cells.clean() {
            if races.headless() {
                let head = race(&columns, &mut cells);
                races.head(head, &mut cells, |at| columns.of(at));
            }
            if cells.flag(columns.complete) == Some(false) {
                races.partial();
            }
            let runner = runner(&columns, &mut cells);
            races.add(runner, (), &mut cells, |at| columns.of(at));
        }
        out.faults(cells.faults())?;
    }
    let lost = table.lost_its_end();
    for over in races.last(lost) {
        out.draft(over.row, over.into_result("official"))?;
    }
    Ok(())
}

fn race(columns: &Columns, cells: &mut Cells<'_>) -> RaceDraft {
    let reference = cells.raw(columns.race_id);
    RaceDraft {
        source: "canonical".to_owned(),
        track: cells.raw(columns.track).to_owned(),
        day: cells.raw(columns.date).to_owned(),
        number: cells.whole(columns.number),
        jump_at: cells.words(columns.time),
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.grade),
        reference: Some(match reference.strip_prefix("bf") {
            Some(market) => ("betfair".to_owned(), market.to_owned()),
            None => ("canonical".to_owned(), reference.to_owned()),
        }),
        ..RaceDraft::default()
    }
}

fn runner(columns: &Columns, cells: &mut Cells<'_>) -> ResultRunnerDraft {
    ResultRunnerDraft {
        rug: cells.whole(columns.rug).unwrap_or_default(),
        // A reserve's 9 or 10 is its rug: where it started from is not known.
        box_no: cells
            .whole(columns.stall)
            .filter(|stall| !matches!(stall, 9 | 10)),
        dog: Some(DogDraft::named(cells.raw(columns.dog))),
        trainer: cells.words(columns.trainer),
        performance: performance(columns, cells),
    }
}

fn performance(columns: &Columns, cells: &mut Cells<'_>) -> PerformanceDraft {
    let outcome = cells.text(columns.note).map(|note| code(note).to_owned());
    let place = cells.whole(columns.place);
    let run_time = cells.number(columns.run_time);
    let official = cells.raw(columns.run_time_source) == "official";
    PerformanceDraft {
        place: place.filter(|_| outcome.is_none()),
        won: cells.flag(columns.won),
        placed: cells.flag(columns.placed),
        outcome,
        run_time_s: run_time.filter(|_| official),
        winner_time_s: cells.number(columns.winner_time),
        sectional_s: cells.number(columns.sectional),
        margin_lengths: cells.number(columns.margin),
        weight_kg: cells.number(columns.weight),
        positions: cells.words(columns.positions),
        sp: cells.number(columns.sp),
        bsp: cells.price(columns.bsp),
        place_bsp: cells.price(columns.place_bsp),
        ..PerformanceDraft::default()
    }
}

/// `DNF` of `99th(DNF)`.
fn code(note: &str) -> &str {
    note.split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or(note, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use crate::domain::Draft;
    use crate::formats::tests::{fixture, text};

    const HEAD: &str = "race_id,date,track,race_number,rug,dog_name,won,finish_pos\n";

    #[test]
    fn facts_are_read_and_derived_times_are_not() {
        let (drafts, faults) = fixture("runs.csv");

        let [Draft::Result(first), Draft::Result(second)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        let market = Some(("betfair".to_owned(), "900000001".to_owned()));
        assert_eq!(first.race.reference, market);
        assert_eq!(first.race.jump_at.as_deref(), Some("19:42"));
        assert_eq!((first.partial, second.partial), (false, true));
        let [winner, reserve, faller] = first.runners.as_slice() else {
            panic!("{:?}", first.runners);
        };
        assert_eq!(winner.performance.run_time_s, Some(25.4));
        assert_eq!(
            (winner.performance.bsp, winner.performance.place_bsp),
            (Some(3.75), None)
        );
        assert_eq!((reserve.rug, reserve.box_no), (9, None));
        assert_eq!(reserve.performance.run_time_s, None);
        assert_eq!(faller.performance.outcome.as_deref(), Some("DNF"));
        assert_eq!(
            (faller.performance.place, faller.performance.bsp),
            (None, None)
        );
    }

    #[test]
    fn a_bad_row_goes_alone_and_its_race_is_partial() {
        let (drafts, faults) = text(&format!(
            "{HEAD}1,2026-01-01,Sale,1,1,A,1,1\n1,2026-01-01,Sale,1,2,B,0,x\n1,2026-01-01,Sale,1,12,C,0,3\n"
        ));

        let [Draft::Result(result)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!((result.runners.len(), result.partial), (1, true));
        assert_eq!(
            faults,
            [
                "row 3: finish_pos must be a whole number (found \"x\")",
                "row 4: rug must be a rug, 1 to 10 (found \"12\")"
            ]
        );
    }

    /// Rows of so many races, one each, between two rows of the first.
    fn apart(races: u32) -> String {
        let row = |race: u32, rug: u32| {
            format!(
                "{race},2026-01-01,Sale,1,{rug},Dog {race} {rug},{},{rug}\n",
                rug % 2
            )
        };
        let between: String = (2..2 + races).map(|race| row(race, 1)).collect();
        format!("{HEAD}{}{between}{}", row(1, 1), row(1, 2))
    }

    /// How many runners each result of the race `1` has, and whether it is only a part.
    fn first_race(text: &str) -> Vec<(usize, bool)> {
        let (drafts, faults) = super::super::tests::text(text);
        assert_eq!(faults, [""; 0]);
        let results = drafts.iter().filter_map(|draft| match draft {
            Draft::Result(result) => Some(result),
            _ => None,
        });
        results
            .filter(|result| {
                result.race.reference == Some(("canonical".to_owned(), "1".to_owned()))
            })
            .map(|result| (result.runners.len(), result.partial))
            .collect()
    }

    #[test]
    fn a_race_that_comes_back_soon_is_one() {
        assert_eq!(first_race(&apart(1)), [(2, false)]);
        assert_eq!(first_race(&apart(256)), [(2, false)]);
    }

    #[test]
    fn a_race_that_comes_back_late_is_told_in_a_part() {
        assert_eq!(first_race(&apart(257)), [(1, false), (1, true)]);
        assert_eq!(first_race(&apart(5_000)), [(1, false), (1, true)]);
    }

    #[test]
    fn a_race_takes_its_header_from_the_first_good_row() {
        let (drafts, faults) = text(&format!(
            "{HEAD}1,soon,Sale,1,1,A,1,1\n1,2026-01-01,Sale,1,2,B,0,2\n"
        ));

        assert_eq!((drafts.len(), faults.len()), (1, 1));
        assert!(
            faults[0].starts_with("row 2: date must be a date"),
            "{faults:?}"
        );
    }
}
