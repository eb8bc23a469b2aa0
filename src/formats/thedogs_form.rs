//! The expert form of thedogs.com.au: one race a file, its field and up to five past runs a dog.
//!
//! The race's day, track and number stand in the file's name and nowhere else; every column but
//! the dog's name and sex is about a past run. `BOX` is the rug of that run. Rows dated on the day
//! of the race or later were added after it: they are kept, to be known only later.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::cells::Cells;
use super::table::{Table, columns};
use super::{Out, Refusal, Stop};
use crate::domain::{
    CardDraft, CardRunnerDraft, DogDraft, DogName, Draft, FormDraft, PerformanceDraft, RaceDraft,
    Sex,
};

/// The most rows of one card; a real one has about 60.
const ROWS: u64 = 2_000;

const SOURCE: &str = "thedogs";

const NAMING: &str = "file name must be like `Race 3 - SAL - 01 July 2025.csv`: \
                      the race's day, track and number stand only there";

columns! {
    must {
        dog: "Dog Name" => "dog",
        sex: "Sex" => "sex",
        place: "PLC" => "place",
        rug: "BOX" => "rug",
        weight: "WGT" => "weight_kg",
        distance: "DIST" => "distance_m",
        date: "DATE" => "day",
        track: "TRACK" => "track",
        grade: "G" => "grade",
        time: "TIME" => "run_time_s",
        winner_time: "WIN" => "winner_time_s",
        positions: "PIR" => "positions",
        sp: "SP" => "sp",
    }
    may {
        best: "BON" => "best_of_night_s",
        sectional: "1 SEC" => "sectional_s",
        margin: "MGN" => "margin_lengths",
        other: "W/2G" => "other",
    }
}

/// The one card of the file.
pub(super) fn read(name: &str, table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let mut card = Reading {
        columns: Columns::find(table.header()),
        card: card(name)?,
        rugs: HashSet::new(),
        current: None,
    };
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        card.row(&mut cells);
        out.faults(cells.faults())?;
        if table.rows() > ROWS {
            let reason = format!("more than {ROWS} rows: not the card of one race");
            return Err(Refusal::new(reason).into());
        }
    }
    if card.card.runners.is_empty() {
        return Err(Refusal::new("a card without a single runner").into());
    }
    out.draft(1, Draft::Card(Box::new(card.card)))
}

/// The race that a file's name tells.
pub(super) fn card(name: &str) -> Result<CardDraft, Refusal> {
    let race = race(name).ok_or_else(|| Refusal::new(NAMING))?;
    race.check()
        .map_err(|_faults| Refusal::new(NAMING))
        .map(|_head| CardDraft {
            race,
            ..CardDraft::default()
        })
}

fn race(name: &str) -> Option<RaceDraft> {
    let name = name.rsplit(['/', '\\']).next()?.trim();
    let (stem, extension) = name.rsplit_once('.')?;
    if !extension.eq_ignore_ascii_case("csv") {
        return None;
    }
    let stem = stem.trim();
    let stem = stem.strip_suffix("_cleaned").unwrap_or(stem);
    let (front, day) = stem.rsplit_once(" - ")?;
    let (front, track) = front.split_once(" - ")?;
    let number = front.trim().strip_prefix("Race ")?.trim();
    Some(RaceDraft {
        source: SOURCE.to_owned(),
        track: track.trim().to_owned(),
        day: day_of(day.trim())?.to_string(),
        number: Some(number.parse().ok()?),
        ..RaceDraft::default()
    })
}

fn day_of(text: &str) -> Option<NaiveDate> {
    ["%d %B %Y", "%Y-%m-%d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

/// A card while its rows come in.
struct Reading {
    columns: Columns,
    card: CardDraft,
    rugs: HashSet<i64>,
    /// Whose past runs follow: the rug and the key of the name.
    current: Option<(i64, String)>,
}

impl Reading {
    fn row(&mut self, cells: &mut Cells<'_>) {
        if !self.find_dog(cells) || !self.has_past(cells) {
            return;
        }
        let form = past_run(&self.columns, cells);
        cells.checked(form.check(), |at| self.columns.of(at));
        if last_call_differs(&form.performance) {
            let rule = "must end with the place in PLC";
            let _: Option<()> = cells.bad(self.columns.positions, rule);
        }
        if cells.clean()
            && let Some(runner) = self.card.runners.last_mut()
        {
            runner.form.push(form);
        }
    }

    /// Turns to the dog that the row belongs to; false when there is none.
    fn find_dog(&mut self, cells: &mut Cells<'_>) -> bool {
        let column = self.columns.dog;
        let raw = cells.raw(column);
        if raw.is_empty() {
            if cells.row().after_loss {
                self.current = None;
            }
            if self.current.is_none() {
                let _: Option<()> = cells.bad(column, "must follow the first row of its dog");
            }
            return self.current.is_some();
        }
        let Some((rug, name)) = split(raw) else {
            self.current = None;
            let _: Option<()> = cells.bad(column, "must be like `3. DOG NAME`");
            return false;
        };
        let key = DogName::new(name).map_or_else(|_fault| String::new(), |name| name.key());
        if self.current.as_ref() == Some(&(rug, key.clone())) {
            return true;
        }
        self.current = None;
        if self.add_runner(rug, name, cells) {
            self.current = Some((rug, key));
        }
        self.current.is_some()
    }

    fn add_runner(&mut self, rug: i64, name: &str, cells: &mut Cells<'_>) -> bool {
        let column = self.columns.dog;
        let sex = cells.text(self.columns.sex);
        let sex = sex.filter(|sex| {
            // Without a sex the dog still runs.
            let known = Sex::parse(sex).is_ok();
            if !known {
                let _: Option<()> = cells.bad(self.columns.sex, "must be D or B");
            }
            known
        });
        let runner = CardRunnerDraft {
            rug,
            dog: DogDraft {
                sex: sex.map(str::to_owned),
                ..DogDraft::named(name)
            },
            reserve: matches!(rug, 9 | 10),
            ..CardRunnerDraft::default()
        };
        if cells.checked(runner.check(), |_at| column).is_none() {
            return false;
        }
        if !self.rugs.insert(rug) {
            let rule = format!("must be worn once, {rug} is twice");
            let _: Option<()> = cells.bad(column, rule);
            return false;
        }
        self.card.runners.push(runner);
        true
    }

    /// Whether the row tells of a past run; that of a dog which never ran does not.
    fn has_past(&self, cells: &Cells<'_>) -> bool {
        let columns = &self.columns;
        [columns.place, columns.distance, columns.date, columns.track]
            .iter()
            .any(|column| cells.text(*column).is_some())
    }
}

/// Rug and name of `1. DR. EMILIA`: a name may hold dots of its own.
fn split(raw: &str) -> Option<(i64, &str)> {
    let (rug, name) = raw.split_once(". ")?;
    Some((rug.trim().parse().ok()?, name.trim()))
}

fn past_run(columns: &Columns, cells: &mut Cells<'_>) -> FormDraft {
    FormDraft {
        source: SOURCE.to_owned(),
        track: cells.raw(columns.track).to_owned(),
        day: cells.raw(columns.date).to_owned(),
        distance_m: cells.number(columns.distance),
        grade: cells.words(columns.grade),
        rug: cells.whole(columns.rug),
        performance: PerformanceDraft {
            place: cells.whole(columns.place),
            run_time_s: cells.number(columns.time),
            winner_time_s: cells.number(columns.winner_time),
            best_of_night_s: cells.number(columns.best),
            sectional_s: cells.number(columns.sectional).filter(|time| *time != 0.0),
            margin_lengths: cells.number(columns.margin),
            weight_kg: cells.number(columns.weight),
            positions: cells.words(columns.positions),
            other: cells.words(columns.other),
            sp: cells.number(columns.sp),
            ..PerformanceDraft::default()
        },
        ..FormDraft::default()
    }
}

/// The last position in running is the finish.
fn last_call_differs(run: &PerformanceDraft) -> bool {
    let last = run
        .positions
        .as_deref()
        .and_then(|calls| calls.chars().next_back());
    match (run.place, last.and_then(|call| call.to_digit(10))) {
        (Some(place), Some(call)) => place != i64::from(call),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Item;
    use crate::formats::tests::{CARD, bytes, fixture, items};

    const HEAD: &str =
        "Dog Name,Sex,PLC,BOX,WGT,DIST,DATE,TRACK,G,TIME,WIN,BON,1 SEC,MGN,W/2G,PIR,SP\n";
    const PAST: &str = "B,7,2,24.4,460,2025-06-18,WAR,M,27.2,25.7,25.7,0.0,22.0,X,7,16.0\n";

    fn one(text: &str) -> (CardDraft, Vec<String>) {
        let (mut card, mut faults) = (CardDraft::default(), Vec::new());
        for item in items(CARD, text.as_bytes()).1 {
            match item {
                Item::Draft { draft, .. } => {
                    if let Draft::Card(draft) = draft {
                        card = *draft;
                    }
                }
                Item::Fault(fault) => faults.push(fault.to_string()),
            }
        }
        (card, faults)
    }

    #[test]
    fn a_file_is_one_card_named_by_its_name() {
        let (drafts, faults) = fixture(CARD);

        let [Draft::Card(card)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(
            (card.race.track.as_str(), card.race.number),
            ("W_PK", Some(3))
        );
        assert_eq!(card.race.day, "2025-07-01");
        let [first, second, third] = card.runners.as_slice() else {
            panic!("{:?}", card.runners);
        };
        assert_eq!(first.dog.name.as_deref(), Some("DR. PAPER HAT"));
        assert_eq!(
            (first.form.len(), second.form.len(), third.form.len()),
            (2, 1, 0)
        );
        assert_eq!(first.form[1].performance.sectional_s, None);
        assert_eq!(first.form[1].rug, Some(10));
        assert!(third.reserve && !second.reserve);
    }

    #[test]
    fn names_are_read_in_every_spelling() {
        for (name, day, track) in [
            ("a/b/Race 12 - MT_G - 2025-08-12.csv", "2025-08-12", "MT_G"),
            (
                "Race 1 - LADBROKES-Q1-LAKESIDE - 1 July 2025_cleaned.CSV",
                "2025-07-01",
                "LADBROKES-Q1-LAKESIDE",
            ),
        ] {
            let race = card(name).unwrap().race;
            assert_eq!((race.day.as_str(), race.track.as_str()), (day, track));
        }
        for name in [
            "",
            "Race 99 - SAL - 2025-08-12.csv",
            "Race 1 - SAL - 31 June 2025.csv",
        ] {
            assert!(card(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_card_with_another_name_is_refused() {
        let refusal = items("cards.csv", &bytes(CARD)).0.unwrap_err();

        assert!(refusal.reason.starts_with("file name must be like"));
    }

    #[test]
    fn a_name_on_every_row_continues_its_dog() {
        let head = HEAD.replace("SP\n", "SP,day_of_week\n");
        let past = PAST.replace("16.0\n", "16.0,Monday\n");

        let (card, faults) = one(&format!("{head}1. A B,{past}1. A B,{past}2. C,{past}"));

        assert_eq!(faults, [""; 0]);
        let runs: Vec<_> = card
            .runners
            .iter()
            .map(|runner| runner.form.len())
            .collect();
        assert_eq!(runs, [2, 1]);
    }

    #[test]
    fn a_bad_past_run_goes_alone() {
        let bad = PAST
            .replace("27.2,", "-6.345,")
            .replace(",7,16.0", ",71,16.0");

        let (card, faults) = one(&format!("{HEAD}1. A,{bad}\"\",{PAST}"));

        assert_eq!(card.runners[0].form.len(), 1);
        assert_eq!(
            faults,
            [
                "row 2: TIME must be more than 0 and at most 300 s (found \"-6.345\")",
                "row 2: PIR must end with the place in PLC (found \"71\")"
            ]
        );
    }

    #[test]
    fn a_dead_heat_has_no_margin() {
        let level = PAST
            .replace("B,7,", "B,1,")
            .replace(",22.0,X,7,", ",,X,11,");

        let (card, _) = one(&format!("{HEAD}1. A,{level}"));

        assert_eq!(card.runners[0].form[0].performance.margin_lengths, None);
    }

    #[test]
    fn runs_never_join_the_dog_before_a_lost_one() {
        let (card, faults) = one(&format!(
            "{HEAD}1. A,{PAST}2. LOST,B\n\"\",{PAST}2 LOST,{PAST}\"\",{PAST}1. OTHER,{PAST}3. C,{PAST}"
        ));

        let runs: Vec<_> = card
            .runners
            .iter()
            .map(|runner| runner.form.len())
            .collect();
        assert_eq!(runs, [1, 1]);
        assert_eq!(faults.len(), 5, "{faults:?}");
    }

    #[test]
    fn a_file_too_long_for_a_card_is_refused() {
        let text = format!("{HEAD}1. A,{PAST}{}", format!("\"\",{PAST}").repeat(2_001));

        let refusal = items(CARD, text.as_bytes()).0.unwrap_err();

        assert!(refusal.reason.starts_with("more than 2000 rows"));
    }
}
