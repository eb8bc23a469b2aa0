//! The chances of a place, from the win chances: by plain Harville, by Benter's powers, by those that
//! would have been served, and by powers that were fitted to the parts before.
//!
//! How many places were paid is taken from the result (fields shrink after bets are made), so these
//! are chances given that number.

use serde::Serialize;

use super::Foreseen;
use crate::domain::{Chance, Fault};
use crate::model::bootstrap::Interval;
use crate::model::discount::{Discount, Discounts, DiscountsFit};
use crate::model::{Difference, Rules, placing};

/// Races that powers are fitted on at least.
const NEEDED: usize = 200;
/// The most places that are paid.
const MOST: usize = 3;
/// The smallest chance that is charged for.
const FLOOR: f64 = 1e-12;

/// Place chances judged, lower is better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Places {
    /// Races whose placed runners are known.
    pub races: usize,
    /// Of equal chances.
    pub base: PlaceScore,
    /// Of plain Harville.
    pub harville: PlaceScore,
    /// Of Benter's powers, .81 and .65.
    pub benter: PlaceScore,
    /// Of the powers that come with the model.
    pub served: ServedPlaces,
    /// Of fitted powers and of the others on the same races; `None` where nothing could be fitted.
    pub fitted: Option<FittedPlaces>,
}

/// The log loss of place chances: the mean over races of the mean over runners.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PlaceScore {
    /// The mean, nats.
    pub log_loss: f64,
    /// Where it lies with 95 % confidence.
    pub interval: Interval,
}

/// The powers that come with the model: rehearsed on the days that it was fitted on, or for want of a
/// rehearsal measured elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ServedPlaces {
    /// Of these powers.
    pub served: PlaceScore,
    /// Their log loss less plain Harville's; below 0 they are better.
    pub less_harville: Difference,
    /// Their log loss less that of Benter's.
    pub less_benter: Difference,
}

/// Fitted powers, judged on parts that came after those of their fits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FittedPlaces {
    /// Races behind it.
    pub races: usize,
    /// Of the fitted powers.
    pub fitted: PlaceScore,
    /// The fitted powers' log loss less plain Harville's; below 0 they are better.
    pub less_harville: Difference,
    /// The fitted powers' log loss less that of Benter's.
    pub less_benter: Difference,
    /// The powers that the last part was judged with.
    pub powers: Discounts,
}

/// `None` where nobody says who was placed.
pub(super) fn places(races: &[Foreseen]) -> Result<Option<Places>, Fault> {
    let powers = Discount::new(0.81, 0.65)?;
    let known: Vec<&Foreseen> = races.iter().filter(|race| race.paid().is_some()).collect();
    let plain = losses(&known, |_race| Discount::NONE)?;
    let discounted = losses(&known, |_race| powers)?;
    let served = losses(&known, |race| race.served)?;
    let base: Vec<f64> = known.iter().filter_map(|race| race.base()).collect();
    let (Some(harville), Some(benter), Some(base), Some(served)) = (
        PlaceScore::of(&plain),
        PlaceScore::of(&discounted),
        PlaceScore::of(&base),
        ServedPlaces::of(&served, &plain, &discounted),
    ) else {
        return Ok(None);
    };
    Ok(Some(Places {
        races: known.len(),
        base,
        harville,
        benter,
        served,
        fitted: fitted(&known, &plain, &discounted)?,
    }))
}

fn fitted(
    known: &[&Foreseen],
    plain: &[f64],
    benter: &[f64],
) -> Result<Option<FittedPlaces>, Fault> {
    let last = known.iter().map(|race| race.part).max().unwrap_or(0);
    let (mut own, mut less_plain, mut less_benter, mut powers) =
        (Vec::new(), Vec::new(), Vec::new(), None);
    for part in 1..=last {
        let before = known.iter().copied().filter(|race| race.part < part);
        let Some(fit) = powers_of(&before.collect::<Vec<_>>())? else {
            continue;
        };
        powers = Some(fit);
        let here = known.iter().enumerate();
        for (n, race) in here.filter(|(_, race)| race.part == part) {
            for loss in losses(&[race], |race| fit.of(race.won.len()))? {
                own.push(loss);
                less_plain.push(loss - plain[n]);
                less_benter.push(loss - benter[n]);
            }
        }
    }
    let (Some(powers), Some(fitted)) = (powers, PlaceScore::of(&own)) else {
        return Ok(None);
    };
    let (Some(less_harville), Some(less_benter)) =
        (Difference::of(&less_plain), Difference::of(&less_benter))
    else {
        return Ok(None);
    };
    Ok(Some(FittedPlaces {
        races: own.len(),
        fitted,
        less_harville,
        less_benter,
        powers,
    }))
}

/// Powers by size of field, as a rehearsal fits them. `None` for too few races.
fn powers_of(before: &[&Foreseen]) -> Result<Option<Discounts>, Fault> {
    if before.len() < NEEDED {
        return Ok(None);
    }
    let orders = before
        .iter()
        .map(|race| race.about.finished(race.model.clone()))
        .collect::<Result<Vec<_>, _>>()?;
    let of = |rules: Rules| {
        before
            .iter()
            .filter(|race| race.about.rules == rules)
            .count()
    };
    let rules = if of(Rules::Britain) > of(Rules::Australia) {
        Rules::Britain
    } else {
        Rules::Australia
    };
    Ok(Some(DiscountsFit::fit(&orders, rules)?.discounts()))
}

impl Foreseen {
    /// How many were placed; `None` where that is not known of everybody.
    fn paid(&self) -> Option<usize> {
        let placed = self.about.field.iter().map(|ran| ran.placed);
        let placed: Option<Vec<bool>> = placed.collect();
        let paid = placed?.into_iter().filter(|placed| *placed).count();
        ((1..=MOST).contains(&paid) && paid < self.won.len()).then_some(paid)
    }

    fn base(&self) -> Option<f64> {
        let share = self.paid()? as f64 / self.won.len() as f64;
        Some(-share * share.ln() - (1.0 - share) * (1.0 - share).ln())
    }
}

/// The log loss of each race with the powers that it is given.
fn losses(races: &[&Foreseen], powers: impl Fn(&Foreseen) -> Discount) -> Result<Vec<f64>, Fault> {
    let mut losses = Vec::with_capacity(races.len());
    for race in races {
        let Some(paid) = race.paid() else { continue };
        let chances = placing::place_chances(&race.model, paid, powers(race))?;
        let each = chances
            .iter()
            .copied()
            .map(Chance::get)
            .zip(&race.about.field);
        let loss: f64 = each
            .map(|(chance, ran)| {
                let placed = ran.placed == Some(true);
                let said = if placed { chance } else { 1.0 - chance };
                -said.max(FLOOR).ln()
            })
            .sum();
        losses.push(loss / race.won.len() as f64);
    }
    Ok(losses)
}

impl PlaceScore {
    fn of(losses: &[f64]) -> Option<Self> {
        let mean = Difference::of(losses)?;
        Some(Self {
            log_loss: mean.mean,
            interval: mean.interval,
        })
    }
}

impl ServedPlaces {
    fn of(served: &[f64], plain: &[f64], benter: &[f64]) -> Option<Self> {
        let less = |other: &[f64]| {
            let each = served.iter().zip(other);
            Difference::of(
                &each
                    .map(|(served, other)| served - other)
                    .collect::<Vec<_>>(),
            )
        };
        Some(Self {
            served: PlaceScore::of(served)?,
            less_harville: less(plain)?,
            less_benter: less(benter)?,
        })
    }
}
