//! Finished races become examples, through the snapshots that serving uses.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use super::{Error, Trainer};
use crate::domain::{RaceDay, Rug, Snapshot};
use crate::model::{Example, features};
use crate::runtime::Lane;
use crate::store::races::Race;
use crate::store::runners::Runner;
use crate::store::snapshots::Snapshots;
use crate::store::{self, Reader, races, runners};

/// Days whose races share a reading of the form book: a dog runs again within a week or two.
const DAYS: i64 = 14;
/// Races that share one at most.
const RACES: usize = 2_000;
/// Readings that are under way at a time: one is read while the other is worked on.
const AT_A_TIME: usize = 2;
/// Races that a worker takes at a time, so that others who ask it need not wait long.
const A_TURN: usize = 100;

/// A race that is over, as it stands.
struct Judged {
    race: Race,
    field: Vec<Runner>,
}

/// Some races, what was known before them, and what happened.
struct Finished {
    judged: Vec<Judged>,
    snapshots: Snapshots,
}

impl Trainer {
    /// Every race of these days with a whole field and one winner, in the order of time.
    pub(super) async fn examples(
        &self,
        from: RaceDay,
        until: RaceDay,
    ) -> Result<Vec<Example>, Error> {
        let began = Instant::now();
        let mut examples = Vec::new();
        let mut loading = VecDeque::new();
        let mut day = from;
        while day <= until || !loading.is_empty() {
            while day <= until && loading.len() < AT_A_TIME {
                let last = until.min(day.plus(DAYS - 1));
                loading.push_back(tokio::spawn(self.clone().examples_of(day, last)));
                day = last.plus(1);
            }
            if let Some(next) = loading.pop_front() {
                let next: Result<Result<Vec<Example>, Error>, _> = next.await;
                let of_days =
                    next.map_err(|_gone| crate::runtime::Refused::Dropped { crew: "training" })?;
                examples.extend(of_days?);
            }
        }
        let (races, ms) = (examples.len(), began.elapsed().as_millis());
        tracing::info!(%from, %until, races, ms, "examples made");
        Ok(examples)
    }

    async fn examples_of(self, from: RaceDay, until: RaceDay) -> Result<Vec<Example>, Error> {
        let mut judged = self
            .store
            .read(Lane::Batch, move |reader| judged(reader, from, until))
            .await
            .map_err(Error::Store)?;
        let mut examples = Vec::with_capacity(judged.len());
        while !judged.is_empty() {
            let rest = judged.split_off(judged.len().min(RACES));
            let some = std::mem::replace(&mut judged, rest);
            let finished = self
                .store
                .read(Lane::Batch, move |reader| Finished::read(reader, some))
                .await
                .map_err(Error::Store)?;
            self.add_examples(finished, &mut examples).await?;
        }
        Ok(examples)
    }

    async fn add_examples(
        &self,
        finished: Finished,
        examples: &mut Vec<Example>,
    ) -> Result<(), Error> {
        let finished = Arc::new(finished);
        let mut at = 0;
        while at < finished.judged.len() {
            let until = finished.judged.len().min(at + A_TURN);
            let (finished, turn) = (Arc::clone(&finished), at..until);
            let of_turn = self.workers.ask(Lane::Batch, move |()| {
                finished.examples(turn).collect::<Vec<_>>()
            });
            examples.extend(of_turn.await?);
            at = until;
        }
        Ok(())
    }
}

impl Finished {
    fn read(reader: &Reader<'_>, judged: Vec<Judged>) -> Result<Self, store::Error> {
        let asked = judged
            .iter()
            .map(|judged| (&judged.race, judged.race.cutoff()));
        let snapshots = Snapshots::load(reader, &asked.collect::<Vec<_>>())?;
        Ok(Self { judged, snapshots })
    }

    /// Of some of the races, those whose field is whole.
    fn examples(&self, some: Range<usize>) -> impl Iterator<Item = Example> {
        let judged = self.judged.iter().skip(some.start);
        let both = self.snapshots.some(some).zip(judged);
        both.filter_map(|(snapshot, judged)| example(&snapshot, &judged.field))
    }
}

fn example(snapshot: &Snapshot, field: &[Runner]) -> Option<Example> {
    let entries = snapshot.entries.iter();
    let ran: Vec<&Runner> = entries
        .filter_map(|entry| of_rug(field, entry.rug))
        .collect();
    if ran.len() < 2 || ran.len() != snapshot.entries.len() {
        return None;
    }
    let won = ran
        .iter()
        .map(|runner| f64::from(u8::from(runner.won == Some(true))));
    Some(Example {
        features: features::matrix(snapshot),
        won: won.collect(),
        market: market(&ran),
    })
}

/// The races of these days that have one winner.
fn judged(reader: &Reader<'_>, from: RaceDay, until: RaceDay) -> Result<Vec<Judged>, store::Error> {
    let mut found = Vec::new();
    let mut next = Some(from);
    while let Some(day) = next.filter(|day| *day <= until) {
        let mut fields = runners::finished_on(reader, day)?;
        for race in races::judged_on(reader, day)? {
            let field = fields.remove(&race.id).unwrap_or_default();
            if winners(&field) == 1 {
                found.push(Judged { race, field });
            }
        }
        next = races::day_after(reader, day)?;
    }
    Ok(found)
}

fn winners(field: &[Runner]) -> usize {
    field
        .iter()
        .filter(|runner| !runner.scratched && runner.won == Some(true))
        .count()
}

fn of_rug(field: &[Runner], rug: Rug) -> Option<&Runner> {
    field.iter().find(|runner| runner.rug == rug)
}

/// The closing chances: inverse BSP, else inverse SP, scaled to sum to one. `None` where a runner
/// has no price.
pub(super) fn market(ran: &[&Runner]) -> Option<Vec<f64>> {
    let inverse = |price: fn(&Runner) -> Option<crate::domain::Odds>| {
        ran.iter()
            .map(|runner| price(runner).map(|odds| 1.0 / odds.get()))
            .collect::<Option<Vec<f64>>>()
    };
    let raw = inverse(|runner| runner.bsp).or_else(|| inverse(|runner| runner.sp))?;
    let book: f64 = raw.iter().sum();
    Some(raw.into_iter().map(|chance| chance / book).collect())
}
