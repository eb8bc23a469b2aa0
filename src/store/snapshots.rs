//! What was known before a race: the only place that makes a [`Snapshot`].
//!
//! Every statement under `sql/history/` is bounded by the race's day and by `as_of`: a run counts
//! when it was before that day and its result could have been known. The field is the standing of
//! the race as of then; who started is known once the lids rise.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::bind::{instant, ms};
use super::performances;
use super::query::query;
use super::races::Race;
use super::{Error, FromRow, Reader, cards, ratings, results, tracks};
use crate::domain::{
    BoxBias, BoxNo, BoxSum, CircuitId, Claimed, Class, DogId, DogRating, Entry, FormLine, Four,
    History, Look, Metres, Outcome, Par, Performance, RaceDay, RaceStatus, ResultClaim, Rug,
    Snapshot, SnapshotRace, Source, Standing, grade_class,
};

/// Rows of one dog's past that are read at most; several sources may tell one run.
const PAST_ROWS: u32 = 90;
/// Runs of one dog that a snapshot holds at most.
const PAST_RUNS: usize = 30;

/// The race and everything that was known about its field at `as_of`.
pub fn load(reader: &Reader<'_>, race: &Race, as_of: DateTime<Utc>) -> Result<Snapshot, Error> {
    let standing = standing_as_of(reader, race, as_of)?;
    let day = race.key.day;
    let distance = standing.about.distance;
    let track = tracks::by_slug(reader, &race.key.track)?.map(|track| track.id);
    let circuit = match track {
        Some(track) => tracks::circuit(reader, track, distance, day)?.id,
        None => race.circuit,
    };
    let class = standing
        .about
        .grade
        .as_deref()
        .map_or(Class::Unknown, grade_class);
    let mut past = Past {
        reader,
        day,
        as_of,
        pars: BTreeMap::new(),
    };
    let mut entries = Vec::new();
    for runner in standing.starters() {
        entries.push(past.entry(runner, circuit, distance)?);
    }
    Ok(Snapshot {
        race: SnapshotRace {
            id: race.id,
            day,
            circuit,
            distance,
            class,
            seconds_per_length: race.seconds_per_length,
            prior: past.prior(class)?,
        },
        as_of,
        entries,
    })
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

struct Past<'r, 'c> {
    reader: &'r Reader<'c>,
    day: RaceDay,
    as_of: DateTime<Utc>,
    pars: BTreeMap<(CircuitId, Metres), Option<Par>>,
}

impl Past<'_, '_> {
    fn entry(
        &mut self,
        runner: &Claimed,
        circuit: CircuitId,
        distance: Option<Metres>,
    ) -> Result<Entry, Error> {
        let box_no = runner
            .box_no
            .or_else(|| BoxNo::new(i64::from(runner.rug.get())).ok());
        let (history, rating) = match runner.dog {
            Some(dog) => self.known_of(dog)?,
            None => (History::default(), None),
        };
        let bias = match (box_no, distance) {
            (Some(box_no), Some(distance)) => self.bias(circuit, distance, box_no)?,
            _ => BoxBias::default(),
        };
        Ok(Entry {
            rug: runner.rug,
            box_no,
            dog: runner.dog,
            trainer: runner.trainer,
            weight: runner.weight,
            history,
            rating,
            bias,
        })
    }

    fn known_of(&mut self, dog: DogId) -> Result<(History, Option<DogRating>), Error> {
        let mut history = self.history(dog)?;
        let rated = self.rated(dog)?;
        for run in history.runs.iter_mut().filter(|run| !run.trial) {
            run.look = rated
                .iter()
                .find(|row| row.day == run.day)
                .map(|row| row.look);
        }
        let rating = rated.first().map(|row| DogRating {
            days: self.day.since(row.day) as f64,
            ..row.rating
        });
        Ok((history, rating))
    }

    fn history(&mut self, dog: DogId) -> Result<History, Error> {
        let params = named_params! {
            ":dog_id": dog,
            ":day": self.day,
            ":as_of_ms": ms(self.as_of),
            ":limit": PAST_ROWS,
        };
        let rows: Vec<RunRow> = self.reader.all(query!("history/runs"), params)?;
        let mut runs = one_line_a_run(rows);
        runs.truncate(PAST_RUNS);
        for run in &mut runs {
            run.par = self.par(run.circuit, run.distance)?;
        }
        Ok(History { runs })
    }

    fn par(&mut self, circuit: CircuitId, distance: Metres) -> Result<Option<Par>, Error> {
        if let Some(par) = self.pars.get(&(circuit, distance)) {
            return Ok(*par);
        }
        let params = named_params! {
            ":circuit_id": circuit,
            ":distance_m": distance,
            ":day": self.day,
            ":as_of_ms": ms(self.as_of),
        };
        let par: Option<Par> = self.reader.maybe(query!("history/par"), params)?;
        self.pars.insert((circuit, distance), par);
        Ok(par)
    }

    /// The dog's rated days, newest first.
    fn rated(&self, dog: DogId) -> Result<Vec<RatingRow>, Error> {
        let params = named_params! {
            ":dog_id": dog,
            ":day": self.day,
            ":as_of_ms": ms(self.as_of),
            ":limit": PAST_RUNS as i64,
        };
        self.reader.all(query!("history/ratings"), params)
    }

    fn prior(&self, class: Class) -> Result<Four<f64>, Error> {
        let params = named_params! {
            ":class": class.code(),
            ":day": self.day,
            ":as_of_ms": ms(self.as_of),
        };
        let prior: Option<Prior> = self.reader.maybe(query!("history/prior"), params)?;
        Ok(prior.map(|prior| prior.0).unwrap_or_default())
    }

    fn bias(&self, circuit: CircuitId, distance: Metres, box_no: BoxNo) -> Result<BoxBias, Error> {
        let cell = self.bias_cell(circuit.get(), i64::from(distance.raw()), box_no)?;
        let global = self.bias_cell(0, 0, box_no)?;
        Ok(cell.0.shrunk_to(&global.0))
    }

    fn bias_cell(&self, circuit: i64, distance_m: i64, box_no: BoxNo) -> Result<Cell, Error> {
        let params = named_params! {
            ":circuit_id": circuit,
            ":distance_m": distance_m,
            ":box": box_no,
            ":day": self.day,
            ":as_of_ms": ms(self.as_of),
        };
        let cell: Option<Cell> = self.reader.maybe(query!("history/box_bias"), params)?;
        Ok(cell.unwrap_or_default())
    }
}

#[derive(Default)]
struct Cell(BoxSum);

impl FromRow for Cell {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self(BoxSum {
            win: row.get("total")?,
            place: row.get("place_total")?,
            starts: row.get("starts")?,
        }))
    }
}

impl FromRow for Par {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            time_s: row.get("time_s")?,
            races: row.get("races")?,
        })
    }
}

struct Prior(Four<f64>);

impl FromRow for Prior {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        ratings::means(row).map(Self)
    }
}

struct RatingRow {
    day: RaceDay,
    rating: DogRating,
    look: Look,
}

impl FromRow for RatingRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            day: row.get("day")?,
            rating: DogRating {
                strengths: ratings::strengths(row)?,
                days: 0.0,
                races: row.get("races")?,
            },
            look: ratings::look(row)?,
        })
    }
}

struct RunRow {
    source: Source,
    known_at: DateTime<Utc>,
    line: FormLine,
}

impl FromRow for RunRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let rug: i64 = row.get("rug")?;
        Ok(Self {
            source: row.get("source")?,
            known_at: instant(row, "known_at_ms")?,
            line: FormLine {
                day: row.get("day")?,
                circuit: row.get("circuit_id")?,
                distance: row.get("distance_m")?,
                grade: row.get("grade")?,
                rug: Rug::new(rug).ok(),
                box_no: row.get("box")?,
                field_size: row.get("field_size")?,
                trial: row.get("trial")?,
                performance: performances::read(row)?,
                par: None,
                look: None,
            },
        })
    }
}

/// Several sources tell of one run: what one leaves out, the next fills in. Within a run the
/// order is later knowledge first, then the source's name, so that it never depends on row order.
fn one_line_a_run(mut rows: Vec<RunRow>) -> Vec<FormLine> {
    rows.sort_by(|a, b| {
        let key = |row: &RunRow| {
            (
                std::cmp::Reverse(row.line.day),
                row.line.trial,
                row.line.circuit,
                row.line.distance,
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| b.known_at.cmp(&a.known_at))
            .then_with(|| a.source.cmp(&b.source))
            .then_with(|| a.line.rug.cmp(&b.line.rug))
    });
    let mut lines: Vec<FormLine> = Vec::with_capacity(rows.len());
    for RunRow { line, .. } in rows {
        match lines.last_mut() {
            Some(last) if is_same_run(last, &line) => fill(last, &line),
            _ => lines.push(line),
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
