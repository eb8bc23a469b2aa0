//! Do runners win as often as they are said to, at every price? Favourites and longshots apart, the
//! model beside the market.
//!
//! A race is never sorted by what happened in it: every runner counts at its own closing price, winner
//! or not, so 1 is what a good opinion comes to in every band.

use serde::Serialize;

use super::Foreseen;
use super::split::price_band;
use crate::domain::{Chance, Chances};
use crate::model::bootstrap::{Bootstrap, Interval};

/// Runners of much the same closing price, of races whose whole field has one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Priced {
    /// From where to where.
    pub name: String,
    /// How many.
    pub runners: usize,
    /// How many won; dead heats count in part.
    pub won: f64,
    /// What the model expected.
    pub model: Expected,
    /// What the closing prices expected.
    pub market: Expected,
}

/// What an opinion expected of some runners.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expected {
    /// The sum of its chances.
    pub won: f64,
    /// Who won over that: above 1 it thought too little of them.
    pub ratio: f64,
    /// Where the ratio lies with 95 % confidence, races being drawn whole; `None` for fewer than two.
    pub interval: Option<Interval>,
}

/// What happened to the runners of one race in one band, and what was expected.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    runners: usize,
    won: f64,
    model: f64,
    market: f64,
}

/// By closing price, the shortest first; bands without a runner are left out.
pub(super) fn priced(races: &[Foreseen]) -> Vec<Priced> {
    let mut bands: Vec<(String, Vec<Sums>)> = Vec::new();
    for race in races {
        let mut here: Vec<Sums> = Vec::new();
        let market = race.market.iter().flat_map(Chances::all);
        let said = race.model.all().iter().zip(market).zip(&race.won);
        for (((model, market), won), ran) in said.zip(&race.about.field) {
            let Some((place, name)) = ran.closing.map(price_band) else {
                continue;
            };
            while bands.len() <= place {
                bands.push(Default::default());
            }
            bands[place].0 = name;
            here.resize(here.len().max(place + 1), Sums::default());
            here[place].add(*model, *market, *won);
        }
        for (place, sums) in here.into_iter().enumerate() {
            if sums.runners > 0 {
                bands[place].1.push(sums);
            }
        }
    }
    let bands = bands.into_iter().filter(|(_, races)| !races.is_empty());
    bands
        .map(|(name, races)| Priced::of(name, &races))
        .collect()
}

impl Sums {
    fn add(&mut self, model: Chance, market: Chance, won: f64) {
        self.runners += 1;
        self.won += won;
        self.model += model.get();
        self.market += market.get();
    }
}

impl Priced {
    fn of(name: String, races: &[Sums]) -> Self {
        Self {
            name,
            runners: races.iter().map(|race| race.runners).sum(),
            won: races.iter().map(|race| race.won).sum(),
            model: Expected::of(races, |race| race.model),
            market: Expected::of(races, |race| race.market),
        }
    }
}

impl Expected {
    fn of(races: &[Sums], said: impl Fn(&Sums) -> f64) -> Self {
        let pairs: Vec<(f64, f64)> = races.iter().map(|race| (race.won, said(race))).collect();
        let won: f64 = pairs.iter().map(|pair| pair.0).sum();
        let expected: f64 = pairs.iter().map(|pair| pair.1).sum();
        Self {
            won: expected,
            ratio: won / expected,
            interval: Bootstrap::default().ratio(&pairs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Class, Odds, RaceDay};
    use crate::model::discount::Discounts;
    use crate::model::{About, Ran, Rules};

    /// A race of four at these closing prices, won by one of them, as a model sees it.
    fn race(prices: [f64; 4], winner: usize, model: [f64; 4]) -> Foreseen {
        let field = prices.map(|price| Ran {
            closing: Odds::new(price).ok(),
            ..Ran::default()
        });
        let book: f64 = prices.iter().map(|price| 1.0 / price).sum();
        let market = prices.map(|price| 1.0 / price / book);
        let mut won = vec![0.0; 4];
        won[winner] = 1.0;
        Foreseen {
            about: About {
                day: RaceDay::parse("2026-01-02").unwrap(),
                track: "sale".to_owned(),
                rules: Rules::Australia,
                class: Class::Standard,
                by_bsp: true,
                fewest_runs: 0,
                field: field.to_vec(),
            },
            model: Chances::new(&model).unwrap(),
            market: Chances::new(&market).ok(),
            won,
            served: Discounts::AUSTRALIA.of(4),
            served_blend: None,
            part: 0,
        }
    }

    fn close(found: f64, known: f64) -> bool {
        (found - known).abs() < 1e-12
    }

    #[test]
    fn every_runner_counts_at_its_own_price() {
        // A book of 1 exactly.
        let prices = [2.0, 4.0, 8.0, 8.0];
        let model = [0.4, 0.3, 0.2, 0.1];
        let races = [
            race(prices, 0, model),
            race(prices, 0, model),
            race(prices, 3, model),
        ];

        let bands = priced(&races);

        let names: Vec<_> = bands.iter().map(|band| band.name.as_str()).collect();
        let runners: Vec<_> = bands.iter().map(|band| band.runners).collect();
        assert_eq!(
            (names, runners),
            (vec!["2-4", "4-8", "8-15"], vec![3, 3, 6])
        );
        let [short, middle, long] = bands.as_slice() else {
            panic!("{bands:?}");
        };
        assert!(
            close(short.won, 2.0) && close(short.model.won, 1.2),
            "{short:?}"
        );
        assert!(close(short.market.won, 1.5) && close(short.market.ratio, 2.0 / 1.5));
        assert!(
            close(middle.won, 0.0) && close(middle.model.ratio, 0.0),
            "{middle:?}"
        );
        assert!(
            close(long.won, 1.0) && close(long.model.won, 0.9),
            "{long:?}"
        );
        let interval = short.model.interval.unwrap();
        assert!(
            close(interval.low, 0.0) && close(interval.high, 2.5),
            "{interval:?}"
        );
    }

    #[test]
    fn a_model_that_thinks_too_little_of_longshots_is_told_where() {
        let prices = [1.6, 6.0, 12.0, 24.0];
        let races: Vec<Foreseen> = (0..400)
            .map(|n| {
                let winner = [0, 0, 0, 0, 0, 0, 1, 1, 2, 3][n % 10];
                race(prices, winner, [0.72, 0.2, 0.06, 0.02])
            })
            .collect();

        let bands = priced(&races);

        let [favourite, .., longshot] = bands.as_slice() else {
            panic!("{bands:?}");
        };
        assert_eq!(
            (favourite.name.as_str(), longshot.name.as_str()),
            ("1-2", "15-30")
        );
        assert!(
            favourite.model.interval.unwrap().high < 1.0,
            "{favourite:?}"
        );
        assert!(longshot.model.interval.unwrap().low > 1.0, "{longshot:?}");
        let won: f64 = bands.iter().map(|band| band.won).sum();
        let said: f64 = bands.iter().map(|band| band.model.won).sum();
        assert!((won - 400.0).abs() < 1e-9 && (said - 400.0).abs() < 1e-9);
    }

    #[test]
    fn races_without_a_price_for_everybody_are_left_out() {
        let mut bare = race([2.0, 4.0, 8.0, 8.0], 0, [0.25; 4]);
        bare.market = None;

        assert_eq!(priced(&[bare]), []);
    }
}
