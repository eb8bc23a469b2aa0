//! Intervals around the chances, against the true chances of a generated season.

use lurcher::predict::Predicted;
use lurcher::season::{Season, SeasonSettings};

use crate::world::{CARD_DAYS, House, key};

/// Days at the end that the model has not seen.
const UNSEEN: i64 = 14;

/// A runner's prediction and its true chance.
struct Told {
    runner: Predicted,
    truth: f64,
}

impl Told {
    fn is_held(&self) -> bool {
        let interval = self.runner.interval;
        (interval.low..=interval.high).contains(&self.truth)
    }

    /// Natural-log units of odds.
    fn width(&self) -> f64 {
        let log_odds = |p: f64| (p / (1.0 - p)).ln();
        log_odds(self.runner.interval.high) - log_odds(self.runner.interval.low)
    }
}

/// Every runner of the unseen days of a season of a seed of its own, predicted at the jump.
fn told() -> Vec<Told> {
    let small = SeasonSettings::small().unwrap();
    let settings = SeasonSettings {
        seed: 23,
        days: 60,
        meetings_per_day: 2,
        kennels: 20,
        ..small
    };
    let season = Season::generate(&settings).unwrap();
    let files = tempfile::tempdir().unwrap();
    let written = season.write(files.path(), CARD_DAYS, None).unwrap();
    let house = House::empty();
    house.set_clock("2027-01-01T00:00:00Z");
    house.import(&[written.runs]);
    let until = settings.last_day().plus(-UNSEEN);
    house.train(Some(until));
    let unseen = season.finished().filter(|race| race.day > until);
    let field = unseen.flat_map(|race| {
        let prediction = house.predict(&key(race), None).unwrap();
        let runners = prediction.runners.clone().into_iter();
        let truths = race.starters().map(|runner| runner.truth);
        let pairs = runners.zip(truths);
        pairs
            .map(|(runner, truth)| Told { runner, truth })
            .collect::<Vec<_>>()
    });
    field.collect()
}

fn share(told: &[&Told]) -> f64 {
    let held = told.iter().filter(|one| one.is_held()).count();
    held as f64 / told.len() as f64
}

fn width(told: &[&Told]) -> f64 {
    told.iter().map(|one| one.width()).sum::<f64>() / told.len() as f64
}

#[test]
fn four_intervals_in_five_hold_the_truth_and_thin_histories_make_wide_ones() {
    let told = told();
    let all: Vec<_> = told.iter().collect();
    let (thin, thick): (Vec<_>, Vec<_>) = told.iter().partition(|one| one.runner.runs <= 5);

    assert!(all.len() > 1_000, "{}", all.len());
    assert!((0.74..=0.86).contains(&share(&all)), "{}", share(&all));
    assert!((0.7..=0.92).contains(&share(&thin)), "{}", share(&thin));
    assert!((0.7..=0.9).contains(&share(&thick)), "{}", share(&thick));
    assert!(width(&thin) > 1.05 * width(&thick));
}
