//! Which track, which dog: names become ids, or questions.

use super::Refusal;
use crate::domain::{
    DogClaim, DogId, DogName, Fault, Metres, RaceDay, Source, TrackSpot, alias_code,
};
use crate::store::dogs::{KnownDog, Spelling};
use crate::store::tracks::Alias;
use crate::store::{Reader, Tx, dogs, tracks};

/// The track that `source` means by `code`, and its circuit at that distance.
///
/// The source's own aliases count before anybody else's, and an alias for this distance before
/// one for any. Several tracks left is a fault that names them.
pub(super) fn track(
    reader: &Reader<'_>,
    source: &Source,
    code: &str,
    distance: Option<Metres>,
    day: RaceDay,
) -> Result<TrackSpot, Refusal> {
    let folded = alias_code(code);
    let aliases = tracks::by_alias(reader, &folded, distance, day)?;
    let own: Vec<&Alias> = aliases
        .iter()
        .filter(|alias| alias.source == source.as_str())
        .collect();
    let all: Vec<&Alias> = aliases.iter().collect();
    for readings in [own, all] {
        match most_particular(&readings).as_slice() {
            [] => {}
            [track] => {
                let track = tracks::by_id(reader, *track)?;
                let circuit = tracks::circuit(reader, track.id, distance, day)?;
                return Ok(TrackSpot { track, circuit });
            }
            _ => break,
        }
    }
    let candidates = tracks::candidates(reader, &folded)?;
    let why = match candidates.as_slice() {
        [] => format!("must be a known track, {code} is not"),
        _ => format!(
            "must name one track, {code}{} may be {}",
            distance.map_or(String::new(), |metres| format!(" at {} m", metres.raw())),
            candidates.join(" or ")
        ),
    };
    Err(Fault::new(why).under("track").into())
}

fn most_particular(readings: &[&Alias]) -> Vec<crate::domain::TrackId> {
    let particular = readings.iter().any(|alias| alias.scope != "any");
    let mut found: Vec<_> = readings
        .iter()
        .filter(|alias| !particular || alias.scope != "any")
        .map(|alias| alias.track)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The dog a claim is about, added when nobody has heard of it. Dogs of one register only are
/// compared: a name in Australia says nothing about a dog in Britain.
pub(super) fn dog(tx: &Tx<'_>, country: &str, claim: &DogClaim) -> Result<DogId, Refusal> {
    if let Some(id) = claim.id {
        let known = dogs::by_id(tx, id)?;
        return known
            .map(|dog| dog.id)
            .ok_or_else(|| Fault::new(format!("no dog {id}")).under("dog_id").into());
    }
    if let Some((source, id)) = &claim.reference {
        return referred(tx, country, claim, source, id);
    }
    let Some(name) = &claim.name else {
        return Err(Fault::new("must have a name").under("dog").into());
    };
    named(tx, country, claim, name, None)
}

fn referred(
    tx: &Tx<'_>,
    country: &str,
    claim: &DogClaim,
    source: &Source,
    id: &str,
) -> Result<DogId, Refusal> {
    if let Some(dog) = dogs::by_ref(tx, source, id)? {
        if let Some(name) = &claim.name {
            learn(tx, dog, name, claim)?;
        }
        return Ok(dog);
    }
    let Some(name) = &claim.name else {
        let why = format!("no dog with id {id} at {source}, and no name to add one by");
        return Err(Fault::new(why).under("ref").into());
    };
    let dog = named(tx, country, claim, name, Some(source))?;
    dogs::add_ref(tx, dog, source, id)?;
    Ok(dog)
}

/// By name and what else is known. A dog that `with_ref_of` already knows by another id is not
/// the one.
fn named(
    tx: &Tx<'_>,
    country: &str,
    claim: &DogClaim,
    name: &DogName,
    with_ref_of: Option<&Source>,
) -> Result<DogId, Refusal> {
    let spellings = dogs::named(tx, name, country)?;
    let mut candidates: Vec<DogId> = spellings.iter().map(|spelling| spelling.dog).collect();
    candidates.dedup();
    let mut fitting = Vec::with_capacity(candidates.len());
    let mut teaches = false;
    for dog in candidates {
        if let Some(source) = with_ref_of
            && dogs::has_ref(tx, dog, source)?
        {
            continue;
        }
        if knows_more_than_a_name(claim) {
            let Some(known) = dogs::by_id(tx, dog)? else {
                continue;
            };
            if !fits(&known, claim) {
                continue;
            }
            teaches = teaches || adds_to(&known, claim);
        }
        fitting.push(dog);
    }
    match fitting.as_slice() {
        [] => Ok(dogs::add(tx, country, name, claim)?),
        [dog] => {
            let spelled = |row: &Spelling| row.dog == *dog && row.name == name.as_str();
            if teaches || !spellings.iter().any(spelled) {
                learn(tx, *dog, name, claim)?;
            }
            Ok(*dog)
        }
        several => {
            let ids: Vec<String> = several.iter().map(DogId::to_string).collect();
            let why = format!(
                "must name one dog, {} may be dog_id {}",
                name.as_str(),
                ids.join(" or ")
            );
            Err(Fault::new(why).under("dog").into())
        }
    }
}

const fn knows_more_than_a_name(claim: &DogClaim) -> bool {
    claim.sex.is_some() || claim.whelped.is_some() || claim.sire.is_some() || claim.dam.is_some()
}

fn learn(tx: &Tx<'_>, dog: DogId, name: &DogName, claim: &DogClaim) -> Result<(), Refusal> {
    dogs::learn(tx, dog, name, claim)?;
    dogs::add_name(tx, dog, name)?;
    Ok(())
}

/// Nothing that both sides know contradicts. Sex does not count: form lines of one dog misprint it,
/// and no two dogs of a name race at a time.
fn fits(known: &KnownDog, claim: &DogClaim) -> bool {
    let parent = |known: Option<&str>, claimed: Option<&DogName>| match (known, claimed) {
        (Some(known), Some(claimed)) => {
            DogName::new(known).is_ok_and(|known| known.key() == claimed.key())
        }
        _ => true,
    };
    agree(known.whelped.as_ref(), claim.whelped.as_ref())
        && parent(known.sire.as_deref(), claim.sire.as_ref())
        && parent(known.dam.as_deref(), claim.dam.as_ref())
}

fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// Sources that disagree are settled by the alphabet, whatever order they come in.
fn sex_changes(known: &KnownDog, claim: &DogClaim) -> bool {
    match (known.sex, claim.sex) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(known), Some(claimed)) => claimed.as_str() < known.as_str(),
    }
}

/// The claim knows something that we do not.
fn adds_to(known: &KnownDog, claim: &DogClaim) -> bool {
    sex_changes(known, claim)
        || (known.whelped.is_none() && claim.whelped.is_some())
        || (known.sire.is_none() && claim.sire.is_some())
        || (known.dam.is_none() && claim.dam.is_some())
}
