//! Dogs, and what a source claims about one.
//!
//! A name is not an identity: names are granted again after 15 years and spelled in many ways, so
//! names are compared by [`DogName::key`] and a claim carries whatever else is known.

use super::source::reference;
use super::{DogId, Fault, Source, printable};

/// A dog's name as written: 1 to 60 characters, single spaces, all of it printable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DogName(String);

impl DogName {
    /// Trims and folds runs of white space; fails when nothing comparable is left.
    pub fn new(raw: &str) -> Result<Self, Fault> {
        let name = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        let comparable = name.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if !comparable || name.chars().count() > 60 || !name.chars().all(printable) {
            return Err(Fault::new("must be a name of 1 to 60 printable characters"));
        }
        Ok(Self(name))
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one name have in common: `A-Z0-9`, capitals.
    #[must_use]
    pub fn key(&self) -> String {
        self.0
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect()
    }
}

/// Dog or bitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sex {
    /// Male.
    Dog,
    /// Female.
    Bitch,
}

impl Sex {
    /// From `D` or `B`, either case.
    pub fn parse(code: &str) -> Result<Self, Fault> {
        match code.trim() {
            "D" | "d" => Ok(Self::Dog),
            "B" | "b" => Ok(Self::Bitch),
            _ => Err(Fault::new("must be D or B")),
        }
    }

    /// `D` or `B`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dog => "D",
            Self::Bitch => "B",
        }
    }
}

/// What somebody sent about a dog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DogDraft {
    /// Our own id, when the sender knows it.
    pub id: Option<i64>,
    /// The id at a source: source name, id there.
    pub reference: Option<(String, String)>,
    /// Name.
    pub name: Option<String>,
    /// `D` or `B`.
    pub sex: Option<String>,
    /// Month of birth, `2022-10`.
    pub whelped: Option<String>,
    /// Father's name.
    pub sire: Option<String>,
    /// Mother's name.
    pub dam: Option<String>,
}

/// A checked claim about a dog. At least one of id, reference and name is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DogClaim {
    /// Our own id.
    pub id: Option<DogId>,
    /// The id at a source.
    pub reference: Option<(Source, String)>,
    /// Name.
    pub name: Option<DogName>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Month of birth, `2022-10`.
    pub whelped: Option<String>,
    /// Father.
    pub sire: Option<DogName>,
    /// Mother.
    pub dam: Option<DogName>,
}

impl DogDraft {
    /// A dog known by name only.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::default()
        }
    }

    /// The claim, or every fault of it.
    pub fn check(&self) -> Result<DogClaim, Vec<Fault>> {
        let mut faults = super::Faults::default();
        let claim = DogClaim {
            id: self.id.map(DogId::new),
            reference: faults.maybe("ref", self.reference.as_ref(), reference),
            name: faults.maybe("dog", self.name.as_deref(), DogName::new),
            sex: faults.maybe("sex", self.sex.as_deref(), Sex::parse),
            whelped: faults.maybe("whelped", self.whelped.as_deref(), month),
            sire: faults.maybe("sire", self.sire.as_deref(), DogName::new),
            dam: faults.maybe("dam", self.dam.as_deref(), DogName::new),
        };
        if self.id.is_none() && self.reference.is_none() && self.name.is_none() {
            faults.add("dog", "must have a name, a ref or a dog_id");
        }
        faults.done()?;
        Ok(claim)
    }
}

fn month(text: &str) -> Result<String, Fault> {
    super::RaceDay::parse(&format!("{text}-01"))
        .map(|day| day.date().format("%Y-%m").to_string())
        .map_err(|_day| Fault::new("must be a month like 2022-10"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_share_a_key() {
        let shouted = DogName::new("DR. EMILIA").unwrap();
        let written = DogName::new(" Dr  Emilia ").unwrap();

        assert_eq!(shouted.key(), written.key());
        assert_eq!(written.as_str(), "Dr Emilia");
    }

    #[test]
    fn a_month_of_birth_is_the_same_however_it_is_written() {
        let born = |whelped: &str| {
            let draft = DogDraft {
                whelped: Some(whelped.to_owned()),
                ..DogDraft::named("Emilia")
            };
            draft.check().map(|claim| claim.whelped)
        };

        assert_eq!(born("2022-5"), born("2022-05"));
        assert_eq!(born("2022-5"), Ok(Some("2022-05".to_owned())));
        assert!(born("2022-13").is_err());
    }

    #[test]
    fn a_claim_about_nobody_is_a_fault() {
        assert!(DogDraft::default().check().is_err());
        assert!(DogDraft::named("...").check().is_err());
    }
}
