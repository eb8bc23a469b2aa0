//! What to put on runners of one day. Nobody bets here: lurcher has no way to, and wants none.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Predict};
use super::intake::Intake;
use super::predictions::terms;
use super::problem::Problem;
use super::races::instant;
use crate::domain::{Chance, DogId, Fault, Faults, Odds, RaceDay, RaceKey, Rug};
use crate::formats::facts::{BetBody, StakesBody};
use crate::model::slip::{Laid, Line, Slip};
use crate::model::stake::{BET_LIMIT, DAY_LIMIT, FRACTION_LIMIT, Offer, Staking, fair_price};
use crate::predict::{Predicted, Prediction, Predictor, Question, Terms};

/// Bets that may be weighed at once.
const MOST: usize = 50;

/// What every answer says.
const NOTE: &str = "lurcher places no bet: these are shares of the bank that may be put down";

/// A bet that is thought of.
struct Bet {
    race: RaceKey,
    rug: Rug,
    odds: Odds,
}

/// What is asked, checked.
struct Wanted {
    day: RaceDay,
    bets: Vec<Bet>,
    terms: Terms,
    staking: Staking,
    spent: f64,
}

/// A bet beside what the model says of its runner.
struct Weighed<'a> {
    bet: &'a Bet,
    said: &'a Prediction,
    runner: &'a Predicted,
    line: Line,
}

/// What to put on each bet, and on all of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Stakes)]
pub(super) struct View {
    /// The local day that all the bets share, and whose limit they share.
    #[schema(format = Date)]
    day: String,
    commission: f64,
    /// How much of Kelly is put down.
    fraction: f64,
    already_staked_today: f64,
    /// In the order asked.
    bets: Vec<BetView>,
    /// The sum of the stakes, a share of the bank.
    staked: f64,
    /// What may still be put down on this day after that.
    left_today: f64,
    /// The limits that made stakes smaller.
    limited_by: Vec<Limit>,
    limits: LimitsView,
    notes: Vec<String>,
}

/// What nobody may exceed; shares of the bank but for the first.
#[derive(Serialize, ToSchema)]
#[schema(as = StakeLimits)]
struct LimitsView {
    /// Of Kelly.
    fraction: f64,
    /// On one bet.
    bet: f64,
    /// On one day.
    day: f64,
}

/// What made a stake smaller.
#[derive(Serialize, ToSchema)]
#[schema(as = StakeLimit)]
#[serde(rename_all = "snake_case")]
enum Limit {
    Bet,
    Day,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Stake)]
struct BetView {
    race: String,
    rug: u8,
    dog: Option<String>,
    dog_id: Option<i64>,
    /// What the model said from.
    #[schema(format = DateTime)]
    as_of: String,
    model: String,
    price: f64,
    /// The model's chance, which depends on no price.
    #[schema(minimum = 0, maximum = 1)]
    win: f64,
    /// `1 / win`.
    fair_price: Option<f64>,
    /// The price from which on a bet has the edge asked for, after commission.
    min_price: Option<f64>,
    /// What a bet of 1 at this price wins on average, after commission.
    edge: f64,
    /// Full Kelly beside the other bets on the same race, of which one wins at most.
    kelly: f64,
    /// Share of the bank to put down.
    stake_fraction: f64,
    /// The limits that made it smaller.
    limited_by: Vec<Limit>,
}

/// How much of the bank to put on runners of one day. Those of one race are weighed together, all of
/// them share the limit of the day, and no limit can be lifted from outside. No bet is placed.
#[utoipa::path(
    operation_id = "weigh_stakes",
    post, path = "/api/stakes", tag = "predictions", security(("key" = ["read"])),
    request_body(content = StakesBody, example = json!({
        "bets": [{"race": "2025-07-21-angle-park-3", "rug": 1, "price": 5.2}],
        "commission": 0.08, "fraction": 0.25, "already_staked_today": 0.02,
    })),
    responses(
        (status = 200, body = View), (status = 404, description = "unknown_race"), (status = 409, description = "not_ready"),
    ),
)]
pub(super) async fn create(
    _caller: Caller<Predict>,
    intake: Intake,
    predictor: Data<Predictor>,
) -> Result<HttpResponse, Problem> {
    let item = intake.item::<StakesBody>()?;
    let wanted = item.checked(|body, _form| check(&body));
    let wanted = wanted.map_err(Problem::invalid)?;
    let mut said = Vec::with_capacity(wanted.bets.len());
    for bet in &wanted.bets {
        let question = Question {
            race: bet.race.clone(),
            as_of: None,
        };
        // The cache answers for a race that is named again.
        let prediction = predictor.race(question).await;
        said.push(prediction.map_err(|error| Problem::from(&*error))?);
    }
    let weighed = weigh(&wanted, &said)?;
    let lines: Vec<Line> = weighed.iter().map(|one| one.line).collect();
    let slip = Slip::of(&lines, wanted.staking, wanted.spent);
    let slip = slip.map_err(|fault| Problem::internal(&fault))?;
    let view = View::of(&wanted, &weighed, &slip).map_err(|fault| Problem::internal(&fault))?;
    Ok(HttpResponse::Ok().json(view))
}

fn check(body: &StakesBody) -> Result<Wanted, Vec<Fault>> {
    let mut faults = Faults::default();
    let asked = body.bets.as_deref().unwrap_or_default();
    if !(1..=MOST).contains(&asked.len()) {
        faults.add("bets", format!("must be 1 to {MOST} bets"));
    }
    let mut bets: Vec<Bet> = Vec::with_capacity(asked.len().min(MOST));
    for (n, body) in asked.iter().take(MOST).enumerate() {
        let place = format!("bets[{n}]");
        let Some(bet) = Bet::of(body, &place, &mut faults) else {
            continue;
        };
        if bets
            .iter()
            .any(|one| (&one.race, one.rug) == (&bet.race, bet.rug))
        {
            faults.add(&place, "must name a runner that no other bet names");
        }
        if bets
            .first()
            .is_some_and(|first| first.race.day != bet.race.day)
        {
            let why = "must be of the day of the other bets: they share its limit";
            faults.add(&format!("{place}.race"), why);
        }
        bets.push(bet);
    }
    let terms = terms(None, body.commission, body.edge, &mut faults);
    let staking = Staking::of(body.fraction.unwrap_or(FRACTION_LIMIT));
    let staking = faults.note("", staking).unwrap_or_default();
    let spent = body.already_staked_today.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&spent) {
        faults.add("already_staked_today", "must be 0 to 1");
    }
    faults.done()?;
    let day = bets.first().map(|bet| bet.race.day);
    let day = day.ok_or_else(|| vec![Fault::new("must be given").under("bets")])?;
    Ok(Wanted {
        day,
        bets,
        terms,
        staking,
        spent,
    })
}

impl Bet {
    /// `None` after noting everything that is wrong with it.
    fn of(body: &BetBody, place: &str, faults: &mut Faults) -> Option<Self> {
        let absent = || Fault::new("must be given");
        let at = |field: &str| format!("{place}.{field}");
        let race = body.race.as_deref().ok_or_else(absent);
        let race = faults.note(&at("race"), race.and_then(str::parse));
        let rug = body.rug.ok_or_else(absent);
        let rug = faults.note(&at("rug"), rug.and_then(Rug::new));
        let odds = body.price.ok_or_else(absent);
        let odds = faults.note(&at("price"), odds.and_then(Odds::new));
        Some(Self {
            race: race?,
            rug: rug?,
            odds: odds?,
        })
    }
}

/// Every bet beside its runner, or which ones have none.
fn weigh<'a>(wanted: &'a Wanted, said: &'a [Arc<Prediction>]) -> Result<Vec<Weighed<'a>>, Problem> {
    let bets = &wanted.bets;
    let mut faults = Faults::default();
    let mut weighed = Vec::with_capacity(bets.len());
    for (n, (bet, said)) in bets.iter().zip(said).enumerate() {
        let Some(runner) = said.runners.iter().find(|one| one.rug == bet.rug) else {
            let why = format!("does not run in {}", bet.race);
            faults.add(&format!("bets[{n}].rug"), why);
            continue;
        };
        let chance = Chance::new(runner.win).map_err(|fault| Problem::internal(&fault))?;
        let race = bets.iter().position(|one| one.race == bet.race);
        let line = Line {
            race: race.unwrap_or(n),
            offer: wanted.terms.offer(chance, bet.odds),
        };
        weighed.push(Weighed {
            bet,
            said,
            runner,
            line,
        });
    }
    faults.done().map_err(Problem::invalid)?;
    Ok(weighed)
}

/// The limits that made a stake smaller.
fn limits(bet: bool, day: bool) -> Vec<Limit> {
    let bet = bet.then_some(Limit::Bet);
    bet.into_iter().chain(day.then_some(Limit::Day)).collect()
}

impl View {
    fn of(wanted: &Wanted, weighed: &[Weighed<'_>], slip: &Slip) -> Result<Self, Fault> {
        let bets = weighed.iter().zip(&slip.stakes);
        let bets = bets.map(|(one, laid)| BetView::of(one, *laid, wanted.terms, slip.day_is_full));
        let bet_is_full = slip.stakes.iter().any(|laid| laid.bet_is_full);
        Ok(Self {
            day: wanted.day.to_string(),
            commission: wanted.terms.commission().get(),
            fraction: wanted.staking.fraction(),
            already_staked_today: wanted.spent,
            bets: bets.collect::<Result<_, _>>()?,
            staked: slip.staked,
            left_today: wanted.staking.left(wanted.spent + slip.staked),
            limited_by: limits(bet_is_full, slip.day_is_full),
            limits: LimitsView {
                fraction: FRACTION_LIMIT,
                bet: BET_LIMIT,
                day: DAY_LIMIT,
            },
            notes: vec![NOTE.to_owned()],
        })
    }
}

impl BetView {
    fn of(one: &Weighed<'_>, laid: Laid, terms: Terms, day_is_full: bool) -> Result<Self, Fault> {
        let Offer { chance, odds, .. } = one.line.offer;
        Ok(Self {
            race: one.bet.race.to_string(),
            rug: one.bet.rug.get(),
            dog: one.runner.dog.clone(),
            dog_id: one.runner.dog_id.map(DogId::get),
            as_of: instant(one.said.as_of),
            model: one.said.model.clone(),
            price: odds.get(),
            win: chance.get(),
            fair_price: fair_price(chance),
            min_price: terms.least(chance)?,
            edge: one.line.offer.edge(),
            kelly: laid.kelly,
            stake_fraction: laid.stake,
            limited_by: limits(laid.bet_is_full, day_is_full && laid.kelly > 0.0),
        })
    }
}
