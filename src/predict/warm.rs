//! Predictions made before anybody asks.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Error, Predictor, Question};
use crate::domain::{DogId, RaceDay, RaceKey, Warming};
use crate::runtime::Lane;
use crate::store::races::Race;
use crate::store::{self, Reader, races, runners};

/// Races that are read and computed together.
const TOGETHER: usize = 16;

/// What was made ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warmed {
    /// Races that were asked about.
    pub races: usize,
    /// Those of them that can be answered from memory now.
    pub ready: usize,
    /// Those without an answer: nobody runs, or no model is in force.
    pub failed: usize,
}

impl Predictor {
    /// Makes ready what is wished, the next jump first.
    pub async fn warm(&self, wish: &Warming, told: impl Fn(u64, u64)) -> Result<Warmed, Error> {
        let races = self.wished(wish).await?;
        let mut warmed = Warmed {
            races: races.len(),
            ready: 0,
            failed: 0,
        };
        for some in races.chunks(TOGETHER) {
            let ask = |race: &RaceKey| Question {
                race: race.clone(),
                as_of: None,
            };
            let answers = self.races(some.iter().map(ask).collect()).await;
            let ready = answers.iter().filter(|answer| answer.is_ok()).count();
            warmed.ready += ready;
            warmed.failed += answers.len() - ready;
            told((warmed.ready + warmed.failed) as u64, races.len() as u64);
        }
        Ok(warmed)
    }

    async fn wished(&self, wish: &Warming) -> Result<Vec<RaceKey>, Error> {
        if !wish.races.is_empty() {
            return Ok(wish.races.clone());
        }
        let (wish, now) = (wish.clone(), self.clock.now());
        let found = self
            .store
            .read(Lane::Batch, move |reader| find(reader, &wish, now));
        Ok(found.await?)
    }
}

/// The races of a day, or those to come around now, at these tracks and with these dogs.
fn find(
    reader: &Reader<'_>,
    wish: &Warming,
    now: DateTime<Utc>,
) -> Result<Vec<RaceKey>, store::Error> {
    let mut found = Vec::new();
    match (wish.day, RaceDay::new(now.date_naive())) {
        (Some(day), _) => found = races::of_day(reader, day)?,
        (None, Ok(today)) => {
            // West of Greenwich it is still yesterday, and east of it tomorrow.
            for day in [today.plus(-1), today, today.plus(1)] {
                found.extend(races::of_day(reader, day)?);
            }
            found.retain(|race| {
                !race.status.is_final() && race.jump_at.is_none_or(|jump| jump > now)
            });
        }
        (None, Err(_outside_the_calendar)) => {}
    }
    found.sort_by_key(|race| (race.jump_at.is_none(), race.jump_at, race.id));
    let mut wished = Vec::new();
    for race in found {
        let at_track = wish.tracks.is_empty() || wish.tracks.contains(&race.key.track);
        if at_track && has_one_of(reader, &race, &wish.dogs)? {
            wished.push(race.key);
        }
    }
    Ok(wished)
}

fn has_one_of(reader: &Reader<'_>, race: &Race, dogs: &[DogId]) -> Result<bool, store::Error> {
    if dogs.is_empty() {
        return Ok(true);
    }
    let field = runners::of_race(reader, race.id)?;
    let mut entered = field.iter().filter_map(|runner| runner.dog_id);
    Ok(entered.any(|dog| dogs.contains(&dog)))
}
