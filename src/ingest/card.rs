//! A card becomes a version, a standing, and form lines.

use std::collections::BTreeMap;

use super::knowledge::{self, Kind, Place};
use super::slot::Spot;
use super::{Counts, Desk, Refusal, Status, Taken, digest, identity};
use crate::domain::{Card, CardClaim, CardRunner, Claimed, DogId, Fault, Performance, Rug};
use crate::store::{Tx, cards, dogs};

impl Desk {
    pub(super) fn card(&self, tx: &mut Tx<'_>, card: &Card) -> Result<Taken, Refusal> {
        let told = knowledge::told("known_at", card.known_at, self.now)?;
        let spot = self.slot(tx, &card.race)?;
        let field = field(tx, card, &spot)?;
        let digest = digest::of_card(card);
        let source = &card.race.source;
        let usual = knowledge::known_at(Kind::Card, card.race.day, spot.place.track.zone, self.now);
        let newest = cards::newest(tx, spot.race, source)?;
        let place = knowledge::place(newest, digest, told, usual, self.now, |known_at| {
            cards::said(tx, spot.race, source, known_at, digest)
        })?;
        let (status, known_at) = match place {
            Place::Known => (Status::Unchanged, None),
            Place::New(known_at) => (Status::Created, Some(known_at)),
            Place::Newer(known_at) => (Status::Updated, Some(known_at)),
        };
        if let Some(known_at) = known_at {
            let claim = CardClaim {
                source: source.clone(),
                known_at,
                about: spot.about.clone(),
                runners: field.clone(),
            };
            cards::add(tx, spot.race, &card.race, &claim, digest, self.now)?;
            self.stand(tx, &spot)?;
        }
        let mut taken = Taken::plain(Some(spot.key.clone()), status);
        for (n, (runner, claimed)) in card.runners.iter().zip(&field).enumerate() {
            let Some(dog) = claimed.dog else { continue };
            self.form_of(tx, n, runner, dog, &mut taken)?;
        }
        Ok(taken)
    }

    /// The form lines of one runner. One that is refused leaves card and other lines standing.
    fn form_of(
        &self,
        tx: &mut Tx<'_>,
        n: usize,
        runner: &CardRunner,
        dog: DogId,
        taken: &mut Taken,
    ) -> Result<(), Refusal> {
        let mut counts = Counts::default();
        for (m, run) in runner.form.iter().enumerate() {
            match self.form_line(tx, dog, run) {
                Ok(status) => counts.add(status),
                Err(Refusal::Faults(faults)) => {
                    counts.failed += 1;
                    let place = format!("runners[{n}].form[{m}]");
                    let placed = faults.into_iter().map(|fault| fault.under(&place));
                    taken.form_faults.extend(placed);
                }
                Err(store) => return Err(store),
            }
        }
        taken.form.extend(counts);
        Ok(())
    }
}

/// The field with its dogs and trainers identified; all faults at once.
fn field(tx: &Tx<'_>, card: &Card, spot: &Spot) -> Result<Vec<Claimed>, Refusal> {
    let mut faults = Vec::new();
    let mut field = Vec::with_capacity(card.runners.len());
    let mut rugs: BTreeMap<DogId, Rug> = BTreeMap::new();
    for (n, runner) in card.runners.iter().enumerate() {
        let place = format!("runners[{n}]");
        let dog = match identity::dog(tx, &spot.place.track.country, &runner.dog) {
            Ok(dog) => dog,
            Err(Refusal::Faults(inner)) => {
                faults.extend(inner.into_iter().map(|fault| fault.under(&place)));
                continue;
            }
            Err(store) => return Err(store),
        };
        let other = if runner.scratched {
            None
        } else {
            rugs.insert(dog, runner.rug)
        };
        if let Some(other) = other {
            let why = format!("must run once, it also wears rug {}", other.get());
            faults.push(Fault::new(why).under("dog").under(&place));
        }
        let trainer = match &runner.trainer {
            Some(name) => Some(dogs::trainer(tx, name)?),
            None => None,
        };
        field.push(Claimed {
            rug: runner.rug,
            box_no: runner.box_no,
            dog: Some(dog),
            trainer,
            weight: runner.weight,
            reserve: runner.reserve,
            scratched: runner.scratched,
            performance: Performance::default(),
        });
    }
    if faults.is_empty() {
        return Ok(field);
    }
    Err(Refusal::Faults(faults))
}
