//! Betfair's daily files of starting prices, British and Australian: who won, at which BSP.
//!
//! Every clock is British, also for a race in Sydney: a race abroad is placed by the day in its
//! menu and by its number, and its jump becomes an instant. The file's own name lies a day off.
//! Files of place markets look the same; they are told by their event names or by their prices,
//! whose chances add up to two or three.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::cells::Cells;
use super::races::{self, Race, RaceRows};
use super::table::{Col, Table, columns};
use super::{Out, RowFault, Stop};
use crate::domain::{DogDraft, Draft, PerformanceDraft, RaceDraft, ResultRunnerDraft};

const SOURCE: &str = "betfair-bsp";

/// The chances of a win market add up to about 1; with more, several dogs are paid.
const BOOK: f64 = 1.5;

columns! {
    must {
        event: "event_id" => "",
        menu: "menu_hint" => "track",
        name: "event_name" => "number",
        time: "event_dt" => "day",
        dog: "selection_name" => "dog",
        won: "win_lose" => "won",
        bsp: "bsp" => "bsp",
    }
    may {}
}

/// Every win market as an official result.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    races::read(table, out, &Rows { columns })
}

struct Rows {
    columns: Columns,
}

impl RaceRows for Rows {
    type Note = f64;

    fn key(&self) -> Col {
        self.columns.event
    }

    fn id(&self, cells: &Cells<'_>) -> String {
        cells.raw(self.columns.event).to_owned()
    }

    fn wanted(&self, cells: &Cells<'_>) -> bool {
        let name = cells.raw(self.columns.name).to_ascii_lowercase();
        !name.contains("placed") && !name.contains("forecast")
    }

    fn race(&self, cells: &mut Cells<'_>) -> RaceDraft {
        let columns = &self.columns;
        let off = self.off(cells);
        let menu = Menu::parse(cells.raw(columns.menu));
        let event = Event::parse(cells.raw(columns.name));
        let day = off.and_then(|off| menu.day(off.date()));
        if off.is_some() && day.is_none() {
            let rule = "must end with a day near event_dt, like 3rd Oct";
            let _: Option<()> = cells.bad(columns.menu, rule);
        }
        if menu.abroad && event.number.is_none() {
            let rule = "must begin with a race number like R1 where the race is abroad";
            let _: Option<()> = cells.bad(columns.name, rule);
        }
        RaceDraft {
            source: SOURCE.to_owned(),
            track: menu.track.to_owned(),
            day: day.map(|day| day.to_string()).unwrap_or_default(),
            number: event.number,
            jump_at: off.and_then(|off| jump(off, menu.abroad)),
            distance_m: event.distance_m,
            grade: event.grade,
            ..RaceDraft::default()
        }
    }

    fn runner(&self, cells: &mut Cells<'_>) -> (ResultRunnerDraft, f64) {
        let columns = &self.columns;
        let raw = cells.raw(columns.dog);
        let (rug, dog) = match raw.split_once(". ") {
            Some((rug, dog)) => (rug.trim().parse().ok(), dog.trim()),
            None => (None, raw),
        };
        if rug.is_none() {
            let _: Option<()> = cells.bad(columns.dog, "must be rug and name like 3. Zoom");
        }
        let won = cells.flag(columns.won);
        let removed = cells.raw(columns.bsp).parse() == Ok(0.0);
        let bsp = cells.price(columns.bsp);
        let runner = ResultRunnerDraft {
            rug: rug.unwrap_or_default(),
            dog: Some(DogDraft::named(dog)),
            performance: PerformanceDraft {
                won: won.filter(|_| !removed),
                outcome: removed.then(|| "SCR".to_owned()),
                bsp,
                ..PerformanceDraft::default()
            },
            ..ResultRunnerDraft::default()
        };
        (runner, bsp.map_or(0.0, f64::recip))
    }

    fn at(&self, field: &str) -> Col {
        match field {
            "rug" => self.columns.dog,
            "jump_at" => self.columns.time,
            "distance_m" | "grade" => self.columns.name,
            field => self.columns.of(field),
        }
    }

    fn draft(&self, mut race: Race<f64>) -> Result<Draft, RowFault> {
        let book: f64 = race.runners.iter().map(|(_, chance)| chance).sum();
        let winners = race
            .runners
            .iter()
            .filter(|(runner, _)| runner.performance.won == Some(true))
            .count();
        if book > BOOK {
            return Err(RowFault {
                row: race.row,
                column: "bsp".to_owned(),
                value: format!("{book:.2}"),
                rule: format!(
                    "must add up to about 1 as chances over a race, \
                     more than {BOOK} are prices of a place market"
                ),
            });
        }
        // Somebody won; a list without a winner is not whole.
        race.partial |= winners == 0;
        Ok(race.into_result("official"))
    }
}

impl Rows {
    /// The jump by British clocks.
    fn off(&self, cells: &mut Cells<'_>) -> Option<NaiveDateTime> {
        let raw = cells.raw(self.columns.time);
        ["%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(raw, form).ok())
            .or_else(|| cells.bad(self.columns.time, "must be a time like 03-10-2024 10:32"))
    }
}

/// Local at a British track; abroad the instant that British clocks showed then.
fn jump(off: NaiveDateTime, abroad: bool) -> Option<String> {
    if !abroad {
        return Some(off.format("%H:%M").to_string());
    }
    let instant = off.and_local_timezone(chrono_tz::Europe::London).single()?;
    Some(instant.to_utc().to_rfc3339())
}

/// Track and day of `AUS / Albion Park (AUS) 3rd Oct`, `Melton (AUS) 1st Aug` or `Romford 3rd Oct`.
struct Menu<'m> {
    track: &'m str,
    abroad: bool,
    day_and_month: Option<(u32, &'m str)>,
}

impl<'m> Menu<'m> {
    fn parse(raw: &'m str) -> Self {
        let last = raw.rsplit('/').next().unwrap_or(raw).trim();
        let mut words = last.rsplitn(3, ' ');
        let (month, day, rest) = (words.next(), words.next(), words.next());
        let ordinal = |day: &str| {
            day.trim_end_matches(|c: char| c.is_ascii_alphabetic())
                .parse()
                .ok()
        };
        let day_and_month = day.and_then(ordinal).zip(month);
        let place = match day_and_month {
            Some(_) => rest.unwrap_or_default(),
            None => last,
        };
        let (track, country) = match place.split_once(" (") {
            Some((track, country)) => (track, country.trim_end_matches(')')),
            None => (place, ""),
        };
        Self {
            track: track.trim(),
            abroad: !matches!(country, "" | "UK" | "GBR" | "IRE"),
            day_and_month,
        }
    }

    /// The day within a day of British time; a menu without one means the British day.
    fn day(&self, british: NaiveDate) -> Option<NaiveDate> {
        let Some((day, month)) = self.day_and_month else {
            return (!self.abroad).then_some(british);
        };
        let near = [Some(british), british.succ_opt(), british.pred_opt()];
        near.into_iter().flatten().find(|near| {
            let named = chrono::Month::from_str(month).map(|month| month.number_from_month());
            near.day() == day && named == Ok(near.month())
        })
    }
}

/// What an event's name tells: `R1 331m`, `A4 480m`.
#[derive(Debug, Default, PartialEq)]
struct Event {
    number: Option<i64>,
    distance_m: Option<f64>,
    grade: Option<String>,
}

impl Event {
    fn parse(text: &str) -> Self {
        let mut event = Self::default();
        let mut grade = Vec::new();
        for (n, word) in text.split_whitespace().enumerate() {
            let number = word.strip_prefix(['R', 'r']).and_then(|n| n.parse().ok());
            let metres = word.strip_suffix(['m', 'M']);
            let metres = metres.and_then(|metres| metres.parse::<u16>().ok());
            match (number, metres) {
                (Some(number), _) if n == 0 => event.number = Some(number),
                (_, Some(metres)) if event.distance_m.is_none() => {
                    event.distance_m = Some(f64::from(metres));
                }
                _ => grade.push(word),
            }
        }
        event.grade = Some(grade.join(" ")).filter(|grade| !grade.is_empty());
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{fixture, text};

    #[test]
    fn a_race_abroad_has_an_instant_and_a_british_one_a_local_time() {
        let (drafts, faults) = fixture("betfair-bsp.csv");

        let [Draft::Result(abroad), Draft::Result(home)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(
            (abroad.race.track.as_str(), abroad.race.day.as_str()),
            ("Albion Park", "2024-10-04")
        );
        assert_eq!(abroad.race.number, Some(1));
        assert_eq!(
            abroad.race.jump_at.as_deref(),
            Some("2024-10-03T22:32:00+00:00")
        );
        assert_eq!(abroad.race.distance_m, Some(331.0));
        let [winner, loser, removed] = abroad.runners.as_slice() else {
            panic!("{:?}", abroad.runners);
        };
        assert_eq!((winner.rug, winner.performance.won), (3, Some(true)));
        assert_eq!(loser.performance.bsp, Some(2.5));
        assert_eq!(removed.performance.outcome.as_deref(), Some("SCR"));
        assert_eq!(removed.performance.won, None);
        assert_eq!((home.race.number, home.partial), (None, false));
        assert_eq!(home.race.jump_at.as_deref(), Some("19:24"));
        assert_eq!(home.race.grade.as_deref(), Some("A4"));
    }

    #[test]
    fn prices_of_a_place_market_are_no_result() {
        let (drafts, faults) = text(
            "EVENT_ID,MENU_HINT,EVENT_NAME,EVENT_DT,SELECTION_NAME,WIN_LOSE,BSP\n\
             7,Romford 3rd Oct,A4 400m,03-10-2024 19:24,1. A,1,1.2\n\
             7,Romford 3rd Oct,A4 400m,03-10-2024 19:24,2. B,1,1.2\n\
             7,Romford 3rd Oct,A4 400m,03-10-2024 19:24,3. C,0,4\n\
             8,Romford 3rd Oct,To Be Placed,03-10-2024 19:24,1. A,1,1.2\n",
        );

        assert_eq!(drafts, []);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains("place market"), "{faults:?}");
    }

    #[test]
    fn a_race_abroad_needs_its_day_and_its_number() {
        let (drafts, faults) = text(
            "event_id,menu_hint,event_name,event_dt,selection_name,win_lose,bsp\n\
             7,AUS / Sale (AUS) 9th Oct,Final 400m,03-10-2024 09:24,1. A,1,1.2\n",
        );

        assert_eq!(drafts, []);
        assert!(faults[0].contains("a day near event_dt"), "{faults:?}");
        assert!(faults[1].contains("race number"), "{faults:?}");
    }
}
