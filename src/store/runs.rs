//! The form book, clustered by dog.

use chrono::{DateTime, Utc};
use rusqlite::{Row, ToSql, named_params};

use super::bind::{instant, ms};
use super::performances;
use super::query::query;
use super::summaries::Month;
use super::{Error, FromRow, Reader, Tag, Tx};
use crate::domain::{
    BoxNo, CircuitId, DogId, Metres, Performance, RaceDay, RaceId, Rug, Source, TrainerId,
};

/// Which run of which dog, told by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct RunKey {
    /// The dog.
    pub dog: DogId,
    /// Local day.
    pub day: RaceDay,
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance.
    pub distance: Metres,
    /// Rug, where known.
    pub rug: Option<Rug>,
    /// Race number, where known; a dog may run several trials a day.
    pub number: Option<u8>,
    /// Who says so.
    pub source: Source,
}

/// What is told of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLine {
    /// Grade as written.
    pub grade: Option<String>,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// How many ran.
    pub field_size: Option<u8>,
    /// A trial, not a race.
    pub trial: bool,
    /// Trainer on the day.
    pub trainer: Option<TrainerId>,
    /// What the dog did.
    pub performance: Performance,
}

/// Since when, and until when, a row is what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Since.
    pub at: DateTime<Utc>,
    /// Until a newer version came.
    pub gone: Option<DateTime<Utc>>,
}

impl RunLine {
    /// Whether no field that both know differs.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        same(self.grade.as_ref(), other.grade.as_ref())
            && same(self.box_no.as_ref(), other.box_no.as_ref())
            && same(self.field_size.as_ref(), other.field_size.as_ref())
            && same(self.trainer.as_ref(), other.trainer.as_ref())
            && self.trial == other.trial
            && self.performance.agrees(&other.performance)
    }

    /// Both together, for lines that agree.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut performance = self.performance.clone();
        performance.fill_from(&other.performance);
        Self {
            grade: self.grade.clone().or_else(|| other.grade.clone()),
            box_no: self.box_no.or(other.box_no),
            field_size: self.field_size.or(other.field_size),
            trial: self.trial,
            trainer: self.trainer.or(other.trainer),
            performance,
        }
    }
}

impl FromRow for RunLine {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            grade: row.get("grade")?,
            box_no: row.get("box")?,
            field_size: row.get("field_size")?,
            trial: row.get("trial")?,
            trainer: row.get("trainer_id")?,
            performance: performances::read(row)?,
        })
    }
}

/// A form line as it was last told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What it says.
    pub line: RunLine,
    /// Since when it could be known.
    pub known_at: DateTime<Utc>,
}

impl FromRow for Told {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            line: RunLine::from_row(row)?,
            known_at: instant(row, "known_at_ms")?,
        })
    }
}

/// A run that was taken out of the form book.
struct Gone {
    dog: DogId,
    circuit: CircuitId,
    day: RaceDay,
    /// It was still what is known.
    stands: bool,
}

impl FromRow for Gone {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            dog: row.get("dog_id")?,
            circuit: row.get("circuit_id")?,
            day: row.get("day")?,
            stands: row.get("stands")?,
        })
    }
}

fn rug(rug: Option<Rug>) -> u8 {
    rug.map_or(0, Rug::get)
}

/// What a source has said of this run on form lines, newest first; at most 20 versions.
pub fn form_lines(reader: &Reader<'_>, key: &RunKey) -> Result<Vec<Told>, Error> {
    let params = named_params! {
        ":dog_id": key.dog,
        ":day": key.day,
        ":circuit_id": key.circuit,
        ":distance_m": key.distance,
        ":rug": rug(key.rug),
        ":number": key.number.unwrap_or(0),
        ":source": key.source,
    };
    reader.all(query!("run/form_lines"), params)
}

/// Takes one version of a form line away, to be told again more fully.
pub fn forget_line(tx: &Tx<'_>, key: &RunKey, known_at: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! {
        ":dog_id": key.dog,
        ":day": key.day,
        ":circuit_id": key.circuit,
        ":distance_m": key.distance,
        ":rug": rug(key.rug),
        ":number": key.number.unwrap_or(0),
        ":source": key.source,
        ":known_at_ms": ms(known_at),
    };
    let gone: Vec<Gone> = tx.all(query!("run/forget_line"), params)?;
    note(tx, &gone);
    Ok(())
}

/// Ends the time of the form line that stands, because a newer one came.
pub fn supersede(tx: &Tx<'_>, key: &RunKey, gone_at: DateTime<Utc>) -> Result<(), Error> {
    let params = named_params! {
        ":dog_id": key.dog,
        ":day": key.day,
        ":circuit_id": key.circuit,
        ":distance_m": key.distance,
        ":rug": rug(key.rug),
        ":number": key.number.unwrap_or(0),
        ":source": key.source,
        ":gone_at_ms": ms(gone_at),
    };
    tx.touch(Tag::Dog(key.dog));
    let ended = tx.change(query!("run/supersede"), params)?;
    let ended = i64::try_from(ended).unwrap_or(i64::MAX);
    tx.note(|sums| sums.runs(key.circuit, Month::of(key.day), -ended));
    Ok(())
}

/// Adds a run.
pub fn add(
    tx: &Tx<'_>,
    key: &RunKey,
    race: Option<RaceId>,
    line: &RunLine,
    known: Known,
) -> Result<(), Error> {
    let rug = rug(key.rug);
    let number = key.number.unwrap_or(0);
    let known_at = ms(known.at);
    let gone_at = known.gone.map(ms);
    let race = race.map_or(0, RaceId::get);
    let first: [&dyn ToSql; 15] = [
        &key.dog,
        &key.day,
        &key.circuit,
        &key.distance,
        &rug,
        &key.source,
        &known_at,
        &gone_at,
        &race,
        &number,
        &line.grade,
        &line.box_no,
        &line.field_size,
        &line.trial,
        &line.trainer,
    ];
    let params = performances::bind(&first, &line.performance);
    tx.touch(Tag::Dog(key.dog));
    tx.change(query!("run/insert"), params.as_slice())?;
    if known.gone.is_none() {
        tx.note(|sums| sums.runs(key.circuit, Month::of(key.day), 1));
    }
    Ok(())
}

/// Takes the runs that were derived from a race's results out of the form book.
pub fn forget_race(tx: &Tx<'_>, race: RaceId, day: RaceDay) -> Result<(), Error> {
    let params = named_params! { ":race_id": race, ":day": day };
    let gone: Vec<Gone> = tx.all(query!("run/forget_race"), params)?;
    note(tx, &gone);
    Ok(())
}

fn note(tx: &Tx<'_>, gone: &[Gone]) {
    for run in gone {
        tx.touch(Tag::Dog(run.dog));
        if run.stands {
            tx.note(|sums| sums.runs(run.circuit, Month::of(run.day), -1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_bound_in_the_order_of_its_statement() {
        let names = performances::named(query!("run/insert").sql);

        assert_eq!(
            names.get(..15),
            Some(
                [
                    ":dog_id",
                    ":day",
                    ":circuit_id",
                    ":distance_m",
                    ":rug",
                    ":source",
                    ":known_at_ms",
                    ":gone_at_ms",
                    ":race_id",
                    ":number",
                    ":grade",
                    ":box",
                    ":field_size",
                    ":trial",
                    ":trainer_id"
                ]
                .as_slice()
            )
        );
    }
}
