//! One market on its way to the jump.

use std::collections::HashMap;

use chrono::DateTime;

use super::definition::{Definition, RUNNERS};
use super::ladder::{Ladder, Levels};
use crate::domain::{Draft, PriceTickDraft};
use crate::formats::Refusal;
use crate::formats::node::Node;

/// Minutes before the jump at which prices are told.
const MINUTES: [i64; 9] = [60, 30, 15, 10, 5, 3, 2, 1, 0];
/// How often prices of one market are told, however often its jump is moved.
const TOLD: usize = 64;
/// Prices of a runner that change in one line.
const STEPS: usize = 1_000;

/// What is known of a market.
pub(super) struct Market {
    id: String,
    /// When it was first heard of.
    since_ms: i64,
    definition: Option<Definition>,
    ladders: HashMap<i64, Ladder>,
    /// The first of [`MINUTES`] that has not come.
    next: usize,
    told: usize,
    over: bool,
    refused: bool,
}

impl Market {
    /// One that nothing is known of.
    pub(super) fn new(id: &str, since_ms: i64) -> Self {
        Self {
            id: id.to_owned(),
            since_ms,
            definition: None,
            ladders: HashMap::new(),
            next: 0,
            told: 0,
            over: false,
            refused: false,
        }
    }

    /// Nothing more will come of it.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// Forgets its prices.
    pub(super) fn forget(&mut self, levels: &mut Levels) {
        for ladder in self.ladders.values_mut() {
            ladder.clear(levels);
        }
        self.ladders.clear();
    }

    /// Takes a change in, after telling the prices of the minutes that have passed before it.
    pub(super) fn change(
        &mut self,
        now_ms: i64,
        node: &Node<'_>,
        levels: &mut Levels,
        drafts: &mut Vec<Draft>,
    ) -> Result<(), Refusal> {
        self.tell(now_ms, drafts);
        if node.has("marketDefinition") {
            self.define(now_ms, &node.inside("marketDefinition"), drafts);
        }
        if self.refused {
            self.forget(levels);
            return Ok(());
        }
        if node.is_true("img") {
            self.forget(levels);
        }
        for runner in node.list("rc", STEPS) {
            self.step(&runner, levels)?;
        }
        Ok(())
    }

    fn step(&mut self, runner: &Node<'_>, levels: &mut Levels) -> Result<(), Refusal> {
        if !runner.has("atb") {
            return Ok(());
        }
        let Some(id) = runner.whole("id") else {
            let _: Option<()> = runner.bad("id", "must be given");
            return Ok(());
        };
        if self.ladders.len() == RUNNERS && !self.ladders.contains_key(&id) {
            let _: Option<()> = runner.bad("id", format!("must be one of {RUNNERS} runners"));
            return Ok(());
        }
        let ladder = self.ladders.entry(id).or_default();
        for (price, size) in runner.pairs("atb", STEPS) {
            if price > 1.0 {
                ladder.set(price, size, levels)?;
            }
        }
        Ok(())
    }

    fn define(&mut self, now_ms: i64, node: &Node<'_>, drafts: &mut Vec<Draft>) {
        self.over = node.text("status").as_deref() == Some("CLOSED");
        self.refused = node.text("marketType").as_deref() != Some("WIN");
        if self.refused {
            // Said once, at its end.
            if self.over {
                let rule = "must be WIN: prices and results of other markets are not read";
                let _: Option<()> = node.bad("marketType", rule);
            }
            return;
        }
        let Some(definition) = Definition::read(&self.id, node) else {
            return;
        };
        let moved = self
            .definition
            .as_ref()
            .is_some_and(|old| old.jump_ms != definition.jump_ms);
        if moved || self.definition.is_none() {
            let to_come = |minutes: &i64| at(&definition, *minutes) >= now_ms;
            let next = MINUTES.iter().position(to_come);
            self.next = next.unwrap_or(MINUTES.len());
        }
        if self.over {
            match definition.result() {
                Some(result) => drafts.push(Draft::Result(Box::new(result))),
                None => {
                    let _: Option<()> = node.bad("runners", "must have a winner when closed");
                }
            }
        }
        self.definition = Some(definition);
    }

    /// Tells the prices of every minute that lies before `now_ms`.
    fn tell(&mut self, now_ms: i64, drafts: &mut Vec<Draft>) {
        let Some(definition) = &self.definition else {
            return;
        };
        while let Some(minutes) = MINUTES.get(self.next) {
            let at_ms = at(definition, *minutes);
            if at_ms >= now_ms || self.told == TOLD {
                return;
            }
            self.next += 1;
            if at_ms < self.since_ms || !definition.open {
                continue;
            }
            if let Some(draft) = prices(definition, &self.ladders, at_ms) {
                self.told += 1;
                drafts.push(draft);
            }
        }
    }
}

fn at(definition: &Definition, minutes: i64) -> i64 {
    definition.jump_ms.saturating_sub(minutes * 60_000)
}

fn prices(definition: &Definition, ladders: &HashMap<i64, Ladder>, at_ms: i64) -> Option<Draft> {
    let mut draft = definition.prices(DateTime::from_timestamp_millis(at_ms)?);
    draft.prices = definition
        .running()
        .filter_map(|(id, rug)| {
            Some(PriceTickDraft {
                rug,
                win: Some(ladders.get(&id)?.best()?),
                place: None,
            })
        })
        .collect();
    (!draft.prices.is_empty()).then(|| Draft::Prices(Box::new(draft)))
}
