//! `lurcher train`: the report, beside the guess that knows nothing and the closing price.

use std::io::{Write, stdout};

use super::cli::Done;
use super::{App, Config};
use crate::model::score::Score;
use crate::runtime::Clock;
use crate::train::{Judgement, TrainReport, TrainSpec};

pub(super) fn run(config: &Config, spec: TrainSpec, json: bool) -> anyhow::Result<Done> {
    let app = App::build(config, Clock::system())?;
    let report = super::runtime()?.block_on(app.trainer.train(spec))?;
    if json {
        serde_json::to_writer(stdout(), &report)?;
        writeln!(stdout())?;
        return Ok(Done::Well);
    }
    print(&report)?;
    Ok(Done::Well)
}

pub(super) fn print(report: &TrainReport) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "model {} fitted on {} races, {} to {}",
        report.model.get(..12).unwrap_or_default(),
        report.races,
        report.trained_from,
        report.trained_until
    )?;
    match &report.judged {
        Some(judged) => print_judgement(&mut out, judged)?,
        None => writeln!(out, "no later days to judge it on")?,
    }
    let state = if report.activated {
        "now in force"
    } else {
        "kept, not in force: it is not better on days that neither it nor the former model has seen"
    };
    writeln!(out, "{state}")?;
    Ok(())
}

fn print_judgement(out: &mut impl Write, judged: &Judgement) -> anyhow::Result<()> {
    writeln!(
        out,
        "judged on {} races, {} to {}",
        judged.model.races, judged.from, judged.until
    )?;
    writeln!(
        out,
        "{:<22} {:>6} {:>8} {:>8} {:>8}",
        "", "races", "log loss", "± se", "top pick"
    )?;
    writeln!(
        out,
        "{:<22} {:>6} {:>8.4}",
        "uniform", judged.model.races, judged.model.uniform
    )?;
    row(out, "this model", Some(judged.model))?;
    row(out, "former model", judged.former)?;
    row(out, "its logit alone", judged.by_logit)?;
    row(out, "this model, priced", judged.beside_market)?;
    row(out, "closing price (BSP)", judged.market)
}

fn row(out: &mut impl Write, name: &str, score: Option<Score>) -> anyhow::Result<()> {
    if let Some(score) = score {
        writeln!(
            out,
            "{name:<22} {:>6} {:>8.4} {:>8.4} {:>7.1}%",
            score.races,
            score.log_loss,
            score.log_loss_se,
            score.strike_rate * 100.0
        )?;
    }
    Ok(())
}
