//! Finished races become examples, through the snapshots that serving uses.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;

use super::{Error, Trainer};
use crate::domain::{Odds, Place, PriceKind, RaceDay, Rug, Snapshot};
use crate::model::{About, Example, Ran, Rules, features};
use crate::runtime::Lane;
use crate::store::races::Race;
use crate::store::runners::Runner;
use crate::store::snapshots::Snapshots;
use crate::store::{self, Reader, prices, races, runners};

/// Days whose races share a reading of the form book: a dog runs again within a week or two.
const DAYS: i64 = 7;
/// Races that share one at most.
const RACES: usize = 500;
/// Readings that are under way at a time: one is read while the other is worked on.
const AT_A_TIME: usize = 2;
/// Races that a worker takes at a time, so that others who ask it need not wait long.
const A_TURN: usize = 100;

/// A race that is over, as it stands.
struct Judged {
    race: Race,
    field: Vec<Runner>,
    earlier: Vec<(Rug, Odds)>,
}

/// Some races, what was known before them, and what happened.
struct Finished {
    judged: Vec<Judged>,
    snapshots: Snapshots,
}

impl Trainer {
    /// Every race of these days under these rules with a whole field and one winner, in the order of time, and what is
    /// to be known of it beside.
    pub(super) async fn studied(
        &self,
        rules: Rules,
        from: RaceDay,
        until: RaceDay,
    ) -> Result<Vec<(Example, About)>, Error> {
        let began = Instant::now();
        let mut examples = Vec::new();
        let mut loading = VecDeque::new();
        let mut day = from;
        while day <= until || !loading.is_empty() {
            while day <= until && loading.len() < AT_A_TIME {
                let last = until.min(day.plus(DAYS - 1));
                loading.push_back(tokio::spawn(self.clone().examples_of(rules, day, last)));
                day = last.plus(1);
            }
            if let Some(next) = loading.pop_front() {
                let next: Result<Result<Vec<(Example, About)>, Error>, _> = next.await;
                let of_days =
                    next.map_err(|_gone| crate::runtime::Refused::Dropped { crew: "training" })?;
                examples.extend(of_days?);
            }
        }
        let (races, ms) = (examples.len(), began.elapsed().as_millis());
        let rules = rules.as_str();
        tracing::info!(rules, %from, %until, races, ms, "examples made");
        Ok(examples)
    }

    async fn examples_of(
        self,
        rules: Rules,
        from: RaceDay,
        until: RaceDay,
    ) -> Result<Vec<(Example, About)>, Error> {
        let mut judged = self
            .store
            .read(Lane::Batch, move |reader| {
                judged(reader, rules, (from, until))
            })
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
        examples: &mut Vec<(Example, About)>,
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
    fn examples(&self, some: Range<usize>) -> impl Iterator<Item = (Example, About)> {
        let judged = self.judged.iter().skip(some.start);
        let both = self.snapshots.some(some).zip(judged);
        both.filter_map(|(snapshot, judged)| example(&snapshot, judged))
    }
}

fn example(snapshot: &Snapshot, judged: &Judged) -> Option<(Example, About)> {
    let entries = snapshot.entries.iter();
    let ran: Vec<&Runner> = entries
        .filter_map(|entry| of_rug(&judged.field, entry.rug))
        .collect();
    if ran.len() < 2 || ran.len() != snapshot.entries.len() {
        return None;
    }
    let won = ran
        .iter()
        .map(|runner| f64::from(u8::from(runner.won == Some(true))));
    let example = Example {
        features: features::matrix(snapshot),
        won: won.collect(),
        market: market(&ran),
    };
    Some((example, about(judged, snapshot, &ran)))
}

/// The races of these days under these rules that have one winner.
fn judged(
    reader: &Reader<'_>,
    rules: Rules,
    (from, until): (RaceDay, RaceDay),
) -> Result<Vec<Judged>, store::Error> {
    let mut found = Vec::new();
    let mut next = Some(from);
    while let Some(day) = next.filter(|day| *day <= until) {
        let mut fields = runners::finished_on(reader, day)?;
        for race in races::judged_on(reader, day)? {
            let field = fields.remove(&race.id).unwrap_or_default();
            if Rules::of(race.zone) == rules && winners(&field) == 1 {
                found.push(Judged {
                    earlier: earlier(reader, &race)?,
                    race,
                    field,
                });
            }
        }
        next = races::day_after(reader, day)?;
    }
    Ok(found)
}

/// How long before the jump a price is taken: markets form in the last minutes, and somebody who bets
/// must have read the answer.
const TAKEN_BEFORE: TimeDelta = TimeDelta::minutes(5);

/// The best price of each rug that was to be had before the jump; none where nobody told of a jump.
fn earlier(reader: &Reader<'_>, race: &Race) -> Result<Vec<(Rug, Odds)>, store::Error> {
    let Some(jump) = race.jump_at else {
        return Ok(Vec::new());
    };
    let mut best: BTreeMap<Rug, Odds> = BTreeMap::new();
    for price in prices::known(reader, race.id, jump - TAKEN_BEFORE)? {
        let offered = matches!(price.kind, PriceKind::Exchange | PriceKind::Fixed);
        let Some(win) = price.win.filter(|_win| offered) else {
            continue;
        };
        let held = best.entry(price.rug).or_insert(win);
        if win > *held {
            *held = win;
        }
    }
    Ok(best.into_iter().collect())
}

fn about(judged: &Judged, snapshot: &Snapshot, ran: &[&Runner]) -> About {
    let whole = |price: fn(&Runner) -> Option<Odds>| ran.iter().all(|one| price(one).is_some());
    let by_bsp = whole(|one| one.bsp);
    let closing: fn(&Runner) -> Option<Odds> = if by_bsp { |one| one.bsp } else { |one| one.sp };
    let rules = Rules::of(judged.race.zone);
    let paid = rules.paid_places(ran.len());
    let field = ran.iter().map(|one| {
        let in_time = |place: Place| usize::from(place.get()) <= paid;
        Ran {
            place: one.place,
            placed: one.placed.or_else(|| one.place.map(in_time)),
            closing: closing(one),
            earlier: judged
                .earlier
                .iter()
                .find(|(rug, _)| *rug == one.rug)
                .map(|(_, odds)| *odds),
        }
    });
    About {
        day: judged.race.key.day,
        rules,
        track: judged.race.key.track.clone(),
        class: snapshot.race.class,
        fewest_runs: snapshot
            .entries
            .iter()
            .map(|entry| entry.history.runs.len())
            .min()
            .unwrap_or(0),
        by_bsp,
        field: field.collect(),
    }
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
    let inverse = |price: fn(&Runner) -> Option<Odds>| {
        ran.iter()
            .map(|runner| price(runner).map(|odds| 1.0 / odds.get()))
            .collect::<Option<Vec<f64>>>()
    };
    let raw = inverse(|runner| runner.bsp).or_else(|| inverse(|runner| runner.sp))?;
    let book: f64 = raw.iter().sum();
    Some(raw.into_iter().map(|chance| chance / book).collect())
}
