//! What looks at one dog, taken together, say of each of its races and of today.
//!
//! The filter runs forward through the looks; the smoother then carries what was learned later back
//! to the earlier races. (Rauch, Tung & Striebel 1965, <https://doi.org/10.2514/3.3166>.)

use super::FilterSettings;
use crate::domain::Strength;

/// One look, on the scale of the ratings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// Days since the one before; of no meaning for the first.
    pub(super) days: f64,
    /// What it said, natural-log units.
    pub(super) look: f64,
    /// Noise, in parts of that of the filter.
    pub(super) noise: f64,
    /// How far the race itself moved the dog, natural-log units.
    pub(super) moved: f64,
}

/// A look on its way through the filter: before it, and after it but before it moved the dog.
struct Step {
    before: Strength,
    after: Strength,
}

/// What is known of the dog at the time of each look, oldest first, and after the last.
pub(super) struct Smoothed {
    pub(super) at: Vec<f64>,
    pub(super) now: f64,
}

/// Smooths the looks at a dog, oldest first; `start` is what was expected of the first.
pub(super) fn smooth(settings: &FilterSettings, start: f64, seen: &[Seen]) -> Smoothed {
    let mut steps = Vec::with_capacity(seen.len());
    let mut dog = Strength {
        mean: start,
        variance: settings.unknown,
    };
    for (n, look) in seen.iter().enumerate() {
        if n > 0 {
            dog.variance = settings.grown(dog.variance, look.days);
        }
        let before = dog;
        let gain = dog.variance / (dog.variance + settings.noise * look.noise);
        dog.mean += gain * (look.look - dog.mean);
        dog.variance *= 1.0 - gain;
        steps.push(Step { before, after: dog });
        dog.mean += look.moved;
    }
    Smoothed {
        at: backwards(&steps),
        now: dog.mean,
    }
}

fn backwards(steps: &[Step]) -> Vec<f64> {
    let mut at: Vec<f64> = steps.iter().map(|step| step.after.mean).collect();
    for n in (1..steps.len()).rev() {
        let (Step { after, .. }, Step { before, .. }) = (&steps[n - 1], &steps[n]);
        let back = after.variance / before.variance;
        at[n - 1] += back * (at[n] - before.mean);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rating::RatingSettings;

    fn looks(values: &[f64]) -> Vec<Seen> {
        let seen = |look: &f64| Seen {
            days: 7.0,
            look: *look,
            noise: 1.0,
            moved: 0.0,
        };
        values.iter().map(seen).collect()
    }

    /// The exact answer for two looks: least squares over both states at once.
    #[test]
    fn two_looks_are_weighed_as_least_squares_weighs_them() {
        let settings = RatingSettings::MEASURED.win;
        let (first, last, start) = (1.0, 3.0, 0.5);
        let (unknown, noise) = (1.0 / settings.unknown, 1.0 / settings.noise);
        let drift = 1.0 / (settings.drift_per_day * 7.0 + settings.drift_per_race);
        // The minimum over x, y of (x−start)²·unknown + (x−first)²·noise + (y−x)²·drift + (y−last)²·noise.
        let (of_x, of_y) = (unknown + noise + drift, noise + drift);
        let (towards_x, towards_y) = (start * unknown + first * noise, last * noise);
        let whole = of_x * of_y - drift * drift;
        let x = (towards_x * of_y + towards_y * drift) / whole;
        let y = (towards_y * of_x + towards_x * drift) / whole;

        let found = smooth(&settings, start, &looks(&[first, last]));

        assert!((found.at[0] - x).abs() < 1e-12 && (found.at[1] - y).abs() < 1e-12);
        assert!((found.now - y).abs() < 1e-12);
    }

    #[test]
    fn nothing_seen_is_what_was_expected() {
        let found = smooth(&RatingSettings::MEASURED.win, 0.7, &[]);

        assert!(found.at.is_empty() && (found.now - 0.7).abs() < 1e-12);
    }
}
