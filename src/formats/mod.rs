//! Files: bytes become drafts.
//!
//! [`walk`] opens what was given (a file, a folder, an archive) and hands out one stream after the
//! other; [`read`] tells from the content what a stream is and turns it into drafts. Nothing here
//! holds a whole file, asks who a dog is or writes anything. What the newcomer gets wrong: a bad
//! row is an [`Item::Fault`] and never the end; a [`Refusal`] is about the file as a whole.

mod archive;
mod betfair_anz;
mod betfair_bsp;
mod betfair_model;
mod betfair_stream;
mod british;
mod cells;
mod detect;
mod explain;
pub(crate) mod facts;
mod fasttrack_form;
mod fields;
mod form_rows;
mod form_runs;
mod gbgb_api;
mod gbgb_history;
mod gbgb_json;
mod gbgb_web;
mod grv_form;
mod guess;
mod irish_winners;
mod json;
mod mapped;
mod mapped_json;
mod mapping;
mod named;
mod node;
mod nz_tab;
mod races;
mod racing_post;
mod rug_results;
mod runs;
mod sheet;
mod spelled;
mod table;
mod text;
mod thedogs_form;
mod thedogs_results;
mod topaz;
mod uk_card;
mod workbook;

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

pub use archive::{OnFile, Opened, WalkError, walk};
pub use detect::Format;
pub use explain::{Explanation, explain};
pub use mapping::Mapping;

use crate::domain::Draft;
use json::Documents;
use table::Table;
use text::Text;
use workbook::Workbook;

/// What one stream brings, in the order of its rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A fact whose every part passed its check, from the race or run that begins at `row`.
    Draft {
        /// Row as a spreadsheet shows it; the header is row 1.
        row: u64,
        /// The fact.
        draft: Draft,
    },
    /// A value that broke a rule; its row was dropped, or that part of it which the value spoils.
    Fault(RowFault),
}

/// One thing wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {column} {rule} (found {value:?})")]
pub struct RowFault {
    /// Row as a spreadsheet shows it; the header is row 1.
    pub row: u64,
    /// Column as the header names it; empty when the whole row is meant.
    pub column: String,
    /// What stood there, at most 80 characters, printable.
    pub value: String,
    /// The rule that was broken, for example `must be a number`.
    pub rule: String,
}

/// What became of a stream that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// What it was.
    pub format: Format,
    /// Rows below the header, good and bad, empty ones left out.
    pub rows: u64,
}

/// Why a file, or the rest of it, is not read; for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// The reason, lower case.
    pub reason: String,
}

impl Refusal {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Reads one stream to its end, or until `sink` breaks.
///
/// The format is told by the header, and must be `wanted` if that is given; `name` matters only
/// where a format keeps facts in it. A refusal may come late (a broken archive, an endless row):
/// the items before it stand.
pub fn read(
    name: &str,
    bytes: &mut dyn Read,
    wanted: Option<Format>,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, Refusal> {
    opened(bytes, None, |text| read_text(name, text, wanted, sink))
}

/// Reads one stream as `mapping` says that its columns are meant.
pub fn read_mapped(
    bytes: &mut dyn Read,
    mapping: &Mapping,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, Refusal> {
    opened(bytes, mapping.sheet.as_deref(), |text| {
        read_text_mapped(text, mapping, sink)
    })
}

fn read_text_mapped(
    text: Text<'_>,
    mapping: &Mapping,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, Refusal> {
    let mut out = Out { sink };
    if json::begins(text.head()) {
        let mut documents = Documents::open(text);
        let end = mapped_json::read(mapping, &mut documents, &mut out);
        return ended(end, Format::Mapped, documents.rows());
    }
    if mapping.items.is_some() || mapping.runners.is_some() {
        let reason = "a table, and the mapping is for JSON: it says where items or runners lie";
        return Err(Refusal::new(reason));
    }
    let mut table = Table::open(text)?;
    let end = mapped::read(mapping, &mut table, &mut out);
    ended(end, Format::Mapped, table.rows())
}

/// The text of a stream; of a workbook that of one sheet.
fn opened<T>(
    bytes: &mut dyn Read,
    sheet: Option<&str>,
    read: impl FnOnce(Text<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut head = Vec::new();
    let peeked = bytes.take(4).read_to_end(&mut head);
    peeked.map_err(|error| Refusal::new(format!("cannot be read: {error}")))?;
    let packed = head == b"PK\x03\x04";
    let mut whole = Cursor::new(head).chain(bytes);
    if !packed {
        return read(Text::open(&mut whole)?);
    }
    let mut book = Workbook::open(&mut whole)?;
    let mut sheet = book.sheet(sheet)?;
    read(Text::open(&mut sheet)?)
}

fn read_text(
    name: &str,
    text: Text<'_>,
    wanted: Option<Format>,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, Refusal> {
    if json::begins(text.head()) {
        return read_json(Documents::open(text), wanted, &mut Out { sink });
    }
    let mut out = Out { sink };
    if nz_tab::is(text.head()) && wanted.is_none_or(|wanted| wanted == Format::NzTab) {
        let mut rows = 0;
        let end = nz_tab::read(text, &mut rows, &mut out);
        return ended(end, Format::NzTab, rows);
    }
    let mut table = Table::open(text)?;
    let format = detect::format(name, table.header(), wanted)?;
    let end = match format {
        Format::ExpertForm => thedogs_form::read(name, &mut table, &mut out),
        Format::BetfairModel => betfair_model::read(&mut table, &mut out),
        Format::Runs => runs::read(&mut table, &mut out),
        Format::FormRuns => form_runs::read(&mut table, &mut out),
        Format::GbgbApi => gbgb_api::read(&mut table, &mut out),
        Format::GbgbWeb => gbgb_web::read(&mut table, &mut out),
        Format::ThedogsResults => thedogs_results::read(name, &mut table, &mut out),
        Format::BetfairAnz => betfair_anz::read(&mut table, &mut out),
        Format::BetfairBsp => betfair_bsp::read(&mut table, &mut out),
        Format::FasttrackForm => fasttrack_form::read(name, &mut table, &mut out),
        Format::GrvForm => grv_form::read(&mut table, &mut out),
        Format::RacingPost => racing_post::read(&mut table, &mut out),
        Format::GbgbHistory => gbgb_history::read(&mut table, &mut out),
        Format::IrishWinners => irish_winners::read(&mut table, &mut out),
        Format::RugResults => rug_results::read(name, &mut table, &mut out),
        Format::Topaz => topaz::read(&mut table, &mut out),
        Format::BetfairStream | Format::GbgbJson | Format::UkCard | Format::Facts => {
            return Err(Refusal::new(format!("{} is JSON", format.as_str())));
        }
        // No header has the column of the one, and nobody asks for the other by name.
        Format::NzTab | Format::Mapped => Ok(()),
    };
    ended(end, format, table.rows())
}

fn read_json(
    mut documents: Documents<'_>,
    wanted: Option<Format>,
    out: &mut Out<'_>,
) -> Result<Summary, Refusal> {
    let format = detect::json(&mut documents, wanted)?;
    let end = match format {
        Format::BetfairStream => betfair_stream::read(&mut documents, out),
        Format::GbgbJson => gbgb_json::read(&mut documents, out),
        Format::UkCard => uk_card::read(&mut documents, out),
        Format::Topaz => topaz::read_json(&mut documents, out),
        Format::Facts => facts::read(&mut documents, out),
        _ => return Err(Refusal::new(format!("{} is a table", format.as_str()))),
    };
    ended(end, format, documents.rows())
}

fn ended(end: Result<(), Stop>, format: Format, rows: u64) -> Result<Summary, Refusal> {
    match end {
        Ok(()) | Err(Stop::Enough) => Ok(Summary { format, rows }),
        Err(Stop::Refused(refusal)) => Err(refusal),
    }
}

/// Why reading ended early.
enum Stop {
    /// The sink has had enough.
    Enough,
    /// The rest cannot be read.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Where items go.
struct Out<'s> {
    sink: &'s mut dyn FnMut(Item) -> ControlFlow<()>,
}

impl Out<'_> {
    fn draft(&mut self, row: u64, draft: Draft) -> Result<(), Stop> {
        self.give(Item::Draft { row, draft })
    }

    fn outcome(&mut self, row: u64, outcome: Result<Draft, RowFault>) -> Result<(), Stop> {
        match outcome {
            Ok(draft) => self.draft(row, draft),
            Err(fault) => self.give(Item::Fault(fault)),
        }
    }

    fn faults(&mut self, faults: Vec<RowFault>) -> Result<(), Stop> {
        faults
            .into_iter()
            .try_for_each(|fault| self.give(Item::Fault(fault)))
    }

    fn give(&mut self, item: Item) -> Result<(), Stop> {
        match (self.sink)(item) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Enough),
        }
    }
}

#[cfg(test)]
mod every_json;
#[cfg(test)]
mod tests;
