//! Where the model is good and where it is not: the same log losses, sorted.

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::Serialize;

use super::Foreseen;
use crate::domain::{Class, Odds};
use crate::model::Difference;
use crate::model::bootstrap::Interval;
use crate::model::score::{self, Judged, Score};

/// Where bands of closing prices begin.
const PRICES: [u32; 6] = [1, 2, 4, 8, 15, 30];
/// Where bands of the fewest past runs begin, and what they are called.
const RUNS: [(usize, &str); 5] = [(0, "0"), (1, "1-4"), (5, "5-9"), (10, "10-19"), (20, "20+")];

/// Races sorted in seven ways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Splits {
    /// By calendar month.
    pub month: Vec<Part>,
    /// By track.
    pub track: Vec<Part>,
    /// By class of race.
    pub grade: Vec<Part>,
    /// By the winner's closing price. Whoever sorts by what happened finds the favourite's races
    /// easy: only the difference to the market means something here.
    pub winner_price: Vec<Part>,
    /// By the size of the field.
    pub field_size: Vec<Part>,
    /// By whose rules it was run under.
    pub rules: Vec<Part>,
    /// By the past runs of the runner with the fewest.
    pub fewest_runs: Vec<Part>,
}

/// Races that have something in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// What they have in common.
    pub name: String,
    /// How many.
    pub races: usize,
    /// The model's log loss.
    pub log_loss: f64,
    /// Where it lies with 95 % confidence.
    pub log_loss_interval: Interval,
    /// Of equal chances.
    pub uniform: f64,
    /// How often the top pick won.
    pub strike_rate: f64,
    /// The market's log loss on those that have closing prices.
    pub market_log_loss: Option<f64>,
    /// The model's log loss less the market's on those.
    pub difference: Option<Difference>,
}

impl Splits {
    pub(super) fn of(races: &[Foreseen]) -> Self {
        Self {
            month: sorted(races, |race| (0, month(race))),
            track: sorted(races, |race| (0, race.about.track.clone())),
            grade: sorted(races, |race| {
                let class = race.about.class;
                (usize::from(class.code()), name(class).to_owned())
            }),
            winner_price: sorted(races, winner_price),
            field_size: sorted(races, |race| (race.won.len(), race.won.len().to_string())),
            rules: sorted(races, |race| (0, race.about.rules.as_str().to_owned())),
            fewest_runs: sorted(races, |race| {
                let bands = RUNS.iter().enumerate().rev();
                let runs = race.about.fewest_runs;
                let band = bands.into_iter().find(|(_, (from, _))| *from <= runs);
                band.map_or_else(Default::default, |(n, (_, name))| (n, (*name).to_owned()))
            }),
        }
    }
}

fn sorted(races: &[Foreseen], key: impl Fn(&Foreseen) -> (usize, String)) -> Vec<Part> {
    let mut groups: BTreeMap<(usize, String), Vec<&Foreseen>> = BTreeMap::new();
    for race in races {
        groups.entry(key(race)).or_default().push(race);
    }
    let parts = groups.into_iter();
    parts
        .filter_map(|((_, name), races)| Part::of(name, &races))
        .collect()
}

impl Part {
    fn of(name: String, races: &[&Foreseen]) -> Option<Self> {
        let judged: Vec<Judged> = races.iter().map(|race| race.judged()).collect();
        let market: Vec<Judged> = races.iter().filter_map(|r| r.at_closing_prices()).collect();
        let behind: Vec<f64> = races
            .iter()
            .filter_map(|race| race.behind_market())
            .collect();
        let Score {
            races,
            log_loss,
            log_loss_interval,
            uniform,
            strike_rate,
            ..
        } = score::score(&judged)?;
        Some(Self {
            name,
            races,
            log_loss,
            log_loss_interval,
            uniform,
            strike_rate,
            market_log_loss: score::score(&market).map(|market| market.log_loss),
            difference: Difference::of(&behind),
        })
    }
}

fn month(race: &Foreseen) -> String {
    let date = race.about.day.date();
    format!("{}-{:02}", date.year(), date.month())
}

/// The one price of a winner; none where it has none.
fn winner_price(race: &Foreseen) -> (usize, String) {
    let field = race.about.field.iter().zip(&race.won);
    let winner = field
        .filter(|(_, won)| **won > 0.0)
        .find_map(|(ran, _)| ran.closing);
    let Some(odds) = winner else {
        return (usize::MAX, "unknown".to_owned());
    };
    price_band(odds)
}

/// Which band of closing prices it is in, and what that is called.
pub(super) fn price_band(odds: Odds) -> (usize, String) {
    let place = PRICES.partition_point(|from| f64::from(*from) <= odds.get());
    let begins = PRICES[..place].last().copied().unwrap_or_default();
    let name = match PRICES.get(place) {
        Some(end) => format!("{begins}-{end}"),
        None => format!("{begins}+"),
    };
    (place, name)
}

const fn name(class: Class) -> &'static str {
    match class {
        Class::Maiden => "maiden",
        Class::Novice => "novice",
        Class::Restricted => "restricted",
        Class::Low => "low",
        Class::Standard => "standard",
        Class::High => "high",
        Class::Open => "open",
        Class::Unknown => "unknown",
    }
}
