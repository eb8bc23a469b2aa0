//! `lurcher predict`: one race, or a day of them. Reads only, so it works beside a daemon.

use std::io::{Write, stdout};
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::cli::{Done, Shape};
use super::{App, Config};
use crate::domain::{BoxNo, RaceDay};
use crate::http::PredictionView;
use crate::predict::{Error, Prediction, Question, Terms};
use crate::runtime::Clock;

/// What to predict, and how to print it.
pub(super) struct Asked {
    pub(super) race: Option<String>,
    pub(super) day: Option<RaceDay>,
    pub(super) as_of: Option<String>,
    pub(super) shape: Shape,
}

pub(super) fn run(config: &Config, asked: Asked) -> anyhow::Result<Done> {
    let app = App::build_to_read(config, Clock::system())?;
    let as_of = asked.as_of.as_deref().map(instant).transpose()?;
    super::runtime()?.block_on(async {
        let mut done = Done::Well;
        let mut predictions = Vec::new();
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
                match app.predictor.race(Question { race, as_of }).await {
                    Ok(prediction) => predictions.push(prediction),
                    Err(error) => {
                        complain(&error);
                        done = Done::WithFaults;
                    }
                }
            }
        }
        print(&predictions, asked.shape)?;
        Ok(done)
    })
}

fn instant(raw: &str) -> anyhow::Result<DateTime<Utc>> {
    let at =
        DateTime::parse_from_rfc3339(raw).context("--as-of must be like 2026-11-20T09:30:00Z")?;
    Ok(at.with_timezone(&Utc))
}

fn complain(error: &Error) {
    tracing::warn!(%error, "no prediction");
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
        "{:>3} {:>3}  {:<24} {:>6} {:>6} {:>7} {:>5}",
        "rug", "box", "dog", "win", "place", "fair", "runs"
    )?;
    for runner in &prediction.runners {
        let box_no = runner
            .box_no
            .map_or(String::new(), |box_no| box_no.get().to_string());
        writeln!(
            out,
            "{:>3} {:>3}  {:<24} {:>5.1}% {:>5.1}% {:>7.2} {:>5}",
            runner.rug.get(),
            box_no,
            runner.dog.as_deref().unwrap_or("?"),
            runner.win * 100.0,
            runner.place * 100.0,
            1.0 / runner.win,
            runner.runs
        )?;
    }
    for note in &prediction.notes {
        writeln!(out, "note: {note}")?;
    }
    writeln!(out)?;
    Ok(())
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
        "place",
        "fair_price",
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
                runner.place.to_string(),
                (1.0 / runner.win).to_string(),
            ])?;
        }
    }
    csv.flush()?;
    Ok(())
}
