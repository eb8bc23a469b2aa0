//! A scratching becomes a claim and a standing.

use chrono::{DateTime, Utc};

use super::{Desk, Refusal, Status, Taken, knowledge, slot};
use crate::domain::{
    BoxNo, CardClaim, Fault, Faults, RaceKey, ResultClaim, Rug, ScratchClaim, Scratching, Standing,
};
use crate::store::{Tx, cards, results};

impl Desk {
    pub(super) fn scratching(
        &self,
        tx: &mut Tx<'_>,
        race: &RaceKey,
        scratching: &Scratching,
    ) -> Result<Taken, Refusal> {
        let (_race, spot) = slot::known(tx, race)?;
        let told = knowledge::told("at", scratching.at, self.now)?;
        let said = Said {
            cards: cards::claims(tx, spot.race, DateTime::<Utc>::MAX_UTC)?,
            results: results::claims(tx, spot.race)?,
            scratchings: cards::scratchings(tx, spot.race, DateTime::<Utc>::MAX_UTC)?,
        };
        let mut claim = ScratchClaim {
            rug: scratching.rug,
            known_at: told.unwrap_or(self.now),
            replaced_by: scratching.replaced_by,
            box_no: scratching.box_no,
        };
        let of_rug = said.scratchings.iter().filter(|one| one.rug == claim.rug);
        let before: Vec<&ScratchClaim> = of_rug.collect();
        if repeats(&before, &claim, told.is_some()) {
            return Ok(Taken::plain(Some(spot.key), Status::Unchanged));
        }
        said.check(&claim)?;
        if before.iter().any(|one| one.known_at == claim.known_at)
            && let Some(newest) = before.last()
        {
            claim.known_at = knowledge::after(newest.known_at, self.now);
        }
        let status = if before.is_empty() {
            Status::Created
        } else {
            Status::Updated
        };
        cards::scratch(tx, spot.race, &claim, self.now)?;
        self.stand(tx, &spot)?;
        Ok(Taken::plain(Some(spot.key), status))
    }
}

/// Whether it was said before: for that instant, or, told without one, as the last word.
fn repeats(before: &[&ScratchClaim], claim: &ScratchClaim, told: bool) -> bool {
    let same = |one: &ScratchClaim| {
        one.replaced_by == claim.replaced_by
            && one.box_no == claim.box_no
            && (!told || one.known_at == claim.known_at)
    };
    if told {
        before.iter().any(|one| same(one))
    } else {
        before.last().is_some_and(|one| same(one))
    }
}

/// Everything that was said about the race.
struct Said {
    cards: Vec<CardClaim>,
    results: Vec<ResultClaim>,
    scratchings: Vec<ScratchClaim>,
}

impl Said {
    /// Refuses what cannot be. Who is meant may be known from anything; who was free to run is
    /// looked up among the cards and scratchings of the time, so that it does not matter whether
    /// the result came first.
    fn check(&self, claim: &ScratchClaim) -> Result<(), Refusal> {
        let field = Standing::of(&self.cards, &self.results, &self.scratchings);
        let mut faults = Faults::default();
        if field.runner(claim.rug).is_none() {
            faults.add("rug", not_in_field(claim.rug));
        }
        if let Some(reserve) = claim.replaced_by {
            let then = self.standing_then(claim);
            if field.runner(reserve).is_none() {
                faults.add("replaced_by_rug", not_in_field(reserve));
            } else {
                let stall = claim.box_no.or_else(|| stall(&then, claim.rug));
                faults.note("replaced_by_rug", may_replace(&then, reserve, stall));
                faults.note("box", is_free(&then, claim, reserve));
            }
        }
        faults.done().map_err(Refusal::Faults)
    }

    /// The field as it was when the scratching became known, without the runner's own scratchings.
    fn standing_then(&self, claim: &ScratchClaim) -> Standing {
        let cards = self
            .cards
            .iter()
            .filter(|one| one.known_at <= claim.known_at);
        let others = self.scratchings.iter();
        let others = others.filter(|one| one.known_at <= claim.known_at && one.rug != claim.rug);
        let (cards, others): (Vec<_>, Vec<_>) =
            (cards.cloned().collect(), others.cloned().collect());
        Standing::of(&cards, &[], &others)
    }
}

fn not_in_field(rug: Rug) -> String {
    format!("must be in the field, {} is not", rug.get())
}

fn stall(standing: &Standing, rug: Rug) -> Option<BoxNo> {
    standing.runner(rug).and_then(|one| one.claimed.stall())
}

/// A reserve may, and one that is known to stand in that very box already.
fn may_replace(then: &Standing, reserve: Rug, stall: Option<BoxNo>) -> Result<(), Fault> {
    let Some(runner) = then.runner(reserve) else {
        return Ok(());
    };
    if runner.scratched {
        return Err(Fault::new("must not be scratched itself"));
    }
    if !runner.claimed.reserve && (stall.is_none() || runner.claimed.stall() != stall) {
        return Err(Fault::new(
            "must be a reserve, this one has a box of its own",
        ));
    }
    Ok(())
}

fn is_free(then: &Standing, claim: &ScratchClaim, reserve: Rug) -> Result<(), Fault> {
    let Some(box_no) = claim.box_no else {
        return Ok(());
    };
    let mut others = then.starters();
    let taken = others
        .find(|one| one.rug != claim.rug && one.rug != reserve && one.stall() == Some(box_no));
    match taken {
        Some(runner) => {
            let (stall, rug) = (box_no.get(), runner.rug.get());
            Err(Fault::new(format!(
                "must be free, rug {rug} starts from box {stall}"
            )))
        }
        None => Ok(()),
    }
}
