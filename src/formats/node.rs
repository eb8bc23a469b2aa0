//! The members of a JSON object as values, and what is wrong with them.
//!
//! As with [`super::cells`], reading goes on after a bad value: it is left out and noted with its
//! path. Texts are read as numbers and numbers as texts, because sources mix them; MongoDB's
//! extended JSON (`{"$numberLong": "1"}`) is seen through.

use std::cell::RefCell;

use serde_json::Value;

use super::RowFault;
use super::cells::is_blank;
use super::table::shown;
use crate::domain::Fault;

/// The names that extended JSON gives to a plain value.
const EXTENDED: [&str; 6] = [
    "$numberLong",
    "$numberInt",
    "$numberDouble",
    "$numberDecimal",
    "$oid",
    "$date",
];

/// What is wrong with one item.
pub(super) struct Notes {
    row: u64,
    faults: RefCell<Vec<RowFault>>,
}

impl Notes {
    /// Of the item in this row.
    pub(super) const fn of(row: u64) -> Self {
        Self {
            row,
            faults: RefCell::new(Vec::new()),
        }
    }

    /// Nothing wrong so far.
    pub(super) fn clean(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// Everything that is wrong.
    pub(super) fn faults(self) -> Vec<RowFault> {
        self.faults.into_inner()
    }

    /// Notes the faults of a draft, each at the path which `of` finds for its place; a path that
    /// has a fault already gets no second.
    pub(super) fn all(&self, faults: Vec<Fault>, of: impl Fn(&str) -> String) {
        for Fault { at, why } in faults {
            self.note(of(&at), String::new(), why);
        }
    }

    fn note(&self, column: String, value: String, rule: String) {
        let mut faults = self.faults.borrow_mut();
        if faults.iter().any(|known| known.column == column) {
            return;
        }
        faults.push(RowFault {
            row: self.row,
            column,
            value,
            rule,
        });
    }
}

/// The path of the member that fills a place in a draft: `dogs[2].trapNumber` for `runners[2].rug`.
pub(super) fn member(fields: &[(&str, &str)], at: &str) -> String {
    let name = |part: &str| {
        let (word, index) = part.split_at(part.find('[').unwrap_or(part.len()));
        let found = fields.iter().find(|(field, _)| *field == word);
        format!("{}{index}", found.map_or(word, |(_, member)| member))
    };
    at.split('.').map(name).collect::<Vec<_>>().join(".")
}

/// A value at its path.
pub(super) struct Node<'v> {
    value: &'v Value,
    path: String,
    notes: &'v Notes,
}

impl<'v> Node<'v> {
    /// The whole item.
    pub(super) const fn root(value: &'v Value, notes: &'v Notes) -> Self {
        Self {
            value,
            path: String::new(),
            notes,
        }
    }

    fn get(&self, key: &str) -> &'v Value {
        let mut value = self.value.get(key).unwrap_or(&Value::Null);
        while let Some(inner) = EXTENDED.iter().find_map(|name| value.get(name)) {
            value = inner;
        }
        value
    }

    fn at(&self, key: &str) -> String {
        if self.path.is_empty() {
            return key.to_owned();
        }
        format!("{}.{key}", self.path)
    }

    /// Notes that the member breaks a rule.
    pub(super) fn bad<T>(&self, key: &str, rule: impl Into<String>) -> Option<T> {
        let value = match self.get(key) {
            Value::Null => String::new(),
            Value::String(text) => shown(text),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
            value => shown(&value.to_string()),
        };
        self.notes.note(self.at(key), value, rule.into());
        None
    }

    /// An object inside; a missing one has no members.
    pub(super) fn inside(&self, key: &str) -> Self {
        Self {
            value: self.get(key),
            path: self.at(key),
            notes: self.notes,
        }
    }

    /// Whether the member is there.
    pub(super) fn has(&self, key: &str) -> bool {
        !self.get(key).is_null()
    }

    /// The members of a list, at most so many; none when it is missing.
    pub(super) fn list(&self, key: &str, most: usize) -> Vec<Self> {
        let members = match self.get(key) {
            Value::Null => return Vec::new(),
            Value::Array(members) => members,
            _ => {
                let _: Option<()> = self.bad(key, "must be a list");
                return Vec::new();
            }
        };
        if members.len() > most {
            let _: Option<()> = self.bad(key, format!("must have at most {most} members"));
        }
        let member = |(n, value)| Self {
            value,
            path: format!("{}[{n}]", self.at(key)),
            notes: self.notes,
        };
        members.iter().take(most).enumerate().map(member).collect()
    }

    /// Pairs of numbers, at most so many.
    pub(super) fn pairs(&self, key: &str, most: usize) -> Vec<(f64, f64)> {
        let mut found = Vec::new();
        for pair in self.list(key, most) {
            let numbers = pair.value.as_array().map(Vec::as_slice);
            let Some([first, second]) = numbers else {
                let _: Option<()> = self.bad(key, "must hold pairs of numbers");
                break;
            };
            let (Some(first), Some(second)) = (first.as_f64(), second.as_f64()) else {
                let _: Option<()> = self.bad(key, "must hold pairs of numbers");
                break;
            };
            found.push((first, second));
        }
        found
    }

    /// A text, or a number as text; `None` when missing, blank or a dash.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let text = match self.get(key) {
            Value::Null => return None,
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return self.bad(key, "must be a text");
            }
        };
        Some(text).filter(|text| !text.is_empty() && text != "-")
    }

    /// A number, also as text; `None` when missing or blank. The noise of a 32-bit float goes:
    /// `27.93000030517578` is `27.93`.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        let number = match self.get(key) {
            Value::Null => return None,
            Value::Number(number) => number.as_f64(),
            Value::String(text) if is_blank(text.trim()) || text.trim().is_empty() => return None,
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        match number.filter(|number| number.is_finite()) {
            Some(number) => Some(without_noise(number)),
            None => self.bad(key, "must be a number"),
        }
    }

    /// A whole number, also as text or as `5.0`.
    pub(super) fn whole(&self, key: &str) -> Option<i64> {
        if let Some(whole) = self.get(key).as_i64() {
            return Some(whole);
        }
        let number = self.number(key)?;
        if number.fract() != 0.0 || number.abs() > EXACT {
            return self.bad(key, "must be a whole number");
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and at most 2^53")]
        Some(number as i64)
    }

    /// True only where the member says so.
    pub(super) fn is_true(&self, key: &str) -> bool {
        self.get(key) == &Value::Bool(true)
    }

    /// An exchange price; where nobody would match it stands 0, 1 or nothing.
    pub(super) fn price(&self, key: &str) -> Option<f64> {
        self.number(key).filter(|price| *price > 1.0)
    }
}

/// Whole numbers up to here are exact in a JSON number (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A double that is exactly a 32-bit float was one: its shortest spelling is what was meant.
fn without_noise(number: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "compared with the original"
    )]
    let single = number as f32;
    if (f64::from(single) - number).abs() > 0.0 {
        return number;
    }
    single.to_string().parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_dress() {
        let value = serde_json::json!({
            "noise": 27.930_000_305_175_78, "plain": 1.680_000_000_1, "text": " 03.63 ", "blank": "",
            "nan": "NaN", "long": {"$numberLong": "1761587760000"}, "whole": 5.0, "half": 5.5,
            "date": {"$date": {"$numberLong": "7"}}, "bad": [],
        });
        let notes = Notes::of(3);
        let node = Node::root(&value, &notes);

        assert_eq!(node.number("noise"), Some(27.93));
        assert_eq!(node.number("plain"), Some(1.680_000_000_1));
        assert_eq!(node.number("text"), Some(3.63));
        assert_eq!((node.number("blank"), node.number("nan")), (None, None));
        assert_eq!(node.whole("long"), Some(1_761_587_760_000));
        assert_eq!(
            (node.whole("whole"), node.whole("date")),
            (Some(5), Some(7))
        );
        assert!(notes.clean());
        assert_eq!((node.whole("half"), node.number("bad")), (None, None));
        let columns: Vec<_> = notes.faults().into_iter().map(|f| f.column).collect();
        assert_eq!(columns, ["half", "bad"]);
    }
}
