//! The dogs of a season and what is true of them.

use super::track::{SeasonDistance, SeasonTrack};
use crate::domain::{RaceDay, Sex};

/// A kennel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kennel {
    /// Its trainer's name.
    pub trainer: String,
    /// Index of its home track.
    pub home: usize,
}

/// A dog and its hidden gifts. Seconds are at 500 m pace, and more is faster.
#[derive(Debug, Clone, PartialEq)]
pub struct SeasonDog {
    /// Name, in capitals; its letters and digits are unique.
    pub name: String,
    /// Sex.
    pub sex: Sex,
    /// Father's name.
    pub sire: String,
    /// Mother's name.
    pub dam: String,
    /// Index of its kennel.
    pub kennel: usize,
    /// Usual weight, kilograms.
    pub weight: f64,
    /// Lasting ability, seconds.
    pub ability: f64,
    /// Early speed, seconds to the first mark.
    pub early: f64,
    /// Taste for the rail: 1 wants box 1, -1 wants box 8.
    pub rail: f64,
    /// Taste for distance: above 0 a stayer, below a sprinter; standard normal.
    pub stay: f64,
    /// First day in training.
    pub debut: RaceDay,
    /// Last day in training; `None` while it races on.
    pub retired: Option<RaceDay>,
}

impl SeasonDog {
    /// The expected performance of the day in seconds at 500 m pace, but for chance.
    ///
    /// `form` is the dog's passing form in seconds, `stall` its box counted from 0.
    pub(super) fn strength(
        &self,
        form: f64,
        track: &SeasonTrack,
        distance: &SeasonDistance,
        stall: usize,
    ) -> f64 {
        let metres = f64::from(distance.metres);
        let early = self.early * 0.5 * (450.0 / metres);
        let stay = self.stay * 0.05 * ((metres - 450.0) / 100.0).clamp(-1.5, 2.0);
        let rail = self.rail * 0.05 * (3.5 - stall as f64) / 3.5;
        let stalls = track.boxes.get(stall).copied().unwrap_or(0.0);
        self.ability + form + early + stay + rail + stalls
    }

    /// What a grader can see of it, seconds.
    pub(super) fn class(&self) -> f64 {
        self.ability + 0.4 * self.early
    }
}
