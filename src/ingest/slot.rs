//! Which race a header is about: by its id at the source, by number, or by local time.

use chrono::{DateTime, NaiveTime, Utc};

use super::{Desk, Refusal, identity};
use crate::domain::{
    About, Fault, Jump, MeetingId, RaceHead, RaceId, RaceKey, RaceSlot, TrackSpot,
};
use crate::store::races::{Race, Slotted};
use crate::store::{Tx, races, tracks};

/// A header that has been understood.
pub(super) struct Spot {
    pub(super) race: RaceId,
    pub(super) key: RaceKey,
    pub(super) place: TrackSpot,
    /// Nobody had heard of the race before.
    pub(super) fresh: bool,
    pub(super) about: About,
}

impl Desk {
    /// Finds the race, or adds it.
    pub(super) fn slot(&self, tx: &Tx<'_>, head: &RaceHead) -> Result<Spot, Refusal> {
        let place = identity::track(tx, &head.source, &head.track, head.distance, head.day)?;
        let about = about(head, &place)?;
        let local_time = match head.jump {
            Some(Jump::Local(time)) => Some(minute(time)),
            Some(Jump::At(_)) | None => None,
        };
        let (slotted, fresh) = match find(tx, head, &place, local_time.as_deref())? {
            Found::Race(slotted) => (complete(tx, head, slotted, local_time.as_deref())?, false),
            Found::Nothing(meeting) => {
                let added = self.add(tx, head, meeting, &place, local_time.as_deref())?;
                (added, true)
            }
        };
        if let Some((source, id)) = &head.reference {
            races::add_ref(tx, slotted.id, source, id)?;
        }
        let key = key(head, &place, &slotted);
        Ok(Spot {
            race: slotted.id,
            key,
            place,
            fresh,
            about,
        })
    }

    fn add(
        &self,
        tx: &Tx<'_>,
        head: &RaceHead,
        meeting: MeetingId,
        place: &TrackSpot,
        local_time: Option<&str>,
    ) -> Result<Slotted, Refusal> {
        let race = races::add(tx, meeting, head, place, local_time, self.now)?;
        Ok(Slotted {
            id: race,
            meeting,
            number: head.number,
            local_time: local_time.map(str::to_owned),
            circuit: place.circuit.id,
        })
    }
}

/// The race of that name, and where it stands; a refusal when nobody has heard of it.
pub(super) fn known(tx: &Tx<'_>, key: &RaceKey) -> Result<(Race, Spot), Refusal> {
    let race = races::by_key(tx, key)?;
    let track = tracks::by_slug(tx, &key.track)?;
    let (Some(race), Some(track)) = (race, track) else {
        return Err(Refusal::UnknownRace);
    };
    let circuit = tracks::circuit(tx, track.id, None, key.day)?;
    let spot = Spot {
        race: race.id,
        key: race.key.clone(),
        place: TrackSpot { track, circuit },
        fresh: false,
        about: About::default(),
    };
    Ok((race, spot))
}

/// What is known of a race that a header may be about.
enum Found {
    Race(Slotted),
    /// Nobody has heard of it; this is its meeting.
    Nothing(MeetingId),
}

fn find(
    tx: &Tx<'_>,
    head: &RaceHead,
    place: &TrackSpot,
    local_time: Option<&str>,
) -> Result<Found, Refusal> {
    if let Some((source, id)) = &head.reference
        && let Some(known) = races::by_ref(tx, source, id)?
    {
        return Ok(Found::Race(known));
    }
    let meeting = races::meeting(tx, place.track.id, head.day, head.session)?;
    if let Some(number) = head.number
        && let Some(known) = races::by_number(tx, meeting, number)?
    {
        return Ok(Found::Race(known));
    }
    let Some(local_time) = local_time else {
        return Ok(Found::Nothing(meeting));
    };
    let at_that_time = races::by_time(tx, meeting, local_time)?;
    let other_number = |known: &Slotted| {
        head.number.is_some() && known.number.is_some() && head.number != known.number
    };
    match at_that_time.as_slice() {
        [known] if !other_number(known) => Ok(Found::Race(known.clone())),
        _ => Ok(Found::Nothing(meeting)),
    }
}

/// Learns the number or time of a race that was known by the other.
fn complete(
    tx: &Tx<'_>,
    head: &RaceHead,
    known: Slotted,
    local_time: Option<&str>,
) -> Result<Slotted, Refusal> {
    let learns_number = known.number.is_none() && head.number.is_some();
    let learns_time = known.local_time.is_none() && local_time.is_some();
    if !learns_number && !learns_time {
        return Ok(known);
    }
    races::name_slot(tx, known.id, head.day, head.number, local_time)?;
    Ok(Slotted {
        number: known.number.or(head.number),
        local_time: known.local_time.or_else(|| local_time.map(str::to_owned)),
        ..known
    })
}

fn about(head: &RaceHead, place: &TrackSpot) -> Result<About, Refusal> {
    let jump_at: Option<DateTime<Utc>> = match head.jump {
        Some(Jump::At(at)) => Some(at),
        Some(Jump::Local(time)) => Some(
            head.day
                .at(time, place.track.zone)
                .map_err(|fault: Fault| fault.under("jump_at"))?,
        ),
        None => None,
    };
    if jump_at.is_some_and(|jump| jump <= DateTime::UNIX_EPOCH) {
        return Err(Fault::new("must be after 1970").under("jump_at").into());
    }
    Ok(About {
        distance: head.distance,
        grade: head.grade.clone(),
        name: head.name.clone(),
        jump_at,
    })
}

fn minute(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

fn key(head: &RaceHead, place: &TrackSpot, slotted: &Slotted) -> RaceKey {
    let time = slotted
        .local_time
        .as_deref()
        .and_then(|text| NaiveTime::parse_from_str(text, "%H:%M").ok());
    let slot = match (slotted.number, time) {
        (Some(number), _) => RaceSlot::Number(number),
        (None, time) => RaceSlot::Time(time.unwrap_or(NaiveTime::MIN)),
    };
    RaceKey {
        day: head.day,
        track: place.track.slug.clone(),
        session: head.session,
        slot,
    }
}
