//! `lurcher backtest`: the report as tables. The daemon does the work when one has the folder.

use std::fmt;
use std::io::{Write, stdout};

use serde_json::{Value, json};

use super::cli::Done;
use super::collect::is_held;
use super::remote::Remote;
use super::{App, Config};
use crate::domain::Fault;
use crate::runtime::Clock;
use crate::train::BacktestSpec;

/// Settings that make no sense.
#[derive(Debug, thiserror::Error)]
#[error("{}", Listed(.0))]
pub(super) struct Wrong(Vec<Fault>);

struct Listed<'a>(&'a [Fault]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            let joint = if n == 0 { "" } else { "; " };
            write!(f, "{joint}{fault}")?;
        }
        Ok(())
    }
}

pub(super) fn run(config: &Config, spec: BacktestSpec, json: bool) -> anyhow::Result<Done> {
    let plan = spec.check().map_err(Wrong)?;
    let report = match App::build(config, Clock::system()) {
        Ok(app) => {
            let told = |done, all| tracing::info!(done, all, "folds");
            let report = super::runtime()?.block_on(app.trainer.backtest(plan, told))?;
            serde_json::to_value(&report)?
        }
        Err(error) if is_held(&error) => ask(config, spec)?,
        Err(error) => return Err(error),
    };
    let mut out = stdout().lock();
    if json {
        writeln!(out, "{report}")?;
    } else {
        print(&mut out, &report)?;
    }
    let folds = report["folds"].as_array().into_iter().flatten();
    let whole = folds.into_iter().all(|fold| fold["skipped"].is_null());
    Ok(if whole { Done::Well } else { Done::WithFaults })
}

/// Has the running daemon do it.
fn ask(config: &Config, spec: BacktestSpec) -> anyhow::Result<Value> {
    let remote = Remote::of(config.folder())?;
    let body = json!({
        "from": spec.from,
        "to": spec.until,
        "step_days": spec.step_days,
        "gap_days": spec.gap_days,
        "commission": spec.commission,
        "edge": spec.edge,
    });
    let asked = remote.post("/api/backtests", &body)?;
    let over = remote.over(asked["id"].as_i64().unwrap_or_default())?;
    if over["state"] == "succeeded" {
        return Ok(over["report"].clone());
    }
    let why = over["error"].as_str().unwrap_or("it was cancelled");
    anyhow::bail!("the daemon did not finish the backtest: {why}")
}

fn print(out: &mut impl Write, report: &Value) -> anyhow::Result<()> {
    folds(out, report)?;
    scores(out, report)?;
    reliability(out, report)?;
    blend(out, &report["blend"])?;
    places(out, &report["places"])?;
    money(out, &report["money"])?;
    longshots(out, report)?;
    runner_prices(out, report)?;
    for (split, about) in [
        ("month", "month"),
        ("track", "track"),
        ("grade", "grade"),
        ("winner_price", "price of the winner"),
        ("rules", "rules"),
        ("field_size", "runners"),
        ("fewest_runs", "fewest past runs"),
    ] {
        parts(out, about, &report["split"][split])?;
    }
    let verdict = &report["verdict"];
    writeln!(out, "\nverdict: {}", text(&verdict["words"]))?;
    writeln!(out, "         {}", text(&verdict["caution"]))?;
    for note in items(&report["notes"]) {
        writeln!(out, "note: {}", text(note))?;
    }
    Ok(())
}

fn folds(out: &mut impl Write, report: &Value) -> anyhow::Result<()> {
    writeln!(
        out,
        "{:<24} {:<24} {:>7} {:>6} {:>8} {:>8}",
        "predicted", "fitted on", "races", "races", "log loss", "uniform"
    )?;
    for fold in items(&report["folds"]) {
        writeln!(
            out,
            "{:<24} {:<24} {:>7} {:>6} {} {}",
            days(&fold["from"], &fold["until"]),
            days(&fold["fitted_from"], &fold["fitted_until"]),
            fold["fitted_races"],
            fold["races"],
            number(&fold["log_loss"]),
            number(&fold["uniform"]),
        )?;
        if let Some(why) = fold["skipped"].as_str() {
            writeln!(out, "  left out: {why}")?;
        }
    }
    Ok(())
}

fn scores(out: &mut impl Write, report: &Value) -> anyhow::Result<()> {
    writeln!(
        out,
        "\n{:<22} {:>6} {:>8} {:>17} {:>8} {:>8} {:>8} {:>8}",
        "", "races", "log loss", "95 %", "Brier", "ECE", "top pick", "R2"
    )?;
    let model = &report["model"];
    writeln!(
        out,
        "{:<22} {:>6} {}",
        "uniform",
        model["races"],
        number(&model["uniform"])
    )?;
    score(out, "model", model)?;
    let beside = &report["market"];
    score(out, "model, priced races", &beside["model"])?;
    score(out, "closing price", &beside["market"])?;
    difference(out, "model less uniform", &report["over_uniform"])?;
    difference(out, "model less closing", &beside["difference"])
}

fn score(out: &mut impl Write, name: &str, score: &Value) -> anyhow::Result<()> {
    if score.is_null() {
        return Ok(());
    }
    writeln!(
        out,
        "{name:<22} {:>6} {} {:>17} {} {} {} {}",
        score["races"],
        number(&score["log_loss"]),
        interval(&score["log_loss_interval"]),
        number(&score["brier"]),
        number(&score["calibration_error"]),
        percent(&score["strike_rate"]),
        number(&score["pseudo_r2"]),
    )?;
    Ok(())
}

fn difference(out: &mut impl Write, name: &str, found: &Value) -> anyhow::Result<()> {
    if found.is_null() {
        return Ok(());
    }
    let mean = number(&found["mean"]);
    let within = interval(&found["interval"]);
    writeln!(out, "{name:<22} {:>6} {mean} {within:>17}", found["races"])?;
    Ok(())
}

fn reliability(out: &mut impl Write, report: &Value) -> anyhow::Result<()> {
    writeln!(
        out,
        "\n{:>8} {:>8} {:>8} {:>8}",
        "runners", "said", "won", "± se"
    )?;
    for bin in items(&report["reliability"]) {
        writeln!(
            out,
            "{:>8} {} {} {}",
            bin["runners"],
            percent(&bin["mean_chance"]),
            percent(&bin["win_rate"]),
            percent(&bin["expected_error"]),
        )?;
    }
    Ok(())
}

fn blend(out: &mut impl Write, blend: &Value) -> anyhow::Result<()> {
    if blend.is_null() {
        writeln!(
            out,
            "\nno blend with the market: too few priced races, or both say the same"
        )?;
        return Ok(());
    }
    let fit = &blend["fit"];
    writeln!(
        out,
        "\nblend with the closing price: model {} ± {}, market {} ± {} ({} races)",
        number(&fit["blend"]["model"]).trim(),
        number(&fit["model_se"]).trim(),
        number(&fit["blend"]["market"]).trim(),
        number(&fit["market_se"]).trim(),
        fit["races"],
    )?;
    for (about, worth) in [
        ("on later races", &blend["worth"]),
        ("as served", &blend["served"]),
    ] {
        if worth.is_null() {
            continue;
        }
        writeln!(
            out,
            "R2 {about}: model {}, market {}, blend {}; gain {:.5}, {:.5} to {:.5} ({} races)",
            number(&worth["model_r2"]).trim(),
            number(&worth["market_r2"]).trim(),
            number(&worth["blend_r2"]).trim(),
            float(&worth["gain"]),
            float(&worth["gain_interval"]["low"]),
            float(&worth["gain_interval"]["high"]),
            worth["races"],
        )?;
    }
    Ok(())
}

fn places(out: &mut impl Write, places: &Value) -> anyhow::Result<()> {
    if places.is_null() {
        return Ok(());
    }
    writeln!(
        out,
        "\nplaces, log loss a runner ({} races)",
        places["races"]
    )?;
    for (name, score) in [
        ("equal chances", &places["base"]),
        ("Harville", &places["harville"]),
        ("powers .81 .65", &places["benter"]),
        ("as served", &places["served"]["served"]),
    ] {
        let loss = number(&score["log_loss"]);
        writeln!(
            out,
            "{name:<22} {loss} {:>17}",
            interval(&score["interval"])
        )?;
    }
    let served = &places["served"];
    difference(out, "  less Harville", &served["less_harville"])?;
    difference(out, "  less .81 .65", &served["less_benter"])?;
    let fitted = &places["fitted"];
    if !fitted.is_null() {
        let (races, loss) = (&fitted["races"], number(&fitted["fitted"]["log_loss"]));
        writeln!(
            out,
            "{:<22} {loss} on the {races} races of later folds",
            "fitted powers"
        )?;
        difference(out, "  less Harville", &fitted["less_harville"])?;
        difference(out, "  less .81 .65", &fitted["less_benter"])?;
    }
    Ok(())
}

fn money(out: &mut impl Write, money: &Value) -> anyhow::Result<()> {
    writeln!(
        out,
        "\nbets of 1 where the price promises {} after {} commission",
        percent(&money["edge"]).trim(),
        percent(&money["commission"]).trim(),
    )?;
    for (name, bets) in [
        ("at closing prices", &money["at_closing_prices"]),
        ("5 minutes before", &money["at_earlier_prices"]),
    ] {
        if bets.is_null() {
            continue;
        }
        let returned = &bets["returned"];
        writeln!(
            out,
            "{name:<22} {:>6} bets, return {} ({} to {})",
            returned["bets"],
            percent(&returned["roi"]).trim(),
            percent(&returned["roi_interval"]["low"]).trim(),
            percent(&returned["roi_interval"]["high"]).trim(),
        )?;
        let line = &bets["closing_line"];
        if !line.is_null() {
            writeln!(
                out,
                "{:<22} closing-line value {} ({} to {}), better than the close {}",
                "",
                percent(&line["value"]).trim(),
                percent(&line["value_interval"]["low"]).trim(),
                percent(&line["value_interval"]["high"]).trim(),
                percent(&line["beaten"]).trim(),
            )?;
        }
    }
    Ok(())
}

fn longshots(out: &mut impl Write, report: &Value) -> anyhow::Result<()> {
    let bands = &report["favourite_longshot"];
    if items(bands).next().is_none() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:<12} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "all at close", "runners", "won", "priced", "return", "± se"
    )?;
    for band in items(bands) {
        let name = match band["to"].as_f64() {
            Some(to) => format!("{}-{to}", band["from"].as_f64().unwrap_or_default()),
            None => format!("{}+", band["from"].as_f64().unwrap_or_default()),
        };
        writeln!(
            out,
            "{name:<12} {:>8} {:>8.1} {:>8.1} {} {}",
            band["bets"],
            float(&band["won"]),
            float(&band["priced"]),
            percent(&band["roi"]),
            percent(&band["roi_se"]),
        )?;
    }
    Ok(())
}

fn runner_prices(out: &mut impl Write, report: &Value) -> anyhow::Result<()> {
    let bands = &report["runner_prices"];
    if items(bands).next().is_none() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:<12} {:>8} {:>8} {:>8} {:>8} {:>17} {:>8} {:>8} {:>17}",
        "at close", "runners", "won", "model", "won over", "95 %", "closing", "won over", "95 %"
    )?;
    for band in items(bands) {
        write!(
            out,
            "{:<12} {:>8} {:>8.1}",
            text(&band["name"]),
            band["runners"],
            float(&band["won"]),
        )?;
        for said in [&band["model"], &band["market"]] {
            let within = interval(&said["interval"]);
            let ratio = number(&said["ratio"]);
            write!(out, " {:>8.1} {ratio} {within:>17}", float(&said["won"]))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn parts(out: &mut impl Write, about: &str, parts: &Value) -> anyhow::Result<()> {
    writeln!(
        out,
        "\n{about:<22} {:>6} {:>8} {:>8} {:>8} {:>8} {:>17}",
        "races", "log loss", "uniform", "closing", "less", "95 %"
    )?;
    for part in items(parts) {
        writeln!(
            out,
            "{:<22} {:>6} {} {} {} {} {:>17}",
            text(&part["name"]),
            part["races"],
            number(&part["log_loss"]),
            number(&part["uniform"]),
            number(&part["market_log_loss"]),
            number(&part["difference"]["mean"]),
            interval(&part["difference"]["interval"]),
        )?;
    }
    Ok(())
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn float(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn number(value: &Value) -> String {
    let shown = value.as_f64().map(|value| format!("{value:.4}"));
    format!("{:>8}", shown.unwrap_or_else(|| "-".to_owned()))
}

fn percent(value: &Value) -> String {
    let shown = value.as_f64().map(|value| format!("{:.1}%", value * 100.0));
    format!("{:>8}", shown.unwrap_or_else(|| "-".to_owned()))
}

fn days(from: &Value, until: &Value) -> String {
    format!("{} to {}", text(from), text(until))
}

fn interval(value: &Value) -> String {
    let ends = value["low"].as_f64().zip(value["high"].as_f64());
    ends.map_or_else(String::new, |(low, high)| format!("{low:.4} to {high:.4}"))
}
