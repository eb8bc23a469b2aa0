//! What a stream is taken for, and why; nothing of what it says is kept.
//!
//! Its beginning is read as the import would read it, so it cannot say anything else than what the
//! import would do.

use std::io::Read;
use std::ops::ControlFlow;

use super::json;
use super::table::{Header, Table};
use super::text::{Text, decoded_as};
use super::{
    Format, Item, Mapping, Refusal, Summary, detect, guess, nz_tab, opened, read_text,
    read_text_mapped,
};
use crate::domain::{Draft, RaceDraft, printable};

/// Drafts and faults that are met before it is enough.
const SAMPLE: u64 = 50;
/// Faults that are shown.
const FAULTS: usize = 5;
/// Columns that are shown.
const COLUMNS: usize = 60;

/// What is to be said about one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// Its name.
    pub file: String,
    /// The format it is taken for; `None` when it is none that is known.
    pub format: Option<&'static str>,
    /// How its text is written, as far as the beginning shows; empty when it is no text.
    pub encoding: &'static str,
    /// What stands between fields.
    pub delimiter: Option<char>,
    /// The columns by which it is known.
    pub evidence: Vec<&'static str>,
    /// All columns, at most 60.
    pub columns: Vec<String>,
    /// Rows that were read for this.
    pub rows_sampled: u64,
    /// The first fact that it brings.
    pub first: Option<String>,
    /// What is wrong with the first rows; at most five.
    pub faults: Vec<String>,
    /// Why it is not read.
    pub refusal: Option<String>,
    /// The format that is nearest, where none fits.
    pub closest: Option<&'static str>,
    /// What it lacks to be of the nearest format.
    pub missing: Vec<&'static str>,
    /// A mapping that may fit, as TOML, where no format does.
    pub mapping: Option<String>,
}

/// Looks at the beginning of a stream, by a mapping if one is given.
pub fn explain(name: &str, bytes: &mut dyn Read, mapping: Option<&Mapping>) -> Explanation {
    let mut said = Explanation {
        file: name.to_owned(),
        ..Explanation::default()
    };
    let sheet = mapping.and_then(|mapping| mapping.sheet.as_deref());
    let read = opened(bytes, sheet, |text| {
        if json::begins(text.head()) {
            return said.json(name, text, mapping);
        }
        said.look(name, &text, mapping)
    });
    match read {
        Ok(summary) => said.rows_sampled = summary.rows,
        Err(refusal) => said.refusal = Some(refusal.reason),
    }
    said
}

impl Explanation {
    /// What there is to say of a file that was not even opened.
    #[must_use]
    pub fn refused(name: &str, refusal: &Refusal) -> Self {
        Self {
            file: name.to_owned(),
            refusal: Some(refusal.reason.clone()),
            ..Self::default()
        }
    }

    fn look(
        &mut self,
        name: &str,
        text: &Text<'_>,
        mapping: Option<&Mapping>,
    ) -> Result<Summary, Refusal> {
        let sample = text.whole_rows();
        self.encoding = text.mark().unwrap_or_else(|| decoded_as(sample));
        if nz_tab::is(sample) && mapping.is_none() {
            self.format = Some(Format::NzTab.as_str());
            self.evidence = Format::NzTab.must().to_vec();
        } else {
            let mut bytes = sample;
            let table = Table::open(Text::open(&mut bytes)?)?;
            self.delimiter = Some(char::from(table.delimiter()));
            self.table(name, table.header(), mapping)?;
        }
        let mut bytes = sample;
        self.read(name, Text::open(&mut bytes)?, mapping)
    }

    /// An item may be longer than any beginning, so JSON is read until there is enough of it.
    fn json(
        &mut self,
        name: &str,
        text: Text<'_>,
        mapping: Option<&Mapping>,
    ) -> Result<Summary, Refusal> {
        self.encoding = text.mark().unwrap_or_else(|| decoded_as(text.whole_rows()));
        let summary = self.read(name, text, mapping)?;
        self.format = Some(summary.format.as_str());
        self.evidence = summary.format.keys().to_vec();
        Ok(summary)
    }

    fn read(
        &mut self,
        name: &str,
        text: Text<'_>,
        mapping: Option<&Mapping>,
    ) -> Result<Summary, Refusal> {
        let mut met = 0;
        let mut sink = |item| {
            met += 1;
            self.item(item);
            if met < SAMPLE {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        match mapping {
            Some(mapping) => read_text_mapped(text, mapping, &mut sink),
            None => read_text(name, text, None, &mut sink),
        }
    }

    fn table(
        &mut self,
        name: &str,
        header: &Header,
        mapping: Option<&Mapping>,
    ) -> Result<(), Refusal> {
        let shown = header.names().iter().take(COLUMNS);
        self.columns = shown.map(|name| plain(name)).collect();
        if mapping.is_some() {
            self.format = Some(Format::Mapped.as_str());
            return Ok(());
        }
        match detect::format(name, header, None) {
            Ok(format) => {
                self.format = Some(format.as_str());
                self.evidence = format.must().to_vec();
                Ok(())
            }
            Err(refusal) => {
                if let Some((format, missing)) = detect::closest(header) {
                    self.closest = Some(format.as_str());
                    self.missing = missing;
                }
                self.mapping = guess::mapping(header);
                Err(refusal)
            }
        }
    }

    fn item(&mut self, item: Item) {
        match item {
            Item::Draft { row, draft } if self.first.is_none() => {
                self.first = Some(format!("row {row}: {}", described(&draft)));
            }
            Item::Draft { .. } => {}
            Item::Fault(fault) => {
                if self.faults.len() < FAULTS {
                    self.faults.push(fault.to_string());
                }
            }
        }
    }
}

/// A draft in one line.
fn described(draft: &Draft) -> String {
    match draft {
        Draft::Card(card) => {
            let runs: usize = card.runners.iter().map(|runner| runner.form.len()).sum();
            format!(
                "card of {}, {} runners, {runs} past runs",
                described_race(&card.race),
                card.runners.len()
            )
        }
        Draft::Result(result) => {
            let partial = if result.partial {
                ", not all of them"
            } else {
                ""
            };
            format!(
                "{} result of {}, {} runners{partial}",
                plain(&result.status),
                described_race(&result.race),
                result.runners.len()
            )
        }
        Draft::Prices(prices) => {
            let race = RaceDraft {
                source: prices.source.clone(),
                track: prices.track.clone().unwrap_or_default(),
                day: prices.day.clone().unwrap_or_default(),
                number: prices.number,
                jump_at: prices.jump_at.clone(),
                ..RaceDraft::default()
            };
            let (kind, at) = (plain(&prices.kind), plain(&prices.at));
            format!("{kind} prices of {} at {at}", described_race(&race))
        }
        Draft::Form(form) => {
            let id = form
                .dog
                .reference
                .as_ref()
                .map(|(_, id)| format!("dog {id}"));
            let dog = form.dog.name.clone().or(id).unwrap_or_default();
            format!(
                "past run of {} at {} on {}, by {}",
                plain(&dog),
                plain(&form.track),
                plain(&form.day),
                form.source
            )
        }
    }
}

fn described_race(race: &RaceDraft) -> String {
    let slot = match (race.number, &race.jump_at) {
        (Some(number), _) => format!("race {number}"),
        (None, Some(time)) => format!("the race at {}", plain(time)),
        (None, None) => "a race".to_owned(),
    };
    format!(
        "{slot} at {} on {}, by {}",
        plain(&race.track),
        plain(&race.day),
        race.source
    )
}

/// At most 80 characters, printable.
fn plain(text: &str) -> String {
    let shown = |c: char| if printable(c) { c } else { '\u{fffd}' };
    text.chars().take(80).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{CARD, FIXTURES, bytes, items};

    fn said(name: &str, text: &[u8]) -> Explanation {
        let mut bytes = text;
        explain(name, &mut bytes, None)
    }

    #[test]
    fn every_format_is_explained_as_it_is_read() {
        for (name, format) in FIXTURES {
            if format == Format::RugResults {
                continue;
            }
            let text = bytes(name);

            let said = said(name, &text);

            let (summary, items) = items(name, &text);
            assert_eq!(said.format, Some(format.as_str()));
            assert_eq!(said.rows_sampled, summary.unwrap().rows, "{name}");
            assert_eq!((&said.refusal, &said.mapping), (&None, &None), "{name}");
            assert!(said.first.is_some(), "{name}");
            let faults = items.iter().filter(|item| matches!(item, Item::Fault(_)));
            assert_eq!(said.faults.len(), faults.count().min(FAULTS), "{name}");
        }
    }

    #[test]
    fn a_card_is_told_in_one_line_with_its_evidence() {
        let said = said(CARD, &bytes(CARD));

        assert_eq!(said.encoding, "ASCII");
        assert_eq!(said.delimiter, Some(','));
        assert!(said.evidence.contains(&"Dog Name"));
        let first =
            "row 1: card of race 3 at W_PK on 2025-07-01, by thedogs, 3 runners, 3 past runs";
        assert_eq!(said.first.as_deref(), Some(first));
    }

    #[test]
    fn json_is_explained_by_its_keys() {
        for (name, format, first) in [
            ("gbgb-meeting.json", "gbgb-json", "result of race"),
            (
                "betfair-stream.jsonl",
                "betfair-stream",
                "exchange prices of",
            ),
            ("uk-card.json", "uk-card", "card of"),
            ("topaz.json", "topaz", "result of race"),
        ] {
            let said = said(name, &bytes(name));

            assert_eq!(said.format, Some(format), "{name}");
            assert!(!said.evidence.is_empty(), "{name}");
            assert!(
                said.first.is_some_and(|line| line.contains(first)),
                "{name}"
            );
        }
    }

    #[test]
    fn an_unknown_header_is_told_with_its_nearest_format_and_a_mapping() {
        let text = "race_id;date;track;race_number;dog_name;won\n1;x;y;z;\u{e9};1\n";

        let said = said("x.csv", text.as_bytes());

        assert_eq!((said.format, said.closest), (None, Some("runs")));
        assert_eq!((said.missing, said.delimiter), (vec!["rug"], Some(';')));
        assert_eq!(said.encoding, "UTF-8");
        let mapping = said.mapping.unwrap();
        assert!(mapping.contains("day = \"date\""), "{mapping}");
        assert!(mapping.contains("# rug = "), "{mapping}");
    }

    #[test]
    fn what_is_no_table_is_told_so() {
        let page = said("x.csv", b"<!DOCTYPE html>");
        assert!(page.refusal.unwrap().contains("HTML"));
        let empty = said("x.csv", b"");
        assert_eq!(empty.refusal.as_deref(), Some("an empty file"));
    }

    #[test]
    fn a_file_that_its_name_leaves_unread_keeps_its_format() {
        let said = said("races.csv", &bytes("dog_700000001_races.csv"));

        assert_eq!(said.format, Some("fasttrack-form"));
        assert!(said.refusal.unwrap().contains("does not name its dog"));
    }

    #[test]
    fn a_long_file_is_only_looked_at() {
        let row = "2023-08-24,SHE,thedogs,450,TIN WHISTLE,1,1,5\n";
        let head = "date,track_code,track_src,distance_m,dog_name,box,finish_pos,grade\n";

        let said = said("x.csv", format!("{head}{}", row.repeat(100_000)).as_bytes());

        assert_eq!((said.rows_sampled, said.faults.len()), (50, 0));
    }
}
