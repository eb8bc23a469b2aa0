//! What a bet brings back, and by which rules.

use actix_web::HttpResponse;
use chrono::{DateTime, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::intake::Intake;
use super::problem::Problem;
use crate::domain::{Cents, Fault, Faults, Odds};
use crate::formats::facts::{DeadHeatBody, SettlementBody};
use crate::model::settlement::{Bet, Fate, Rule, Withdrawal};
use crate::model::stake::Commission;

/// Runners that may have been withdrawn.
const MOST_WITHDRAWN: usize = 10;

/// Runners that may tie.
const MOST_TIED: u8 = 10;

/// How far from whole cents an amount may be: what a float cannot say.
const INEXACT: f64 = 1e-3;

/// What is asked, checked.
struct Wanted {
    bet: Bet,
    stake: Cents,
    fate: Fate,
    rule: Rule,
    withdrawals: Vec<Withdrawal>,
    commission: Commission,
}

/// What a bet brings back.
#[derive(Serialize, ToSchema)]
#[schema(as = Settled)]
pub(super) struct View {
    /// What is paid, stake included, to whole cents.
    paid: f64,
    /// What is taken off that, to whole cents.
    commission: f64,
    /// What comes back: the one less the other.
    returned: f64,
    /// What comes back beyond the stake.
    profit: f64,
    /// What was applied, in this order.
    rules: Vec<Applied>,
}

/// A rule that was applied.
#[derive(Serialize, ToSchema)]
#[schema(as = SettlementRule)]
struct Applied {
    rule: RuleWord,
    /// The same in words, with its figures.
    detail: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SettlementRuleName)]
#[serde(rename_all = "snake_case")]
enum RuleWord {
    Lost,
    Void,
    FullPrice,
    DeadHeat,
    Deduction,
    Rule4,
    Commission,
}

/// What a bet at a fixed price brings back after dead heats, withdrawals and commission, and by which
/// rules. Which of them hold is for the bookmaker's terms to say.
#[utoipa::path(
    operation_id = "settle",
    post, path = "/api/settlements", tag = "predictions", security(("key" = ["read"])),
    request_body(content = SettlementBody, example = json!({
        "stake": 10, "price": 4.0, "outcome": "won", "dead_heat": {"runners": 2, "places": 1},
        "deductions": [0.42], "commission": 0.0,
    })),
    responses((status = 200, body = View)),
)]
pub(super) async fn create(_caller: Caller<Read>, intake: Intake) -> Result<HttpResponse, Problem> {
    let item = intake.item::<SettlementBody>()?;
    let view = item.checked(|body, _form| View::of(&check(&body)?).map_err(|fault| vec![fault]));
    Ok(HttpResponse::Ok().json(view.map_err(Problem::invalid)?))
}

fn check(body: &SettlementBody) -> Result<Wanted, Vec<Fault>> {
    let absent = || Fault::new("must be given");
    let mut faults = Faults::default();
    let stake = body.stake.ok_or_else(absent).and_then(amount);
    let stake = faults.note("stake", stake);
    let odds = body.price.ok_or_else(absent).and_then(Odds::new);
    let odds = faults.note("price", odds);
    let fate = faults.note("", fate(body));
    let (rule, withdrawals) = withdrawn(body, &mut faults);
    let commission = faults.maybe("commission", body.commission, Commission::new);
    let at = DateTime::UNIX_EPOCH;
    let bet = stake.zip(odds);
    let bet = bet.and_then(|(stake, odds)| faults.note("", Bet::new(stake, odds, at)));
    let all = bet.zip(stake).zip(fate);
    faults.done()?;
    let ((bet, stake), fate) = all.ok_or_else(|| vec![absent()])?;
    Ok(Wanted {
        bet,
        stake,
        fate,
        rule,
        withdrawals,
        commission: commission.unwrap_or(Commission::NONE),
    })
}

/// Hundredths that are whole.
fn hundredths(value: f64) -> Option<f64> {
    let whole = (value * 100.0).round();
    ((value * 100.0 - whole).abs() <= INEXACT).then_some(whole)
}

fn amount(value: f64) -> Result<Cents, Fault> {
    let whole = hundredths(value).filter(|cents| *cents > 0.0);
    Cents::nearest(whole.ok_or_else(|| Fault::new("must be an amount of whole cents above 0"))?)
}

fn fate(body: &SettlementBody) -> Result<Fate, Fault> {
    let outcome = body.outcome.as_deref();
    match (outcome, &body.dead_heat) {
        (Some("won"), None) => Ok(Fate::Won),
        (Some("won"), Some(tie)) => tied(tie).map_err(|fault| fault.under("dead_heat")),
        (Some("lost"), None) => Ok(Fate::Lost),
        (Some("void"), None) => Ok(Fate::Void),
        (Some("lost" | "void"), Some(_)) => {
            Err(Fault::new("must only be given for a bet that was won").under("dead_heat"))
        }
        (Some(_), _) => Err(Fault::new("must be won, lost or void").under("outcome")),
        (None, _) => Err(Fault::new("must be given").under("outcome")),
    }
}

fn tied(tie: &DeadHeatBody) -> Result<Fate, Fault> {
    let number = |value: Option<i64>| value.and_then(|value| u8::try_from(value).ok());
    let runners = number(tie.runners).filter(|runners| (2..=MOST_TIED).contains(runners));
    let runners =
        runners.ok_or_else(|| Fault::new(format!("must be 2 to {MOST_TIED}")).under("runners"))?;
    let places = number(tie.places.or(Some(1))).filter(|places| (1..runners).contains(places));
    let places = places.ok_or_else(|| {
        Fault::new("must be 1 or more, and fewer than the runners").under("places")
    })?;
    Ok(Fate::Tied { runners, places })
}

/// What is taken off for runners that did not run, and from what.
fn withdrawn(body: &SettlementBody, faults: &mut Faults) -> (Rule, Vec<Withdrawal>) {
    let deductions = body.deductions.as_deref().unwrap_or_default();
    let rule4 = body.rule4.as_deref().unwrap_or_default();
    if !deductions.is_empty() && !rule4.is_empty() {
        faults.add(
            "rule4",
            "must not be given beside deductions: one rule holds",
        );
    }
    let mut read = |name: &str, shares: &[f64]| {
        if shares.len() > MOST_WITHDRAWN {
            faults.add(name, format!("must have at most {MOST_WITHDRAWN} members"));
        }
        let shares = shares.iter().take(MOST_WITHDRAWN).enumerate();
        shares
            .filter_map(|(n, share)| faults.note(&format!("{name}[{n}]"), withdrawal(*share)))
            .collect::<Vec<_>>()
    };
    let (deductions, rule4) = (read("deductions", deductions), read("rule4", rule4));
    if rule4.is_empty() {
        (Rule::FaceValue, deductions)
    } else {
        (Rule::Winnings, rule4)
    }
}

/// One that came after the bet.
fn withdrawal(share: f64) -> Result<Withdrawal, Fault> {
    let cents = (0_u8..=100).find(|cents| hundredths(share) == Some(f64::from(*cents)));
    let cents = cents.ok_or_else(|| Fault::new("must be 0 to 1, in whole hundredths"))?;
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(1);
    Ok(Withdrawal { at, cents })
}

impl View {
    /// Fails on what is more money than is counted.
    fn of(wanted: &Wanted) -> Result<Self, Fault> {
        let Wanted { bet, stake, .. } = *wanted;
        let much = |fault: Fault| fault.under("stake");
        let paid = bet.returned(wanted.fate, wanted.rule, &wanted.withdrawals);
        let paid = paid.map_err(much)?;
        let commission = bet.commission(paid, wanted.commission).map_err(much)?;
        let units = |cents: i64| cents as f64 / 100.0;
        Ok(Self {
            paid: units(paid.get()),
            commission: units(commission.get()),
            returned: units(paid.get() - commission.get()),
            profit: units(paid.get() - commission.get() - stake.get()),
            rules: applied(wanted, commission),
        })
    }
}

fn applied(wanted: &Wanted, commission: Cents) -> Vec<Applied> {
    let mut rules = Vec::new();
    let mut add = |rule, detail: String| rules.push(Applied { rule, detail });
    match wanted.fate {
        Fate::Lost => add(RuleWord::Lost, "nothing comes back".to_owned()),
        Fate::Void => add(RuleWord::Void, "the stake comes back".to_owned()),
        Fate::Won => add(
            RuleWord::FullPrice,
            "the whole stake is paid at the price".to_owned(),
        ),
        Fate::Tied { runners, places } => {
            add(
                RuleWord::DeadHeat,
                format!("{places} in {runners} of the stake is paid at the price"),
            );
        }
    }
    let won = matches!(wanted.fate, Fate::Won | Fate::Tied { .. });
    let taken = wanted.bet.taken(wanted.rule, &wanted.withdrawals);
    if won && taken > 0 {
        match wanted.rule {
            Rule::FaceValue => add(
                RuleWord::Deduction,
                format!("{taken}c in the dollar off the face value"),
            ),
            Rule::Winnings => add(
                RuleWord::Rule4,
                format!("{taken}p in the pound off the winnings"),
            ),
        }
    }
    if commission > Cents::ZERO {
        let share = wanted.commission.get();
        add(RuleWord::Commission, format!("{share} of what is won"));
    }
    rules
}
