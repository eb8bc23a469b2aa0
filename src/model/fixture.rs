//! Made-up snapshots for the tests of this room.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::features;
use super::{About, Example, Part, PipelineSettings, Ran, Rules};
use crate::domain::{
    BoxBias, BoxNo, CircuitId, Class, DogId, DogRating, Entry, FormLine, Grams, History, Lengths,
    Look, Metres, Millis, Odds, Par, Performance, Place, RaceDay, RaceId, Rug, Snapshot,
    SnapshotRace, Strength, WinPlace,
};

pub(super) fn day() -> RaceDay {
    RaceDay::parse("2025-07-06").unwrap()
}

fn odds(decimal: f64) -> Option<Odds> {
    Odds::new(decimal).ok()
}

/// A race run `age` days ago; `n` decides what happened.
fn run(age: i64, n: u8) -> FormLine {
    let n = i64::from(n);
    let time_s = 25.0 + 0.01 * n as f64;
    FormLine {
        day: day().plus(-age),
        circuit: CircuitId::new(1 + n % 2),
        distance: Metres::new([450.0, 450.0, 520.0][usize::try_from(n % 3).unwrap()]).unwrap(),
        grade: Some(["Mdn", "Gr5", "FFA", "?"][usize::try_from(n % 4).unwrap()].to_owned()),
        rug: Rug::new(1 + n % 10).ok(),
        box_no: BoxNo::new(1 + n % 8).ok(),
        field_size: (n % 3 > 0).then_some(8),
        trial: n % 7 == 0,
        performance: Performance {
            place: Place::new(n % 9).ok(),
            won: (n % 9 > 0).then_some(n % 9 == 1),
            run_time: Millis::new(time_s).ok(),
            winner_time: Millis::new(24.99).ok(),
            best_of_night: Millis::new(24.8).ok(),
            sectional: Millis::new(6.5 + 0.002 * n as f64).ok(),
            margin: Lengths::new(0.25 * n as f64).ok(),
            positions: (n % 4 > 0).then(|| format!("{}11", 1 + n % 8)),
            weight: Grams::new(29.0 + 0.01 * n as f64).ok(),
            sp: odds(1.5 + 0.1 * n as f64),
            bsp: odds(1.4 + 0.11 * n as f64),
            place_bsp: odds(1.2 + 0.02 * n as f64),
            ..Performance::default()
        },
        par: (n % 5 > 0).then_some(Par {
            time_s: 25.2,
            races: n as f64,
        }),
        look: (n % 6 > 0).then_some(Look {
            win: -2.0 + 0.01 * n as f64,
            place: 0.5 - 0.005 * n as f64,
            surprise: 0.4 - 0.003 * n as f64,
            place_surprise: 0.002 * n as f64 - 0.3,
            field: 0.004 * n as f64 - 0.5,
            noise: 0.8 + 0.002 * n as f64,
            luck: WinPlace {
                win: 0.002 * n as f64 - 0.25,
                place: 0.25 - 0.002 * n as f64,
            },
            hindsight: WinPlace {
                win: 0.1 - 0.001 * n as f64,
                place: 0.0005 * n as f64,
            },
        }),
    }
}

/// A runner with rug `n`, any rating and any past.
fn entry(n: i64) -> impl Strategy<Value = Entry> {
    let strength = (-3.0..3.0, 0.1..3.0).prop_map(|(mean, variance)| Strength { mean, variance });
    let rating = prop::option::of((prop::array::uniform4(strength), 0.0..60.0));
    let past = prop::collection::vec((1_i64..200, any::<u8>()), 0..8);
    (rating, past, -0.5..0.5).prop_map(move |(rating, mut past, effect)| {
        past.sort_unstable();
        Entry {
            rug: Rug::new(n).unwrap(),
            // Box 4 is empty.
            box_no: BoxNo::new(if n < 4 { n } else { n + 1 }).ok(),
            dog: Some(DogId::new(n)),
            trainer: None,
            weight: Grams::new(29.5).ok(),
            history: History {
                runs: past.into_iter().map(|(age, n)| run(age, n)).collect(),
            },
            rating: rating.map(|(strengths, days)| DogRating {
                strengths,
                days,
                races: 3,
                hindsight: WinPlace::default(),
            }),
            bias: BoxBias {
                effect,
                place_effect: 0.9 * effect * effect,
            },
        }
    })
}

/// The race of every snapshot here, with this field.
pub(super) fn snapshot(entries: Vec<Entry>) -> Snapshot {
    Snapshot {
        race: SnapshotRace {
            id: RaceId::new(1),
            day: day(),
            circuit: CircuitId::new(1),
            distance: Metres::new(450.0).ok(),
            class: Class::Standard,
            seconds_per_length: 0.07,
            prior: [-0.2, -0.1, -0.3, 0.1],
        },
        as_of: DateTime::<Utc>::UNIX_EPOCH,
        entries,
    }
}

/// Any field of 1 to 8.
pub(super) fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    (1_usize..=8)
        .prop_flat_map(|field| (1_i64..).take(field).map(entry).collect::<Vec<_>>())
        .prop_map(snapshot)
}

/// The same `n` snapshots every time.
pub(super) fn some_snapshots(n: usize) -> Vec<Snapshot> {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    (0..n)
        .map(|_| any_snapshot().new_tree(&mut runner).unwrap().current())
        .collect()
}

/// The same `n` finished races every time, three a day; the dogs come in by their boxes, from
/// another one each time.
pub(super) fn some_races(n: usize, rules: Rules) -> (Vec<Example>, Vec<About>) {
    let snapshots = some_snapshots(n);
    let races = snapshots.iter().enumerate().map(|(n, snapshot)| {
        let features = features::matrix(snapshot);
        let field = features.len();
        let place = |row: usize| i64::try_from((row + field - n % field) % field + 1).unwrap();
        let ran = (0..field).map(|row| Ran {
            place: Place::new(place(row)).ok(),
            placed: Some(place(row) <= 2),
            closing: odds(2.0 + row as f64),
            earlier: None,
        });
        let about = About {
            day: day().plus(i64::try_from(n / 3).unwrap() - 100),
            rules,
            track: "sale".to_owned(),
            class: Class::Standard,
            fewest_runs: 0,
            by_bsp: false,
            field: ran.collect(),
        };
        let won = (0..field).map(|row| f64::from(u8::from(place(row) == 1)));
        let example = Example {
            won: won.collect(),
            market: None,
            features,
        };
        (example, about)
    });
    races.unzip()
}

/// A part that was fitted on so many races.
pub(super) fn part(rules: Rules, races: usize) -> Part {
    let (examples, abouts) = some_races(races, rules);
    let fit = PipelineSettings::default().check().unwrap();
    Part::fit(rules, &examples, &abouts, fit, day()).unwrap()
}
