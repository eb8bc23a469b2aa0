//! Full results of thedogs.com.au: every runner of every race of a day, scratchings included.
//!
//! The dates name no year (`Saturday, May 10`). A day in the file's name settles it: of the years
//! around it, the one in which that date falls on that weekday. No other rule could: the same date
//! has the same weekday every five or six years.

use chrono::{Datelike, NaiveDate};

use super::cells::Cells;
use super::races::{self, Race, RaceRows};
use super::table::{Col, Table, columns};
use super::{Out, Refusal, RowFault, Stop, named};
use crate::domain::{DogDraft, Draft, PerformanceDraft, RaceDraft, ResultRunnerDraft};

const SOURCE: &str = "thedogs";

const NAMING: &str = "its dates name no year: the file's name must hold a day near them, \
                      like `results 2025-05-10.csv`";

columns! {
    must {
        date: "Date" => "day",
        track: "Track" => "track",
        number: "Race" => "number",
        place: "Plc" => "place",
        rug: "Rug" => "rug",
        dog: "Name (Box)" => "dog",
        time: "Time" => "run_time_s",
        margin: "Mgn" => "margin_lengths",
    }
    may {
        trainer: "Trainer" => "trainer",
        sectional: "Split" => "sectional_s",
        positions: "In Run" => "positions",
        weight: "Wgt" => "weight_kg",
        sire: "Sire" => "sire",
        dam: "Dam" => "dam",
        sp: "SP" => "sp",
    }
}

/// Every race as an official result.
pub(super) fn read(name: &str, table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let near = named::day(name).ok_or_else(|| Refusal::new(NAMING))?;
    let columns = Columns::find(table.header());
    races::read(table, out, &Rows { columns, near })
}

struct Rows {
    columns: Columns,
    near: NaiveDate,
}

impl RaceRows for Rows {
    type Note = ();

    fn key(&self) -> Col {
        self.columns.number
    }

    fn id(&self, cells: &Cells<'_>) -> String {
        let columns = &self.columns;
        let of = |column| cells.raw(column);
        format!(
            "{}/{}/{}",
            of(columns.date),
            of(columns.track),
            of(columns.number)
        )
    }

    fn wanted(&self, _cells: &Cells<'_>) -> bool {
        true
    }

    fn race(&self, cells: &mut Cells<'_>) -> RaceDraft {
        RaceDraft {
            source: SOURCE.to_owned(),
            track: venue(cells.raw(self.columns.track)).to_owned(),
            day: self.day(cells),
            number: cells.whole(self.columns.number),
            ..RaceDraft::default()
        }
    }

    fn runner(&self, cells: &mut Cells<'_>) -> (ResultRunnerDraft, ()) {
        let columns = &self.columns;
        let (name, stall) = name_and_box(cells.raw(columns.dog));
        let runner = ResultRunnerDraft {
            rug: self.rug(cells),
            box_no: stall,
            dog: Some(DogDraft {
                sire: cells.words(columns.sire),
                dam: cells.words(columns.dam),
                ..DogDraft::named(name)
            }),
            trainer: cells.words(columns.trainer),
            performance: self.performance(cells),
        };
        (runner, ())
    }

    fn at(&self, field: &str) -> Col {
        match field {
            "box" => self.columns.dog,
            "outcome" => self.columns.place,
            field => self.columns.of(field),
        }
    }

    fn draft(&self, mut race: Race<()>) -> Result<Draft, RowFault> {
        lead(&mut race);
        Ok(race.into_result("official"))
    }
}

impl Rows {
    /// `2025-05-10` of `Saturday, May 10`; what has a year already stays as it is.
    fn day(&self, cells: &mut Cells<'_>) -> String {
        let column = self.columns.date;
        let raw = cells.raw(column);
        let Some((weekday, date)) = raw.split_once(", ") else {
            return cells.day(column, &["%Y-%m-%d", "%d/%m/%Y"]);
        };
        let around = self.near.year() - 1..=self.near.year() + 1;
        let fits = |year| {
            let day = NaiveDate::parse_from_str(&format!("{date} {year}"), "%B %d %Y").ok()?;
            let named = weekday.trim().parse() == Ok(day.weekday());
            Some(day).filter(|_| named)
        };
        let nearest = around
            .filter_map(fits)
            .min_by_key(|day| (*day - self.near).num_days().abs());
        if let Some(day) = nearest {
            return day.to_string();
        }
        let rule = format!("must be a weekday and date of a year around {}", self.near);
        let _: Option<()> = cells.bad(column, rule);
        raw.to_owned()
    }

    fn rug(&self, cells: &mut Cells<'_>) -> i64 {
        let raw = cells.raw(self.columns.rug);
        let digits = raw.strip_prefix("Rug").unwrap_or(raw).trim();
        digits
            .parse()
            .ok()
            .or_else(|| cells.bad(self.columns.rug, "must be a rug like Rug 8"))
            .unwrap_or_default()
    }

    fn performance(&self, cells: &mut Cells<'_>) -> PerformanceDraft {
        let columns = &self.columns;
        let place: Option<i64> = cells.raw(columns.place).parse().ok();
        let code = cells.words(columns.place);
        PerformanceDraft {
            place,
            outcome: code.filter(|_| place.is_none()),
            run_time_s: cells.number(columns.time),
            sectional_s: cells.number(columns.sectional),
            // The winner's stands as 0.00 and says nothing.
            margin_lengths: cells.number(columns.margin).filter(|_| place != Some(1)),
            weight_kg: cells.with_unit(columns.weight, "kg"),
            positions: cells.words(columns.positions),
            sp: cells.dollars(columns.sp),
            ..PerformanceDraft::default()
        }
    }
}

/// `Angle Park` of `Angle Park (SA)`.
fn venue(raw: &str) -> &str {
    raw.split_once(" (").map_or(raw, |(venue, _)| venue)
}

/// Name and box of `Polarised (8)`; a scratched dog has no box.
fn name_and_box(raw: &str) -> (&str, Option<i64>) {
    let inside = |rest: &str| rest.strip_suffix(')')?.parse().ok();
    match raw.rsplit_once(" (") {
        Some((name, rest)) if inside(rest).is_some() => (name, inside(rest)),
        _ => (raw, None),
    }
}

/// The winner's margin is what the second is behind; the winner's time is known for all.
fn lead(race: &mut Race<()>) {
    let at = |race: &Race<()>, place| {
        let runs = race.runners.iter().map(|(runner, ())| &runner.performance);
        let at = runs.filter(|run| run.place == Some(place));
        at.cloned().collect::<Vec<_>>()
    };
    let (first, second) = (at(race, 1), at(race, 2));
    let lead = match (first.as_slice(), second.as_slice()) {
        ([_], [second, ..]) => second.margin_lengths,
        ([_, _, ..], _) => Some(0.0),
        _ => None,
    };
    let time = first.first().and_then(|winner| winner.run_time_s);
    for (runner, ()) in &mut race.runners {
        let run = &mut runner.performance;
        if run.place.is_some() {
            run.winner_time_s = time;
        }
        if run.place == Some(1) {
            run.margin_lengths = lead;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{bytes, fixture, items, named};

    const NAME: &str = "thedogs-results 2026-01-03.csv";

    #[test]
    fn a_race_has_its_scratchings_and_its_fallers() {
        let (drafts, faults) = fixture(NAME);

        let [Draft::Result(first), Draft::Result(second)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(
            (first.race.track.as_str(), first.race.day.as_str()),
            ("Sale", "2026-01-03")
        );
        let [winner, beaten, faller, scratched] = first.runners.as_slice() else {
            panic!("{:?}", first.runners);
        };
        assert_eq!((winner.rug, winner.box_no), (8, Some(8)));
        assert_eq!(winner.performance.margin_lengths, Some(2.5));
        assert_eq!(winner.performance.weight_kg, Some(31.9));
        assert_eq!(beaten.performance.sp, None);
        assert_eq!(beaten.performance.winner_time_s, Some(25.29));
        assert_eq!(faller.performance.outcome.as_deref(), Some("DNF"));
        assert_eq!(faller.performance.positions.as_deref(), Some("M88"));
        assert_eq!(scratched.performance.outcome.as_deref(), Some("SCR"));
        assert_eq!((scratched.rug, scratched.box_no), (9, None));
        assert_eq!(second.race.day, "2025-12-31");
    }

    #[test]
    fn without_a_day_in_its_name_the_file_is_refused() {
        let refusal = items("results.csv", &bytes(NAME)).0.unwrap_err();

        assert!(refusal.reason.contains("name no year"), "{refusal}");
    }

    #[test]
    fn a_weekday_that_fits_no_year_is_a_fault() {
        let text = String::from_utf8(bytes(NAME)).unwrap();

        let (_, faults) = named(
            NAME,
            &text.replace("Saturday, January 3", "Monday, January 3"),
        );

        assert!(
            faults[0].contains("weekday and date of a year around 2026-01-03"),
            "{faults:?}"
        );
    }
}
