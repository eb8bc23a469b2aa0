//! What a commit touched: the tags that cached values hang on.

use std::collections::BTreeSet;

use crate::domain::{DogId, RaceDay, RaceId};

/// Something that a value may depend on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Tag {
    /// A race: its cards, scratchings, results and standing.
    Race(RaceId),
    /// What is paid for the runners of a race.
    Prices(RaceId),
    /// What is known of a dog, and its runs.
    Dog(DogId),
    /// Races and meetings of a day: which there are and how they stand.
    Day(RaceDay),
    /// How dogs, trainers and races are called.
    Names,
    /// Any fact but prices.
    Facts,
    /// The model in force.
    Model,
    /// Ratings were walked, so any prediction may differ.
    Ratings,
    /// API keys.
    Keys,
    /// A job was asked for, or is to run again.
    Jobs,
}

impl Tag {
    /// Whether it is the daemon's own affair, of which no prediction knows.
    pub(super) const fn is_of_the_house(self) -> bool {
        matches!(self, Self::Keys | Self::Jobs)
    }

    /// Whether it is about racing.
    const fn is_fact(self) -> bool {
        matches!(self, Self::Race(_) | Self::Dog(_) | Self::Day(_))
    }
}

/// Everything one commit changed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Touched(BTreeSet<Tag>);

impl Touched {
    /// Notes that it was touched.
    pub fn add(&mut self, tag: Tag) {
        if tag.is_fact() {
            self.0.insert(Tag::Facts);
        }
        self.0.insert(tag);
    }

    /// Whether it was touched.
    #[must_use]
    pub fn has(&self, tag: Tag) -> bool {
        self.0.contains(&tag)
    }

    /// All of it.
    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        self.0.iter().copied()
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}
