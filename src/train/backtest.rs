//! Walk forward: fit on the past, say of the next days who wins, score, move on.
//!
//! Nothing else is offered. Each fold fits on what came before it, with a gap of at least a day, and
//! everything that is fitted is fitted inside the fold: ratings, pars and biases are rows with a date
//! already, what is served beside the chances to win is rehearsed on the days of the fit, and the
//! blends and discounts that only judge learn from the folds before (`judge`).

use std::ops::Range;

use chrono::Datelike;
use serde::Serialize;

use super::judge::{self, Assessment, Foreseen, Terms};
use super::unseen::foresee;
use super::window::Window;
use super::{Error, RACES_NEEDED, Trainer};
use crate::domain::{Fault, Faults, RaceDay};
use crate::model::score::{self, Judged};
use crate::model::stake::{Commission, USUAL_COMMISSION, USUAL_EDGE};
use crate::model::{About, Example, Fitted, Part, PipelineFit, PipelineSettings, Rules};
use crate::runtime::Lane;

/// Days between the last that is fitted on and the first that is predicted, at least.
const GAP: u32 = 1;
/// The same, at most.
const GAP_MOST: u32 = 60;
/// The longest fold by days.
const STEP_MOST: u32 = 366;
/// Fits of one backtest, at most.
const FOLDS_MOST: usize = 200;
/// Days that one backtest predicts, at most.
const SPAN_MOST: i64 = 3_660;
/// The largest edge that may be asked for.
const EDGE_MOST: f64 = 1.0;

/// What to backtest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BacktestSpec {
    /// First day that is predicted.
    pub from: RaceDay,
    /// Last day that is predicted.
    pub until: RaceDay,
    /// Days of a fold; `None` makes a fold of each calendar month.
    pub step_days: Option<u32>,
    /// Days left out before each fold.
    pub gap_days: u32,
    /// Taken off winnings.
    pub commission: f64,
    /// What a bet must promise beyond its stake.
    pub edge: f64,
}

/// Settings that have been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct BacktestPlan {
    spec: BacktestSpec,
    terms: Terms,
    folds: Vec<(RaceDay, RaceDay)>,
}

/// How a backtest went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BacktestReport {
    /// First day that was predicted.
    pub from: RaceDay,
    /// Last day that was predicted.
    pub until: RaceDay,
    /// Days of a fold; `None` is a calendar month.
    pub step_days: Option<u32>,
    /// Days left out before each fold.
    pub gap_days: u32,
    /// The folds, each with its fit.
    pub folds: Vec<Fold>,
    /// All of them together.
    #[serde(flatten)]
    pub assessment: Assessment,
}

/// One fit, and the days it was judged on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fold {
    /// First day that was predicted.
    pub from: RaceDay,
    /// Last day that was predicted.
    pub until: RaceDay,
    /// First day that was fitted on.
    pub fitted_from: RaceDay,
    /// Last day that was fitted on.
    pub fitted_until: RaceDay,
    /// Races that were fitted on.
    pub fitted_races: usize,
    /// The same by whose rules they were run under, where there are races to predict.
    pub parts: Vec<FoldPart>,
    /// Races that were predicted.
    pub races: usize,
    /// Log loss of the predictions; `None` where no race was.
    pub log_loss: Option<f64>,
    /// Log loss of equal chances.
    pub uniform: Option<f64>,
    /// Why nothing was predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// The races of one set of rules in a fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FoldPart {
    /// Whose rules.
    pub rules: Rules,
    /// First day that was fitted on.
    pub fitted_from: RaceDay,
    /// Races that there were to fit on: under 200 are answered by the part of the most.
    pub fitted_races: usize,
}

impl BacktestSpec {
    /// These days by calendar months, on the usual terms.
    #[must_use]
    pub const fn of(from: RaceDay, until: RaceDay) -> Self {
        Self {
            from,
            until,
            step_days: None,
            gap_days: GAP,
            commission: USUAL_COMMISSION,
            edge: USUAL_EDGE,
        }
    }

    /// All that is wrong with it at once.
    pub fn check(self) -> Result<BacktestPlan, Vec<Fault>> {
        let mut faults = Faults::default();
        if !(0..SPAN_MOST).contains(&self.until.since(self.from)) {
            faults.add(
                "to",
                format!("must be `from` or later, at most {SPAN_MOST} days"),
            );
        }
        if self
            .step_days
            .is_some_and(|step| !(1..=STEP_MOST).contains(&step))
        {
            faults.add("step_days", format!("must be 1 to {STEP_MOST}"));
        }
        if !(GAP..=GAP_MOST).contains(&self.gap_days) {
            faults.add("gap_days", format!("must be {GAP} to {GAP_MOST}"));
        }
        if !(0.0..=EDGE_MOST).contains(&self.edge) {
            faults.add("edge", format!("must be 0 to {EDGE_MOST}"));
        }
        let commission = faults.note("commission", Commission::new(self.commission));
        faults.done()?;
        let folds = self.folds();
        let mut faults = Faults::default();
        if folds.len() > FOLDS_MOST {
            let why = format!(
                "makes {} folds, at most {FOLDS_MOST} are fitted",
                folds.len()
            );
            faults.add("step_days", why);
        }
        faults.done()?;
        Ok(BacktestPlan {
            spec: self,
            terms: Terms {
                commission: commission.unwrap_or(Commission::NONE),
                edge: self.edge,
            },
            folds,
        })
    }

    fn folds(self) -> Vec<(RaceDay, RaceDay)> {
        let mut folds = Vec::new();
        let mut from = self.from;
        while from <= self.until {
            let last = match self.step_days {
                Some(step) => from.plus(i64::from(step) - 1),
                None => month_end(from),
            };
            folds.push((from, last.min(self.until)));
            from = last.plus(1);
        }
        folds
    }
}

/// The last day of the month of a day.
fn month_end(day: RaceDay) -> RaceDay {
    let left = i64::from(day.date().num_days_in_month()) - i64::from(day.date().day());
    day.plus(left)
}

/// Finished races under one set of rules in the order of time, as far as a fold needs them:
/// examples, and beside each what its judges want to know.
#[derive(Debug)]
struct Studied {
    rules: Rules,
    examples: Vec<Example>,
    abouts: Vec<About>,
    until: Option<RaceDay>,
}

impl Studied {
    const fn none(rules: Rules) -> Self {
        Self {
            rules,
            examples: Vec::new(),
            abouts: Vec::new(),
            until: None,
        }
    }

    /// How many are of days before `day`.
    fn before(&self, day: RaceDay) -> usize {
        self.abouts.partition_point(|about| about.day < day)
    }

    /// Which are of these days.
    fn on(&self, from: RaceDay, until: RaceDay) -> Range<usize> {
        self.before(from)..self.before(until.plus(1))
    }

    fn forget_before(&mut self, day: RaceDay) {
        let gone = self.before(day);
        self.examples.drain(..gone);
        self.abouts.drain(..gone);
    }
}

impl BacktestPlan {
    /// Why there is nothing to judge: no fold could be fitted, or nothing was run in any.
    fn without_races(&self, folds: &[Fold]) -> Error {
        let fitted = folds.iter().map(|fold| fold.fitted_races);
        match fitted.max().unwrap_or(0) {
            found if found < RACES_NEEDED => Error::TooFew {
                found,
                needed: RACES_NEEDED,
            },
            _ => Error::NothingToJudge {
                from: self.spec.from,
                until: self.spec.until,
            },
        }
    }
}

impl Trainer {
    /// Walks forward through the days of the plan; `told` hears how many of its folds are done.
    /// Between folds it can be dropped: nothing is written but ratings that were owed.
    pub async fn backtest(
        &self,
        plan: BacktestPlan,
        told: impl Fn(u64, u64) + Send,
    ) -> Result<BacktestReport, Error> {
        let ahead = self.folds_of(&plan).await?;
        self.rate().await?;
        let mut studied: Vec<Studied> = Rules::ALL.map(Studied::none).into();
        let (mut folds, mut foreseen) = (Vec::new(), Vec::new());
        let all = ahead.len() as u64;
        for (n, fold) in ahead.into_iter().enumerate() {
            told(n as u64, all);
            for one in &mut studied {
                let own = fold.parts.iter().find(|part| part.rules == one.rules);
                let from = own.map_or(fold.from, |own| own.fitted_from);
                self.study(one, from, fold.until).await?;
            }
            let (back, fold, said) = self.walk_fold(studied, fold, n).await?;
            studied = back;
            folds.push(fold);
            foreseen.extend(said);
        }
        told(all, all);
        let terms = plan.terms;
        let assessed = self
            .workers
            .ask(Lane::Batch, move |()| judge::assess(&foreseen, terms))
            .await??;
        let assessment = assessed.ok_or_else(|| plan.without_races(&folds))?;
        Ok(BacktestReport {
            from: plan.spec.from,
            until: plan.spec.until,
            step_days: plan.spec.step_days,
            gap_days: plan.spec.gap_days,
            folds,
            assessment,
        })
    }

    /// The folds, with the days that each is fitted on; fails before any work is done where there
    /// are no results to fit on.
    async fn folds_of(&self, plan: &BacktestPlan) -> Result<Vec<Fold>, Error> {
        let mut folds = Vec::new();
        for &(from, until) in &plan.folds {
            let fitted_until = from.plus(-1 - i64::from(plan.spec.gap_days));
            let windows = self.windows(Some(fitted_until)).await?;
            let parts: Vec<FoldPart> = windows.iter().map(FoldPart::of).collect();
            folds.push(Fold {
                from,
                until,
                fitted_from: parts
                    .iter()
                    .map(|part| part.fitted_from)
                    .min()
                    .unwrap_or(fitted_until),
                fitted_until,
                fitted_races: 0,
                parts,
                races: 0,
                log_loss: None,
                uniform: None,
                skipped: None,
            });
        }
        Ok(folds)
    }

    /// Loads what is missing up to `until`, and lets go of what is older than `from`.
    async fn study(
        &self,
        studied: &mut Studied,
        from: RaceDay,
        until: RaceDay,
    ) -> Result<(), Error> {
        studied.forget_before(from);
        let next = studied.until.map_or(from, |last| last.plus(1).max(from));
        for (example, about) in self.studied(studied.rules, next, until).await? {
            studied.examples.push(example);
            studied.abouts.push(about);
        }
        studied.until = Some(until);
        Ok(())
    }

    async fn walk_fold(
        &self,
        studied: Vec<Studied>,
        fold: Fold,
        part: usize,
    ) -> Result<(Vec<Studied>, Fold, Vec<Foreseen>), Error> {
        let fit = PipelineSettings::default().check()?;
        let (studied, walked) = self
            .workers
            .ask(Lane::Batch, move |()| {
                let walked = walk(&studied, fold, part, fit);
                (studied, walked)
            })
            .await?;
        let (fold, said) = walked?;
        Ok((studied, fold, said))
    }
}

/// Fits on the days before the gap and says who wins on the days of the fold.
fn walk(
    studied: &[Studied],
    mut fold: Fold,
    part: usize,
    fit: PipelineFit,
) -> Result<(Fold, Vec<Foreseen>), Fault> {
    let coming = |of: &Studied| of.on(fold.from, fold.until);
    for own in &mut fold.parts {
        let of = studied.iter().find(|of| of.rules == own.rules);
        own.fitted_races = of.map_or(0, |of| of.on(own.fitted_from, fold.fitted_until).len());
    }
    let most = fold.parts.iter().map(|part| part.fitted_races).max();
    let answering = |rules: Rules| {
        let own = fold.parts.iter().find(|part| part.rules == rules);
        let enough = |part: &&FoldPart| part.fitted_races >= RACES_NEEDED;
        let largest = fold.parts.iter().max_by_key(|part| part.fitted_races);
        own.filter(enough).or(largest.filter(enough)).copied()
    };
    let asked = studied.iter().filter(|of| !coming(of).is_empty());
    let mut needed: Vec<FoldPart> = asked.filter_map(|of| answering(of.rules)).collect();
    needed.sort_by_key(|part| part.rules);
    needed.dedup();
    fold.fitted_races = needed.iter().map(|part| part.fitted_races).sum();
    if needed.is_empty() {
        let found = most.unwrap_or(0);
        fold.fitted_races = found;
        fold.skipped = (found < RACES_NEEDED)
            .then(|| format!("{found} races to fit on, {RACES_NEEDED} are needed"));
        return Ok((fold, Vec::new()));
    }
    let fitted = Fitted::new(fitted(studied, &needed, fold.fitted_until, fit)?)?;
    let mut said = Vec::new();
    for of in studied {
        let coming = coming(of);
        let races = of.examples[coming.clone()].iter().zip(&of.abouts[coming]);
        for (example, about) in races {
            said.push(foresee(fitted.part(of.rules), example, about, part)?);
        }
    }
    fold.races = said.len();
    let judged: Vec<Judged> = said.iter().map(Foreseen::judged).collect();
    if let Some(score) = score::score(&judged) {
        fold.log_loss = Some(score.log_loss);
        fold.uniform = Some(score.uniform);
    }
    Ok((fold, said))
}

fn fitted(
    studied: &[Studied],
    needed: &[FoldPart],
    until: RaceDay,
    fit: PipelineFit,
) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::with_capacity(needed.len());
    for own in needed {
        for of in studied.iter().filter(|of| of.rules == own.rules) {
            let past = of.on(own.fitted_from, until);
            let (examples, abouts) = (&of.examples[past.clone()], &of.abouts[past]);
            parts.push(Part::fit(own.rules, examples, abouts, fit, until)?);
        }
    }
    Ok(parts)
}

impl FoldPart {
    const fn of(window: &Window) -> Self {
        Self {
            rules: window.rules,
            fitted_from: window.from,
            fitted_races: 0,
        }
    }
}

#[cfg(test)]
mod tests;
