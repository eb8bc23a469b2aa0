//! Dogs and trainers: identities of ours, and the names and source ids that claim them.

use rusqlite::{Row, named_params};

use super::query::query;
use super::summaries::Sums;
use super::{Error, FromRow, Reader, Tag, Tx, trainers};
use crate::domain::{DogClaim, DogId, DogName, Sex, Source, TrainerId};

/// A spelling of a name, and the dog that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    /// The dog.
    pub dog: DogId,
    /// As somebody wrote it.
    pub name: String,
}

/// What is known of a dog beside its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDog {
    /// Identity.
    pub id: DogId,
    /// Sex, where known.
    pub sex: Option<Sex>,
    /// Month of birth.
    pub whelped: Option<String>,
    /// Father.
    pub sire: Option<String>,
    /// Mother.
    pub dam: Option<String>,
}

impl FromRow for Spelling {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            dog: row.get("dog_id")?,
            name: row.get("name")?,
        })
    }
}

impl FromRow for KnownDog {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            sex: row.get("sex")?,
            whelped: row.get("whelped")?,
            sire: row.get("sire")?,
            dam: row.get("dam")?,
        })
    }
}

impl FromRow for DogId {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("dog_id")
    }
}

impl FromRow for TrainerId {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("id")
    }
}

/// The dog that a source knows by this id.
pub fn by_ref(reader: &Reader<'_>, source: &Source, id: &str) -> Result<Option<DogId>, Error> {
    let params = named_params! { ":source": source, ":ref": id };
    reader.maybe(query!("dog/by_ref"), params)
}

/// Every spelling of this name among the dogs of a country; at most 50.
pub fn named(reader: &Reader<'_>, name: &DogName, country: &str) -> Result<Vec<Spelling>, Error> {
    let params = named_params! { ":name_key": name.key(), ":country": country };
    reader.all(query!("dog/named"), params)
}

/// Whether a source has an id of its own for the dog.
pub fn has_ref(reader: &Reader<'_>, dog: DogId, source: &Source) -> Result<bool, Error> {
    let params = named_params! { ":dog_id": dog, ":source": source };
    let found: Option<DogId> = reader.maybe(query!("dog/has_ref"), params)?;
    Ok(found.is_some())
}

/// The dog, if we know it.
pub fn by_id(reader: &Reader<'_>, id: DogId) -> Result<Option<KnownDog>, Error> {
    reader.maybe(query!("dog/by_id"), named_params! { ":id": id })
}

/// Adds a dog of that country with everything the claim says, its name and its source id.
pub fn add(tx: &Tx<'_>, country: &str, name: &DogName, claim: &DogClaim) -> Result<DogId, Error> {
    let params = named_params! {
        ":country": country,
        ":name": name.as_str(),
        ":sex": claim.sex,
        ":whelped": claim.whelped,
        ":sire": claim.sire.as_ref().map(DogName::as_str),
        ":dam": claim.dam.as_ref().map(DogName::as_str),
    };
    let dog = DogId::new(tx.insert(query!("dog/insert"), params)?);
    // A name that had no other bearer may have two now.
    tx.touch(Tag::Names);
    tx.note(Sums::dog);
    add_name(tx, dog, name)?;
    Ok(dog)
}

/// Adds a spelling of a dog's name.
pub fn add_name(tx: &Tx<'_>, dog: DogId, name: &DogName) -> Result<(), Error> {
    let params = named_params! { ":name_key": name.key(), ":dog_id": dog, ":name": name.as_str() };
    tx.touch(Tag::Dog(dog));
    tx.touch(Tag::Names);
    tx.change(query!("dog/add_name"), params).map(drop)
}

/// Adds a source's id for a dog; fails when the source uses the id for another.
pub fn add_ref(tx: &Tx<'_>, dog: DogId, source: &Source, id: &str) -> Result<(), Error> {
    let params = named_params! { ":source": source, ":ref": id, ":dog_id": dog };
    tx.touch(Tag::Dog(dog));
    tx.change(query!("dog/add_ref"), params).map(drop)
}

/// Fills what is not known yet; of two sexes the first in the alphabet stays. Of several spellings the last in the alphabet is shown, whatever
/// the order they came in: capitals sort first, so `Dr. Emilia` wins over `DR. EMILIA`.
pub fn learn(tx: &Tx<'_>, dog: DogId, name: &DogName, claim: &DogClaim) -> Result<(), Error> {
    let params = named_params! {
        ":id": dog,
        ":name": name.as_str(),
        ":sex": claim.sex,
        ":whelped": claim.whelped,
        ":sire": claim.sire.as_ref().map(DogName::as_str),
        ":dam": claim.dam.as_ref().map(DogName::as_str),
    };
    tx.touch(Tag::Dog(dog));
    tx.touch(Tag::Names);
    tx.change(query!("dog/learn"), params).map(drop)
}

/// The trainer of that name, added when new.
pub fn trainer(tx: &Tx<'_>, name: &str) -> Result<TrainerId, Error> {
    let key = trainers::key(name);
    let known = tx.maybe(query!("trainer/by_key"), named_params! { ":name_key": key })?;
    if let Some(trainer) = known {
        return Ok(trainer);
    }
    let params = named_params! { ":name_key": key, ":name": name };
    tx.touch(Tag::Names);
    let trainer = TrainerId::new(tx.insert(query!("trainer/insert"), params)?);
    tx.note(Sums::trainer);
    Ok(trainer)
}
