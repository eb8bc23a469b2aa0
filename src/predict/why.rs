//! Why: what each group of features says for or against a runner, in lengths and words.

use crate::model::Pipeline;
use crate::model::features::{Group, LEAD_PER_LOG, Matrix};

/// Shares below this are not told, lengths.
const WORTH_TELLING: f64 = 0.1;

/// What one group of features says of a runner, against the average of the field.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Reason {
    /// The group.
    pub group: Group,
    /// Lengths, to a tenth; positive speaks for the runner.
    pub lengths: f64,
}

/// The reasons of every runner, the weightiest first.
pub(super) fn reasons(pipeline: &Pipeline, features: &Matrix) -> Vec<Vec<Reason>> {
    let field = pipeline.contributions(features).into_iter();
    field
        .map(|shares| {
            let shares = shares.into_iter();
            told(shares.map(|share| (share.group, share.log_units)))
        })
        .collect()
}

fn told(shares: impl Iterator<Item = (Group, f64)>) -> Vec<Reason> {
    let lengths = shares.map(|(group, log_units)| (group, log_units * LEAD_PER_LOG));
    let mut heavy: Vec<_> = lengths
        .filter(|(_, lengths)| lengths.abs() >= WORTH_TELLING)
        .collect();
    heavy.sort_by(|one, two| two.1.abs().total_cmp(&one.1.abs()));
    let reasons = heavy.into_iter().map(|(group, lengths)| Reason {
        group,
        lengths: (lengths * 10.0).round() / 10.0,
    });
    reasons.collect()
}

impl Reason {
    /// The group, in words.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        words(self.group)
    }
}

const fn words(group: Group) -> &'static str {
    match group {
        Group::Market => "market rating",
        Group::Form => "recent form",
        Group::Speed => "speed",
        Group::Early => "early speed",
        Group::Draw => "draw",
        Group::Rest => "rest",
        Group::Class => "class and distance",
        Group::Race => "kind of race",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weightiest_comes_first_and_what_is_under_a_tenth_of_a_length_is_left_out() {
        let shares = [
            (Group::Market, 0.2),
            (Group::Form, 0.099 / LEAD_PER_LOG),
            (Group::Early, -1.0),
            (Group::Draw, -0.101 / LEAD_PER_LOG),
        ];

        let reasons = told(shares.into_iter());

        let found: Vec<_> = reasons
            .iter()
            .map(|one| (one.words(), one.lengths))
            .collect();
        assert_eq!(
            found,
            [
                ("early speed", -1.8),
                ("market rating", 0.4),
                ("draw", -0.1)
            ]
        );
    }

    #[test]
    fn every_group_has_words_of_its_own() {
        let words: std::collections::BTreeSet<_> = Group::ALL.into_iter().map(words).collect();

        assert_eq!(words.len(), Group::ALL.len());
    }
}
