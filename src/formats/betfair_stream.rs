//! Betfair's exchange stream: a market's prices as they moved, and how it was settled.
//!
//! Of each market to win the best price to back is told at set minutes before the jump, and at
//! its end the winner with every starting price. Other markets are refused, each with one fault:
//! a place market bears no race number, and its ticks would stand where those to win stand.

mod definition;
mod ladder;
mod market;

use std::collections::HashMap;

use super::json::Documents;
use super::node::{Node, Notes};
use super::{Out, Refusal, Stop};
use crate::domain::Draft;
use ladder::Levels;
use market::Market;

const SOURCE: &str = "betfair-stream";

/// Markets that are open at a time.
const MARKETS: usize = 1_000;
/// Changes of markets in one line.
const CHANGES: usize = 1_000;

/// Every market to win, as prices on the way and a result at its end.
pub(super) fn read(documents: &mut Documents<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let mut markets = HashMap::new();
    let mut levels = Levels::default();
    while let Some((row, value)) = documents.good(out)? {
        let notes = Notes::of(row);
        let drafts = line(&Node::root(&value, &notes), &mut markets, &mut levels)?;
        for draft in drafts {
            let faults = draft.faults();
            if faults.is_empty() {
                out.draft(row, draft)?;
            }
            notes.all(faults, |at| format!("mc.{at}"));
        }
        out.faults(notes.faults())?;
    }
    Ok(())
}

fn line(
    line: &Node<'_>,
    markets: &mut HashMap<String, Market>,
    levels: &mut Levels,
) -> Result<Vec<Draft>, Refusal> {
    let mut drafts = Vec::new();
    let changes = line.list("mc", CHANGES);
    if changes.is_empty() {
        return Ok(drafts);
    }
    let Some(now) = line.whole("pt") else {
        let _: Option<()> = line.bad("pt", "must be given");
        return Ok(drafts);
    };
    for change in changes {
        let Some(id) = change.text("id") else {
            let _: Option<()> = change.bad("id", "must be given");
            continue;
        };
        if markets.len() == MARKETS && !markets.contains_key(&id) {
            return Err(Refusal::new(format!(
                "more than {MARKETS} markets at a time"
            )));
        }
        let market = markets
            .entry(id)
            .or_insert_with_key(|id| Market::new(id, now));
        market.change(now, &change, levels, &mut drafts)?;
        if market.is_over() {
            market.forget(levels);
            let id = change.text("id").unwrap_or_default();
            markets.remove(&id);
        }
    }
    Ok(drafts)
}

#[cfg(test)]
mod tests;
