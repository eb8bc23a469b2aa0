//! Results of the GBGB API, flattened to CSV; the pound sign makes them windows-1252.
//!
//! Races and trials stand in one list: a trial has a class of its own and no time of day. A trap
//! without a dog id was vacant.

use super::british::{Gap, gap, is_trial, month, price, result, session};
use super::cells::Cells;
use super::races::Races;
use super::table::{Table, columns};
use super::{Out, Stop};
use crate::domain::{DogDraft, Draft, FormDraft, PerformanceDraft, RaceDraft, ResultRunnerDraft};

const SOURCE: &str = "gbgb";

columns! {
    must {
        track: "trackName" => "track",
        time: "raceTime" => "jump_at",
        date: "raceDate" => "day",
        race: "raceId" => "ref",
        number: "raceNumber" => "number",
        class: "raceClass" => "grade",
        distance: "raceDistance" => "distance_m",
        trap: "trapNumber" => "rug",
        dog_id: "dogId" => "",
        dog: "dogName" => "dog",
        sire: "dogSire" => "sire",
        dam: "dogDam" => "dam",
        born: "dogBorn" => "whelped",
        sex: "dogSex" => "sex",
        sp: "SP" => "sp",
        position: "resultPosition" => "place",
        gap: "resultBtnDistance" => "outcome",
        sectional: "resultSectionalTime" => "sectional_s",
        run_time: "resultRunTime" => "run_time_s",
    }
    may {
        prizes: "racePrizes" => "prize",
        trainer: "trainerName" => "trainer",
        comment: "resultComment" => "comment",
        weight: "resultDogWeight" => "weight_kg",
    }
}

/// Every race as an official result, every trial as a past run.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    let mut races = Races::by(columns.race);
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        if cells.raw(columns.dog_id).is_empty() {
            continue;
        }
        let class = cells.raw(columns.class);
        if is_trial(class) || cells.raw(columns.time).is_empty() {
            let trial = trial(&columns, &mut cells);
            cells.checked(trial.check_with_dog(), |at| columns.of(at));
            if cells.clean() {
                out.draft(row.number, Draft::Form(Box::new(trial)))?;
            }
            out.faults(cells.faults())?;
            continue;
        }
        if let Some(over) = races.turn(&mut cells) {
            out.draft(over.row, result(over))?;
        }
        if cells.clean() {
            if races.headless() {
                let head = race(&columns, &mut cells);
                races.head(head, &mut cells, |at| columns.of(at));
            }
            let (runner, gap) = runner(&columns, &mut cells);
            races.add(runner, gap, &mut cells, |at| columns.of(at));
        }
        out.faults(cells.faults())?;
    }
    let lost = table.lost_its_end();
    for over in races.last(lost) {
        out.draft(over.row, result(over))?;
    }
    Ok(())
}

fn race(columns: &Columns, cells: &mut Cells<'_>) -> RaceDraft {
    let time = cells.words(columns.time);
    RaceDraft {
        source: SOURCE.to_owned(),
        track: cells.raw(columns.track).to_owned(),
        day: cells.day(columns.date, &["%d/%m/%Y", "%Y-%m-%d"]),
        number: cells.whole(columns.number),
        session: time.as_deref().and_then(session),
        jump_at: time,
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.class),
        prize: cells.words(columns.prizes),
        reference: cells.words(columns.race).map(|id| (SOURCE.to_owned(), id)),
        ..RaceDraft::default()
    }
}

fn runner(columns: &Columns, cells: &mut Cells<'_>) -> (ResultRunnerDraft, Gap) {
    let trap = cells.whole(columns.trap);
    let place = cells.whole(columns.position);
    let gap = gap_of(columns, cells);
    let time = cells.number(columns.run_time);
    let outcome = match (gap, place, time) {
        (Gap::NoFinish, ..) => Some("DNF"),
        (Gap::Unknown, None, None) => Some("SCR"),
        _ => None,
    };
    let runner = ResultRunnerDraft {
        rug: trap.unwrap_or_default(),
        box_no: trap,
        dog: Some(dog(columns, cells)),
        trainer: cells.words(columns.trainer),
        performance: PerformanceDraft {
            place: place.filter(|place| *place > 0 && outcome.is_none()),
            outcome: outcome.map(str::to_owned),
            run_time_s: time,
            sectional_s: cells.number(columns.sectional),
            weight_kg: cells.number(columns.weight),
            sp: sp(columns, cells),
            comment: cells.words(columns.comment),
            ..PerformanceDraft::default()
        },
    };
    (runner, gap)
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

fn dog(columns: &Columns, cells: &Cells<'_>) -> DogDraft {
    DogDraft {
        reference: cells
            .words(columns.dog_id)
            .map(|id| (SOURCE.to_owned(), id)),
        name: Some(cells.raw(columns.dog).to_owned()),
        sex: cells.words(columns.sex),
        whelped: cells.text(columns.born).map(month),
        sire: cells.words(columns.sire),
        dam: cells.words(columns.dam),
        ..DogDraft::default()
    }
}

fn trial(columns: &Columns, cells: &mut Cells<'_>) -> FormDraft {
    let time = cells.number(columns.run_time);
    if time.is_none() && !is_trial(cells.raw(columns.class)) {
        let _: Option<()> = cells.bad(columns.class, "neither a race nor a timed trial");
    }
    let trap = cells.whole(columns.trap).filter(|trap| *trap != 0);
    FormDraft {
        source: SOURCE.to_owned(),
        dog: dog(columns, cells),
        track: cells.raw(columns.track).to_owned(),
        day: cells.day(columns.date, &["%d/%m/%Y", "%Y-%m-%d"]),
        number: cells.whole(columns.number),
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.class),
        rug: trap,
        box_no: trap,
        trainer: cells.words(columns.trainer),
        trial: true,
        performance: PerformanceDraft {
            run_time_s: time,
            sectional_s: cells.number(columns.sectional),
            weight_kg: cells.number(columns.weight),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ResultDraft;
    use crate::formats::tests::{bytes, fixture, text as text_of};

    fn races() -> (Vec<ResultDraft>, Vec<FormDraft>, Vec<String>) {
        let (drafts, faults) = fixture("gbgb-api.csv");
        let (mut results, mut trials) = (Vec::new(), Vec::new());
        for draft in drafts {
            match draft {
                Draft::Result(result) => results.push(*result),
                Draft::Form(form) => trials.push(*form),
                other @ (Draft::Card(_) | Draft::Prices(_)) => panic!("{other:?}"),
            }
        }
        (results, trials, faults)
    }

    #[test]
    fn gaps_become_lengths_behind_the_winner() {
        let (results, _, _) = races();

        let runs: Vec<_> = results[0]
            .runners
            .iter()
            .map(|runner| &runner.performance)
            .collect();
        let margins: Vec<_> = runs.iter().map(|run| run.margin_lengths).collect();
        assert_eq!(
            margins,
            [Some(0.1), Some(0.1), Some(1.35), Some(1.35), None, None]
        );
        assert_eq!(runs[4].place, Some(5));
        assert_eq!(
            (runs[5].place, runs[5].outcome.as_deref()),
            (None, Some("DNF"))
        );
        assert!(runs.iter().all(|run| run.winner_time_s == Some(25.02)));
        assert_eq!(
            (runs[0].sp, runs[1].sp, runs[3].sp),
            (Some(2.1), Some(2.0), Some(4.5))
        );
    }

    #[test]
    fn winners_of_a_dead_heat_lead_nobody() {
        let text = String::from_utf8_lossy(&bytes("gbgb-api.csv")).replace('\u{fffd}', "£");
        let level = text
            .replace("EVS,2,,,,,SH,", "EVS,1,,,,,DH,")
            .replace(",25.03,", ",25.02,");

        let drafts = text_of(&level).0;

        let Some(Draft::Result(race)) = drafts.iter().find(|d| matches!(d, Draft::Result(_)))
        else {
            panic!("{drafts:?}");
        };
        let margins: Vec<_> = race
            .runners
            .iter()
            .map(|runner| runner.performance.margin_lengths)
            .collect();
        let expected = [Some(0.0), Some(0.0), Some(1.25), Some(1.25), None, None];
        assert_eq!(margins, expected);
    }

    #[test]
    fn the_race_and_its_dogs_are_described() {
        let (results, _, _) = races();

        let race = &results[0].race;
        assert_eq!(
            (race.day.as_str(), race.number, race.session),
            ("2024-05-15", Some(1), Some(2))
        );
        assert_eq!(race.prize.as_deref(), Some("1st £105 | Others £45"));
        let dog = results[0].runners[0].dog.as_ref().unwrap();
        assert_eq!(dog.name.as_deref(), Some("Tin Whistle"));
        assert_eq!(dog.whelped.as_deref(), Some("2022-10"));
        assert_eq!(dog.reference, Some(("gbgb".to_owned(), "101".to_owned())));
    }

    #[test]
    fn a_void_race_is_no_race_and_a_vacant_trap_is_nobody() {
        let (results, _, _) = races();

        assert_eq!(results[1].status, "no_race");
        assert_eq!(results[1].race.session, Some(1));
        let outcomes: Vec<_> = results[1]
            .runners
            .iter()
            .map(|runner| (runner.rug, runner.performance.outcome.as_deref()))
            .collect();
        assert_eq!(outcomes, [(1, None), (3, Some("SCR"))]);
    }

    #[test]
    fn a_trial_is_a_timed_run_without_a_place() {
        let (_, trials, faults) = races();

        let [trial] = trials.as_slice() else {
            panic!("{trials:?}");
        };
        assert!(trial.trial);
        assert_eq!((trial.rug, trial.performance.place), (None, None));
        assert_eq!(trial.performance.run_time_s, Some(25.5));
        assert!(
            faults[0].contains("neither a race nor a timed trial"),
            "{faults:?}"
        );
    }
}
