//! The constants of the filters.

use serde::{Deserialize, Serialize};

use crate::domain::{Fault, Four};

/// The constants of one filter, natural-log units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FilterSettings {
    /// Variance of a dog nobody has seen; also the ceiling of every variance.
    pub unknown: f64,
    /// Variance of one look at a price of 12 %.
    pub noise: f64,
    /// Variance gained by a day of absence.
    pub drift_per_day: f64,
    /// Variance gained by a race.
    pub drift_per_race: f64,
    /// How far the mean moves for a whole win more than the price expected.
    pub win: f64,
    /// How far the mean moves for a whole place more than the place price expected.
    pub place: f64,
}

impl FilterSettings {
    /// The variance of a rating with `variance` after its last race, `days` later at the start of
    /// another.
    #[must_use]
    pub fn grown(&self, variance: f64, days: f64) -> f64 {
        let grown = variance + self.drift_per_day * days + self.drift_per_race;
        grown.min(self.unknown)
    }

    fn check(&self) -> Result<(), Fault> {
        let rules = [
            (self.unknown > 0.0, self.unknown, "unknown"),
            (self.noise > 0.0, self.noise, "noise"),
            (
                self.drift_per_day >= 0.0,
                self.drift_per_day,
                "drift_per_day",
            ),
            (
                self.drift_per_race >= 0.0,
                self.drift_per_race,
                "drift_per_race",
            ),
            (self.win >= 0.0, self.win, "win"),
            (self.place >= 0.0, self.place, "place"),
        ];
        match rules
            .iter()
            .find(|(kept, value, _)| !kept || !value.is_finite())
        {
            Some((.., at)) => Err(Fault::new("must be finite and not negative").under(at)),
            None => Ok(()),
        }
    }
}

/// The constants of the walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatingSettings {
    /// The filters, in the order of [`crate::domain::Filter::ALL`].
    pub filters: Four<FilterSettings>,
    /// The smoother of win prices, in hindsight.
    pub win: FilterSettings,
    /// The smoother of place prices, in hindsight.
    pub place: FilterSettings,
}

impl RatingSettings {
    /// What did best on Australian exchange prices: fitted to the months before, judged on May and
    /// June 2025.
    pub const MEASURED: Self = Self {
        filters: [
            FilterSettings {
                unknown: 3.0,
                noise: 0.08,
                drift_per_day: 0.000_14,
                drift_per_race: 0.15,
                win: 0.122,
                place: 0.0,
            },
            FilterSettings {
                unknown: 2.0,
                noise: 0.48,
                drift_per_day: 0.005,
                drift_per_race: 0.004_6,
                win: 0.48,
                place: 0.117,
            },
            FilterSettings {
                unknown: 4.8,
                noise: 0.031,
                drift_per_day: 0.002_4,
                drift_per_race: 0.4,
                win: 0.2,
                place: 0.2,
            },
            FilterSettings {
                unknown: 3.0,
                noise: 0.25,
                drift_per_day: 0.015,
                drift_per_race: 0.24,
                win: 0.15,
                place: 0.77,
            },
        ],
        win: FilterSettings {
            unknown: 4.0,
            noise: 0.3,
            drift_per_day: 0.000_14,
            drift_per_race: 0.05,
            win: 0.122,
            place: 0.0,
        },
        place: FilterSettings {
            unknown: 3.0,
            noise: 0.25,
            drift_per_day: 0.015,
            drift_per_race: 0.05,
            win: 0.15,
            place: 0.77,
        },
    };

    /// Fails unless both variances are above 0 and nothing is negative or endless.
    pub(super) fn check(self) -> Result<Self, Fault> {
        for (n, filter) in self.filters.iter().enumerate() {
            filter
                .check()
                .map_err(|fault| fault.under(&format!("filters[{n}]")))?;
        }
        self.win.check().map_err(|fault| fault.under("win"))?;
        self.place.check().map_err(|fault| fault.under("place"))?;
        Ok(self)
    }
}

impl Default for RatingSettings {
    fn default() -> Self {
        Self::MEASURED
    }
}
