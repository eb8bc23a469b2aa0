//! Results of the New Zealand TAB as they stand on its page, saved as text: not a table.
//!
//! The first three stand in a list with tabs, the others under `Also ran` with lengths behind the
//! winner. Dividends are what a pool paid after its cut, not prices, so they are not read; a half
//! head has no length that all agree on, so what is measured from one is left out.

use std::io::{BufRead, BufReader};

use chrono::NaiveDate;

use super::british::{gap, measured};
use super::text::Text;
use super::{Out, Refusal, RowFault, Stop};
use crate::domain::{DogDraft, Draft, PerformanceDraft, RaceDraft, ResultDraft, ResultRunnerDraft};

const SOURCE: &str = "nz-tab";

/// The most runners of one race that are read, scratched ones included.
const FIELD: usize = 20;

/// Whether a text begins as the page does.
pub(super) fn is(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.next() == Some(b"TAB") && lines.next() == Some(b"RACING RESULTS")
}

/// Every race as an official result; `rows` counts the runners.
pub(super) fn read(text: Text<'_>, rows: &mut u64, out: &mut Out<'_>) -> Result<(), Stop> {
    let mut page = Page::default();
    let mut bytes = BufReader::new(text);
    let mut line = Vec::new();
    for number in 1.. {
        bytes.get_mut().next_row();
        line.clear();
        let got = bytes.read_until(b'\n', &mut line).map_err(|error| {
            Refusal::new(format!("cannot be read from line {number} on: {error}"))
        })?;
        if got == 0 {
            break;
        }
        page.line(number, String::from_utf8_lossy(&line).trim(), out)?;
        *rows = page.rows;
    }
    page.close(out)
}

/// What the next line belongs to.
#[derive(Default, PartialEq)]
enum Part {
    #[default]
    Top,
    Title,
    Time,
    Body,
    First,
    AlsoRan,
    WinnersTime,
    Margins,
    Scratched,
}

/// The page, down to some line.
#[derive(Default)]
struct Page {
    track: String,
    day: String,
    part: Part,
    race: Option<Race>,
    rows: u64,
}

#[derive(Default)]
struct Race {
    row: u64,
    head: RaceDraft,
    runners: Vec<ResultRunnerDraft>,
    faults: Vec<RowFault>,
    winner_time: Option<f64>,
}

impl Page {
    fn line(&mut self, row: u64, line: &str, out: &mut Out<'_>) -> Result<(), Stop> {
        let number = line
            .strip_prefix('R')
            .and_then(|number| number.parse().ok());
        if let Some(number) = number {
            self.close(out)?;
            self.part = Part::Title;
            self.race = Some(self.begin(row, number));
            return Ok(());
        }
        let Some(race) = &mut self.race else {
            self.top(line);
            return Ok(());
        };
        if let Some(part) = heading(line) {
            self.part = part;
            return Ok(());
        }
        match self.part {
            Part::Title => race.title(line),
            Part::Time => race.head.jump_at = Some(line.to_owned()),
            Part::First => self.rows += race.first(row, line),
            Part::AlsoRan => self.rows += race.also_ran(row, line),
            Part::WinnersTime => race.winner_time = race.time(row, line),
            Part::Margins => race.margins(line),
            Part::Scratched => self.rows += race.scratched(line),
            Part::Top | Part::Body => {}
        }
        self.part = match self.part {
            Part::Title => Part::Time,
            Part::First if line.contains('\t') => Part::First,
            Part::AlsoRan if !line.is_empty() => Part::AlsoRan,
            _ => Part::Body,
        };
        Ok(())
    }

    fn top(&mut self, line: &str) {
        if let Some(track) = line.strip_suffix(" DOGS") {
            // A page's own number of the meeting stands before the track: `M3ADDINGTON`.
            let track = match track.strip_prefix('M') {
                Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                    rest.trim_start_matches(|c: char| c.is_ascii_digit())
                }
                _ => track,
            };
            track.clone_into(&mut self.track);
        } else if let Ok(day) = NaiveDate::parse_from_str(line, "%a, %d %b %Y") {
            self.day = day.to_string();
        }
    }

    fn begin(&self, row: u64, number: i64) -> Race {
        Race {
            row,
            head: RaceDraft {
                source: SOURCE.to_owned(),
                track: self.track.clone(),
                day: self.day.clone(),
                number: Some(number),
                ..RaceDraft::default()
            },
            ..Race::default()
        }
    }

    fn close(&mut self, out: &mut Out<'_>) -> Result<(), Stop> {
        let Some(mut race) = self.race.take() else {
            return Ok(());
        };
        race.times();
        let result = ResultDraft {
            race: race.head,
            known_at: None,
            status: "official".to_owned(),
            partial: !race.faults.is_empty(),
            runners: race.runners,
        };
        out.faults(race.faults)?;
        match result.check() {
            Ok(_) => out.draft(race.row, Draft::Result(Box::new(result))),
            Err(faults) => out.faults(
                faults
                    .into_iter()
                    .map(|fault| RowFault {
                        row: race.row,
                        column: fault.at,
                        value: String::new(),
                        rule: fault.why,
                    })
                    .collect(),
            ),
        }
    }
}

fn heading(line: &str) -> Option<Part> {
    match line {
        "Also ran:" => Some(Part::AlsoRan),
        "Winners Time:" => Some(Part::WinnersTime),
        "Winning Margins:" => Some(Part::Margins),
        "Scratched:" => Some(Part::Scratched),
        line if line.starts_with("#\tName") => Some(Part::First),
        line if line.starts_with("Bet Type") || line.starts_with("Note:") => Some(Part::Body),
        _ => None,
    }
}

impl Race {
    /// `SOME STAKES C0q 295m`: name, grade, distance.
    fn title(&mut self, line: &str) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let metres = words.last().and_then(|last| last.strip_suffix('m'));
        if let Some(metres) = metres.and_then(|metres| metres.parse::<u16>().ok()) {
            self.head.distance_m = Some(f64::from(metres));
            words.pop();
            self.head.grade = words.pop().map(str::to_owned);
        }
        self.head.name = Some(words.join(" ")).filter(|name| !name.is_empty());
    }

    /// `4`, name, trainer and dividends, tabs between them; the order is that of finish.
    fn first(&mut self, row: u64, line: &str) -> u64 {
        let mut cells = line.split('\t').map(str::trim);
        let (rug, dog, trainer) = (cells.next(), cells.next(), cells.next());
        let rug = rug.and_then(|rug| rug.parse().ok());
        let (Some(rug), Some(dog)) = (rug, dog) else {
            return 0;
        };
        let run = PerformanceDraft {
            place: self.next_place(),
            ..PerformanceDraft::default()
        };
        self.add(row, line, (rug, dog), trainer, run)
    }

    /// `3-Some Dog-A Trainer(3.1L)`.
    fn also_ran(&mut self, row: u64, line: &str) -> u64 {
        if line.is_empty() {
            return 0;
        }
        let parts = line.rsplit_once('(').and_then(|(who, behind)| {
            let mut who = who.splitn(3, '-');
            let rug = who.next()?.trim().parse().ok()?;
            Some((rug, who.next()?, who.next(), behind.strip_suffix(')')?))
        });
        let Some((rug, dog, trainer, behind)) = parts else {
            self.fault(row, line, "must be like 3-Some Dog-A Trainer(3.1L)");
            return 1;
        };
        let margin = behind.strip_suffix('L').and_then(|text| text.parse().ok());
        let run = PerformanceDraft {
            place: margin.and_then(|_: f64| self.next_place()),
            margin_lengths: margin,
            outcome: margin.is_none().then(|| outcome(behind).to_owned()),
            ..PerformanceDraft::default()
        };
        self.add(row, line, (rug, dog), trainer, run)
    }

    fn next_place(&self) -> Option<i64> {
        let placed = self
            .runners
            .iter()
            .filter(|runner| runner.performance.place.is_some());
        i64::try_from(placed.count() + 1).ok()
    }

    /// `8-Some Dog, 10-Another`.
    fn scratched(&mut self, line: &str) -> u64 {
        let mut added = 0;
        for part in line.split(',').take(FIELD) {
            let Some((rug, dog)) = part.trim().split_once('-') else {
                continue;
            };
            let Ok(rug) = rug.trim().parse() else {
                continue;
            };
            if dog.trim().to_ascii_lowercase().starts_with("vacant") {
                continue;
            }
            let run = PerformanceDraft {
                outcome: Some("SCR".to_owned()),
                ..PerformanceDraft::default()
            };
            added += self.add(0, part, (rug, dog), None, run);
        }
        added
    }

    fn add(
        &mut self,
        row: u64,
        line: &str,
        (rug, dog): (i64, &str),
        trainer: Option<&str>,
        performance: PerformanceDraft,
    ) -> u64 {
        let runner = ResultRunnerDraft {
            rug,
            dog: Some(DogDraft::named(dog.trim())),
            trainer: trainer
                .map(str::trim)
                .filter(|trainer| !trainer.is_empty())
                .map(str::to_owned),
            performance,
            ..ResultRunnerDraft::default()
        };
        let twice = self.runners.iter().any(|other| other.rug == rug);
        if twice || self.runners.len() >= FIELD {
            self.fault(row, line, "must wear a rug that no other runner wears");
        } else if let Err(faults) = runner.check() {
            for fault in faults {
                self.fault(row, line, &format!("{} {}", fault.at, fault.why));
            }
        } else {
            self.runners.push(runner);
        }
        1
    }

    fn time(&mut self, row: u64, line: &str) -> Option<f64> {
        let time = line.parse().ok();
        if time.is_none() {
            self.fault(row, line, "must be the winner's time like 17.66");
        }
        time
    }

    /// `1-1/4L, 1/2L, Hd`: first to second, second to third, and so on.
    fn margins(&mut self, line: &str) {
        let gaps = line.split(',').map(|part| {
            let part = part.trim().trim_end_matches('L').replace('-', " ");
            gap(&part).and_then(measured)
        });
        let mut behind = Some(0.0);
        for (n, gap) in gaps.take(2).enumerate() {
            behind = behind.zip(gap).map(|(sum, gap)| sum + gap);
            let placed = [Some(n + 2), (n == 0).then_some(1)];
            for place in placed.into_iter().flatten() {
                if let Some(runner) = self.runners.get_mut(place - 1) {
                    runner.performance.margin_lengths = behind;
                }
            }
        }
    }

    fn times(&mut self) {
        for runner in &mut self.runners {
            let run = &mut runner.performance;
            if run.place.is_some() {
                run.winner_time_s = self.winner_time;
            }
            if run.place == Some(1) {
                run.run_time_s = self.winner_time;
            }
        }
    }

    fn fault(&mut self, row: u64, line: &str, rule: &str) {
        if self.faults.len() < FIELD {
            self.faults.push(RowFault {
                row: if row == 0 { self.row } else { row },
                column: String::new(),
                value: super::table::shown(line),
                rule: rule.to_owned(),
            });
        }
    }
}

/// The code of what stands in place of lengths; the page puts its `L` behind that too: `FELLL`.
fn outcome(text: &str) -> &str {
    if text.starts_with("FELL") {
        return "F";
    }
    text.strip_suffix('L').unwrap_or(text)
}

#[cfg(test)]
mod tests;
