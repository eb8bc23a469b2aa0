//! The cells of one row as values, and what is wrong with them.
//!
//! Reading never stops at a bad cell: the value is left out, the fault is noted, and whoever built
//! a draft from the row asks [`Cells::clean`] before passing it on.

use chrono::NaiveDate;

use super::RowFault;
use super::table::{Col, Row};
use crate::domain::Fault;

/// How the world writes "unknown" in a column of numbers or codes.
const BLANKS: [&str; 6] = ["-", "--", "na", "n/a", "null", "nan"];

/// One row being read.
pub(super) struct Cells<'t> {
    row: Row<'t>,
    faults: Vec<RowFault>,
}

impl<'t> Cells<'t> {
    pub(super) fn of(row: Row<'t>) -> Self {
        Self {
            row,
            faults: Vec::new(),
        }
    }

    /// The row.
    pub(super) fn row(&self) -> &Row<'t> {
        &self.row
    }

    /// The cell without surrounding space.
    pub(super) fn raw(&self, column: Col) -> &'t str {
        self.row.raw(column)
    }

    /// Words or a code; `None` when blank or a dash.
    pub(super) fn text(&self, column: Col) -> Option<&'t str> {
        Some(self.raw(column)).filter(|text| !text.is_empty() && *text != "-")
    }

    /// As [`Cells::text`], owned.
    pub(super) fn words(&self, column: Col) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    /// A number; `None` when blank.
    pub(super) fn number(&mut self, column: Col) -> Option<f64> {
        let raw = self.raw(column);
        if raw.is_empty() {
            return None;
        }
        match raw.parse::<f64>() {
            Ok(number) if number.is_finite() => Some(number),
            Ok(_) | Err(_) if is_blank(raw) => None,
            Ok(_) | Err(_) => self.bad(column, "must be a number"),
        }
    }

    /// A number with its unit: `31.9kg`, `460m`.
    pub(super) fn with_unit(&mut self, column: Col, unit: &str) -> Option<f64> {
        let text = self.known(column)?;
        let number = text.strip_suffix(unit).unwrap_or(text).trim().parse();
        match number {
            Ok(number) if f64::is_finite(number) => Some(number),
            Ok(_) | Err(_) => self.bad(column, format!("must be a number like 30.5{unit}")),
        }
    }

    /// Decimal odds of `$4.50` and, of a favourite, `$1.50F`; `$0.00` is an unknown price.
    pub(super) fn dollars(&mut self, column: Col) -> Option<f64> {
        let text = self.known(column)?;
        let letters = |c: char| c.is_ascii_alphabetic();
        let number = text.trim_start_matches('$').trim_end_matches(letters);
        match number.parse::<f64>() {
            Ok(price) if price.is_finite() => Some(price).filter(|price| *price != 0.0),
            Ok(_) | Err(_) => self.bad(column, "must be a price like $4.50"),
        }
    }

    /// Words or a code, where `NA` too is blank.
    pub(super) fn known(&self, column: Col) -> Option<&'t str> {
        self.text(column).filter(|text| !is_blank(text))
    }

    /// An exchange price; where nobody would match it stands blank, 0, 1 or `inf`.
    pub(super) fn price(&mut self, column: Col) -> Option<f64> {
        if self.raw(column).eq_ignore_ascii_case("inf") {
            return None;
        }
        self.number(column)
            .filter(|price| *price != 0.0 && (*price - 1.0).abs() > f64::EPSILON)
    }

    /// A whole number, also as `5.0`; `None` when blank.
    pub(super) fn whole(&mut self, column: Col) -> Option<i64> {
        let raw = self.raw(column);
        if raw.is_empty() || is_blank(raw) {
            return None;
        }
        let digits = raw.split_once('.').map_or(raw, |(digits, fraction)| {
            if fraction.bytes().all(|byte| byte == b'0') {
                return digits;
            }
            raw
        });
        match digits.parse() {
            Ok(number) => Some(number),
            Err(_) => self.bad(column, "must be a whole number"),
        }
    }

    /// `1`/`0`, also as `1.0`/`0.0`; `None` when blank.
    pub(super) fn flag(&mut self, column: Col) -> Option<bool> {
        match self.raw(column) {
            "1" | "1.0" => Some(true),
            "0" | "0.0" => Some(false),
            raw if raw.is_empty() || is_blank(raw) => None,
            _ => self.bad(column, "must be 1 or 0"),
        }
    }

    /// A date in one of chrono's `forms`, as `2026-11-20`. A day that fits none stays as it is and
    /// is left to the check of the draft.
    pub(super) fn day(&self, column: Col, forms: &[&str]) -> String {
        let raw = self.raw(column);
        forms
            .iter()
            .find_map(|form| NaiveDate::parse_from_str(raw, form).ok())
            .map_or_else(|| raw.to_owned(), |day| day.to_string())
    }

    /// Notes that the cell at `column` breaks `rule`; a second fault of one cell adds nothing.
    pub(super) fn bad<T>(&mut self, column: Col, rule: impl Into<String>) -> Option<T> {
        let fault = self.row.fault(column, rule);
        let known = |other: &RowFault| column != Col::NONE && other.column == fault.column;
        if !self.faults.iter().any(known) {
            self.faults.push(fault);
        }
        None
    }

    /// Notes the faults of a draft at the columns which `of` finds for them.
    pub(super) fn checked<T>(
        &mut self,
        outcome: Result<T, Vec<Fault>>,
        of: impl Fn(&str) -> Col,
    ) -> Option<T> {
        let faults = match outcome {
            Ok(value) => return Some(value),
            Err(faults) => faults,
        };
        for Fault { at, why } in faults {
            let column = of(&at);
            if column == Col::NONE {
                let mut fault = self.row.fault(column, why);
                fault.column = at;
                self.faults.push(fault);
            } else {
                self.bad::<T>(column, why);
            }
        }
        None
    }

    /// Nothing wrong so far.
    pub(super) fn clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// Everything that is wrong.
    pub(super) fn faults(self) -> Vec<RowFault> {
        self.faults
    }
}

/// Whether it is one of the ways to write "unknown".
pub(super) fn is_blank(raw: &str) -> bool {
    BLANKS.iter().any(|blank| raw.eq_ignore_ascii_case(blank))
}
