//! Prices become ticks; a corrected tick becomes a version beside the first.

use chrono::{DateTime, Utc};

use super::knowledge::{self, Kind, Place};
use super::slot::{self, Spot};
use super::{Desk, Refusal, Status, Taken};
use crate::domain::{Odds, PriceFact, PriceTick, PricedRace};
use crate::store::prices::{Paid, TickKey};
use crate::store::versions::{Digest, Version};
use crate::store::{Tx, prices, races};

impl Desk {
    pub(super) fn prices(&self, tx: &mut Tx<'_>, fact: &PriceFact) -> Result<Taken, Refusal> {
        knowledge::told("at", Some(fact.at), self.now)?;
        let (jump, spot) = self.priced(tx, fact)?;
        let kind = if fact.kind.is_starting() {
            Kind::Result { jump }
        } else {
            Kind::Price { at: fact.at }
        };
        let usual = knowledge::known_at(kind, spot.key.day, spot.place.track.zone, self.now);
        let (mut created, mut updated) = (false, false);
        for tick in &fact.prices {
            let key = TickKey {
                race: spot.race,
                source: fact.source.clone(),
                kind: fact.kind,
                rug: tick.rug,
                at: fact.at,
            };
            match self.tick(tx, &key, tick, usual)? {
                Status::Created => created = true,
                Status::Updated => updated = true,
                Status::Unchanged => {}
            }
        }
        let status = match (updated, created) {
            (true, _) => Status::Updated,
            (false, true) => Status::Created,
            (false, false) => Status::Unchanged,
        };
        Ok(Taken::plain(Some(spot.key), status))
    }

    /// The race and its jump, as far as anybody has said when that is.
    fn priced(
        &self,
        tx: &Tx<'_>,
        fact: &PriceFact,
    ) -> Result<(Option<DateTime<Utc>>, Spot), Refusal> {
        match &fact.race {
            PricedRace::Known(key) => {
                let (race, spot) = slot::known(tx, key)?;
                Ok((race.jump_at, spot))
            }
            PricedRace::Told(head) => {
                let spot = self.slot(tx, head)?;
                let race = races::by_id(tx, spot.race)?;
                Ok((race.and_then(|race| race.jump_at), spot))
            }
        }
    }

    fn tick(
        &self,
        tx: &mut Tx<'_>,
        key: &TickKey,
        tick: &PriceTick,
        usual: DateTime<Utc>,
    ) -> Result<Status, Refusal> {
        let paid = |known_at| Paid {
            known_at,
            win: tick.win,
            place: tick.place,
        };
        let newest = prices::newest(tx, key)?.map(|newest| Version {
            known_at: newest.known_at,
            digest: digest(newest.win, newest.place),
        });
        let digest = digest(tick.win, tick.place);
        let place = knowledge::place(newest, digest, None, usual, self.now, |known_at| {
            prices::said(tx, key, &paid(known_at))
        })?;
        let (status, known_at) = match place {
            Place::Known => return Ok(Status::Unchanged),
            Place::New(known_at) => (Status::Created, known_at),
            Place::Newer(known_at) => (Status::Updated, known_at),
        };
        prices::add(tx, key, &paid(known_at), self.now)?;
        Ok(status)
    }
}

/// Two prices are sixteen bytes; a missing one is zero, which no price is.
fn digest(win: Option<Odds>, place: Option<Odds>) -> Digest {
    let bits = |odds: Option<Odds>| u128::from(odds.map_or(0, |odds| odds.get().to_bits()));
    (bits(win) << 64 | bits(place)).to_be_bytes()
}
