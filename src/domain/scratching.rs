//! A scratching: somebody is out, and perhaps a reserve is in.

use chrono::{DateTime, Utc};

use super::race::instant;
use super::{BoxNo, Fault, Faults, Rug};

/// What somebody sent about a withdrawal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScratchDraft {
    /// Who is out.
    pub rug: i64,
    /// Since when; RFC 3339.
    pub at: Option<String>,
    /// The reserve that takes its place.
    pub replaced_by_rug: Option<i64>,
    /// The box that the reserve starts from, where it is not the one that came free.
    pub box_no: Option<i64>,
}

/// A checked withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scratching {
    /// Who is out.
    pub rug: Rug,
    /// Since when, if the sender said so.
    pub at: Option<DateTime<Utc>>,
    /// The reserve that takes its place.
    pub replaced_by: Option<Rug>,
    /// The box that the reserve starts from.
    pub box_no: Option<BoxNo>,
}

impl ScratchDraft {
    /// The withdrawal, or every fault of it.
    pub fn check(&self) -> Result<Scratching, Vec<Fault>> {
        let mut faults = Faults::default();
        let rug = faults.note("rug", Rug::new(self.rug));
        let at = faults.maybe("at", self.at.as_deref(), instant);
        let replaced_by = faults.maybe("replaced_by_rug", self.replaced_by_rug, Rug::new);
        let box_no = faults.maybe("box", self.box_no, BoxNo::new);
        if rug.is_some() && rug == replaced_by {
            faults.add("replaced_by_rug", "must be another dog");
        }
        if self.box_no.is_some() && self.replaced_by_rug.is_none() {
            faults.add("box", "must come with replaced_by_rug");
        }
        faults.done()?;
        let rug = rug.ok_or_else(Vec::new)?;
        Ok(Scratching {
            rug,
            at,
            replaced_by,
            box_no,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(draft: &ScratchDraft) -> Vec<String> {
        let faults = draft.check().unwrap_err();
        faults.into_iter().map(|fault| fault.at).collect()
    }

    #[test]
    fn a_reserve_takes_a_box() {
        let draft = ScratchDraft {
            rug: 4,
            at: None,
            replaced_by_rug: Some(9),
            box_no: Some(4),
        };

        let scratching = draft.check().unwrap();

        assert_eq!(scratching.replaced_by.map(Rug::get), Some(9));
        assert_eq!(scratching.box_no.map(BoxNo::get), Some(4));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let alone = ScratchDraft {
            rug: 0,
            at: Some("soon".to_owned()),
            replaced_by_rug: None,
            box_no: Some(9),
        };
        let itself = ScratchDraft {
            rug: 4,
            replaced_by_rug: Some(4),
            ..ScratchDraft::default()
        };

        assert_eq!(places(&alone), ["rug", "at", "box", "box"]);
        assert_eq!(places(&itself), ["replaced_by_rug"]);
    }
}
