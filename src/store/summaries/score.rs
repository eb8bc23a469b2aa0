//! How somebody has done.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use super::super::FromRow;
use crate::domain::{Cents, Fault, TrackId};

/// What a stake of 1 is counted as: profits are added up in whole numbers, because those come to the
/// same in any order.
const STAKE: f64 = 1_000.0;

/// Who has scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Dogs.
    Dogs,
    /// Trainers.
    Trainers,
    /// Tracks.
    Tracks,
}

impl Subject {
    /// From its name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        match name {
            "dogs" => Ok(Self::Dogs),
            "trainers" => Ok(Self::Trainers),
            "tracks" => Ok(Self::Tracks),
            _ => Err(Fault::new("must be dogs, trainers or tracks")),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dogs => "dogs",
            Self::Trainers => "trainers",
            Self::Tracks => "tracks",
        }
    }
}

impl ToSql for Subject {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for Subject {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let subject = Self::parse(value.as_str()?);
        subject.map_err(|fault| FromSqlError::Other(Box::new(fault)))
    }
}

/// Whose score it is, and where it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct ScoreKey {
    pub(in crate::store) subject: Subject,
    /// `None` is anywhere.
    pub(in crate::store) track: Option<TrackId>,
    pub(in crate::store) id: i64,
}

impl ScoreKey {
    /// The track, or 0 for anywhere.
    pub(super) fn place(self) -> i64 {
        self.track.map_or(0, TrackId::get)
    }
}

/// Starts in races with a final result, and what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Starts.
    pub starts: i64,
    /// Starts that were won; each dog of a dead heat has won.
    pub wins: i64,
    /// Starts that had a price.
    pub priced: i64,
    /// What stakes of 1 on each of those brought beyond the stakes, in thousandths.
    pub profit_milli: i64,
}

impl Score {
    /// One start at a price; `shared` by so many who won together.
    pub(super) fn of_start(won: bool, price: Option<f64>, shared: u32) -> Self {
        let back = if won {
            price.map_or(0.0, |price| price / f64::from(shared.max(1)))
        } else {
            0.0
        };
        let profit = price.and_then(|_price| Cents::nearest((back - 1.0) * STAKE).ok());
        Self {
            starts: 1,
            wins: i64::from(won),
            priced: i64::from(profit.is_some()),
            profit_milli: profit.map_or(0, Cents::get),
        }
    }

    /// Adds another one `by` times.
    pub(super) const fn add(&mut self, other: Self, by: i64) {
        self.starts += by * other.starts;
        self.wins += by * other.wins;
        self.priced += by * other.priced;
        self.profit_milli += by * other.profit_milli;
    }

    /// Wins a start.
    #[must_use]
    pub fn strike_rate(self) -> f64 {
        self.wins as f64 / self.starts.max(1) as f64
    }

    /// What stakes of 1 brought beyond the stakes; `None` where no start had a price.
    #[must_use]
    pub fn profit(self) -> Option<f64> {
        (self.priced > 0).then_some(self.profit_milli as f64 / STAKE)
    }
}

impl FromRow for Score {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            starts: row.get("starts")?,
            wins: row.get("wins")?,
            priced: row.get("priced")?,
            profit_milli: row.get("profit_milli")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_heat_pays_each_its_share_and_a_run_without_a_price_is_no_bet() {
        let alone = Score::of_start(true, Some(3.5), 1);
        let shared = Score::of_start(true, Some(3.5), 2);
        let lost = Score::of_start(false, Some(3.5), 1);
        let free = Score::of_start(true, None, 1);

        assert_eq!(alone.profit(), Some(2.5));
        assert_eq!(shared.profit(), Some(0.75));
        assert_eq!(lost.profit(), Some(-1.0));
        assert_eq!((free.wins, free.profit()), (1, None));
    }
}
