//! What the columns of a file of unknown layout mean, as a person has written it down in TOML.
//!
//! ```toml
//! format = "result"            # or "card", "form" or "prices"
//! source = "mine"              # who says so
//! sheet = "Sheet1"             # of a workbook; the first when left out
//! items = "data.races"         # of JSON: where its items lie; the document when left out
//! runners = "entries"          # of JSON: the runners of an item; each item is one when left out
//! date_format = "%d/%m/%Y"     # when days are not like 2026-11-20
//!
//! [columns]
//! track = { value = "sale" }   # the same for every row
//! day = "Date"                 # the heading; of JSON keys with dots between: "meeting.date"
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use chrono::format::{Item, StrftimeItems};

use super::fields::{FIELDS, Kind, find};
use crate::domain::{Fault, Source};

/// The largest mapping that is read, in bytes.
const LARGEST: usize = 64 * 1024;

/// A checked mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    pub(super) kind: Kind,
    pub(super) source: String,
    pub(super) sheet: Option<String>,
    pub(super) items: Option<String>,
    pub(super) runners: Option<String>,
    pub(super) date_format: Option<String>,
    pub(super) columns: BTreeMap<String, Origin>,
}

/// Where a field comes from.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Origin {
    /// The column under this heading.
    Heading(String),
    /// The same for every row.
    Constant(Constant),
}

/// `{ value = … }`.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constant {
    value: Value,
}

#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Whole(i64),
    Number(f64),
}

impl Constant {
    /// As a cell would show it.
    pub(super) fn shown(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Whole(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: Kind,
    source: String,
    sheet: Option<String>,
    items: Option<String>,
    runners: Option<String>,
    date_format: Option<String>,
    columns: BTreeMap<String, Origin>,
}

impl Mapping {
    /// From a file of TOML; as [`Mapping::parse`], or why it cannot be read.
    pub fn open(path: &Path) -> Result<Self, Vec<Fault>> {
        let mut text = String::new();
        // One byte more than may be, so that a larger one is noticed.
        let most = u64::try_from(LARGEST + 1).unwrap_or(u64::MAX);
        let read = File::open(path).and_then(|file| file.take(most).read_to_string(&mut text));
        read.map_err(|error| vec![Fault::new(format!("cannot be read: {error}"))])?;
        Self::parse(&text)
    }

    /// From TOML; every fault at once, or the line at which it is no such file.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        if text.len() > LARGEST {
            return Err(vec![Fault::new(format!("must be at most {LARGEST} bytes"))]);
        }
        let file: Written = toml::from_str(text).map_err(|error| vec![written(text, &error)])?;
        let mut faults = Vec::new();
        if let Err(fault) = Source::new(&file.source) {
            faults.push(fault.under("source"));
        }
        if let Some(form) = &file.date_format
            && StrftimeItems::new(form).any(|item| item == Item::Error)
        {
            let why = "must be like %d/%m/%Y";
            faults.push(Fault::new(why).under("date_format"));
        }
        for (name, path) in [("items", &file.items), ("runners", &file.runners)] {
            let path = path.as_deref().unwrap_or(name);
            if path.split('.').any(|key| key.trim().is_empty()) {
                faults.push(Fault::new("must be keys with dots between").under(name));
            }
        }
        faults.extend(unknown(&file));
        faults.extend(missing(&file));
        if faults.is_empty() {
            return Ok(Self {
                kind: file.format,
                source: file.source,
                sheet: file.sheet,
                items: file.items,
                runners: file.runners,
                date_format: file.date_format,
                columns: file.columns,
            });
        }
        Err(faults)
    }
}

fn written(text: &str, error: &toml::de::Error) -> Fault {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    Fault::new(error.message()).under(&format!("line {line}"))
}

/// Names that are no field, or none of such a row.
fn unknown(file: &Written) -> Vec<Fault> {
    let of_kind = |name: &str| find(name).is_some_and(|field| field.of.contains(&file.format));
    let strange = file.columns.keys().filter(|name| !of_kind(name));
    strange
        .map(|name| {
            let known = FIELDS
                .iter()
                .filter(|field| field.of.contains(&file.format));
            let names: Vec<_> = known.map(|field| field.name).collect();
            let why = format!(
                "is no field of a {}; these are: {}",
                file.format.as_str(),
                names.join(" ")
            );
            Fault::new(why).under(name).under("columns")
        })
        .collect()
}

fn missing(file: &Written) -> Vec<Fault> {
    let told = |choice: &&&[&str]| !choice.iter().any(|name| file.columns.contains_key(*name));
    let absent = file.format.must().iter().filter(told);
    absent
        .map(|choice| {
            Fault::new("must be given")
                .under(&choice.join(" or "))
                .under("columns")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let faults = Mapping::parse(text).unwrap_err();
        faults.iter().map(Fault::to_string).collect()
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let faults = faults(
            "format = \"form\"\nsource = \"Mine?\"\ndate_format = \"%Q\"\n\
             [columns]\ntrack = \"T\"\nday = \"D\"\nscratched = \"S\"\n",
        );

        assert_eq!(faults.len(), 5, "{faults:?}");
        assert!(
            faults[2].starts_with("columns.scratched: is no field of a form; these are: track")
        );
        assert_eq!(faults[3], "columns.distance_m: must be given");
        assert_eq!(faults[4], "columns.dog or dog_id: must be given");
    }

    #[test]
    fn what_is_no_mapping_is_told_with_its_line() {
        assert!(
            faults("format = \"result\"\nsheets = 3\n")[0].starts_with("line 2: unknown field")
        );
        assert!(faults("format = \"race\"\n")[0].starts_with("line 1: unknown variant"));
        assert!(faults(&"#".repeat(LARGEST + 1))[0].contains("at most"));
    }
}
