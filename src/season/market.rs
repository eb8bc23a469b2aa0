//! What the market makes of the truth: noisy views of it, in books of known size.

use super::luck::{Luck, whole};
use super::race::{SeasonPrices, SeasonRace, SeasonRunner, paid_places};

/// How far the exchange's view strays from the truth, in log odds.
const EXCHANGE: f64 = 0.15;
/// How far the bookmakers' view strays.
const BOOKMAKERS: f64 = 0.3;
/// How far a rival model strays.
const RIVAL: f64 = 0.6;
/// Prices that bookmakers chalk up: the step below each limit.
const LADDER: [(f64, f64); 6] = [
    (2.0, 0.05),
    (4.0, 0.1),
    (6.0, 0.2),
    (10.0, 0.5),
    (20.0, 1.0),
    (201.0, 5.0),
];

/// Prices every starter.
pub(super) fn price(race: &mut SeasonRace, luck: &mut Luck) {
    let truths = race.starters().map(|runner| runner.truth);
    let truths = truths.collect::<Vec<_>>();
    let exchange = view(&truths, EXCHANGE, luck);
    let bookmakers = view(&truths, BOOKMAKERS, luck);
    let rival = view(&truths, RIVAL, luck);
    let book = 1.003 + 0.01 * luck.normal();
    let places = (truths.len() >= 5).then(|| usize::from(paid_places(truths.len())));
    let starting = |runner: &&mut SeasonRunner| !runner.scratched;
    for (index, runner) in race.runners.iter_mut().filter(starting).enumerate() {
        let place = places.map(|places| chance_of_place(&exchange, index, places));
        runner.prices = Some(SeasonPrices {
            sp: chalked(1.0 / (1.25 * bookmakers[index])),
            bsp: cents(1.0 / (book * exchange[index])),
            place_bsp: place.map(|p| cents((0.06 * luck.normal()).exp() / p)),
            rated: cents(1.0 / rival[index]),
        });
    }
}

/// The truth seen through noise, summing to one.
fn view(truths: &[f64], noise: f64, luck: &mut Luck) -> Vec<f64> {
    let blur = |p: &f64| p * (noise * luck.normal()).exp();
    let raw = truths.iter().map(blur).collect::<Vec<_>>();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|p| p / sum).collect()
}

/// The chance that `dog` is among the first `places`, Plackett-Luce with these win chances.
pub(super) fn chance_of_place(wins: &[f64], dog: usize, places: usize) -> f64 {
    let mut gone = vec![false; wins.len()];
    within(wins, dog, places, &mut gone)
}

fn within(wins: &[f64], dog: usize, places: usize, gone: &mut [bool]) -> f64 {
    if places == 0 {
        return 0.0;
    }
    let left = wins.iter().zip(gone.iter()).filter(|(_, gone)| !**gone);
    let left: f64 = left.map(|(p, _)| p).sum();
    let mut chance = wins[dog] / left;
    for first in 0..wins.len() {
        if first == dog || gone[first] {
            continue;
        }
        gone[first] = true;
        chance += wins[first] / left * within(wins, dog, places - 1, gone);
        gone[first] = false;
    }
    chance
}

/// Betfair's range and steps of a cent.
fn cents(price: f64) -> f64 {
    f64::from(whole(price.clamp(1.01, 1_000.0) * 100.0 + 0.5)) / 100.0
}

/// The nearest price on the board.
fn chalked(price: f64) -> f64 {
    let price = price.clamp(1.05, 201.0);
    let step = LADDER.iter().find(|(limit, _)| price <= *limit);
    let cents_a_step = step.map_or(500, |(_, step)| whole(step * 100.0 + 0.5));
    let steps = whole(price * 100.0 / f64::from(cents_a_step) + 0.5);
    f64::from(steps * cents_a_step) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_place_as_are_paid() {
        let wins = [0.4, 0.2, 0.15, 0.1, 0.07, 0.05, 0.02, 0.01];

        let sum: f64 = (0..8).map(|dog| chance_of_place(&wins, dog, 3)).sum();

        assert!((sum - 3.0).abs() < 1e-9, "{sum}");
        assert!((chance_of_place(&wins, 0, 1) - 0.4).abs() < 1e-12);
    }

    #[test]
    fn the_board_has_round_prices() {
        for (price, board) in [
            (3.234, 3.2),
            (1.0, 1.05),
            (7.7, 7.5),
            (64.0, 65.0),
            (999.0, 200.0),
        ] {
            assert!((chalked(price) - board).abs() < 1e-9, "{price}");
        }
    }
}
