//! Results copied from the GBGB web pages.
//!
//! No race has a number: its local time names it. One cell holds the time and, in brackets, the
//! gap to the dog in front; the winner's bracket is its lead over the second, said twice.

use super::british::{Gap, gap, is_trial, month, price, result, session};
use super::cells::Cells;
use super::races::Races;
use super::table::{Table, columns};
use super::{Out, Stop};
use crate::domain::{DogDraft, Draft, FormDraft, PerformanceDraft, RaceDraft, ResultRunnerDraft};

/// Who tells. Not the API's name: the pages word prizes and comments in their own way, and what two
/// sources say differently is no correction of one by the other.
const SOURCE: &str = "gbgb-web";
/// Whose ids the pages carry.
const IDS: &str = "gbgb";

columns! {
    must {
        race: "race_id" => "ref",
        date: "race_date" => "day",
        track: "track" => "track",
        time: "race_time" => "jump_at",
        class: "race_class" => "grade",
        distance: "race_distance" => "distance_m",
        position: "position" => "place",
        trap: "trap" => "rug",
        dog_id: "dog_id" => "",
        dog: "dog_name" => "dog",
        finish: "time_distance" => "run_time_s",
    }
    may {
        prizes: "race_prizes" => "prize",
        trainer: "trainer" => "trainer",
        comment: "comments" => "comment",
        sp: "starting_price" => "sp",
        sectional: "time_s" => "sectional_s",
        born: "birth_date" => "whelped",
        weight: "weight" => "weight_kg",
        colour: "color" => "sex",
        sire: "sire" => "sire",
        dam: "dam" => "dam",
    }
}

/// Every race as an official result, every trial as a past run.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    let mut races = Races::by(columns.race);
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        if cells.text(columns.dog_id).is_none() && cells.text(columns.dog).is_none() {
            continue;
        }
        if is_trial(cells.raw(columns.class)) {
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
        day: day(columns, cells),
        session: time.as_deref().and_then(session),
        jump_at: time,
        distance_m: distance(columns, cells),
        grade: cells.words(columns.class),
        prize: cells.words(columns.prizes),
        reference: cells.words(columns.race).map(|id| (IDS.to_owned(), id)),
        ..RaceDraft::default()
    }
}

/// `2020-02-15` of `Saturday 15th February 2020`.
fn day(columns: &Columns, cells: &mut Cells<'_>) -> String {
    let raw = cells.raw(columns.date);
    let mut words: Vec<&str> = raw.split_whitespace().collect();
    if words.len() == 4 {
        words.remove(0);
    }
    if let [day, month, year] = words.as_slice() {
        let plain = format!("{} {month} {year}", ordinal(day));
        if let Ok(day) = chrono::NaiveDate::parse_from_str(&plain, "%d %B %Y") {
            return day.to_string();
        }
    }
    cells.day(columns.date, &["%Y-%m-%d", "%d/%m/%Y"])
}

/// `15` of `15th`.
fn ordinal(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_ascii_alphabetic())
}

fn distance(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.text(columns.distance)?;
    let metres = text.strip_suffix('m').unwrap_or(text).trim();
    metres
        .parse()
        .ok()
        .or_else(|| cells.bad(columns.distance, "must be a distance like 460m"))
}

fn runner(columns: &Columns, cells: &mut Cells<'_>) -> (ResultRunnerDraft, Gap) {
    let trap = cells.whole(columns.trap);
    let place = place(columns, cells);
    let (time, gap) = finish(columns, cells);
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
            place: place.filter(|_| outcome.is_none()),
            outcome: outcome.map(str::to_owned),
            run_time_s: time,
            sectional_s: sectional(columns, cells),
            weight_kg: cells.number(columns.weight),
            sp: sp(columns, cells),
            comment: cells.words(columns.comment),
            ..PerformanceDraft::default()
        },
    };
    (runner, gap)
}

fn place(columns: &Columns, cells: &mut Cells<'_>) -> Option<i64> {
    let text = cells.text(columns.position)?;
    ordinal(text)
        .parse()
        .ok()
        .or_else(|| cells.bad(columns.position, "must be a position like 2nd"))
        .filter(|place| *place != 0)
}

/// Time and gap of `30.53 (HD)`, `null (DIS)`, `30.53` and `-`.
fn finish(columns: &Columns, cells: &mut Cells<'_>) -> (Option<f64>, Gap) {
    let Some(text) = cells.text(columns.finish) else {
        return (None, Gap::Unknown);
    };
    let (time, bracket) = text.split_once('(').unwrap_or((text, ""));
    let gap = gap(bracket.trim_end_matches(')'));
    let time = match time.trim() {
        "null" | "" | "-" => Some(None),
        time => time.parse::<f64>().ok().map(Some),
    };
    let (Some(time), Some(gap)) = (time, gap) else {
        let rule = "must be a time and a distance like 30.53 (HD)";
        let _: Option<()> = cells.bad(columns.finish, rule);
        return (None, Gap::Unknown);
    };
    (time, gap)
}

/// The sectional; a handicap's start (`Scr`, `R7`) may stand in its place.
fn sectional(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let raw = cells.raw(columns.sectional);
    let handicap = |start: &str| start.bytes().all(|byte| byte.is_ascii_digit());
    if raw.eq_ignore_ascii_case("scr") || raw.strip_prefix('R').is_some_and(handicap) {
        return None;
    }
    cells.number(columns.sectional)
}

fn sp(columns: &Columns, cells: &mut Cells<'_>) -> Option<f64> {
    let text = cells.text(columns.sp)?;
    price(text).or_else(|| cells.bad(columns.sp, "must be a price like 7/2, 11/10F or EVS"))
}

fn dog(columns: &Columns, cells: &Cells<'_>) -> DogDraft {
    let id = cells.text(columns.dog_id);
    let colour = cells.text(columns.colour);
    DogDraft {
        reference: id.map(|id| {
            let id = id.strip_suffix(".0").unwrap_or(id);
            (IDS.to_owned(), id.to_owned())
        }),
        name: Some(cells.raw(columns.dog).to_owned()),
        sex: colour
            .and_then(|colour| colour.split_once(" - "))
            .map(|(sex, _)| sex.to_owned()),
        whelped: cells.text(columns.born).map(month),
        sire: cells.words(columns.sire),
        dam: cells.words(columns.dam),
        ..DogDraft::default()
    }
}

fn trial(columns: &Columns, cells: &mut Cells<'_>) -> FormDraft {
    let trap = cells.whole(columns.trap).filter(|trap| *trap != 0);
    FormDraft {
        source: SOURCE.to_owned(),
        dog: dog(columns, cells),
        track: cells.raw(columns.track).to_owned(),
        day: day(columns, cells),
        distance_m: distance(columns, cells),
        grade: cells.words(columns.class),
        rug: trap,
        box_no: trap,
        trainer: cells.words(columns.trainer),
        trial: true,
        performance: PerformanceDraft {
            run_time_s: finish(columns, cells).0,
            sectional_s: sectional(columns, cells),
            weight_kg: cells.number(columns.weight),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::fixture;

    #[test]
    fn the_winner_shows_its_lead_and_the_others_their_gap() {
        let (drafts, faults) = fixture("gbgb-web.csv");

        // Races are held back; a trial is not.
        let [Draft::Form(trial), Draft::Result(race), Draft::Result(void)] = drafts.as_slice()
        else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        let runs: Vec<_> = race
            .runners
            .iter()
            .map(|runner| &runner.performance)
            .collect();
        let margins: Vec<_> = runs.iter().map(|run| run.margin_lengths).collect();
        assert_eq!(margins, [Some(0.2), Some(0.2), Some(7.7), None]);
        assert_eq!(runs[3].outcome.as_deref(), Some("DNF"));
        assert_eq!(
            (runs[0].sectional_s, runs[1].sectional_s),
            (Some(4.01), None)
        );
        assert_eq!(
            (race.race.number, race.race.jump_at.as_deref()),
            (None, Some("18:18"))
        );
        assert_eq!(
            (race.race.day.as_str(), race.race.session),
            ("2020-02-15", Some(2))
        );
        assert_eq!(void.status, "no_race");
        assert!(
            void.runners
                .iter()
                .all(|runner| runner.performance.outcome.is_none())
        );
        assert!(trial.trial);
        assert_eq!(trial.dog.sex.as_deref(), Some("d"));
        assert_eq!(
            trial.dog.reference,
            Some(("gbgb".to_owned(), "206".to_owned()))
        );
    }
}
