//! Rows of one race become one race.
//!
//! The rows of a race need not stand together: the races read last are held back, and one that comes
//! back meanwhile goes on where it was. One that comes back later still is handed out in pieces, and
//! the later piece is not whole, so a result takes nothing from those the first one named.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::cells::Cells;
use super::table::{Col, Table};
use super::{Out, RowFault, Stop};
use crate::domain::{DogName, Draft, RaceDraft, ResultDraft, ResultRunnerDraft};

/// How many races are held back: more than a day has.
const HELD: usize = 256;
/// How many races that were handed out are remembered, to notice one that comes back.
const REMEMBERED: usize = 131_072;

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
            out.outcome(over.row, rows.draft(over))?;
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
    for over in races.last(lost) {
        out.outcome(over.row, rows.draft(over))?;
    }
    Ok(())
}

/// The races of a table, one after the other. `T` is what a format notes beside each runner.
pub(super) struct Races<T> {
    key: Col,
    open: Option<Race<T>>,
    /// Those that may come back, the longest unseen first.
    held: VecDeque<Race<T>>,
    /// Digests of those that were begun; two of one digest only cost a race its wholeness.
    known: HashSet<u64>,
    order: VecDeque<u64>,
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
    /// Some of its rows were dropped, or are in another piece.
    pub(super) partial: bool,
    /// It came back after its first piece was handed out.
    late: bool,
}

impl<T> Races<T> {
    /// Races told apart by the column `key`.
    pub(super) fn by(key: Col) -> Self {
        Self {
            key,
            open: None,
            held: VecDeque::new(),
            known: HashSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Turns to the race of this row, and hands out one that is over.
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
        if self.open.as_ref().is_some_and(|open| open.id == id) {
            return None;
        }
        self.held.extend(self.open.take());
        let digest = digest(id);
        let again = self.known.contains(&digest);
        let held = self.held.iter().position(|held| again && held.id == id);
        let mut back = held.and_then(|at| self.held.remove(at));
        if let Some(back) = &mut back {
            back.partial |= after_loss;
        }
        self.open = back.or_else(|| {
            Some(Race {
                id: id.to_owned(),
                row: cells.row().number,
                head: None,
                runners: Vec::new(),
                partial: after_loss || again,
                late: again,
            })
        });
        if !again {
            self.remember(digest);
        }
        let over = (self.held.len() > HELD).then(|| self.held.pop_front());
        over.flatten().filter(Race::is_one)
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

    /// The last races, at the end of the table.
    pub(super) fn last(mut self, lost: bool) -> impl Iterator<Item = Race<T>> {
        if lost {
            self.partial();
        }
        self.held.extend(self.open);
        self.held.into_iter().filter(Race::is_one)
    }

    fn remember(&mut self, digest: u64) {
        self.known.insert(digest);
        self.order.push_back(digest);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl<T> Race<T> {
    fn is_one(&self) -> bool {
        self.head.is_some() && !self.runners.is_empty()
    }

    /// The race, where it is all there; a list of which a piece was handed out before would stand
    /// for the whole of it.
    pub(super) fn undivided(self, column: &str) -> Result<Self, RowFault> {
        if !self.late {
            return Ok(self);
        }
        Err(RowFault {
            row: self.row,
            column: column.to_owned(),
            value: String::new(),
            rule: format!("rows of one race must stand together, at most {HELD} races apart"),
        })
    }

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

fn digest(id: &str) -> u64 {
    let mut digest = DefaultHasher::new();
    id.hash(&mut digest);
    digest.finish()
}

fn is_scratched(runner: &ResultRunnerDraft) -> bool {
    runner.performance.outcome.as_deref() == Some("SCR")
}

fn key(runner: &ResultRunnerDraft) -> Option<String> {
    let name = runner.dog.as_ref()?.name.as_deref()?;
    DogName::new(name).ok().map(|name| name.key())
}
