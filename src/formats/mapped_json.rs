//! JSON read by a mapping: what it tells becomes the rows that a table would have had.
//!
//! The columns of such a mapping are keys with dots between. With `runners` each member of that
//! list is a row and an item is a race of its own; what is of the race is looked for in the item
//! first, because a runner may have a `number` too. Without `runners` every item is a row, and
//! those of one race stand together as in a table.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::ops::ControlFlow;

use serde_json::Value;

use super::fields::Kind;
use super::json::Documents;
use super::mapping::{Mapping, Origin};
use super::sheet::{Sheet, cell, row};
use super::table::Table;
use super::text::Text;
use super::{Item, Out, Refusal, RowFault, Stop, mapped};

/// The most members of one item's list of runners.
const RUNNERS: usize = 1_000;

/// Fields that are of the race, whoever runs in it.
const OF_RACE: [&str; 12] = [
    "track",
    "day",
    "number",
    "session",
    "distance_m",
    "grade",
    "race_name",
    "prize",
    "race_id",
    "jump_at",
    "at",
    "kind",
];

/// Every item, or each of its runners, as the mapping says.
pub(super) fn read(
    mapping: &Mapping,
    documents: &mut Documents<'_>,
    out: &mut Out<'_>,
) -> Result<(), Stop> {
    let mut items = Items {
        documents,
        path: mapping.items.as_deref(),
        waiting: VecDeque::new(),
        row: 0,
    };
    let columns = Columns::of(mapping);
    let Some(runners) = &mapping.runners else {
        return columns.by_row(&mut items, out);
    };
    while let Some((number, item)) = items.next(out)? {
        columns.by_item(number, &item, runners, out)?;
    }
    Ok(())
}

/// The items, taken out of the documents that they lie in.
struct Items<'i, 'b> {
    documents: &'i mut Documents<'b>,
    path: Option<&'i str>,
    waiting: VecDeque<Value>,
    row: u64,
}

impl Items<'_, '_> {
    /// The next item and its number.
    fn next(&mut self, out: &mut Out<'_>) -> Result<Option<(u64, Value)>, Stop> {
        let Some(path) = self.path else {
            return self.documents.good(out);
        };
        while self.waiting.is_empty() {
            let Some((row, mut document)) = self.documents.good(out)? else {
                return Ok(None);
            };
            match found_mut(&mut document, path).map(Value::take) {
                Some(Value::Array(items)) => self.waiting = items.into(),
                Some(_) | None => out.faults(vec![fault(row, path, "must be a list")])?,
            }
        }
        self.row += 1;
        Ok(self.waiting.pop_front().map(|item| (self.row, item)))
    }
}

/// The fields that have a path, and a mapping that finds them in a table of just these.
struct Columns<'m> {
    paths: BTreeMap<&'m str, &'m str>,
    mapping: Mapping,
}

impl<'m> Columns<'m> {
    fn of(mapping: &'m Mapping) -> Self {
        let mut paths = BTreeMap::new();
        let mut table = mapping.clone();
        for (field, origin) in &mapping.columns {
            if let Origin::Heading(path) = origin {
                paths.insert(field.as_str(), path.trim());
                let heading = Origin::Heading(field.clone());
                table.columns.insert(field.clone(), heading);
            }
        }
        Self {
            paths,
            mapping: table,
        }
    }

    fn by_item(
        &self,
        number: u64,
        item: &Value,
        list: &str,
        out: &mut Out<'_>,
    ) -> Result<(), Stop> {
        let runners = match found(item, list) {
            Some(Value::Array(runners)) if runners.len() > RUNNERS => {
                let rule = format!("must have at most {RUNNERS} members");
                return out.faults(vec![fault(number, list, &rule)]);
            }
            Some(Value::Array(runners)) if !runners.is_empty() => runners,
            Some(_) | None => {
                return out.faults(vec![fault(number, list, "must be a list, not empty")]);
            }
        };
        let mut text = Vec::new();
        row(&mut text, self.paths.keys());
        for runner in runners {
            let value = |(field, path): (&&str, &&str)| self.value(field, path, runner, item);
            row(&mut text, self.paths.iter().map(value));
        }
        let mut bytes = text.as_slice();
        let mut table = Table::open(Text::open(&mut bytes)?)?;
        let of_item = |field: &str| self.mapping.kind != Kind::Form && OF_RACE.contains(&field);
        let path = |row: u64, field: &str, path: &str| {
            if of_item(field) {
                return path.to_owned();
            }
            format!("{list}[{}].{path}", row.saturating_sub(2))
        };
        let mut sink = |told| flow(out.give(self.placed(told, |_row| number, path)));
        mapped::read(&self.mapping, &mut table, &mut Out { sink: &mut sink })
    }

    /// What is of the race stands in the item, what is of a runner with it and nowhere else: the
    /// name of a race is no name for a vacant box. A past run may say all of it.
    fn value(&self, field: &str, path: &str, runner: &Value, item: &Value) -> String {
        let value = match (self.mapping.kind, OF_RACE.contains(&field)) {
            (Kind::Form, _) => found(runner, path).or_else(|| found(item, path)),
            (_, true) => found(item, path).or_else(|| found(runner, path)),
            (_, false) => found(runner, path),
        };
        in_cell(value)
    }

    fn by_row(&self, items: &mut Items<'_, '_>, out: &mut Out<'_>) -> Result<(), Stop> {
        let out = RefCell::new(out);
        let mut waiting: Option<(u64, Value)> = None;
        let mut written = 0;
        let mut sheet = Sheet::of(self.paths.keys(), |ready| {
            if waiting.is_none() {
                waiting = items.next(&mut out.borrow_mut()).map_err(unread)?;
            }
            let Some((number, _)) = &waiting else {
                return Ok(());
            };
            written += 1;
            // The table counts rows, so what could not be read leaves an empty one.
            let item = if written < *number {
                Value::Null
            } else {
                waiting.take().map(|(_, item)| item).unwrap_or_default()
            };
            let paths = self.paths.values();
            row(ready, paths.map(|path| in_cell(found(&item, path))));
            Ok(())
        });
        let mut table = Table::open(Text::open(&mut sheet)?)?;
        let path = |_row, _field: &str, path: &str| path.to_owned();
        let mut sink = |told| {
            let told = self.placed(told, |row| row.saturating_sub(1), path);
            flow(out.borrow_mut().give(told))
        };
        mapped::read(&self.mapping, &mut table, &mut Out { sink: &mut sink })
    }

    /// What the table tells, by the item's number and the value's path.
    fn placed(
        &self,
        told: Item,
        number: impl Fn(u64) -> u64,
        path_of: impl Fn(u64, &str, &str) -> String,
    ) -> Item {
        match told {
            Item::Draft { row, draft } => Item::Draft {
                row: number(row),
                draft,
            },
            Item::Fault(mut fault) => {
                if let Some(path) = self.paths.get(fault.column.as_str()) {
                    fault.column = path_of(fault.row, &fault.column, path);
                }
                fault.row = number(fault.row);
                Item::Fault(fault)
            }
        }
    }
}

fn flow(given: Result<(), Stop>) -> ControlFlow<()> {
    match given {
        Ok(()) => ControlFlow::Continue(()),
        Err(_enough) => ControlFlow::Break(()),
    }
}

fn unread(stop: Stop) -> io::Error {
    io::Error::other(match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Enough => Refusal::new("enough was read"),
    })
}

fn fault(row: u64, column: &str, rule: &str) -> RowFault {
    RowFault {
        row,
        column: column.to_owned(),
        value: String::new(),
        rule: rule.to_owned(),
    }
}

/// The value at keys with dots between; a key may itself have dots, and a number is a seat in a
/// list.
fn found<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if let Some(whole) = value.get(path) {
        return Some(whole).filter(|value| !value.is_null());
    }
    value
        .pointer(&pointer(path))
        .filter(|value| !value.is_null())
}

fn found_mut<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    if value.get(path).is_some() {
        return value.get_mut(path);
    }
    value.pointer_mut(&pointer(path))
}

fn pointer(path: &str) -> String {
    let escaped = path.replace('~', "~0").replace('/', "~1");
    format!("/{}", escaped.replace('.', "/"))
}

fn in_cell(value: Option<&Value>) -> String {
    let text = value.map_or_else(String::new, cell);
    text.replace(['\r', '\n', '\0'], " ")
}

#[cfg(test)]
mod tests;
