//! What comes behind the winner: how many places pay, and which powers the chances are raised to.

use chrono_tz::Tz;

use crate::model::discount::{Discount, Discounts};
use crate::model::placing::Rules;

/// Under whose rules a track is run, from where its clocks are.
pub(super) fn rules(zone: Tz) -> Rules {
    if zone.name().starts_with("Europe/") {
        return Rules::Britain;
    }
    Rules::Australia
}

/// The powers for a field of so many. No model brings its own yet: they are those that were measured
/// on market prices.
pub(super) const fn discount(rules: Rules, field: usize) -> Discount {
    match rules {
        Rules::Australia => Discounts::AUSTRALIA.of(field),
        Rules::Britain => Discounts::BRITAIN.of(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_the_rules() {
        assert_eq!(rules(Tz::Europe__London), Rules::Britain);
        assert_eq!(rules(Tz::Australia__Adelaide), Rules::Australia);
        assert_eq!(rules(Tz::Pacific__Auckland), Rules::Australia);
    }

    #[test]
    fn fields_of_eight_are_discounted_more_than_fields_of_six() {
        let [six, eight] = [6, 8].map(|field| discount(Rules::Australia, field).behind(1));

        assert!(eight < six && six < 1.0);
        assert_eq!(discount(Rules::Britain, 6), Discounts::BRITAIN.of(6));
    }
}
