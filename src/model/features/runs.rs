//! Past runs as the features read them: which count, how much, and what they say.

use crate::domain::{Entry, FormLine, Look, Outcome, RaceDay, Snapshot};
use crate::model::placing::paid_places;

/// How many runs back a feature looks; what is older has no weight left.
const LIMIT: usize = 40;

/// The field of a run that does not say how many ran.
const USUAL_FIELD: u8 = 8;

/// Fills `out` with one value per entry; `None` is missing.
pub(super) fn each(snapshot: &Snapshot, out: &mut [f64], value: impl Fn(&Entry) -> Option<f64>) {
    for (entry, out) in snapshot.entries.iter().zip(out) {
        *out = value(entry).unwrap_or(f64::NAN);
    }
}

/// Days between a run and `day`, never negative.
pub(super) fn age(day: RaceDay, run: &FormLine) -> f64 {
    u32::try_from(day.since(run.day)).map_or(0.0, f64::from)
}

/// 1 for yes, 0 for no.
pub(super) fn flag(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}

/// The past races of a dog, newest first: no trials, nothing it was withdrawn from.
pub(super) fn races(entry: &Entry) -> impl Iterator<Item = &FormLine> {
    timed(entry).filter(|run| !run.trial)
}

/// The past races and trials of a dog, newest first.
pub(super) fn timed(entry: &Entry) -> impl Iterator<Item = &FormLine> {
    let ran = |run: &&FormLine| run.performance.outcome != Some(Outcome::Scratched);
    entry.history.runs.iter().filter(ran).take(LIMIT)
}

/// What the market said of the past races that were rated, newest first.
pub(super) fn looks(entry: &Entry) -> impl Iterator<Item = &Look> {
    races(entry).filter_map(|run| run.look.as_ref())
}

/// How many past races are known.
pub(super) fn count(entry: &Entry) -> f64 {
    total(races(entry))
}

/// How many runs there are.
pub(super) fn total<'run>(runs: impl Iterator<Item = &'run FormLine>) -> f64 {
    runs.fold(0.0, |n, _run| n + 1.0)
}

/// How many ran in a past race; a usual field where nobody says.
pub(super) fn field_of(run: &FormLine) -> u8 {
    run.field_size.unwrap_or(USUAL_FIELD)
}

/// 1 for a winner, 0 for a loser; `None` where nobody says.
pub(super) fn won(run: &FormLine) -> Option<f64> {
    let by_place = run.performance.place.map(|place| place.get() == 1);
    run.performance.won.or(by_place).map(flag)
}

/// 1 for a paid place, 0 for none; a field of eight where nobody says.
pub(super) fn placed(run: &FormLine) -> Option<f64> {
    let field = usize::from(field_of(run));
    let by_place = run
        .performance
        .place
        .map(|place| usize::from(place.get()) <= paid_places(field));
    run.performance.placed.or(by_place).map(flag)
}

/// Wins beyond what the closing price expected, -1 to 1.
pub(super) fn win_surprise(run: &FormLine) -> Option<f64> {
    let price = run.performance.bsp.or(run.performance.sp)?;
    Some(won(run)? - 1.0 / price.get())
}

/// Places beyond what the closing place price expected, -1 to 1.
pub(super) fn place_surprise(run: &FormLine) -> Option<f64> {
    Some(placed(run)? - 1.0 / run.performance.place_bsp?.get())
}

/// The chance that the closing price gave, log units; the exchange's price where there is one.
pub(super) fn log_chance(run: &FormLine) -> Option<f64> {
    let price = run.performance.bsp.or(run.performance.sp)?;
    Some(-price.get().min(500.0).ln())
}

/// A sum of values and of their weights.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weighted {
    sum: f64,
    weight: f64,
}

impl Weighted {
    /// Weights halve every `half_life` runs; a run without a value passes the time all the same.
    pub(super) fn by_run<'run>(
        runs: impl Iterator<Item = &'run FormLine>,
        half_life: f64,
        value: impl Fn(&FormLine) -> Option<f64>,
    ) -> Self {
        let fade = 0.5_f64.powf(1.0 / half_life);
        let mut weight = 1.0;
        let mut total = Self::default();
        for run in runs {
            total.add(value(run), weight);
            weight *= fade;
        }
        total
    }

    /// The sum of values that count alike.
    pub(super) fn alike<'run>(
        runs: impl Iterator<Item = &'run FormLine>,
        value: impl Fn(&FormLine) -> Option<f64>,
    ) -> Self {
        let mut total = Self::default();
        for run in runs {
            total.add(value(run), 1.0);
        }
        total
    }

    /// Weights halve every `half_life` days before `day`.
    pub(super) fn by_day<'run>(
        runs: impl Iterator<Item = &'run FormLine>,
        day: RaceDay,
        half_life: f64,
        value: impl Fn(&FormLine) -> Option<f64>,
    ) -> Self {
        let mut total = Self::default();
        for run in runs {
            total.add(value(run), 0.5_f64.powf(age(day, run) / half_life));
        }
        total
    }

    pub(super) fn add(&mut self, value: Option<f64>, weight: f64) {
        if let Some(value) = value {
            self.sum += weight * value;
            self.weight += weight;
        }
    }

    /// The mean; `None` where nothing was seen.
    pub(super) fn mean(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }

    /// The mean after `runs` more runs with the value `base`.
    pub(super) fn shrunk(self, base: f64, runs: f64) -> f64 {
        (self.sum + runs * base) / (self.weight + runs)
    }
}
