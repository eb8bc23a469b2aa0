//! Under whose rules a race is run: how many places pay, and whose races a model learns from.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rules {
    /// Australia and New Zealand: 3 places in fields of 8 and more, 2 in fields of 5 to 7, else 1.
    Australia,
    /// Britain and Ireland, where fields are of six: 2 places in fields of 5 and more, else 1. These
    /// are the usual terms of a bet each way; a bookmaker may have others.
    Britain,
}

impl Rules {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Australia, Self::Britain];

    /// Those of a track, from where its clocks are.
    #[must_use]
    pub fn of(zone: Tz) -> Self {
        if zone.name().starts_with("Europe/") {
            return Self::Britain;
        }
        Self::Australia
    }

    /// How many places pay in a field of so many.
    #[must_use]
    pub const fn paid_places(self, field: usize) -> usize {
        match (self, field) {
            (_, 0..=4) => 1,
            (Self::Australia, 5..=7) | (Self::Britain, _) => 2,
            (Self::Australia, _) => 3,
        }
    }

    /// In the words of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Australia => "australia",
            Self::Britain => "britain",
        }
    }

    /// For people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Australia => "Australian",
            Self::Britain => "British",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_the_rules() {
        assert_eq!(Rules::of(Tz::Europe__London), Rules::Britain);
        assert_eq!(Rules::of(Tz::Australia__Adelaide), Rules::Australia);
        assert_eq!(Rules::of(Tz::Pacific__Auckland), Rules::Australia);
    }

    #[test]
    fn small_fields_pay_fewer_places() {
        let [australian, british] =
            Rules::ALL.map(|rules| [4, 5, 6, 7, 8, 10].map(|field| rules.paid_places(field)));

        assert_eq!(australian, [1, 2, 2, 2, 3, 3]);
        assert_eq!(british, [1, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn rules_are_written_in_the_words_of_the_contract() {
        for rules in Rules::ALL {
            let written = serde_json::to_string(&rules).unwrap();
            assert_eq!(written, format!("\"{}\"", rules.as_str()));
        }
    }
}
