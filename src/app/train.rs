//! `lurcher train`: the report, beside the guess that knows nothing and the closing price.

use std::io::{Write, stdout};

use super::cli::Done;
use super::{App, Config};
use crate::model::Rehearsal;
use crate::model::score::Score;
use crate::runtime::Clock;
use crate::train::{Judgement, PartReport, TrainReport, TrainSpec};

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
        Some(judged) => print_judgement(&mut out, judged, &closing(&report.parts))?,
        None => writeln!(out, "no later days to judge it on")?,
    }
    for part in &report.parts {
        print_part(&mut out, part)?;
    }
    let state = if report.activated {
        "now in force"
    } else {
        "kept, not in force: it is not better on days that neither it nor the former model has seen"
    };
    writeln!(out, "{state}")?;
    Ok(())
}

/// What the closing prices are.
fn closing(parts: &[PartReport]) -> String {
    let judged = parts.iter().filter_map(|part| part.judged?.market);
    let priced: usize = judged.map(|market| market.races).sum();
    let by_bsp: usize = parts.iter().map(|part| part.closed_by_bsp).sum();
    let kind = match by_bsp {
        0 => "SP",
        all if all >= priced => "BSP",
        _ => "BSP, SP",
    };
    format!("closing price ({kind})")
}

/// What there is to say of one set of rules alone.
fn print_part(out: &mut impl Write, part: &PartReport) -> anyhow::Result<()> {
    let PartReport {
        rules,
        races,
        trained_from,
        trained_until,
        ..
    } = part;
    let rules = rules.in_words();
    write!(
        out,
        "{rules} races: {races}, {trained_from} to {trained_until}"
    )?;
    if part.answered_by != part.rules {
        write!(
            out,
            ", too few: the {} part answers",
            part.answered_by.in_words()
        )?;
    }
    if let Some(judged) = &part.judged {
        let (model, uniform) = (judged.model.log_loss, judged.model.uniform);
        write!(
            out,
            "; judged on {}: {model:.4}, uniform {uniform:.4}",
            judged.model.races
        )?;
        if let Some(market) = &judged.market {
            let name = closing(std::slice::from_ref(part));
            write!(out, ", {name} {:.4}", market.log_loss)?;
        }
    }
    writeln!(out)?;
    match &part.rehearsal {
        Some(rehearsal) if part.answered_by == part.rules => print_rehearsal(out, rehearsal),
        _ => Ok(()),
    }
}

fn print_rehearsal(out: &mut impl Write, rehearsal: &Rehearsal) -> anyhow::Result<()> {
    let Rehearsal {
        races, from, until, ..
    } = rehearsal;
    write!(out, "  rehearsed on {races}, {from} to {until}: places")?;
    let sizes = &rehearsal.discounts;
    for (size, fit) in [(6, &sizes.six), (8, &sizes.eight)] {
        let [second, third] = [1, 2].map(|others| fit.discount.behind(others));
        let (second_se, third_se) = (fit.second_se, fit.third_se);
        write!(
            out,
            " of {size} {second:.3} ± {second_se:.3} {third:.3} ± {third_se:.3},"
        )?;
    }
    match &rehearsal.blend {
        Some(fit) => writeln!(
            out,
            " blend model {:.3} ± {:.3} market {:.3} ± {:.3}",
            fit.blend.model(),
            fit.model_se,
            fit.blend.market(),
            fit.market_se
        )?,
        None => writeln!(out, " no blend")?,
    }
    Ok(())
}

fn print_judgement(out: &mut impl Write, judged: &Judgement, closing: &str) -> anyhow::Result<()> {
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
    row(out, closing, judged.market)
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
