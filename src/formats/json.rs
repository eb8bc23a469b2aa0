//! JSON, one document at a time.
//!
//! A list is read member by member, a file of lines line by line, so what is held is never more
//! than one of them; how large and how deep that may be is limited before it is parsed.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};

use encoding_rs::WINDOWS_1252;
use serde_json::Value;

use super::text::Text;
use super::{Out, Refusal, RowFault, Stop};

/// The longest document, in bytes: an object, a member of the outermost list, or a line.
const DOCUMENT_LIMIT: usize = 8 << 20;
/// The most values in one document; each costs far more memory than its text.
const VALUES_LIMIT: usize = 400_000;
/// The most lists and objects inside each other.
const DEPTH_LIMIT: usize = 32;

/// Members that hold the items, where a document is but their wrapping.
const WRAPPINGS: [&str; 5] = ["items", "data", "results", "meetings", "runs"];

/// Whether a stream that begins like this is JSON.
pub(super) fn begins(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The items of a stream.
pub(super) struct Documents<'b> {
    input: BufReader<Text<'b>>,
    shape: Shape,
    row: u64,
    opened: bool,
    ended: bool,
    wrapping: Option<&'static str>,
    waiting: VecDeque<Document>,
}

/// One item.
pub(super) struct Document {
    /// Its number; in a file of lines the line's.
    pub(super) row: u64,
    /// What it holds, or why it cannot be parsed.
    pub(super) value: Result<Value, String>,
}

/// How items follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `[…, …]`
    List,
    /// One on each line.
    Lines,
    /// One object, or several with nothing but space between.
    Objects,
}

impl<'b> Documents<'b> {
    /// Begins to read.
    pub(super) fn open(text: Text<'b>) -> Self {
        let head = text.head().trim_ascii_start();
        let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let shape = if head.first() == Some(&b'[') {
            Shape::List
        } else if first_line.len() < head.len() && parse(first_line).is_ok() {
            Shape::Lines
        } else {
            Shape::Objects
        };
        Self {
            input: BufReader::new(text),
            shape,
            row: 0,
            opened: false,
            ended: false,
            wrapping: None,
            waiting: VecDeque::new(),
        }
    }

    /// Items so far.
    pub(super) fn rows(&self) -> u64 {
        let waiting = u64::try_from(self.waiting.len()).unwrap_or_default();
        self.row.saturating_sub(waiting)
    }

    /// Looks at the first item, whose shape is the shape of them all.
    pub(super) fn first<T>(
        &mut self,
        is: impl Fn(&Value) -> Option<T>,
    ) -> Result<Result<T, Value>, Refusal> {
        let Some(Document { row, value }) = self.next()? else {
            return Err(Refusal::new("an empty list"));
        };
        let value = value.map_err(|why| Refusal::new(format!("{why} (item {row})")))?;
        if let Some(found) = is(&value) {
            let value = Ok(value);
            self.waiting.push_front(Document { row, value });
            return Ok(Ok(found));
        }
        for name in WRAPPINGS {
            let inner = value.get(name).and_then(Value::as_array);
            if let Some(found) = inner.and_then(|inner| is(inner.first()?)) {
                self.wrapping = Some(name);
                self.row -= 1;
                self.unwrap(value);
                return Ok(Ok(found));
            }
        }
        Ok(Err(value))
    }

    /// The next item, whether it can be parsed or not.
    pub(super) fn next(&mut self) -> Result<Option<Document>, Refusal> {
        loop {
            if let Some(waiting) = self.waiting.pop_front() {
                return Ok(Some(waiting));
            }
            if self.ended {
                return Ok(None);
            }
            let bytes = match self.shape {
                Shape::List => self.member()?,
                Shape::Lines => self.line()?,
                Shape::Objects => self.object()?,
            };
            let Some(bytes) = bytes else { continue };
            if self.shape == Shape::Lines && bytes.trim_ascii().is_empty() {
                self.row += 1;
                continue;
            }
            match (parse(&bytes), self.wrapping) {
                (Ok(value), Some(_)) => self.unwrap(value),
                (value, _) => {
                    self.row += 1;
                    if value.is_err() && self.shape != Shape::Lines {
                        // What follows a broken item in a list is anybody's guess.
                        self.ended = true;
                    }
                    let row = self.row;
                    return Ok(Some(Document { row, value }));
                }
            }
        }
    }

    /// The next item that can be parsed; the others are faults.
    pub(super) fn good(&mut self, out: &mut Out<'_>) -> Result<Option<(u64, Value)>, Stop> {
        while let Some(Document { row, value }) = self.next()? {
            match value {
                Ok(value) => return Ok(Some((row, value))),
                Err(rule) => out.faults(vec![RowFault {
                    row,
                    column: String::new(),
                    value: String::new(),
                    rule,
                }])?,
            }
        }
        Ok(None)
    }

    fn unwrap(&mut self, mut value: Value) {
        let inner = self.wrapping.and_then(|name| value.get_mut(name));
        if let Some(Value::Array(inner)) = inner.map(Value::take) {
            for value in inner {
                self.row += 1;
                let (row, value) = (self.row, Ok(value));
                self.waiting.push_back(Document { row, value });
            }
        }
    }

    fn byte(&mut self) -> Result<Option<u8>, Refusal> {
        let byte = self.filled()?.first().copied();
        if byte.is_some() {
            self.input.consume(1);
        }
        Ok(byte)
    }

    fn filled(&mut self) -> Result<&[u8], Refusal> {
        if self.input.buffer().is_empty() {
            self.input.get_mut().next_row();
        }
        let item = self.row + 1;
        self.input
            .fill_buf()
            .map_err(|error| Refusal::new(format!("cannot be read from item {item} on: {error}")))
    }

    fn after_space(&mut self) -> Result<Option<u8>, Refusal> {
        loop {
            match self.byte()? {
                Some(byte) if byte.is_ascii_whitespace() => {}
                byte => return Ok(byte),
            }
        }
    }

    /// The next member of the outermost list.
    fn member(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let mut first = self.after_space()?;
        if !std::mem::replace(&mut self.opened, true) {
            // The first byte opens the list.
            first = self.after_space()?;
            if first == Some(b']') {
                return self.end_of_list();
            }
        }
        let mut scan = Scan::default();
        let mut bytes = Vec::new();
        let mut next = first;
        loop {
            let Some(byte) = next else {
                return Err(self.refuse("the list does not end"));
            };
            if scan.outside() && matches!(byte, b',' | b']') {
                if byte == b']' {
                    self.end_of_list()?;
                }
                return Ok(Some(bytes));
            }
            self.take(&mut scan, &mut bytes, byte)?;
            next = self.byte()?;
        }
    }

    fn end_of_list(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        self.ended = true;
        if self.after_space()?.is_some() {
            return Err(self.refuse("something follows the list"));
        }
        Ok(None)
    }

    fn object(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(first) = self.after_space()? else {
            self.ended = true;
            return Ok(None);
        };
        if first != b'{' {
            return Err(self.refuse("something follows the object"));
        }
        let mut scan = Scan::default();
        let mut bytes = Vec::new();
        self.take(&mut scan, &mut bytes, first)?;
        while !scan.outside() {
            let Some(byte) = self.byte()? else {
                return Err(self.refuse("the object does not end"));
            };
            self.take(&mut scan, &mut bytes, byte)?;
        }
        Ok(Some(bytes))
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let mut bytes = Vec::new();
        loop {
            let filled = self.filled()?;
            let (end, used) = match filled.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end, end + 1),
                None => (filled.len(), filled.len()),
            };
            bytes.extend(filled.iter().take(end));
            self.input.consume(used);
            if bytes.len() > DOCUMENT_LIMIT {
                return Err(self.refuse(&too_long()));
            }
            if used > end {
                return Ok(Some(bytes));
            }
            if used == 0 {
                self.ended = true;
                return Ok(Some(bytes).filter(|bytes| !bytes.is_empty()));
            }
        }
    }

    fn take(&self, scan: &mut Scan, bytes: &mut Vec<u8>, byte: u8) -> Result<(), Refusal> {
        scan.step(byte).map_err(|why| self.refuse(&why))?;
        if bytes.len() == DOCUMENT_LIMIT {
            return Err(self.refuse(&too_long()));
        }
        bytes.push(byte);
        Ok(())
    }

    fn refuse(&self, why: &str) -> Refusal {
        let item = self.row + 1;
        Refusal::new(format!("item {item}: {why}; nothing is read from there on"))
    }
}

fn too_long() -> String {
    format!("must be at most {DOCUMENT_LIMIT} bytes; a list or lines of JSON may be longer")
}

/// The value; what it holds has been counted before it is made.
fn parse(bytes: &[u8]) -> Result<Value, String> {
    let mut scan = Scan::default();
    for byte in bytes {
        scan.step(*byte)?;
    }
    let value = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_str(&WINDOWS_1252.decode_without_bom_handling(bytes).0),
    };
    value.map_err(|error| format!("not JSON: {error}"))
}

/// What has been seen of a document.
#[derive(Default)]
struct Scan {
    depth: usize,
    values: usize,
    quoted: bool,
    escaped: bool,
}

impl Scan {
    /// Not within a list, an object or a text.
    const fn outside(&self) -> bool {
        self.depth == 0 && !self.quoted
    }

    fn step(&mut self, byte: u8) -> Result<(), String> {
        if self.quoted {
            self.quoted = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return Ok(());
        }
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.values += 1;
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b',' => self.values += 1,
            _ => {}
        }
        if self.depth > DEPTH_LIMIT {
            return Err(format!("must be at most {DEPTH_LIMIT} levels deep"));
        }
        if self.values > VALUES_LIMIT {
            return Err(format!("must hold at most {VALUES_LIMIT} values"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items as text, or why the stream is refused.
    fn read(text: &str) -> Result<Vec<String>, Refusal> {
        let mut bytes = text.as_bytes();
        let mut documents = Documents::open(Text::open(&mut bytes)?);
        let mut found = Vec::new();
        while let Some(Document { row, value }) = documents.next()? {
            let shown = value.map_or_else(|_| "!".to_owned(), |value| value.to_string());
            found.push(format!("{row} {shown}"));
        }
        Ok(found)
    }

    #[test]
    fn a_list_lines_and_objects_are_items() {
        assert_eq!(
            read(r#" [ {"a":"],\"["} ,2,[3] ] "#).unwrap(),
            [r#"1 {"a":"],\"["}"#, "2 2", "3 [3]"]
        );
        assert_eq!(read("{\"a\":1}\n\n{\"a\":2}").unwrap().len(), 2);
        assert_eq!(read("{\n\"a\":1}\n{\n\"a\":2}").unwrap().len(), 2);
        assert_eq!(read("[]").unwrap().len(), 0);
    }

    #[test]
    fn a_bad_line_is_one_item_and_a_bad_member_the_last() {
        assert_eq!(read("{}\n{oops}\n{}").unwrap(), ["1 {}", "2 !", "3 {}"]);
        assert_eq!(read("[{},{oops},{}]").unwrap(), ["1 {}", "2 !"]);
    }

    #[test]
    fn what_is_endless_deep_or_crowded_is_refused() {
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        let long = format!("[\"{}\"]", "x".repeat(DOCUMENT_LIMIT));
        let crowded = format!("[[{}0]]", "0,".repeat(VALUES_LIMIT));
        for (text, why) in [
            ("[{}", "does not end"),
            ("{\"a\":[", "does not end"),
            ("[{}] x", "something follows"),
            ("{} x", "something follows"),
            (deep.as_str(), "levels deep"),
            (long.as_str(), "bytes"),
            (crowded.as_str(), "values"),
        ] {
            let reason = read(text).unwrap_err().reason;
            assert!(reason.contains(why), "{reason}");
        }
    }

    #[test]
    fn a_wrapping_is_taken_off() {
        let mut bytes = br#"{"meta":0,"items":[{"a":1},{"a":2}]}"#.as_slice();
        let mut documents = Documents::open(Text::open(&mut bytes).unwrap());

        let found = documents.first(|value| value.get("a").map(|_| ())).unwrap();

        assert_eq!(found, Ok(()));
        let rows: Vec<_> = std::iter::from_fn(|| documents.next().unwrap())
            .map(|document| document.row)
            .collect();
        assert_eq!(rows, [1, 2]);
    }
}
