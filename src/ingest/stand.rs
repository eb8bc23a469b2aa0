//! The standing of a race after a change, and the form book made of its final results.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::slot::Spot;
use super::{Desk, Refusal};
use crate::domain::{
    CircuitId, Claimed, DogId, Metres, Outcome, RaceStatus, ResultClaim, Rug, Source, Standing,
    completed,
};
use crate::store::runs::{Known, RunKey, RunLine};
use crate::store::{Tx, cards, ratings, results, runs, standings, tracks};

impl Desk {
    /// Works out everything anew from all claims.
    pub(super) fn stand(&self, tx: &mut Tx<'_>, spot: &Spot) -> Result<(), Refusal> {
        let cards = cards::claims(tx, spot.race, DateTime::<Utc>::MAX_UTC)?;
        let scratchings = cards::scratchings(tx, spot.race, DateTime::<Utc>::MAX_UTC)?;
        let results: Vec<ResultClaim> = results::claims(tx, spot.race)?
            .into_iter()
            .map(ResultClaim::ranked)
            .collect();
        let results = completed(&results);
        let standing = Standing::of(&cards, &results, &scratchings);
        if !results.is_empty() {
            runs::forget_race(tx, spot.race, spot.key.day)?;
        }
        self.write(tx, spot, &standing, &results)
    }

    /// The same for a race of which this result is the first word.
    pub(super) fn stand_first(
        &self,
        tx: &mut Tx<'_>,
        spot: &Spot,
        result: ResultClaim,
    ) -> Result<(), Refusal> {
        let results = [result.ranked()];
        let standing = Standing::of(&[], &results, &[]);
        self.write(tx, spot, &standing, &results)
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        spot: &Spot,
        standing: &Standing,
        results: &[ResultClaim],
    ) -> Result<(), Refusal> {
        let distance = standing.about.distance;
        let circuit = if spot.about.distance == distance {
            spot.place.circuit.id
        } else {
            tracks::circuit(tx, spot.place.track.id, distance, spot.key.day)?.id
        };
        let day = spot.key.day;
        standings::put(tx, spot.race, day, circuit, standing, spot.fresh, self.now)?;
        if !results.is_empty() {
            ratings::owe(tx, spot.key.day)?;
        }
        let dogs: BTreeMap<Rug, DogId> = standing
            .runners
            .iter()
            .filter_map(|runner| runner.claimed.dog.map(|dog| (runner.claimed.rug, dog)))
            .collect();
        for (claim, known) in with_ends(results, standing.status) {
            let book = Book {
                spot,
                circuit,
                distance,
                dogs: &dogs,
                claim,
                known,
            };
            book.write(tx)?;
        }
        Ok(())
    }
}

/// Each final result with the time it stands: until the next version of the same source, or until
/// anybody calls the race off. An interim order that comes late ends nothing.
fn with_ends(results: &[ResultClaim], status: RaceStatus) -> Vec<(&ResultClaim, Known)> {
    let void = |status| matches!(status, RaceStatus::NoRace | RaceStatus::Abandoned);
    let off = results.iter().filter(|claim| void(claim.status));
    let off = off.map(|claim| claim.known_at).min();
    let off = off.filter(|_at| void(status));
    let mut sorted: Vec<&ResultClaim> = results.iter().collect();
    sorted.retain(|claim| claim.status != RaceStatus::Interim);
    sorted.sort_by_key(|claim| (claim.known_at, claim.status));
    let mut ends: BTreeMap<&Source, DateTime<Utc>> = BTreeMap::new();
    let mut found = Vec::new();
    for claim in sorted.into_iter().rev() {
        let next = ends.insert(&claim.source, claim.known_at);
        let gone = next.into_iter().chain(off).min();
        let known = Known {
            at: claim.known_at,
            gone,
        };
        if claim.status.is_final() && gone.is_none_or(|gone| gone > claim.known_at) {
            found.push((claim, known));
        }
    }
    found
}

/// One version of a result on its way into the form book.
struct Book<'a> {
    spot: &'a Spot,
    circuit: CircuitId,
    distance: Option<Metres>,
    dogs: &'a BTreeMap<Rug, DogId>,
    claim: &'a ResultClaim,
    known: Known,
}

impl Book<'_> {
    /// A run without a distance cannot be compared with any other and stays out.
    fn write(&self, tx: &Tx<'_>) -> Result<(), Refusal> {
        let Some(distance) = self.claim.about.distance.or(self.distance) else {
            return Ok(());
        };
        let ran: Vec<&Claimed> = self
            .claim
            .runners
            .iter()
            .filter(|runner| runner.performance.outcome != Some(Outcome::Scratched))
            .collect();
        let field_size = u8::try_from(ran.len())
            .ok()
            .filter(|n| !self.claim.partial && (1..=10).contains(n));
        let winner = ran
            .iter()
            .find(|runner| runner.performance.won == Some(true));
        let winner_time = winner.and_then(|winner| winner.performance.run_time);
        for runner in &ran {
            let Some(dog) = runner.dog.or_else(|| self.dogs.get(&runner.rug).copied()) else {
                continue;
            };
            let mut performance = runner.performance.clone();
            performance.winner_time = performance.winner_time.or(winner_time);
            let line = RunLine {
                grade: self.claim.about.grade.clone(),
                box_no: runner.box_no,
                field_size,
                trial: false,
                trainer: runner.trainer,
                performance,
            };
            let key = self.key(dog, distance, runner.rug);
            runs::add(tx, &key, Some(self.spot.race), &line, self.known)?;
        }
        Ok(())
    }

    fn key(&self, dog: DogId, distance: Metres, rug: Rug) -> RunKey {
        RunKey {
            dog,
            day: self.spot.key.day,
            circuit: self.circuit,
            distance,
            rug: Some(rug),
            number: None,
            source: self.claim.source.clone(),
        }
    }
}
