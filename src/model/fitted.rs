//! A model as it is stored and served: a part for each set of rules that has races enough.

use super::part::Part;
use super::rules::Rules;
use crate::domain::Fault;

/// The parts, the one of the most races first.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    parts: Vec<Part>,
}

impl Fitted {
    /// Fails on no part, and on two for the same rules.
    pub fn new(mut parts: Vec<Part>) -> Result<Self, Fault> {
        parts.sort_by_key(|part| (std::cmp::Reverse(part.pipeline.races), part.rules));
        let twice = |part: &Part| parts.iter().filter(|p| p.rules == part.rules).count() > 1;
        if parts.is_empty() || parts.iter().any(twice) {
            return Err(Fault::new("must be one for each set of rules").under("parts"));
        }
        Ok(Self { parts })
    }

    /// The part that answers for races under these rules: their own, or for want of it the one of
    /// the most races.
    #[must_use]
    pub fn part(&self, rules: Rules) -> &Part {
        let own = self.parts.iter().find(|part| part.rules == rules);
        own.unwrap_or(&self.parts[0])
    }

    /// All of them.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::discount::Discounts;
    use crate::model::fixture::part;

    #[test]
    fn who_has_no_part_is_answered_by_the_one_of_the_most_races() {
        let (british, australian) = (part(Rules::Britain, 40), part(Rules::Australia, 30));

        let both = Fitted::new(vec![australian.clone(), british.clone()]).unwrap();
        let one = Fitted::new(vec![british.clone()]).unwrap();

        assert_eq!(both.parts(), [british.clone(), australian.clone()]);
        assert_eq!(both.part(Rules::Australia), &australian);
        assert_eq!(one.part(Rules::Australia), &british);
        assert!(Fitted::new(Vec::new()).is_err());
        assert!(Fitted::new(vec![british.clone(), british]).is_err());
    }

    #[test]
    fn a_training_that_is_too_short_to_rehearse_keeps_the_measured_powers() {
        let (short, long) = (part(Rules::Britain, 200), part(Rules::Britain, 300));

        assert_eq!(short.rehearsal(), None);
        assert_eq!(short.discount(6), Discounts::BRITAIN.of(6));
        assert_eq!(short.blend(), None);
        let rehearsal = long.rehearsal().unwrap();
        let (learned, said) = (rehearsal.fitted_races, rehearsal.races);
        assert!((200..240).contains(&learned) && said >= 60, "{rehearsal:?}");
        assert!(learned + said < 300, "a day lies between them");
        assert_eq!(long.discount(6), rehearsal.discounts.six.discount);
        assert_ne!(long.discount(6), Discounts::BRITAIN.of(6));
    }
}
