//! A model on days that it has not seen, beside the one that was in force before.

use super::judge::{self, Assessment, Foreseen, Terms};
use super::report::Judgement;
use super::window::Window;
use super::{Error, Trainer};
use crate::domain::{Chances, Fault, RaceDay};
use crate::model::score::{self, Judged, Score};
use crate::model::{About, Example, Fitted, Part, artifact};
use crate::runtime::Lane;
use crate::store::models;

/// The unseen races of one set of rules.
pub(super) struct Unseen {
    /// The days before them.
    pub(super) window: Window,
    /// In the order of time.
    pub(super) races: Vec<(Example, About)>,
}

type Race = (Example, About);

impl Unseen {
    /// The judgement of these alone.
    pub(super) fn judged(
        &self,
        fitted: &Fitted,
        former: Option<&Fitted>,
    ) -> Result<Option<Judgement>, Fault> {
        judged(fitted, former, &self.races.iter().collect::<Vec<_>>())
    }

    /// How many have BSP for the whole field.
    pub(super) fn closed_by_bsp(&self) -> usize {
        self.races.iter().filter(|(_, about)| about.by_bsp).count()
    }
}

impl Trainer {
    /// The judgement at length. What is fitted to judge with learns from the first half of the days.
    pub(super) async fn assess(
        &self,
        fitted: &Fitted,
        unseen: Vec<Unseen>,
    ) -> Result<Option<Assessment>, Error> {
        let fitted = fitted.clone();
        let assessed = self.workers.ask(Lane::Batch, move |()| {
            let mut said = Vec::new();
            for Unseen { window, races } in &unseen {
                let half = window.half();
                for (example, about) in races {
                    let part = usize::from(about.day > half);
                    said.push(foresee(fitted.part(about.rules), example, about, part)?);
                }
            }
            judge::assess(&said, Terms::usual()?)
        });
        Ok(assessed.await??)
    }

    /// The model in force; one that this build cannot read is no rival.
    pub(super) async fn former(&self) -> Result<Option<Fitted>, Error> {
        let stored = self
            .store
            .read(Lane::Batch, models::active)
            .await
            .map_err(Error::Store)?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        match artifact::read(&stored.artifact) {
            Ok(fitted) => Ok(Some(fitted)),
            Err(error) => {
                tracing::warn!(model = stored.digest, %error, "the former model cannot be read");
                Ok(None)
            }
        }
    }
}

/// What a fit says of a race that it has not seen.
pub(super) fn foresee(
    fitted: &Part,
    example: &Example,
    about: &About,
    part: usize,
) -> Result<Foreseen, Fault> {
    Ok(Foreseen {
        about: about.clone(),
        model: fitted.pipeline().chances_of(&example.features)?,
        market: example.market.as_deref().map(Chances::new).transpose()?,
        won: example.won.clone(),
        served: fitted.discount(example.won.len()),
        served_blend: fitted.blend(),
        part,
    })
}

/// `None` when there are no races.
pub(super) fn judged(
    fitted: &Fitted,
    former: Option<&Fitted>,
    races: &[&Race],
) -> Result<Option<Judgement>, Fault> {
    let (Some(model), Some((from, until))) = (scored(fitted, races)?, days(races)) else {
        return Ok(None);
    };
    // What the former model has learned from proves nothing for it.
    let apart: Vec<&Race> = match former {
        Some(former) => races
            .iter()
            .copied()
            .filter(|(_, about)| about.day > former.part(about.rules).pipeline().trained_until())
            .collect(),
        None => Vec::new(),
    };
    let rival = former.is_some();
    let former = former.map_or(Ok(None), |former| scored(former, &apart))?;
    let beside_former = scored(fitted, &apart)?;
    let better = match beside_former.zip(former) {
        Some((model, former)) => model.log_loss < former.log_loss,
        None => !rival,
    };
    let priced = races.iter().copied();
    let priced: Vec<&Race> = priced.filter(|(race, _)| race.market.is_some()).collect();
    Ok(Some(Judgement {
        from,
        until,
        model,
        by_logit: scored_by(races, |(example, about)| {
            let pipeline = fitted.part(about.rules).pipeline();
            pipeline.chances_by_logit(&example.features)
        })?,
        market: score::score(&at_closing_prices(&priced)),
        beside_market: scored(fitted, &priced)?,
        former,
        beside_former,
        better,
    }))
}

fn days(races: &[&Race]) -> Option<(RaceDay, RaceDay)> {
    let days = || races.iter().map(|(_, about)| about.day);
    Some((days().min()?, days().max()?))
}

fn at_closing_prices(priced: &[&Race]) -> Vec<Judged> {
    let judged = priced.iter().filter_map(|(example, _)| {
        Some(Judged {
            chances: example.market.clone()?,
            won: example.won.clone(),
        })
    });
    judged.collect()
}

fn scored(fitted: &Fitted, races: &[&Race]) -> Result<Option<Score>, Fault> {
    scored_by(races, |(example, about)| {
        let pipeline = fitted.part(about.rules).pipeline();
        pipeline.chances_of(&example.features)
    })
}

fn scored_by(
    races: &[&Race],
    chances: impl Fn(&Race) -> Result<Chances, Fault>,
) -> Result<Option<Score>, Fault> {
    let mut judged = Vec::with_capacity(races.len());
    for race in races {
        let chances = chances(race)?;
        judged.push(Judged {
            chances: chances.all().iter().map(|chance| chance.get()).collect(),
            won: race.0.won.clone(),
        });
    }
    Ok(score::score(&judged))
}
