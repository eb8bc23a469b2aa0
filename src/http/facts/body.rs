//! The items of a body: one object, a list of them, or one on each line.

use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::domain::Fault;
use crate::formats::facts::{Item, Loose, One};
use crate::http::intake::{Intake, Media};
use crate::http::problem::Problem;

/// The most members of a list.
pub(in crate::http) const LISTED: usize = 500;
/// The most lines of NDJSON.
const LINES: usize = 10_000;

/// What a body holds.
pub(super) struct Items<T> {
    /// It is one object, not a list of one: faults need no index.
    pub(super) single: bool,
    pub(super) items: Vec<Item<T>>,
}

/// Reads a body. A body that is not JSON is a problem; a line of NDJSON that is not is a fault of
/// that line.
pub(super) fn items<T: Loose>(intake: &Intake) -> Result<Items<T>, Problem> {
    let found = match intake.media {
        Media::Json => json(&intake.bytes)?,
        Media::Lines => Items {
            single: false,
            items: lines(&intake.bytes)?,
        },
    };
    if found.items.is_empty() {
        return Err(Problem::invalid(vec![Fault::new(
            "must hold at least one item",
        )]));
    }
    Ok(found)
}

fn json<T: Loose>(bytes: &[u8]) -> Result<Items<T>, Problem> {
    let mut input = serde_json::Deserializer::from_slice(bytes);
    let listed = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let read = if listed {
        input.deserialize_seq(List(std::marker::PhantomData))
    } else {
        Item::read(&mut input).map(|item| vec![item])
    };
    let items = read
        .and_then(|items| input.end().map(|()| items))
        .map_err(|error| Problem::malformed(Fault::new(format!("not JSON: {error}"))))?;
    if items.len() > LISTED {
        let detail = format!("a list holds at most {LISTED} items; NDJSON takes more");
        return Err(Problem::too_large(detail));
    }
    Ok(Items {
        single: !listed,
        items,
    })
}

fn lines<T: Loose>(bytes: &[u8]) -> Result<Vec<Item<T>>, Problem> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let mut items = Vec::new();
    for line in lines.filter(|line| !line.trim_ascii().is_empty()) {
        if items.len() == LINES {
            return Err(Problem::too_large(format!("at most {LINES} lines")));
        }
        let mut input = serde_json::Deserializer::from_slice(line);
        let read = Item::read(&mut input).and_then(|item| input.end().map(|()| item));
        items.push(
            read.unwrap_or_else(|error| Item::unread(Fault::new(format!("not JSON: {error}")))),
        );
    }
    Ok(items)
}

/// A list of items, each with faults of its own; of those over the limit one is kept, to be counted.
struct List<T>(std::marker::PhantomData<T>);

impl<'de, T: Loose> Visitor<'de> for List<T> {
    type Value = Vec<Item<T>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(One::default())? {
            // What is over the limit is counted and thrown away.
            if items.len() <= LISTED {
                items.push(item);
            }
        }
        Ok(items)
    }
}
