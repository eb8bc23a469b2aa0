//! Betfair's monthly files for Australia and New Zealand: results, starting prices, jump times.
//!
//! The times are local to the track. The scheduled one is taken: it was known before the race, and
//! the actual one is noted by whoever closed the market. Volumes and prices traded before the jump
//! have no instant of their own, so they are not read.

use super::cells::Cells;
use super::races::{self, Race, RaceRows};
use super::table::{Col, Table, columns};
use super::{Out, RowFault, Stop};
use crate::domain::{DogDraft, Draft, PerformanceDraft, RaceDraft, ResultRunnerDraft};

/// Who tells. Not the model file's name: it words the same races without their times, and what two
/// files say differently is no correction of one by the other.
const SOURCE: &str = "betfair-anz";
/// Whose market ids it carries.
const IDS: &str = "betfair";

columns! {
    must {
        date: "LOCAL_MEETING_DATE" => "day",
        time: "SCHEDULED_RACE_TIME" => "jump_at",
        track: "TRACK" => "track",
        number: "RACE_NO" => "number",
        market: "WIN_MARKET_ID" => "ref",
        rug: "TAB_NUMBER" => "rug",
        dog: "SELECTION_NAME" => "dog",
        won: "WIN_RESULT" => "won",
        bsp: "WIN_BSP" => "bsp",
    }
    may {
        kind: "RACING_TYPE" => "",
        distance: "DISTANCE" => "distance_m",
        grade: "RACE_TYPE" => "grade",
        placed: "PLACE_RESULT" => "placed",
        place_bsp: "PLACE_BSP" => "place_bsp",
    }
}

/// Every market as an official result.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    races::read(table, out, &Rows { columns })
}

struct Rows {
    columns: Columns,
}

impl RaceRows for Rows {
    type Note = ();

    fn key(&self) -> Col {
        self.columns.market
    }

    fn id(&self, cells: &Cells<'_>) -> String {
        cells.raw(self.columns.market).to_owned()
    }

    fn wanted(&self, cells: &Cells<'_>) -> bool {
        let kind = cells.raw(self.columns.kind);
        kind.is_empty() || kind.to_ascii_lowercase().starts_with("greyhound")
    }

    fn race(&self, cells: &mut Cells<'_>) -> RaceDraft {
        let columns = &self.columns;
        RaceDraft {
            source: SOURCE.to_owned(),
            track: cells.raw(columns.track).to_owned(),
            day: cells.day(columns.date, &["%Y-%m-%d", "%d/%m/%Y"]),
            number: cells.whole(columns.number),
            jump_at: cells.text(columns.time).map(to_the_second),
            distance_m: cells.number(columns.distance),
            grade: cells.words(columns.grade),
            reference: cells.words(columns.market).map(|id| {
                let id = id.strip_prefix("1.").map_or(id.clone(), str::to_owned);
                (IDS.to_owned(), id)
            }),
            ..RaceDraft::default()
        }
    }

    fn runner(&self, cells: &mut Cells<'_>) -> (ResultRunnerDraft, ()) {
        let columns = &self.columns;
        let won = outcome(columns.won, cells);
        let placed = outcome(columns.placed, cells);
        let bsp = cells.price(columns.bsp);
        let place_bsp = cells.price(columns.place_bsp);
        let ran = won.is_some();
        let runner = ResultRunnerDraft {
            rug: cells.whole(columns.rug).unwrap_or_default(),
            dog: Some(DogDraft::named(cells.raw(columns.dog))),
            performance: PerformanceDraft {
                won,
                placed: placed.filter(|_| ran),
                outcome: (!ran).then(|| "SCR".to_owned()),
                bsp: bsp.filter(|_| ran),
                place_bsp: place_bsp.filter(|_| ran),
                ..PerformanceDraft::default()
            },
            ..ResultRunnerDraft::default()
        };
        (runner, ())
    }

    fn at(&self, field: &str) -> Col {
        self.columns.of(field)
    }

    fn draft(&self, race: Race<()>) -> Result<Draft, RowFault> {
        let ran = |(runner, ()): &(ResultRunnerDraft, ())| runner.performance.won.is_some();
        let status = if race.runners.iter().any(ran) {
            "official"
        } else {
            "abandoned"
        };
        Ok(race.into_result(status))
    }
}

/// `15:11:00` of `15:11:00.000`.
fn to_the_second(time: &str) -> String {
    let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
    whole.to_owned()
}

/// `WINNER` or `LOSER`; blank or `REMOVED` did not run.
fn outcome(column: Col, cells: &mut Cells<'_>) -> Option<bool> {
    match cells.raw(column).to_ascii_uppercase().as_str() {
        "WINNER" | "PLACED" => Some(true),
        "LOSER" => Some(false),
        "" | "REMOVED" => None,
        _ => cells.bad(column, "must be WINNER, LOSER or REMOVED"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{fixture, text};

    const HEAD: &str = "LOCAL_MEETING_DATE,SCHEDULED_RACE_TIME,TRACK,RACE_NO,WIN_MARKET_ID,\
                        TAB_NUMBER,SELECTION_NAME,WIN_RESULT,WIN_BSP,RACING_TYPE\n";

    #[test]
    fn words_are_results_and_times_are_local() {
        let (drafts, faults) = fixture("betfair-anz.csv");

        let [Draft::Result(race)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(race.race.jump_at.as_deref(), Some("15:11:00"));
        let market = Some(("betfair".to_owned(), "900000101".to_owned()));
        assert_eq!(race.race.reference, market);
        assert_eq!(race.race.distance_m, Some(400.0));
        let won: Vec<_> = race
            .runners
            .iter()
            .map(|runner| runner.performance.won)
            .collect();
        assert_eq!(won, [Some(false), Some(true), None]);
        assert_eq!(race.runners[1].performance.place_bsp, Some(1.16));
        assert_eq!(race.runners[2].performance.outcome.as_deref(), Some("SCR"));
    }

    #[test]
    fn horses_are_passed_by_and_strange_words_are_faults() {
        let row = |dog: &str, result: &str, kind: &str| {
            format!("2026-09-01,15:11:00.000,Sale,1,7,{dog},Dog {dog},{result},2,{kind}\n")
        };

        let (drafts, faults) = text(&format!(
            "{HEAD}{}{}{}",
            row("1", "WINNER", "Greyhounds"),
            row("2", "SECOND", "Greyhounds"),
            row("3", "LOSER", "Thoroughbred")
        ));

        let [Draft::Result(race)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!((race.runners.len(), race.partial), (1, true));
        assert_eq!(
            faults,
            ["row 3: WIN_RESULT must be WINNER, LOSER or REMOVED (found \"SECOND\")"]
        );
    }
}
