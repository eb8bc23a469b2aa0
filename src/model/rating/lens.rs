//! The two prices that looks are at, and what all looks at one dog say together.

use super::smoother::{Seen, Smoothed, smooth};
use super::{FilterSettings, RatingSettings, days_between};
use crate::domain::{Look, RaceDay, WinPlace};

/// One of the two.
#[derive(Clone, Copy)]
pub(super) struct Lens {
    settings: FilterSettings,
    /// What a look said, and its surprise.
    said: fn(&Look) -> (f64, f64),
    /// Its half of a pair.
    pub(super) of: fn(&WinPlace) -> f64,
}

impl Lens {
    /// The win price and the place price.
    pub(super) fn both(settings: &RatingSettings) -> [Self; 2] {
        let win = Self {
            settings: settings.win,
            said: |look| (look.win, look.surprise),
            of: |pair| pair.win,
        };
        let place = Self {
            settings: settings.place,
            said: |look| (look.place, look.place_surprise),
            of: |pair| pair.place,
        };
        [win, place]
    }

    /// What a look said at the time.
    pub(super) fn look(self, look: &Look) -> f64 {
        (self.said)(look).0
    }

    /// Smooths the looks at a dog, oldest first, each with how much stronger its company is seen by
    /// now. `None` where nobody looked.
    pub(super) fn smooth(
        self,
        looks: impl Iterator<Item = (RaceDay, Look, f64)> + Clone,
    ) -> Option<Smoothed> {
        let (mut last, first, _) = looks.clone().next()?;
        let (look, surprise) = (self.said)(&first);
        let seen = looks.map(|(day, look, company)| {
            let days = days_between(last, day);
            last = day;
            Seen {
                days,
                look: self.look(&look) + company,
                noise: look.noise,
                moved: self.settings.win * look.luck.win + self.settings.place * look.luck.place,
            }
        });
        let seen: Vec<Seen> = seen.collect();
        Some(smooth(&self.settings, look - surprise, &seen))
    }
}
