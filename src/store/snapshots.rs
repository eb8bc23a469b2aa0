//! What was known before a race: the only place that makes a [`Snapshot`].
//!
//! Every statement under `sql/history/` is bounded by the race's day and by `as_of`: a run counts
//! when it was before that day and its result could have been known. The field is the standing of
//! the race as of then; who started is known once the lids rise.
//!
//! One race is asked about when somebody wants to know ([`load`]), thousands when a model learns
//! ([`Snapshots::load`]): the same from the same, but the form book is then read once for all.

use std::cmp::Reverse;
use std::ops::Range;

use chrono::{DateTime, Utc};

use super::book::{Book, PAST_RUNS, Page};
use super::past::{Dated, Moment, RunRow};
use super::races::Race;
use super::{Error, Reader, cards, results, tracks};
use crate::domain::{
    BoxBias, BoxNo, CircuitId, Claimed, Class, DogId, DogRating, Entry, FormLine, Four, History,
    Look, Outcome, Performance, RaceStatus, ResultClaim, Snapshot, SnapshotRace, Standing,
    grade_class,
};

/// The race and everything that was known about its field at `as_of`.
pub fn load(reader: &Reader<'_>, race: &Race, as_of: DateTime<Utc>) -> Result<Snapshot, Error> {
    let field = Field::read(reader, race, as_of)?;
    let book = Book::open(reader, &[field.page()])?;
    Ok(field.snapshot(&book, 0))
}

/// What was known before each of some races.
pub struct Snapshots {
    fields: Vec<Field>,
    book: Book,
}

impl Snapshots {
    /// Reads what was known about the field of each race at its instant.
    pub fn load(reader: &Reader<'_>, asked: &[(&Race, DateTime<Utc>)]) -> Result<Self, Error> {
        let fields = asked
            .iter()
            .map(|(race, as_of)| Field::read(reader, race, *as_of));
        let fields: Vec<Field> = fields.collect::<Result<_, _>>()?;
        let pages: Vec<Page> = fields.iter().map(Field::page).collect();
        let book = Book::open(reader, &pages)?;
        Ok(Self { fields, book })
    }

    /// Makes some of them, in the order in which they were asked for.
    pub fn some(&self, range: Range<usize>) -> impl Iterator<Item = Snapshot> {
        let fields = self.fields.iter().enumerate();
        let fields = fields.skip(range.start).take(range.len());
        fields.map(|(at, field)| field.snapshot(&self.book, at))
    }
}

/// A race and its field as they were known.
struct Field {
    race: SnapshotRace,
    as_of: DateTime<Utc>,
    starters: Vec<Claimed>,
}

impl Field {
    /// What an unraced dog of the class is worth is left to the book.
    fn read(reader: &Reader<'_>, race: &Race, as_of: DateTime<Utc>) -> Result<Self, Error> {
        let standing = standing_as_of(reader, race, as_of)?;
        let grade = standing.about.grade.as_deref();
        let distance = standing.about.distance;
        Ok(Self {
            race: SnapshotRace {
                id: race.id,
                day: race.key.day,
                circuit: circuit(reader, race, &standing)?,
                distance,
                class: grade.map_or(Class::Unknown, grade_class),
                seconds_per_length: race.seconds_per_length,
                prior: Four::default(),
            },
            as_of,
            starters: standing.starters().cloned().collect(),
        })
    }

    fn moment(&self) -> Moment {
        Moment {
            day: self.race.day,
            as_of: self.as_of,
        }
    }

    fn page(&self) -> Page {
        let starters = self.starters.iter();
        Page {
            moment: self.moment(),
            circuit: self.race.circuit,
            distance: self.race.distance,
            class: self.race.class,
            dogs: starters.clone().filter_map(|runner| runner.dog).collect(),
            boxes: starters.filter_map(Claimed::stall).collect(),
        }
    }

    /// `at` is its page in the book.
    fn snapshot(&self, book: &Book, at: usize) -> Snapshot {
        let starters = self.starters.iter();
        Snapshot {
            race: SnapshotRace {
                prior: book.prior(self.race.class, self.moment()),
                ..self.race.clone()
            },
            as_of: self.as_of,
            entries: starters
                .map(|runner| self.entry(book, at, runner))
                .collect(),
        }
    }

    fn entry(&self, book: &Book, at: usize, runner: &Claimed) -> Entry {
        let (history, rating) = match runner.dog {
            Some(dog) => self.past(book, at, dog),
            None => (History::default(), None),
        };
        Entry {
            rug: runner.rug,
            box_no: runner.stall(),
            dog: runner.dog,
            trainer: runner.trainer,
            weight: runner.weight,
            history,
            rating,
            bias: self.bias(book, runner.stall()),
        }
    }

    fn past(&self, book: &Book, at: usize, dog: DogId) -> (History, Option<DogRating>) {
        let moment = self.moment();
        let (rows, rated) = book.known_of(dog, at, moment);
        let mut runs = one_line_a_run(rows);
        for run in &mut runs {
            run.par = book.par(run.circuit, run.distance, moment);
            if !run.trial {
                let of_day = rated.iter().find(|rating| rating.day == run.day);
                run.look = of_day.map(|rating| Look {
                    hindsight: book.hindsight(rating.row.race, moment),
                    ..rating.row.look
                });
            }
        }
        let rating = rated.first().map(|newest| DogRating {
            days: moment.day.since(newest.day) as f64,
            ..newest.row.rating
        });
        (History { runs }, rating)
    }

    fn bias(&self, book: &Book, box_no: Option<BoxNo>) -> BoxBias {
        match (box_no, self.race.distance) {
            (Some(box_no), Some(distance)) => {
                book.bias(self.race.circuit, distance, box_no, self.moment())
            }
            _ => BoxBias::default(),
        }
    }
}

/// The circuit that the distance tells of.
fn circuit(reader: &Reader<'_>, race: &Race, standing: &Standing) -> Result<CircuitId, Error> {
    match tracks::by_slug(reader, &race.key.track)? {
        Some(track) => {
            let distance = standing.about.distance;
            Ok(tracks::circuit(reader, track.id, distance, race.key.day)?.id)
        }
        None => Ok(race.circuit),
    }
}

/// The field as it was known. A final result names the starters, which is known at the jump; what
/// they did is not, and is taken out here.
fn standing_as_of(
    reader: &Reader<'_>,
    race: &Race,
    as_of: DateTime<Utc>,
) -> Result<Standing, Error> {
    let cards = cards::claims(reader, race.id, as_of)?;
    let scratchings = cards::scratchings(reader, race.id, as_of)?;
    let jumped = as_of >= race.cutoff();
    let announced = as_of >= race.key.day.starts(race.zone);
    let results = if jumped || (cards.is_empty() && announced) {
        started(&results::claims(reader, race.id)?, as_of)
    } else {
        Vec::new()
    };
    Ok(Standing::of(&cards, &results, &scratchings))
}

/// Of each source what it had said by then, or else its first word: a later correction of who
/// started is a correction, known when it came.
fn started(claims: &[ResultClaim], as_of: DateTime<Utc>) -> Vec<ResultClaim> {
    let first_word = |claim: &ResultClaim| {
        let same_source = claims.iter().filter(|other| other.source == claim.source);
        let first = same_source.map(|other| other.known_at).min();
        claim.known_at <= as_of || first == Some(claim.known_at)
    };
    let mut claims: Vec<ResultClaim> = claims.iter().filter(|c| first_word(c)).cloned().collect();
    claims.retain(|claim| claim.status.is_final() || matches!(claim.status, RaceStatus::Interim));
    for claim in &mut claims {
        for runner in &mut claim.runners {
            let outcome = runner.performance.outcome;
            runner.performance = Performance {
                outcome: outcome.filter(|outcome| *outcome == Outcome::Scratched),
                ..Performance::default()
            };
        }
    }
    claims
}

/// Several sources tell of one run: what one leaves out, the next fills in. Within a run the
/// order is later knowledge first, then the source's name, so that it never depends on row order.
fn one_line_a_run(mut rows: Vec<&Dated<RunRow>>) -> Vec<FormLine> {
    rows.sort_by(|a, b| {
        let key = |row: &Dated<RunRow>| {
            let line = &row.row.line;
            (Reverse(row.day), line.trial, line.circuit, line.distance)
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| b.known_at.cmp(&a.known_at))
            .then_with(|| a.row.source.cmp(&b.row.source))
            .then_with(|| a.row.line.rug.cmp(&b.row.line.rug))
    });
    let mut lines: Vec<FormLine> = Vec::with_capacity(rows.len().min(PAST_RUNS));
    for row in rows {
        let line = &row.row.line;
        let full = lines.len() == PAST_RUNS;
        match lines.last_mut() {
            Some(last) if is_same_run(last, line) => fill(last, line),
            _ if full => break,
            _ => lines.push(line.clone()),
        }
    }
    lines
}

fn is_same_run(a: &FormLine, b: &FormLine) -> bool {
    a.day == b.day && a.circuit == b.circuit && a.distance == b.distance && a.trial == b.trial
}

fn fill(line: &mut FormLine, other: &FormLine) {
    line.performance.fill_from(&other.performance);
    line.box_no = line.box_no.or(other.box_no);
    line.rug = line.rug.or(other.rug);
    line.field_size = line.field_size.or(other.field_size);
    if line.grade.is_none() {
        line.grade.clone_from(&other.grade);
    }
}
