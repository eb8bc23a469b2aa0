//! Races that were run: what is known of who came behind the winner, and the powers that make it
//! likeliest.
//!
//! Given the winner, second place is a conditional logit with the one feature `ln p`, and so is
//! third. Many results only say who was placed: where two were behind the winner, both orders count,
//! as often as the powers say (the likelihood of a mixture; its curvature lacks what the order would
//! have told: Louis 1982). With few races the powers stay near those that one had in mind before.

use super::discount::{Discount, DiscountFit};
use super::logit::softmax;
use super::newton::{self, Limits, Slopes};
use crate::domain::{Chances, Fault, Place};

/// The smallest chance that a logarithm is taken of.
const CHANCE_FLOOR: f64 = 1e-12;

/// When a fit has arrived.
const LIMITS: Limits = Limits {
    steps: 50,
    tolerance: 1e-9,
};

/// A finished race: what the chances were and in which order the first came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    win: Chances,
    /// As far as it is known.
    order: Vec<usize>,
    /// The second and the third, where nobody said in which order.
    either: Option<[usize; 2]>,
}

/// Powers that one has in mind before any race is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Toward {
    /// The powers.
    pub(super) discount: Discount,
    /// How far from them the true ones are thought to be, standard deviation; above 0.
    pub(super) spread: f64,
}

impl Finished {
    /// From the place of each runner, `None` for those without, and from who was placed, `None`
    /// where that is not known. A place that is shared says nothing of who was better, so the order
    /// ends before the first dead heat. Fails when they are of different fields.
    pub fn new(
        win: Chances,
        places: &[Option<Place>],
        placed: &[Option<bool>],
    ) -> Result<Self, Fault> {
        let field = win.all().len();
        if field != places.len() || field != placed.len() {
            return Err(Fault::new("must be one a runner").under("places"));
        }
        let mut order = Vec::new();
        for place in 1..=3 {
            let mut there = (0..field).filter(|&n| places[n].map(Place::get) == Some(place));
            match (there.next(), there.next()) {
                (Some(runner), None) => order.push(runner),
                _ => break,
            }
        }
        let mut race = Self {
            win,
            order,
            either: None,
        };
        race.look_at(placed);
        Ok(race)
    }

    /// Runners.
    pub(super) fn field(&self) -> usize {
        self.win.all().len()
    }

    /// What is behind a winner alone, where it is known who was placed.
    fn look_at(&mut self, placed: &[Option<bool>]) {
        let [winner] = self.order[..] else { return };
        if placed[winner] != Some(true) || placed.contains(&None) {
            return;
        }
        let behind = (0..placed.len()).filter(|&n| n != winner && placed[n] == Some(true));
        match behind.collect::<Vec<_>>()[..] {
            [second] => self.order.push(second),
            [one, other] => self.either = Some([one, other]),
            _ => {}
        }
    }

    /// The ways in which it can have ended; none where nothing is known behind the winner.
    fn ways(&self) -> Vec<Way> {
        let Some([one, other]) = self.either else {
            return self.way(&self.order).into_iter().collect();
        };
        let winner = self.order[0];
        let both = [[winner, one, other], [winner, other, one]];
        both.iter().filter_map(|order| self.way(order)).collect()
    }

    fn way(&self, order: &[usize]) -> Option<Way> {
        Some([Some(self.step(order, 1)?), self.step(order, 2)])
    }

    /// Logarithms of the chances of those who were left behind so many, and who of them came next.
    fn step(&self, order: &[usize], others: usize) -> Option<Step> {
        let next = *order.get(others)?;
        let gone = order.get(..others)?;
        let left = (0..self.win.all().len()).filter(|runner| !gone.contains(runner));
        let (mut logs, mut won) = (Vec::new(), 0.0);
        for runner in left {
            let log = self.win.all()[runner].get().max(CHANCE_FLOOR).ln();
            if runner == next {
                won = log;
            }
            logs.push(log);
        }
        Some(Step { logs, won })
    }
}

/// Fits the powers. Fails when one comes out at 0 or less or above 2: then the chances do not belong
/// to the races.
pub(super) fn fit(races: &[Finished], toward: Toward) -> Result<DiscountFit, Fault> {
    let races = races.iter().map(Finished::ways);
    let races: Vec<Vec<Way>> = races.filter(|ways| !ways.is_empty()).collect();
    let precision = toward.spread.powi(-2);
    let start = [1, 2].map(|others| toward.discount.behind(others));
    let strange = |point: &[f64]| {
        let both = point.iter().zip(start);
        both.map(|(power, start)| precision * (power - start).powi(2) / 2.0)
            .sum::<f64>()
    };
    let slopes = |point: &[f64]| {
        let mut told = Told::default();
        for ways in &races {
            told.add(ways, [point[0], point[1]]);
        }
        for n in 0..2 {
            told.gradient[n] -= precision * (point[n] - start[n]);
            told.whole[n] += precision;
        }
        told.slopes()
    };
    let value = |point: &[f64]| {
        let each = races
            .iter()
            .map(|ways| likelihood(ways, [point[0], point[1]]));
        each.sum::<f64>() - strange(point)
    };
    let top = newton::climb(start.to_vec(), LIMITS, value, slopes)?;
    let curvature = slopes(&top).curvature;
    let error = |n: usize| -> Result<f64, Fault> {
        let unit = [0, 1].map(|i| f64::from(u8::from(i == n)));
        Ok(newton::solve(curvature.clone(), &unit)?[n].sqrt())
    };
    Ok(DiscountFit {
        discount: Discount::new(top[0], top[1])?,
        second_se: error(0)?,
        third_se: error(1)?,
        races: races.len(),
    })
}

/// One order: the second place, and the third where it is known.
type Way = [Option<Step>; 2];

/// One place of one race.
#[derive(Debug, Clone)]
struct Step {
    /// `ln p` of everyone who could still take it.
    logs: Vec<f64>,
    /// `ln p` of who did.
    won: f64,
}

/// What races say of the powers: first derivatives, and the negative second ones.
#[derive(Default)]
struct Told {
    gradient: [f64; 2],
    /// As if every order were known; it has no mixed part.
    whole: [f64; 2],
    /// What is lost of it where the order is not known: second, mixed, third.
    lost: [f64; 3],
}

impl Told {
    fn add(&mut self, ways: &[Way], powers: [f64; 2]) {
        let logs: Vec<f64> = ways.iter().map(|way| of_way(way, powers)).collect();
        let slopes = ways.iter().map(|way| {
            let of = |n: usize| {
                way[n]
                    .as_ref()
                    .map_or((0.0, 0.0), |step| step.slopes(powers[n]))
            };
            [of(0), of(1)]
        });
        let slopes: Vec<[(f64, f64); 2]> = slopes.collect();
        let shares = softmax(&logs);
        let mean = [0, 1].map(|n: usize| {
            let both = shares.iter().zip(&slopes);
            both.map(|(share, way)| share * way[n].0).sum::<f64>()
        });
        for (share, way) in shares.iter().zip(&slopes) {
            self.whole[0] += share * way[0].1;
            self.whole[1] += share * way[1].1;
        }
        for (share, way) in shares.iter().zip(&slopes) {
            let off = [way[0].0 - mean[0], way[1].0 - mean[1]];
            self.lost[0] += share * off[0] * off[0];
            self.lost[1] += share * off[0] * off[1];
            self.lost[2] += share * off[1] * off[1];
        }
        self.gradient[0] += mean[0];
        self.gradient[1] += mean[1];
    }

    /// The curvature of what is known where it curves down, else that of whole orders, which always
    /// does.
    fn slopes(self) -> Slopes {
        let ([second, third], [lost, mixed, lost_third]) = (self.whole, self.lost);
        let known = [second - lost, -mixed, -mixed, third - lost_third];
        let down = known[0] > 0.0 && known[0] * known[3] > mixed * mixed;
        let curvature = if down {
            known
        } else {
            [second, 0.0, 0.0, third]
        };
        Slopes {
            gradient: self.gradient.to_vec(),
            curvature: curvature.to_vec(),
        }
    }
}

fn of_way(way: &Way, powers: [f64; 2]) -> f64 {
    let steps = way.iter().zip(powers);
    steps
        .filter_map(|(step, power)| Some(step.as_ref()?.likelihood(power)))
        .sum()
}

/// The logarithm of the chance of all the ways together.
fn likelihood(ways: &[Way], powers: [f64; 2]) -> f64 {
    let logs: Vec<f64> = ways.iter().map(|way| of_way(way, powers)).collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + logs.iter().map(|log| (log - top).exp()).sum::<f64>().ln()
}

impl Step {
    fn likelihood(&self, power: f64) -> f64 {
        let raised = self.logs.iter().map(|log| power * log);
        let top = raised.clone().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = raised.map(|strength| (strength - top).exp()).sum();
        power * self.won - top - sum.ln()
    }

    /// First derivative by the power, and the negative second.
    fn slopes(&self, power: f64) -> (f64, f64) {
        let raised: Vec<f64> = self.logs.iter().map(|log| power * log).collect();
        let shares = softmax(&raised);
        let both = || shares.iter().zip(&self.logs);
        let mean: f64 = both().map(|(share, log)| share * log).sum();
        let spread = both().map(|(share, log)| share * (log - mean).powi(2));
        (self.won - mean, spread.sum())
    }
}

#[cfg(test)]
mod tests;
