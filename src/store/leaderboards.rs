//! Who has done best.
//!
//! All time is read from the sums. So many last days are added up when they are asked for, from the
//! races of those days by `Sums::field`, as the sums are: a row for each day, track and dog would
//! be as many as there are starts, and each start would have to write it.

use rusqlite::{Row, named_params};

use super::query::query;
use super::summaries::{Field, Head, Score, Subject, Sums};
use super::{Error, FromRow, Reader};
use crate::domain::{Fault, RaceDay, TrackId};

/// By what they are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The rating after the last rated race; of dogs only.
    Rating,
    /// Wins a start.
    StrikeRate,
    /// Wins.
    Wins,
    /// What stakes of 1 brought.
    Profit,
    /// Starts.
    Starts,
}

/// Who is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Dogs, trainers or tracks.
    pub subject: Subject,
    /// In which order.
    pub measure: Measure,
    /// At one track, or anywhere.
    pub track: Option<TrackId>,
    /// Whoever has fewer is left out.
    pub min_starts: u32,
    /// How many.
    pub limit: u32,
}

/// From the first to the last day that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub from: RaceDay,
    /// Last day.
    pub until: RaceDay,
}

/// Somebody on the board.
#[derive(Debug, Clone, PartialEq)]
pub struct Leader {
    /// Identity.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Name in addresses, of a track.
    pub slug: Option<String>,
    /// How it has done.
    pub score: Score,
    /// The rating, where it was asked for; natural-log units, higher is better.
    pub rating: Option<f64>,
}

impl Measure {
    /// From its name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        match name {
            "rating" => Ok(Self::Rating),
            "strike_rate" => Ok(Self::StrikeRate),
            "wins" => Ok(Self::Wins),
            "profit" => Ok(Self::Profit),
            "starts" => Ok(Self::Starts),
            _ => Err(Fault::new(
                "must be rating, strike_rate, wins, profit or starts",
            )),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::StrikeRate => "strike_rate",
            Self::Wins => "wins",
            Self::Profit => "profit",
            Self::Starts => "starts",
        }
    }
}

/// Somebody before it is known who that is.
struct Candidate {
    id: i64,
    score: Score,
    rating: Option<f64>,
}

impl FromRow for Candidate {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("subject_id")?,
            score: Score::from_row(row)?,
            rating: None,
        })
    }
}

struct Named {
    name: Option<String>,
    slug: Option<String>,
}

impl FromRow for Named {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            name: row.get("name")?,
            slug: row.get("slug")?,
        })
    }
}

struct Mean(f64);

impl FromRow for Mean {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("even_mean").map(Self)
    }
}

struct Day(RaceDay);

impl FromRow for Day {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("day").map(Self)
    }
}

/// So many days up to the last one with a final result; `None` without any.
pub fn last_days(reader: &Reader<'_>, days: u32) -> Result<Option<Span>, Error> {
    let params = named_params! { ":until": RaceDay::CALENDAR.1 };
    let last: Option<Day> = reader.maybe(query!("summary/last_day"), params)?;
    Ok(last.map(|Day(until)| Span {
        from: until.plus(1 - i64::from(days)),
        until,
    }))
}

/// The best of all time.
pub fn of_all_time(reader: &Reader<'_>, asked: &Asked) -> Result<Vec<Leader>, Error> {
    let params = named_params! {
        ":subject": asked.subject,
        ":track_id": asked.track.map_or(0, TrackId::get),
        ":min_starts": asked.min_starts.max(1),
        ":by": asked.measure.as_str(),
        ":limit": asked.limit,
    };
    let best = reader.all(query!("summary/top"), params)?;
    named(reader, asked.subject, best)
}

/// The best of some days. Reads every race of each.
pub fn of_days(reader: &Reader<'_>, asked: &Asked, span: Span) -> Result<Vec<Leader>, Error> {
    let mut sums = Sums::default();
    let mut day = span.from;
    while day <= span.until {
        let params = named_params! {
            ":day": day,
            ":track_id": asked.track.map_or(0, TrackId::get),
        };
        let heads: Vec<Head> = reader.all(query!("summary/races_of_day"), params)?;
        for head in &heads {
            sums.field(&Field::under(reader, head)?, 1);
        }
        day = day.plus(1);
    }
    let mut found = Vec::new();
    for (id, score) in sums.scores_of(asked.subject, asked.track) {
        if score.starts < i64::from(asked.min_starts) {
            continue;
        }
        let rating = match asked.measure {
            Measure::Rating => rating(reader, id)?,
            _ => None,
        };
        found.push(Candidate { id, score, rating });
    }
    let best = best(found, asked);
    named(reader, asked.subject, best)
}

fn rating(reader: &Reader<'_>, dog: i64) -> Result<Option<f64>, Error> {
    let mean: Option<Mean> =
        reader.maybe(query!("rating/newest"), named_params! { ":dog_id": dog })?;
    Ok(mean.map(|mean| mean.0))
}

/// In the order of `summary/top`.
fn best(mut found: Vec<Candidate>, asked: &Asked) -> Vec<Candidate> {
    let value = |one: &Candidate| match asked.measure {
        Measure::Rating => one.rating,
        Measure::StrikeRate => Some(one.score.strike_rate()),
        Measure::Wins => Some(one.score.wins as f64),
        Measure::Profit => one.score.profit(),
        Measure::Starts => Some(one.score.starts as f64),
    };
    found.retain(|one| value(one).is_some());
    found.sort_by(|one, other| {
        let (worth, others) = (value(one).unwrap_or(0.0), value(other).unwrap_or(0.0));
        let more = others.total_cmp(&worth);
        let starts = other.score.starts.cmp(&one.score.starts);
        more.then(starts).then(one.id.cmp(&other.id))
    });
    found.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    found
}

fn named(
    reader: &Reader<'_>,
    subject: Subject,
    best: Vec<Candidate>,
) -> Result<Vec<Leader>, Error> {
    let one = |candidate: Candidate| {
        let params = named_params! { ":subject": subject, ":subject_id": candidate.id };
        let named: Named = reader.one(query!("summary/name"), params)?;
        Ok(Leader {
            id: candidate.id,
            name: named.name.unwrap_or_default(),
            slug: named.slug,
            score: candidate.score,
            rating: candidate.rating,
        })
    };
    best.into_iter().map(one).collect()
}
