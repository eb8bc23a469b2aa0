//! The model and the market together.
//!
//! `c_i ∝ exp(α ln f_i + β ln π_i)`: the second stage of Benter's two (Benter 1994, Computer Based
//! Horse Race Handicapping and Wagering Systems; Sung & Johnson 2007 compare it with one stage). It
//! is a conditional logit of two columns, fitted by maximum likelihood. The model's chances must be
//! of races that the model was not fitted on, and what a blend is worth is to be read off races that
//! came after those of its fit: with the same races, no blend ever looks worse than the market.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, Interval};
use super::logit::softmax;
use super::newton::{self, Limits, Slopes};
use crate::domain::{Chance, Chances, Fault};

/// The smallest chance that a logarithm is taken of.
const CHANCE_FLOOR: f64 = 1e-12;

/// How far labels may be from summing to one.
const TOLERANCE: f64 = 1e-6;

/// A standard error of a power from which on it says nothing.
const BLURRED: f64 = 100.0;

/// When the fit of two numbers has arrived.
const LIMITS: Limits = Limits {
    steps: 50,
    tolerance: 1e-12,
};

/// How much either is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Blend {
    /// α: the power of the model's chances.
    model: f64,
    /// β: the power of the market's.
    market: f64,
}

/// Powers as somebody wrote them down.
#[derive(Deserialize)]
struct Written {
    model: f64,
    market: f64,
}

impl TryFrom<Written> for Blend {
    type Error = Fault;

    fn try_from(written: Written) -> Result<Self, Fault> {
        Self::new(written.model, written.market)
    }
}

/// A finished race: what the model and the market said, and who won.
#[derive(Debug, Clone, PartialEq)]
pub struct BlendRace {
    /// Of the model, out of its sample.
    pub model: Chances,
    /// Of the market, the margin taken out.
    pub market: Chances,
    /// 1 for the winner, 1/k for each of k in a dead heat.
    pub won: Vec<f64>,
}

/// A fitted blend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlendFit {
    /// Both together.
    pub blend: Blend,
    /// Standard error of α, from the inverse curvature.
    pub model_se: f64,
    /// Standard error of β.
    pub market_se: f64,
    /// The market alone at the power that suits it best; the rival that a blend has to beat.
    pub market_alone: Blend,
    /// Races behind it.
    pub races: usize,
    /// Log likelihood of the model's chances as they are.
    pub model_likelihood: f64,
    /// Log likelihood of the market's chances as they are.
    pub market_likelihood: f64,
    /// Log likelihood of the blend.
    pub likelihood: f64,
}

/// A race to judge a blend by, each fitted on races before it.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'race> {
    /// The race.
    pub race: &'race BlendRace,
    /// The blend.
    pub blend: Blend,
    /// What it is held against: [`Blend::MARKET`], or the `market_alone` of its fit.
    pub rival: Blend,
}

/// What a blend is worth on races that it was not fitted on. R² is McFadden's,
/// `1 − L / L(uniform)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlendWorth {
    /// Races behind it.
    pub races: usize,
    /// Of the model as it is.
    pub model_r2: f64,
    /// Of the market as it is.
    pub market_r2: f64,
    /// Of the blend.
    pub blend_r2: f64,
    /// ΔR²: the blend's less the rival's.
    pub gain: f64,
    /// Where ΔR² lies; `None` for fewer than two races.
    pub gain_interval: Option<Interval>,
}

impl Blend {
    /// The model alone, as it is.
    pub const MODEL: Self = Self {
        model: 1.0,
        market: 0.0,
    };

    /// The market alone, as it is.
    pub const MARKET: Self = Self {
        model: 0.0,
        market: 1.0,
    };

    /// Fails on powers that are not finite or beyond 100.
    pub fn new(model: f64, market: f64) -> Result<Self, Fault> {
        for (power, at) in [(model, "model"), (market, "market")] {
            if !(-100.0..=100.0).contains(&power) {
                return Err(Fault::new("must be -100 to 100").under(at));
            }
        }
        Ok(Self { model, market })
    }

    /// α, the power of the model's chances.
    #[must_use]
    pub const fn model(self) -> f64 {
        self.model
    }

    /// β, the power of the market's chances.
    #[must_use]
    pub const fn market(self) -> f64 {
        self.market
    }

    /// The chances of a field. A runner that the model cannot rate gets the market's chance, and
    /// the others share what is left. Fails when the two are of different fields.
    pub fn chances(self, model: &[Option<Chance>], market: &Chances) -> Result<Chances, Fault> {
        let market: Vec<f64> = market.all().iter().map(|chance| chance.get()).collect();
        if model.len() != market.len() {
            return Err(Fault::new("must be as many as the market's").under("model"));
        }
        let (mut rated, mut strengths) = (Vec::new(), Vec::new());
        for (n, (chance, public)) in model.iter().zip(&market).enumerate() {
            if let Some(chance) = chance {
                rated.push(n);
                strengths.push(self.strength(chance.get(), *public));
            }
        }
        let left: f64 = rated.iter().map(|&n| market[n]).sum();
        let mut blended = market;
        for (n, share) in rated.into_iter().zip(softmax(&strengths)) {
            blended[n] = left * share;
        }
        Chances::new(&blended)
    }

    fn strength(self, model: f64, market: f64) -> f64 {
        self.model * log(model) + self.market * log(market)
    }

    /// `Σ won · ln c` in one race.
    fn likelihood(self, race: &Logs) -> f64 {
        let powers = [self.model, self.market];
        race.likelihood(&powers)
    }
}

impl BlendRace {
    fn check(&self) -> Result<(), Fault> {
        let field = self.model.all().len();
        let sum: f64 = self.won.iter().sum();
        if self.market.all().len() != field || self.won.len() != field {
            return Err(Fault::new("must have one field"));
        }
        if !self.won.iter().all(|won| (0.0..=1.0).contains(won)) || (sum - 1.0).abs() > TOLERANCE {
            return Err(Fault::new("must sum to 1 over the field").under("won"));
        }
        Ok(())
    }
}

/// Fits both powers. Fails on no races, on a race whose parts do not fit together, and where the
/// two are so alike that their powers cannot be told apart.
pub fn fit(races: &[BlendRace]) -> Result<BlendFit, Fault> {
    let logs = logs(races.iter())?;
    let both = climb(&logs, 2, |powers| [powers[0], powers[1]])?;
    let alone = climb(&logs, 1, |powers| [0.0, powers[0]])?;
    let blend = Blend::new(both[0], both[1])?;
    let curvature = slopes(&logs, [both[0], both[1]]).curvature;
    let error = |n: usize| -> Result<f64, Fault> {
        let unit = [0, 1].map(|i| f64::from(u8::from(i == n)));
        let error = newton::solve(curvature.clone(), &unit)?[n].sqrt();
        if error < BLURRED {
            return Ok(error);
        }
        Err(Fault::new("the model and the market cannot be told apart"))
    };
    let total = |blend: Blend| logs.iter().map(|race| blend.likelihood(race)).sum();
    Ok(BlendFit {
        blend,
        model_se: error(0)?,
        market_se: error(1)?,
        market_alone: Blend::new(0.0, alone[0])?,
        races: races.len(),
        model_likelihood: total(Blend::MODEL),
        market_likelihood: total(Blend::MARKET),
        likelihood: total(blend),
    })
}

/// What blends are worth beside their rivals. Fails on no races, and on a race whose parts do not fit
/// together.
pub fn worth(trials: &[Trial<'_>], bootstrap: Bootstrap) -> Result<BlendWorth, Fault> {
    let logs = logs(trials.iter().map(|trial| trial.race))?;
    let uniform: f64 = logs.iter().map(Logs::uniform).sum();
    if uniform <= 0.0 {
        return Err(Fault::new("must have more than one runner").under("races"));
    }
    let both = || trials.iter().zip(&logs);
    let r2 = |of: fn(&Trial<'_>) -> Blend| {
        let likelihood: f64 = both().map(|(trial, race)| of(trial).likelihood(race)).sum();
        1.0 + likelihood / uniform
    };
    let gains: Vec<(f64, f64)> = both()
        .map(|(trial, race)| {
            let gain = trial.blend.likelihood(race) - trial.rival.likelihood(race);
            (gain, race.uniform())
        })
        .collect();
    let blend_r2 = r2(|trial| trial.blend);
    Ok(BlendWorth {
        races: trials.len(),
        model_r2: r2(|_trial| Blend::MODEL),
        market_r2: r2(|_trial| Blend::MARKET),
        blend_r2,
        gain: blend_r2 - r2(|trial| trial.rival),
        gain_interval: bootstrap.ratio(&gains),
    })
}

/// A race in logarithms: of the model's chance, of the market's, and who won.
struct Logs(Vec<([f64; 2], f64)>);

impl Logs {
    fn strengths(&self, powers: &[f64; 2]) -> Vec<f64> {
        let runners = self.0.iter();
        runners
            .map(|(x, _)| powers[0] * x[0] + powers[1] * x[1])
            .collect()
    }

    fn likelihood(&self, powers: &[f64; 2]) -> f64 {
        let strengths = self.strengths(powers);
        let top = strengths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = strengths.iter().map(|s| (s - top).exp()).sum();
        let won = strengths.iter().zip(&self.0);
        won.map(|(s, (_, won))| won * (s - top - sum.ln())).sum()
    }

    /// `ln n`, what the uniform guess loses.
    fn uniform(&self) -> f64 {
        (self.0.len() as f64).ln()
    }
}

fn logs<'races>(
    races: impl ExactSizeIterator<Item = &'races BlendRace>,
) -> Result<Vec<Logs>, Fault> {
    if races.len() == 0 {
        return Err(Fault::new("no races to blend"));
    }
    races
        .enumerate()
        .map(|(n, race)| {
            race.check()
                .map_err(|fault| fault.under(&format!("races[{n}]")))?;
            let both = race.model.all().iter().zip(race.market.all());
            let runners = both.zip(&race.won);
            Ok(Logs(
                runners
                    .map(|((f, p), won)| ([log(f.get()), log(p.get())], *won))
                    .collect(),
            ))
        })
        .collect()
}

fn log(chance: f64) -> f64 {
    chance.max(CHANCE_FLOOR).ln()
}

/// The best powers, when the last `free` of the two may move and `powers` says what they stand for.
fn climb(
    races: &[Logs],
    free: usize,
    powers: impl Fn(&[f64]) -> [f64; 2],
) -> Result<Vec<f64>, Fault> {
    let start = if free == 2 { vec![0.5; 2] } else { vec![1.0] };
    newton::climb(
        start,
        LIMITS,
        |point| {
            let powers = powers(point);
            races.iter().map(|race| race.likelihood(&powers)).sum()
        },
        |point| {
            let all = slopes(races, powers(point));
            if free == 2 {
                return all;
            }
            Slopes {
                gradient: vec![all.gradient[1]],
                curvature: vec![all.curvature[3]],
            }
        },
    )
}

/// `Σ Xᵀ(won − c)` and `Σ (Xᵀ diag(c) X − m mᵀ)`, `m = Xᵀc`.
fn slopes(races: &[Logs], powers: [f64; 2]) -> Slopes {
    let mut gradient = vec![0.0; 2];
    let mut curvature = vec![0.0; 4];
    for race in races {
        let chances = softmax(&race.strengths(&powers));
        let mean = [0, 1].map(|i| race.mean(&chances, i));
        for ((x, won), c) in race.0.iter().zip(&chances) {
            // About the mean, so that nothing cancels.
            let x = [x[0] - mean[0], x[1] - mean[1]];
            for i in 0..2 {
                gradient[i] += x[i] * (won - c);
                for j in 0..2 {
                    curvature[2 * i + j] += c * x[i] * x[j];
                }
            }
        }
    }
    Slopes {
        gradient,
        curvature,
    }
}

impl Logs {
    fn mean(&self, chances: &[f64], column: usize) -> f64 {
        let runners = self.0.iter().zip(chances);
        runners.map(|((x, _), c)| c * x[column]).sum()
    }
}

#[cfg(test)]
mod tests;
