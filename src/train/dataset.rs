//! Finished races become examples, through the snapshots that serving uses.

use std::collections::{BTreeMap, VecDeque};

use chrono::TimeDelta;

use super::{Error, Trainer};
use crate::domain::{Odds, Place, PriceKind, RaceDay, Rug, Snapshot};
use crate::model::{About, Example, Ran, features, placing};
use crate::runtime::Lane;
use crate::store::races::Race;
use crate::store::runners::Runner;
use crate::store::{self, Reader, prices, races, runners, snapshots};

/// Days whose snapshots are loaded at a time.
const AT_A_TIME: usize = 2;

/// What was known before a race, and what happened.
struct Finished {
    snapshot: Snapshot,
    won: Vec<f64>,
    market: Option<Vec<f64>>,
    about: About,
}

impl Trainer {
    /// Every race of these days with a whole field and one winner, in the order of time.
    pub(super) async fn examples(
        &self,
        from: RaceDay,
        until: RaceDay,
    ) -> Result<Vec<Example>, Error> {
        let studied = self.studied(from, until).await?;
        Ok(studied
            .into_iter()
            .map(|(example, _about)| example)
            .collect())
    }

    /// The same, with what judges want to know.
    pub(super) async fn studied(
        &self,
        from: RaceDay,
        until: RaceDay,
    ) -> Result<Vec<(Example, About)>, Error> {
        let mut examples = Vec::new();
        let mut loading = VecDeque::new();
        let mut day = from;
        while day <= until || !loading.is_empty() {
            while day <= until && loading.len() < AT_A_TIME {
                loading.push_back(tokio::spawn(self.clone().examples_of(day)));
                day = day.plus(1);
            }
            if let Some(next) = loading.pop_front() {
                let next: Result<Result<Vec<(Example, About)>, Error>, _> = next.await;
                let of_day =
                    next.map_err(|_gone| crate::runtime::Refused::Dropped { crew: "training" })?;
                examples.extend(of_day?);
            }
        }
        Ok(examples)
    }

    async fn examples_of(self, day: RaceDay) -> Result<Vec<(Example, About)>, Error> {
        let finished = self
            .store
            .read(Lane::Batch, move |reader| finished_on(reader, day))
            .await
            .map_err(Error::Store)?;
        let examples = self
            .workers
            .ask(Lane::Batch, move |()| {
                finished.into_iter().map(example).collect()
            })
            .await?;
        Ok(examples)
    }
}

fn example(finished: Finished) -> (Example, About) {
    let example = Example {
        features: features::matrix(&finished.snapshot),
        won: finished.won,
        market: finished.market,
    };
    (example, finished.about)
}

fn finished_on(reader: &Reader<'_>, day: RaceDay) -> Result<Vec<Finished>, store::Error> {
    let mut found = Vec::new();
    for race in races::judged_on(reader, day)? {
        let field = runners::of_race(reader, race.id)?;
        if winners(&field) != 1 {
            continue;
        }
        let snapshot = snapshots::load(reader, &race, race.cutoff())?;
        let ran: Vec<&Runner> = snapshot
            .entries
            .iter()
            .filter_map(|entry| of_rug(&field, entry.rug))
            .collect();
        if ran.len() < 2 || ran.len() != snapshot.entries.len() {
            continue;
        }
        found.push(Finished {
            won: ran
                .iter()
                .map(|runner| f64::from(u8::from(runner.won == Some(true))))
                .collect(),
            market: market(&ran),
            about: about(&race, &snapshot, &ran, &earlier(reader, &race)?),
            snapshot,
        });
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

fn about(race: &Race, snapshot: &Snapshot, ran: &[&Runner], earlier: &[(Rug, Odds)]) -> About {
    let whole = |price: fn(&Runner) -> Option<Odds>| ran.iter().all(|one| price(one).is_some());
    let closing: fn(&Runner) -> Option<Odds> = if whole(|one| one.bsp) {
        |one| one.bsp
    } else {
        |one| one.sp
    };
    let paid = placing::paid_places(ran.len());
    let field = ran.iter().map(|one| {
        let in_time = |place: Place| usize::from(place.get()) <= paid;
        Ran {
            place: one.place,
            placed: one.placed.or_else(|| one.place.map(in_time)),
            closing: closing(one),
            earlier: earlier
                .iter()
                .find(|(rug, _)| *rug == one.rug)
                .map(|(_, odds)| *odds),
        }
    });
    About {
        day: race.key.day,
        track: race.key.track.clone(),
        class: snapshot.race.class,
        fewest_runs: snapshot
            .entries
            .iter()
            .map(|entry| entry.history.runs.len())
            .min()
            .unwrap_or(0),
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
