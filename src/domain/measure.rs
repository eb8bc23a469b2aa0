//! Distances, times, weights and margins, each an integer in its smallest unit.

use super::Fault;

/// A distance over the ground, 100 to 1,500 m.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Metres(u16);

/// A run time or sectional in thousandths of a second, up to five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Millis(u32);

/// A dog's weight in grams, 10 to 60 kg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grams(u32);

/// A distance between dogs in hundredths of a length, 0 to 1,000 lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lengths(i32);

/// `value * scale` when it is finite and inside `low..=high`, rounded after that: the bounds hold for
/// what was said, not for what is stored.
fn scaled(value: f64, scale: f64, low: f64, high: f64, why: &str) -> Result<i64, Fault> {
    let raw = value * scale;
    if !(low..=high).contains(&raw) {
        return Err(Fault::new(why));
    }
    #[expect(clippy::cast_possible_truncation, reason = "inside low..=high")]
    Ok(raw.round() as i64)
}

macro_rules! measure {
    ($name:ident, $raw:ty, $scale:literal, $low:literal, $high:literal, $unit:literal, $why:literal) => {
        impl $name {
            #[doc = concat!("From ", $unit, "; fails when not finite or out of range.")]
            pub fn new(value: f64) -> Result<Self, Fault> {
                let raw = scaled(value, $scale, f64::from($low), f64::from($high), $why)?;
                <$raw>::try_from(raw)
                    .map(Self)
                    .map_err(|_range| Fault::new($why))
            }

            /// From a stored integer; fails when out of range.
            pub fn from_raw(raw: i64) -> Result<Self, Fault> {
                match <$raw>::try_from(raw) {
                    Ok(raw) if ($low..=$high).contains(&raw) => Ok(Self(raw)),
                    Ok(_) | Err(_) => Err(Fault::new($why)),
                }
            }

            /// The stored integer.
            #[must_use]
            pub const fn raw(self) -> $raw {
                self.0
            }

            #[doc = concat!("In ", $unit, ".")]
            #[must_use]
            pub fn get(self) -> f64 {
                f64::from(self.0) / $scale
            }
        }
    };
}

measure!(
    Metres,
    u16,
    1.0,
    100_u16,
    1_500_u16,
    "metres",
    "must be 100 to 1500 m"
);
measure!(
    Millis,
    u32,
    1_000.0,
    1_u32,
    300_000_u32,
    "seconds",
    "must be more than 0 and at most 300 s"
);
measure!(
    Grams,
    u32,
    1_000.0,
    10_000_u32,
    60_000_u32,
    "kilograms",
    "must be 10 to 60 kg"
);
measure!(
    Lengths,
    i32,
    100.0,
    0_i32,
    100_000_i32,
    "lengths",
    "must be 0 to 1000 lengths"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_rounded_into_its_range() {
        assert_eq!(Metres::new(100.4).map(Metres::raw), Ok(100));
        assert!(Metres::new(99.9).is_err());
        assert!(Metres::new(1_500.4).is_err());
        assert_eq!(Millis::new(0.001).map(Millis::raw), Ok(1));
        assert!(Millis::new(0.000_9).is_err());
    }

    #[test]
    fn a_time_keeps_its_thousandths() {
        assert_eq!(Millis::new(29.871).map(Millis::raw), Ok(29_871));
    }

    #[test]
    fn nothing_impossible_is_a_measure() {
        for value in [f64::NAN, f64::INFINITY, -6.345, 0.0, 1e308] {
            assert!(Millis::new(value).is_err(), "{value}");
        }
        assert!(Metres::new(99.0).is_err());
        assert!(Grams::new(60.1).is_err());
    }

    proptest! {
        #[test]
        fn a_stored_margin_comes_back_as_it_was(raw in 0_i64..=100_000) {
            let margin = Lengths::from_raw(raw).unwrap();
            prop_assert_eq!(Lengths::new(margin.get()), Ok(margin));
        }
    }
}
