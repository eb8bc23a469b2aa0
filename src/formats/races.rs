//! Rows of one race become one race.
//!
//! A race ends where another begins, so only one is held at a time; one that comes back later is
//! a fault of its rows, not a second result.

use std::collections::{HashSet, VecDeque};

use super::cells::Cells;
use super::table::{Col, Table};
use super::{Out, RowFault, Stop};
use crate::domain::{DogName, Draft, RaceDraft, ResultDraft, ResultRunnerDraft};

/// How many finished races are remembered, to notice one that comes back.
const REMEMBERED: usize = 4_096;

/// How a format reads a table that has a row for each runner of a race.
pub(super) trait RaceRows {
    /// What is noted beside each runner.
    type Note;

    /// The column that is blamed when rows of one race do not stand together.
    fn key(&self) -> Col;

    /// What tells the race of a row from others; nothing at all is a fault.
    fn id(&self, cells: &Cells<'_>) -> String;

    /// Whether the row is one to read.
    fn wanted(&self, cells: &Cells<'_>) -> bool;

    /// The race's header.
    fn race(&self, cells: &mut Cells<'_>) -> RaceDraft;

    /// The row's runner.
    fn runner(&self, cells: &mut Cells<'_>) -> (ResultRunnerDraft, Self::Note);

    /// The column that fills a draft field.
    fn at(&self, field: &str) -> Col;

    /// The whole race; or why it is none.
    fn draft(&self, race: Race<Self::Note>) -> Result<Draft, RowFault>;
}

/// Reads a table to its end, one race after the other.
pub(super) fn read<R: RaceRows>(
    table: &mut Table<'_>,
    out: &mut Out<'_>,
    rows: &R,
) -> Result<(), Stop> {
    let mut races = Races::by(rows.key());
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        if !rows.wanted(&cells) {
            continue;
        }
        let id = rows.id(&cells);
        if let Some(over) = races.turn_to(&id, &mut cells) {
            give(over, rows, out)?;
        }
        if cells.clean() {
            if races.headless() {
                let head = rows.race(&mut cells);
                races.head(head, &mut cells, |at| rows.at(at));
            }
            let (runner, note) = rows.runner(&mut cells);
            races.add(runner, note, &mut cells, |at| rows.at(at));
        }
        out.faults(cells.faults())?;
    }
    let lost = table.lost_its_end();
    match races.last(lost) {
        Some(over) => give(over, rows, out),
        None => Ok(()),
    }
}

fn give<R: RaceRows>(over: Race<R::Note>, rows: &R, out: &mut Out<'_>) -> Result<(), Stop> {
    let row = over.row;
    match rows.draft(over) {
        Ok(draft) => out.draft(row, draft),
        Err(fault) => out.faults(vec![fault]),
    }
}

/// The races of a table, one at a time. `T` is what a format notes beside each runner.
pub(super) struct Races<T> {
    key: Col,
    open: Option<Race<T>>,
    again: bool,
    known: HashSet<String>,
    order: VecDeque<String>,
}

/// The rows of one race.
pub(super) struct Race<T> {
    id: String,
    /// Row where it begins.
    pub(super) row: u64,
    /// Its header, from the first row that has a good one.
    head: Option<RaceDraft>,
    /// Each rug once, in the order of rows.
    pub(super) runners: Vec<(ResultRunnerDraft, T)>,
    /// Some of its rows were dropped.
    pub(super) partial: bool,
}

impl<T> Races<T> {
    /// Races told apart by the column `key`.
    pub(super) fn by(key: Col) -> Self {
        Self {
            key,
            open: None,
            again: false,
            known: HashSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Turns to the race of this row, and hands out the one before if that is over.
    pub(super) fn turn(&mut self, cells: &mut Cells<'_>) -> Option<Race<T>> {
        let id = cells.raw(self.key);
        self.turn_to(id, cells)
    }

    /// As [`Races::turn`], where it takes several cells to tell races apart.
    pub(super) fn turn_to(&mut self, id: &str, cells: &mut Cells<'_>) -> Option<Race<T>> {
        let after_loss = cells.row().after_loss;
        if let Some(open) = &mut self.open {
            open.partial |= after_loss;
        }
        if id.is_empty() {
            return cells.bad(self.key, "must be given");
        }
        let same = self.open.as_ref().is_some_and(|open| open.id == id);
        let mut over = None;
        if !same {
            over = self.close();
            self.again = self.known.contains(id);
            self.open = Some(Race {
                id: id.to_owned(),
                row: cells.row().number,
                head: None,
                runners: Vec::new(),
                partial: after_loss,
            });
        }
        if self.again {
            let _: Option<()> = cells.bad(self.key, "rows of one race must stand together");
        }
        over
    }

    /// Whether this race still lacks a good header.
    pub(super) fn headless(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.head.is_none())
    }

    /// Gives the race its header, if that passes its check.
    pub(super) fn head(
        &mut self,
        head: RaceDraft,
        cells: &mut Cells<'_>,
        of: impl Fn(&str) -> Col,
    ) {
        if cells.checked(head.check(), of).is_some()
            && let Some(open) = &mut self.open
        {
            open.head = Some(head);
        }
    }

    /// Adds a runner that passes its check; the same dog in the same rug again changes nothing, and
    /// of a scratched dog and its replacement in one rug the one that ran stays.
    pub(super) fn add(
        &mut self,
        runner: ResultRunnerDraft,
        note: T,
        cells: &mut Cells<'_>,
        of: impl Fn(&str) -> Col,
    ) {
        cells.checked(runner.check(), &of);
        let Some(open) = &mut self.open else {
            return;
        };
        if !cells.clean() {
            open.partial = true;
            return;
        }
        let twin = open
            .runners
            .iter_mut()
            .find(|(other, _)| other.rug == runner.rug);
        let Some(twin) = twin else {
            open.runners.push((runner, note));
            return;
        };
        // A reserve may wear the rug of the dog it replaces: the one that ran counts.
        if is_scratched(&twin.0) && !is_scratched(&runner) {
            *twin = (runner, note);
        } else if is_scratched(&twin.0) == is_scratched(&runner) && key(&twin.0) != key(&runner) {
            let rule = format!("must be worn once, {} is twice", runner.rug);
            let _: Option<()> = cells.bad(of("rug"), rule);
            open.partial = true;
        }
    }

    /// Marks the race at hand as one whose list is not whole.
    pub(super) fn partial(&mut self) {
        if let Some(open) = &mut self.open {
            open.partial = true;
        }
    }

    /// The last race, at the end of the table.
    pub(super) fn last(mut self, lost: bool) -> Option<Race<T>> {
        if lost {
            self.partial();
        }
        self.close()
    }

    fn close(&mut self) -> Option<Race<T>> {
        let race = self.open.take()?;
        if self.known.insert(race.id.clone()) {
            self.order.push_back(race.id.clone());
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        Some(race).filter(|race| race.head.is_some() && !race.runners.is_empty())
    }
}

impl<T> Race<T> {
    /// The race's header.
    pub(super) fn take_head(&mut self) -> RaceDraft {
        self.head.take().unwrap_or_default()
    }

    /// The race as a result.
    pub(super) fn into_result(mut self, status: &str) -> Draft {
        Draft::Result(Box::new(ResultDraft {
            race: self.take_head(),
            known_at: None,
            status: status.to_owned(),
            partial: self.partial,
            runners: self.runners.into_iter().map(|(runner, _)| runner).collect(),
        }))
    }
}

fn is_scratched(runner: &ResultRunnerDraft) -> bool {
    runner.performance.outcome.as_deref() == Some("SCR")
}

fn key(runner: &ResultRunnerDraft) -> Option<String> {
    let name = runner.dog.as_ref()?.name.as_deref()?;
    DogName::new(name).ok().map(|name| name.key())
}
