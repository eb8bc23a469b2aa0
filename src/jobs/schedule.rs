//! What is asked for by the clock: sources whose time has come, races that jump soon, ratings that
//! are owed, and the broom.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::work::Desks;
use super::{Board, Error};
use crate::domain::{Job, RaceKey, Source, Warming};
use crate::runtime::Lane;
use crate::store::{self, Class, collections, jobs, ratings};
use crate::upstream::SourceSpec;

/// How often the clock is looked at, in real time.
const GLANCE: Duration = Duration::from_secs(1);
/// What came due longer ago than this was slept through: it is made up for.
const SLEPT: TimeDelta = TimeDelta::minutes(1);
/// Over how long the making up is spread, so that a restart is no herd; milliseconds.
const SPREAD_MS: u32 = 30_000;
/// How long until a race is asked about again that nothing was said of.
const ASK_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// How often ratings that are owed are asked for.
const RATE: TimeDelta = TimeDelta::minutes(5);
/// Midnight comes to every zone at one of these, in seconds; then there are new races of today.
const HALF_AN_HOUR: i64 = 30 * 60;
/// How often the broom goes round.
const SWEEP: TimeDelta = TimeDelta::hours(1);
/// How long what jobs and fetches came to is kept.
const KEPT: TimeDelta = TimeDelta::days(90);
/// How long a job that is over is kept, when it belongs to no upload.
const JOBS_KEPT: TimeDelta = TimeDelta::days(14);

/// Looks at the clock.
pub(super) struct Schedule {
    board: Board,
    desks: Desks,
    looked: Option<Instant>,
    rated: DateTime<Utc>,
    swept: DateTime<Utc>,
    warmed: Option<i64>,
    asked: BTreeMap<RaceKey, DateTime<Utc>>,
}

impl Schedule {
    /// For a board.
    pub(super) fn new(board: &Board, desks: &Desks) -> Self {
        Self {
            board: board.clone(),
            desks: desks.clone(),
            looked: None,
            rated: DateTime::UNIX_EPOCH,
            swept: DateTime::UNIX_EPOCH,
            warmed: None,
            asked: BTreeMap::new(),
        }
    }

    /// Asks for every job whose time has come.
    pub(super) async fn ask_for_what_is_due(&mut self) {
        if self.looked.is_some_and(|looked| looked.elapsed() < GLANCE) {
            return;
        }
        self.looked = Some(Instant::now());
        let now = self.board.now();
        for source in self.desks.collector.sources() {
            if let Err(error) = self.source(source, now).await {
                tracing::warn!(%error, source = %source.name, "could not look at a schedule");
            }
        }
        if let Err(error) = self.races(now).await {
            tracing::warn!(%error, "could not ask for predictions");
        }
        if now - self.rated >= RATE {
            self.rated = now;
            if let Err(error) = self.ratings(now).await {
                tracing::warn!(%error, "could not ask for ratings");
            }
        }
        let half_hour = Some(now.timestamp().div_euclid(HALF_AN_HOUR));
        if self.warmed != half_hour {
            self.warmed = half_hour;
            self.warm();
        }
        if now - self.swept >= SWEEP {
            self.swept = now;
            if let Err(error) = self.sweep(now).await {
                tracing::warn!(%error, "could not sweep");
            }
        }
    }

    /// Fires when it is time: the job and the note that it fired stand together or not at all.
    async fn source(&self, source: &SourceSpec, now: DateTime<Utc>) -> Result<(), store::Error> {
        let Some(schedule) = source.schedule.as_ref().filter(|_| source.enabled) else {
            return Ok(());
        };
        let name = source.name.clone();
        let fired = {
            let name = name.clone();
            let read = self
                .board
                .store
                .read(Lane::Batch, move |reader| collections::fired(reader, &name));
            read.await?
        };
        let due = match fired {
            Some(fired) => schedule.due(fired, now),
            // Seen for the first time: what came before is none of its business.
            None => None,
        };
        if fired.is_some() && due.is_none() {
            return Ok(());
        }
        let written = self.board.store.write(Class::Admin, move |tx| {
            collections::fire(tx, &name, due.unwrap_or(now))?;
            if let Some(due) = due {
                let not_before = start(&name, due, now);
                let job = Job::Collect {
                    source: name,
                    day: None,
                };
                jobs::enqueue(tx, &job, not_before, now)?;
            }
            Ok::<_, store::Error>(())
        });
        written.await
    }

    /// A race that nothing can be said of is not asked about every second.
    async fn races(&mut self, now: DateTime<Utc>) -> Result<(), store::Error> {
        self.asked.retain(|_race, asked| now - *asked < ASK_AGAIN);
        let mut due = self.desks.predictor.due().await?;
        due.retain(|race| !self.asked.contains_key(race));
        self.asked
            .extend(due.iter().map(|race| (race.clone(), now)));
        if due.is_empty() {
            return Ok(());
        }
        let asked = self.board.store.write(Class::Admin, move |tx| {
            for race in due {
                jobs::enqueue(tx, &Job::Predict { race }, now, now)?;
            }
            Ok::<_, store::Error>(())
        });
        asked.await
    }

    /// Nobody waits for it and nothing is lost without it, so it is no job.
    fn warm(&self) {
        let predictor = self.desks.predictor.clone();
        tokio::spawn(async move {
            match predictor
                .warm(&Warming::default(), |_done, _total| ())
                .await
            {
                Ok(warmed) => tracing::info!(?warmed, "predictions are ready"),
                Err(error) => tracing::warn!(%error, "could not make predictions ready"),
            }
        });
    }

    async fn ratings(&self, now: DateTime<Utc>) -> Result<(), store::Error> {
        let owed = self.board.store.read(Lane::Batch, ratings::debt).await?;
        if owed.is_none() {
            return Ok(());
        }
        let asked = self.board.store.write(Class::Admin, move |tx| {
            jobs::enqueue(tx, &Job::Rate, now, now)
        });
        asked.await.map(drop)
    }

    async fn sweep(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let swept = self.board.store.write(Class::Backfill, move |tx| {
            collections::prune(tx, now - KEPT)?;
            jobs::prune(tx, now - JOBS_KEPT)
        });
        swept.await.map_err(Error::Store)?;
        if let Err(error) = self.desks.collector.sweep().await {
            tracing::warn!(%error, "could not sweep what sources and uploads left");
        }
        Ok(())
    }
}

/// When a source that came due is asked: at once, or after downtime at a moment of its own, the same
/// each time.
fn start(source: &Source, due: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if now - due <= SLEPT {
        return now;
    }
    let digest = Sha256::digest(source.as_str());
    let luck = digest.iter().take(4).fold(0_u32, |luck, byte| {
        luck.wrapping_mul(256).wrapping_add(u32::from(*byte))
    });
    now + TimeDelta::milliseconds((luck % SPREAD_MS).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_comes_due_on_time_begins_at_once() {
        let due = instant("2026-11-20T00:15:00Z");

        for late in [0, 1, 59, 60] {
            let now = due + TimeDelta::seconds(late);
            for n in 0..50 {
                let source = Source::new(&format!("source-{n}")).unwrap();
                assert_eq!(start(&source, due, now), now, "{late} s");
            }
        }
    }

    #[test]
    fn what_was_slept_through_begins_at_a_moment_of_its_own_within_half_a_minute() {
        let due = instant("2026-11-20T00:15:00Z");
        let now = due + TimeDelta::milliseconds(60_001);
        let moment = |n| start(&Source::new(&format!("source-{n}")).unwrap(), due, now);

        let mut moments: Vec<_> = (0..50).map(moment).collect();
        moments.sort_unstable();

        assert!(moments[0] >= now);
        assert!(moments[49] < now + TimeDelta::seconds(30));
        assert!(moments[49] - moments[0] >= TimeDelta::seconds(25));
        let most = |tenth: &[DateTime<Utc>]| tenth[9] - tenth[0] >= TimeDelta::seconds(2);
        assert!(moments.chunks(10).all(most), "{moments:?}");
        assert_eq!(moment(7), moment(7));
    }
}
