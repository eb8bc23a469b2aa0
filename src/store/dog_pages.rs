//! Dogs, for showing: by id, by name, and page by page.

use rusqlite::{Row, named_params};

use super::query::query;
use super::{Error, FromRow, Reader};
use crate::domain::{DogId, Sex};

/// What stands after every letter and digit of a name key.
const LAST: char = '~';

/// A dog with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownDog {
    /// Identity.
    pub id: DogId,
    /// The spelling that is shown.
    pub name: String,
    /// Where it is registered.
    pub country: String,
    /// Sex, where known.
    pub sex: Option<Sex>,
    /// Month of birth.
    pub whelped: Option<String>,
    /// Father.
    pub sire: Option<String>,
    /// Mother.
    pub dam: Option<String>,
}

/// A dog that was found by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDog {
    /// Where it stands among those found.
    pub spot: NameSpot,
    /// The dog.
    pub dog: ShownDog,
}

/// A place in the order of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSpot {
    /// The name as it is compared.
    pub key: String,
    /// The register.
    pub country: String,
    /// The dog.
    pub dog: DogId,
}

struct Name(String);

struct Total(u32);

impl FromRow for ShownDog {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            country: row.get("country")?,
            sex: row.get("sex")?,
            whelped: row.get("whelped")?,
            sire: row.get("sire")?,
            dam: row.get("dam")?,
        })
    }
}

impl FromRow for FoundDog {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let dog = ShownDog::from_row(row)?;
        let spot = NameSpot {
            key: row.get("name_key")?,
            country: row.get("register")?,
            dog: dog.id,
        };
        Ok(Self { spot, dog })
    }
}

impl FromRow for Name {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("name").map(Self)
    }
}

impl FromRow for Total {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get("total").map(Self)
    }
}

/// Some dogs, by id, after one of them.
pub fn page(reader: &Reader<'_>, after: Option<DogId>, limit: u32) -> Result<Vec<ShownDog>, Error> {
    let params = named_params! { ":after_id": after.map_or(0, DogId::get), ":limit": limit };
    reader.all(query!("dog/page"), params)
}

/// Some dogs that have a name whose key begins with `prefix`, by name, each once.
pub fn search(
    reader: &Reader<'_>,
    prefix: &str,
    after: Option<&NameSpot>,
    limit: u32,
) -> Result<Vec<FoundDog>, Error> {
    let first = NameSpot {
        key: prefix.to_owned(),
        country: String::new(),
        dog: DogId::new(0),
    };
    let after = after.unwrap_or(&first);
    let params = named_params! {
        ":prefix": prefix,
        ":until_key": format!("{prefix}{LAST}"),
        ":after_key": after.key,
        ":after_country": after.country,
        ":after_id": after.dog,
        ":limit": limit,
    };
    reader.all(query!("dog/search"), params)
}

/// The dog, if we know it.
pub fn by_id(reader: &Reader<'_>, id: DogId) -> Result<Option<ShownDog>, Error> {
    reader.maybe(query!("dog/shown"), named_params! { ":id": id })
}

/// Every dog that has that name in any country, at most 50.
pub fn of_name(reader: &Reader<'_>, key: &str) -> Result<Vec<DogId>, Error> {
    reader.all(query!("dog/of_name"), named_params! { ":name_key": key })
}

/// Every spelling of a dog's names, at most 50.
pub fn names(reader: &Reader<'_>, dog: DogId) -> Result<Vec<String>, Error> {
    let names: Vec<Name> = reader.all(query!("dog/names"), named_params! { ":dog_id": dog })?;
    Ok(names.into_iter().map(|name| name.0).collect())
}

/// How many runs of a dog stand in the form book.
pub fn runs(reader: &Reader<'_>, dog: DogId) -> Result<u32, Error> {
    let total: Total = reader.one(query!("dog/runs"), named_params! { ":dog_id": dog })?;
    Ok(total.0)
}
