//! A view as a table: one generic way from what is serialised to rows of cells.
//!
//! A text that a spreadsheet would take for a formula gets a `'` before it; numbers stay numbers.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde_json::Value;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, dates and instants too.
    Text,
    /// Integers.
    Whole,
    /// Numbers.
    Real,
    /// True or false.
    Flag,
}

/// One column: its name, and where in the view its value stands, as a JSON pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// The heading.
    pub(super) name: &'static str,
    /// What its cells hold.
    pub(super) kind: Kind,
    at: &'static str,
}

/// A column of text.
pub(super) const fn text(name: &'static str, at: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Text,
        at,
    }
}

/// A column of integers.
pub(super) const fn whole(name: &'static str, at: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Whole,
        at,
    }
}

/// A column of numbers.
pub(super) const fn real(name: &'static str, at: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Real,
        at,
    }
}

/// A column of true and false.
pub(super) const fn flag(name: &'static str, at: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Flag,
        at,
    }
}

/// A view that can be rows of a table.
pub(super) trait Sheet: Serialize {
    /// The columns, in order.
    const COLUMNS: &'static [Column];
    /// A list inside the view that becomes a row for each of its elements, each under the name of
    /// the list.
    const SPREAD: Option<&'static str> = None;
}

/// The rows of a view, each an object that the columns point into.
pub(super) fn rows<T: Sheet>(view: &T) -> serde_json::Result<Vec<Value>> {
    let mut whole = serde_json::to_value(view)?;
    let Some(spread) = T::SPREAD else {
        return Ok(vec![whole]);
    };
    let parts = whole.get_mut(spread).map(Value::take);
    let Some(Value::Array(parts)) = parts.filter(|parts| parts != &Value::Array(Vec::new())) else {
        return Ok(vec![whole]);
    };
    let rows = parts.into_iter().map(|part| {
        let mut row = whole.clone();
        if let Some(place) = row.get_mut(spread) {
            *place = part;
        }
        row
    });
    Ok(rows.collect())
}

impl Column {
    /// The value of a row; `None` when it has none.
    pub(super) fn of(self, row: &Value) -> Option<&Value> {
        row.pointer(self.at).filter(|value| !value.is_null())
    }

    /// The value as text for people and spreadsheets, not yet guarded.
    pub(super) fn plain(self, row: &Value) -> Cow<'_, str> {
        match self.of(row) {
            None => Cow::Borrowed(""),
            Some(Value::String(text)) => Cow::Borrowed(text),
            Some(Value::Array(values)) if values.iter().all(Value::is_string) => {
                let texts = values.iter().filter_map(Value::as_str);
                Cow::Owned(texts.collect::<Vec<_>>().join("; "))
            }
            Some(other) => Cow::Owned(other.to_string()),
        }
    }

    fn cell(self, row: &Value) -> Cow<'_, str> {
        let plain = self.plain(row);
        if self.kind == Kind::Text && plain.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
            return Cow::Owned(format!("'{plain}"));
        }
        plain
    }
}

/// Writes the headings.
pub(super) fn csv_head<T: Sheet>(out: &mut Vec<u8>) -> io::Result<()> {
    let mut writer = csv_writer(out);
    writer.write_record(T::COLUMNS.iter().map(|column| column.name))?;
    writer.flush()
}

/// Writes the rows of some views, RFC 4180.
pub(super) fn csv_rows<T: Sheet>(views: &[T], out: &mut Vec<u8>) -> io::Result<()> {
    let mut writer = csv_writer(out);
    for view in views {
        for row in rows(view)? {
            let cells = T::COLUMNS.iter().map(|column| column.cell(&row));
            for cell in cells {
                writer.write_field(cell.as_bytes())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
    }
    writer.flush()
}

fn csv_writer(out: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out)
}

/// Writes some views, one a line.
pub(super) fn ndjson<T: Sheet>(views: &[T], out: &mut Vec<u8>) -> io::Result<()> {
    for view in views {
        serde_json::to_writer(&mut *out, view)?;
        out.push(b'\n');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Kennel {
        name: &'static str,
        change: f64,
        dogs: Vec<Dog>,
    }

    #[derive(Serialize)]
    struct Dog {
        name: &'static str,
        names: Vec<&'static str>,
        place: Option<u8>,
    }

    impl Sheet for Kennel {
        const COLUMNS: &'static [Column] = &[
            text("kennel", "/name"),
            real("change", "/change"),
            text("dog", "/dogs/name"),
            text("names", "/dogs/names"),
            whole("place", "/dogs/place"),
        ];
        const SPREAD: Option<&'static str> = Some("dogs");
    }

    fn csv(kennels: &[Kennel]) -> String {
        let mut out = Vec::new();
        csv_head::<Kennel>(&mut out).unwrap();
        csv_rows(kennels, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_list_inside_becomes_rows_and_an_empty_one_a_row_without() {
        let dog = Dog {
            name: "TIN, \"WHISTLE\"",
            names: vec!["TIN", "WHISTLE"],
            place: Some(2),
        };
        let kennels = [
            Kennel {
                name: "A",
                change: 0.5,
                dogs: vec![dog],
            },
            Kennel {
                name: "B",
                change: 1.0,
                dogs: Vec::new(),
            },
        ];

        assert_eq!(
            csv(&kennels),
            "kennel,change,dog,names,place\r\n\
             A,0.5,\"TIN, \"\"WHISTLE\"\"\",TIN; WHISTLE,2\r\n\
             B,1.0,,,\r\n"
        );
    }

    #[test]
    fn a_formula_is_told_from_a_negative_number() {
        for name in ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\0=1"] {
            let kennel = Kennel {
                name,
                change: -1.5,
                dogs: Vec::new(),
            };

            let written = csv(&[kennel]);

            let mut reader = csv::Reader::from_reader(written.as_bytes());
            let row = reader.records().next().unwrap().unwrap();
            assert_eq!(row.get(0), Some(format!("'{name}").as_str()));
            assert_eq!(row.get(1), Some("-1.5"));
        }
    }

    #[test]
    fn a_line_is_a_view() {
        let kennel = Kennel {
            name: "A\nB",
            change: 0.0,
            dogs: Vec::new(),
        };
        let mut out = Vec::new();

        ndjson(&[kennel], &mut out).unwrap();

        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "{\"name\":\"A\\nB\",\"change\":0.0,\"dogs\":[]}\n");
    }
}
