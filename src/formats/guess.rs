//! A proposal for the mapping of a header that nobody knows.
//!
//! It is a question to a person and never used unasked: headings that look alike need not mean the
//! same. What it cannot find stands in it as a remark.

use std::fmt::Write as _;

use super::fields::{FIELDS, Field, Kind};
use super::table::Header;
use crate::domain::printable;

/// Headings that are less alike than this mean something else.
const ALIKE: f64 = 0.85;

/// Fewer columns than this say nothing.
const ENOUGH: usize = 3;

/// The most columns that are looked at.
const COLUMNS: usize = 200;

/// A mapping as TOML, if enough headings mean something.
pub(super) fn mapping(header: &Header) -> Option<String> {
    let kinds = [Kind::Result, Kind::Card, Kind::Form, Kind::Prices];
    let [results, cards, forms, prices] = kinds.map(|kind| pairs(header, kind));
    let has = |pairs: &[Pair<'_>], name: &str| pairs.iter().any(|pair| pair.field.name == name);
    let ran = ["place", "won", "run_time_s"]
        .iter()
        .any(|name| has(&results, name));
    let (kind, pairs) = match (ran, has(&results, "number")) {
        (true, true) => (Kind::Result, results),
        (true, false) => (Kind::Form, forms),
        (false, _) if has(&prices, "at") => (Kind::Prices, prices),
        (false, _) => (Kind::Card, cards),
    };
    (pairs.len() >= ENOUGH).then(|| written(kind, &pairs))
}

struct Pair<'h> {
    field: &'static Field,
    heading: &'h str,
}

/// The most alike first, each field and each heading once.
fn pairs(header: &Header, kind: Kind) -> Vec<Pair<'_>> {
    let mut scored = Vec::new();
    for (column, heading) in header.names().iter().take(COLUMNS).enumerate() {
        let folded = folded(heading);
        for (order, field) in FIELDS.iter().enumerate() {
            let alike = field.headings.iter().map(|known| alike(&folded, known));
            let score = alike.fold(0.0, f64::max);
            if score >= ALIKE && field.of.contains(&kind) {
                scored.push((score, order, column, field, heading.as_str()));
            }
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    let mut pairs = Vec::new();
    for (_, order, column, field, heading) in scored {
        if !fields.contains(&order) && !columns.contains(&column) {
            fields.push(order);
            columns.push(column);
            pairs.push((order, Pair { field, heading }));
        }
    }
    pairs.sort_by_key(|(order, _)| *order);
    pairs.into_iter().map(|(_, pair)| pair).collect()
}

/// Letters and digits of `Dog Name (kg)`, small.
fn folded(heading: &str) -> String {
    let plain = heading.chars().filter(char::is_ascii_alphanumeric).take(40);
    plain.map(|c| c.to_ascii_lowercase()).collect()
}

fn alike(heading: &str, known: &str) -> f64 {
    if heading.len() < 4 || known.len() < 4 {
        return if heading == known { 1.0 } else { 0.0 };
    }
    // What differs in length by more than that cannot be alike enough.
    let (shorter, longer) = (
        heading.len().min(known.len()),
        heading.len().max(known.len()),
    );
    if (shorter as f64) < ALIKE * longer as f64 {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(heading, known)
}

fn written(kind: Kind, pairs: &[Pair<'_>]) -> String {
    let mut text = format!(
        "format = \"{}\"\nsource = \"mine\"\n# date_format = \"%d/%m/%Y\"\n\n[columns]\n",
        kind.as_str()
    );
    for pair in pairs {
        // Writing to a string cannot fail.
        let _written = writeln!(text, "{} = {}", pair.field.name, quoted(pair.heading));
    }
    for choice in kind.must() {
        let there = |name: &&&str| pairs.iter().any(|pair| pair.field.name == **name);
        if !choice.iter().any(|name| there(&name)) {
            let _written = writeln!(
                text,
                "# {} = \"…\"  # must be given, as a column or as {{ value = \"…\" }}",
                choice.join(" or ")
            );
        }
    }
    text
}

/// A TOML string.
pub(super) fn quoted(heading: &str) -> String {
    let mut text = String::from("\"");
    for c in heading.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if printable(c) => text.push(c),
            c => {
                // Writing to a string cannot fail; whatever is not printable has four digits.
                let _written = write!(text, "\\u{:04X}", u32::from(c));
            }
        }
    }
    text.push('"');
    text
}
