//! `lurcher predict`: one race, or a day of them. Reads only, so it works beside a daemon.

use std::io::{Write, stdout};
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::cli::{Done, Shape};
use super::{App, Config};
use crate::domain::{BoxNo, RaceDay, RaceKey};
use crate::http::PredictionView;
use crate::predict::{Error, Prediction, Question, Reason, Terms};
use crate::runtime::Clock;

/// Runners of whom the table says why, and of each so many reasons.
const TOPS: usize = 3;
const WHY: usize = 3;

/// What to predict, and how to print it.
pub(super) struct Asked {
    pub(super) race: Option<String>,
    pub(super) day: Option<RaceDay>,
    pub(super) as_of: Option<String>,
    pub(super) shape: Shape,
}

/// A race of the day without a prediction.
struct Failure {
    race: RaceKey,
    error: Arc<Error>,
}

pub(super) fn run(config: &Config, asked: Asked) -> anyhow::Result<Done> {
    let app = App::build_to_read(config, Clock::system())?;
    let as_of = asked.as_of.as_deref().map(instant).transpose()?;
    super::runtime()?.block_on(async {
        let (mut predictions, mut failures) = (Vec::new(), Vec::new());
        if let Some(race) = asked.race {
            let race = race.parse().context("no race name")?;
            let question = Question { race, as_of };
            let prediction = app.predictor.race(question).await;
            predictions.push(prediction.map_err(|error| anyhow::anyhow!("{error}"))?);
        }
        if let Some(day) = asked.day {
            let races = app.predictor.day(day).await?;
            anyhow::ensure!(!races.is_empty(), "no races on {day}");
            for race in races {
                let question = Question {
                    race: race.clone(),
                    as_of,
                };
                match app.predictor.race(question).await {
                    Ok(prediction) => predictions.push(prediction),
                    Err(error) => failures.push(Failure { race, error }),
                }
            }
        }
        print(&predictions, asked.shape)?;
        tell(&failures, asked.shape)?;
        Ok(if failures.is_empty() {
            Done::Well
        } else {
            Done::WithFaults
        })
    })
}

fn instant(raw: &str) -> anyhow::Result<DateTime<Utc>> {
    let at =
        DateTime::parse_from_rfc3339(raw).context("--as-of must be like 2026-11-20T09:30:00Z")?;
    Ok(at.with_timezone(&Utc))
}

/// Which races could not be predicted, and why; beside the table, or where it breaks no format.
fn tell(failures: &[Failure], shape: Shape) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    for Failure { race, error } in failures {
        match shape {
            Shape::Table => writeln!(out, "{race}: no prediction: {error}")?,
            Shape::Json | Shape::Csv => tracing::warn!(%race, %error, "no prediction"),
        }
    }
    Ok(())
}

pub(super) fn print(predictions: &[Arc<Prediction>], shape: Shape) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    match shape {
        Shape::Table => predictions
            .iter()
            .try_for_each(|prediction| table(&mut out, prediction)),
        Shape::Json => {
            let views = predictions
                .iter()
                .map(|prediction| PredictionView::of(prediction, Terms::default()))
                .collect::<Result<Vec<_>, _>>()?;
            serde_json::to_writer_pretty(&mut out, &views)?;
            writeln!(out)?;
            Ok(())
        }
        Shape::Csv => csv(out, predictions),
    }
}

fn table(out: &mut impl Write, prediction: &Prediction) -> anyhow::Result<()> {
    writeln!(
        out,
        "{}  as of {}  model {}",
        prediction.race,
        prediction.as_of.format("%Y-%m-%d %H:%M UTC"),
        prediction.model.get(..12).unwrap_or_default()
    )?;
    writeln!(
        out,
        "{:>3} {:>3}  {:<24} {:>6} {:>6} {:>11} {:>7} {:>5}  why, in lengths",
        "rug", "box", "dog", "win", "place", "80 %", "fair", "runs"
    )?;
    let told = tops(prediction);
    for runner in &prediction.runners {
        let box_no = runner
            .box_no
            .map_or(String::new(), |box_no| box_no.get().to_string());
        writeln!(
            out,
            "{:>3} {:>3}  {:<24} {:>5.1}% {:>5.1}% {:>4.1}-{:>4.1} % {:>7.2} {:>5}  {}",
            runner.rug.get(),
            box_no,
            runner.dog.as_deref().unwrap_or("?"),
            runner.win * 100.0,
            runner.place * 100.0,
            runner.interval.low * 100.0,
            runner.interval.high * 100.0,
            1.0 / runner.win,
            runner.runs,
            if runner.win >= told {
                why(&runner.reasons)
            } else {
                String::new()
            }
        )?;
    }
    for note in Terms::default().notes(prediction) {
        writeln!(out, "note: {note}")?;
    }
    writeln!(out)?;
    Ok(())
}

/// From which chance on the table says why.
fn tops(prediction: &Prediction) -> f64 {
    let mut wins: Vec<f64> = prediction.runners.iter().map(|one| one.win).collect();
    wins.sort_by(|one, two| two.total_cmp(one));
    wins.get(TOPS - 1).copied().unwrap_or_default()
}

/// The weightiest reasons, like `+0.8 early speed, -0.3 draw`.
fn why(reasons: &[Reason]) -> String {
    let told = reasons.iter().take(WHY);
    let told = told.map(|reason| format!("{:+.1} {}", reason.lengths, reason.words()));
    told.collect::<Vec<_>>().join(", ")
}

/// All of them, so that no spreadsheet takes the first for a formula: `early speed +0.8, draw -0.3`.
fn every_why(reasons: &[Reason]) -> String {
    let told = reasons.iter();
    let told = told.map(|reason| format!("{} {:+.1}", reason.words(), reason.lengths));
    told.collect::<Vec<_>>().join(", ")
}

fn csv(out: impl Write, predictions: &[Arc<Prediction>]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "race",
        "as_of",
        "model",
        "rug",
        "box",
        "dog",
        "win",
        "win_low",
        "win_high",
        "place",
        "fair_price",
        "why",
    ])?;
    for prediction in predictions {
        for runner in &prediction.runners {
            csv.write_record([
                prediction.race.to_string(),
                prediction.as_of.to_rfc3339(),
                prediction.model.clone(),
                runner.rug.get().to_string(),
                runner
                    .box_no
                    .map(BoxNo::get)
                    .map_or(String::new(), |n| n.to_string()),
                runner.dog.clone().unwrap_or_default(),
                runner.win.to_string(),
                runner.interval.low.to_string(),
                runner.interval.high.to_string(),
                runner.place.to_string(),
                (1.0 / runner.win).to_string(),
                every_why(&runner.reasons),
            ])?;
        }
    }
    csv.flush()?;
    Ok(())
}
