//! One dog's entry in one race: its box, its rug, its place.

use super::Fault;

macro_rules! small {
    ($($(#[$doc:meta])* $name:ident: $high:literal, $why:literal;)+) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize,
            serde::Deserialize,
        )]
        #[serde(try_from = "i64")]
        pub struct $name(u8);

        impl TryFrom<i64> for $name {
            type Error = Fault;

            fn try_from(raw: i64) -> Result<Self, Fault> {
                Self::new(raw)
            }
        }

        impl $name {
            /// Fails outside its range.
            pub fn new(raw: i64) -> Result<Self, Fault> {
                match u8::try_from(raw) {
                    Ok(raw) if (1..=$high).contains(&raw) => Ok(Self(raw)),
                    Ok(_) | Err(_) => Err(Fault::new($why)),
                }
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u8 {
                self.0
            }
        }
    )+};
}

small! {
    /// The starting stall, 1 to 8 (`Box` is taken by the language).
    BoxNo: 8, "must be a box, 1 to 8";
    /// The jacket that is bet on, 1 to 10; reserves wear 9 and 10 and start from a vacated box.
    Rug: 10, "must be a rug, 1 to 10";
    /// The finishing position, 1 to 10; dogs in a dead heat share one.
    Place: 10, "must be a place, 1 to 10";
}

/// What became of a runner that has no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Did not finish.
    DidNotFinish,
    /// Fell.
    Fell,
    /// Brought down by another.
    BroughtDown,
    /// Disqualified.
    Disqualified,
    /// Finished far behind, no distance given.
    TailedOff,
    /// Left the course.
    BrokeOut,
    /// Withdrawn before the race.
    Scratched,
    /// Ran, and the source does not say where it came.
    Unplaced,
}

const OUTCOMES: [(Outcome, &str); 8] = [
    (Outcome::DidNotFinish, "DNF"),
    (Outcome::Fell, "F"),
    (Outcome::BroughtDown, "B"),
    (Outcome::Disqualified, "DSQ"),
    (Outcome::TailedOff, "T"),
    (Outcome::BrokeOut, "BO"),
    (Outcome::Scratched, "SCR"),
    (Outcome::Unplaced, "U"),
];

impl Outcome {
    /// From its code: `DNF F B DSQ T BO SCR U`, and `LSCR` and `DIS` for `SCR` and `T`.
    pub fn parse(code: &str) -> Result<Self, Fault> {
        let code = match code.trim().to_ascii_uppercase().as_str() {
            "LSCR" => "SCR".to_owned(),
            "DIS" => "T".to_owned(),
            other => other.to_owned(),
        };
        OUTCOMES
            .iter()
            .find(|(_, name)| *name == code)
            .map(|(outcome, _)| *outcome)
            .ok_or_else(|| Fault::new("must be one of DNF F B DSQ T BO SCR U"))
    }

    /// Its code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        OUTCOMES
            .iter()
            .find(|(outcome, _)| *outcome == self)
            .map_or("U", |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_has_a_rug_but_no_box_nine() {
        assert!(Rug::new(9).is_ok());
        assert!(BoxNo::new(9).is_err());
        assert!(Rug::new(11).is_err());
        assert!(Rug::new(0).is_err());
        assert!(Place::new(-1).is_err());
    }

    #[test]
    fn every_outcome_reads_back() {
        for (outcome, code) in OUTCOMES {
            assert_eq!(Outcome::parse(code), Ok(outcome));
            assert_eq!(outcome.as_str(), code);
        }
    }
}
