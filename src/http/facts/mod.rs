//! Facts in: cards, results, prices, scratchings.
//!
//! Every item is judged alone: the good ones are kept when others fail, and the answer says of each
//! what became of it. It is sent after the commit is on disk.

mod body;
mod receipt;

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::Desks;
use super::caller::{Caller, Write};
use super::intake::Intake;
use super::openapi::Named;
use super::problem::Problem;
use super::races::{key, unknown};
use super::replay::{self, Once, Replay};
use crate::domain::{Fault, RaceKey};
use crate::formats::facts::{CardBody, Loose, PricesBody, ResultBody, ScratchingBody};
use crate::ingest::{self, Answers, Fact, Ingest, Receipt};
pub(super) use body::LISTED;
use body::{Items, items};
use receipt::Answered;
pub(crate) use receipt::Receipts;
pub(in crate::http) use receipt::Refused;

/// Items that go to the writer at a time; a body with more goes in several turns.
const TURN: usize = 500;
/// How often a later turn asks again when the writer's queue is full, and how long it waits then.
const AGAIN: u32 = 50;
const WAIT: Duration = Duration::from_millis(100);

/// Takes race cards: one, a list of at most 500, or NDJSON.
#[utoipa::path(
    post, path = "/api/cards", tag = "facts in", security(("key" = ["write"])),
    params(Replay), request_body(content = CardBody, example = json!({
        "source": "mine", "track": "angle-park", "day": "2025-07-21", "number": 3,
        "distance_m": 515, "runners": [
            {"rug": 1, "box": 1, "dog": "Dr. Emilia", "trainer": "T. Able", "weight_kg": 26.4},
            {"rug": 2, "box": 2, "dog": "Keen Timber"},
        ],
    })),
    responses(Answered),
)]
pub(super) async fn cards(
    _caller: Caller<Write>,
    intake: Intake,
    desk: Data<FactsIn>,
) -> Result<HttpResponse, Problem> {
    let work = take(&intake, &desk.ingest, |body: CardBody, faults| {
        Fact::check(&body.draft(faults))
    });
    replay::once(&desk.answers, Once::of(&intake), work).await
}

/// Takes results: one, a list of at most 500, or NDJSON.
#[utoipa::path(
    post, path = "/api/results", tag = "facts in", security(("key" = ["write"])),
    params(Replay), request_body(content = ResultBody, example = json!({
        "source": "mine", "track": "angle-park", "day": "2025-07-21", "number": 3,
        "distance_m": 515, "status": "official", "runners": [
            {"rug": 1, "dog": "Dr. Emilia", "place": 1, "run_time_s": 29.87, "sp": 3.5},
            {"rug": 2, "dog": "Keen Timber", "place": 2, "margin_lengths": 1.25},
        ],
    })),
    responses(Answered),
)]
pub(super) async fn results(
    _caller: Caller<Write>,
    intake: Intake,
    desk: Data<FactsIn>,
) -> Result<HttpResponse, Problem> {
    let work = take(&intake, &desk.ingest, |body: ResultBody, faults| {
        Fact::check(&body.draft(faults))
    });
    replay::once(&desk.answers, Once::of(&intake), work).await
}

/// Takes prices of races: one, a list of at most 500, or NDJSON.
#[utoipa::path(
    post, path = "/api/prices", tag = "facts in", security(("key" = ["write"])),
    params(Replay), request_body(content = PricesBody, example = json!({
        "source": "mine", "race": "2025-07-21-angle-park-3", "at": "2025-07-21T09:30:00Z",
        "kind": "fixed", "prices": [{"rug": 1, "win": 3.6, "place": 1.5}],
    })),
    responses(Answered),
)]
pub(super) async fn prices(
    _caller: Caller<Write>,
    intake: Intake,
    desk: Data<FactsIn>,
) -> Result<HttpResponse, Problem> {
    let work = take(&intake, &desk.ingest, |body: PricesBody, faults| {
        Fact::check(&body.draft(faults))
    });
    replay::once(&desk.answers, Once::of(&intake), work).await
}

/// Takes scratchings of one race: one, a list of at most 500, or NDJSON.
#[utoipa::path(
    post, path = "/api/races/{race}/scratchings", tag = "facts in",
    security(("key" = ["write"])), params(Named, Replay), request_body(content = ScratchingBody, example = json!({"rug": 2})),
    responses(Answered, (status = 404, description = "unknown_race")),
)]
pub(super) async fn scratchings(
    _caller: Caller<Write>,
    race: Path<String>,
    intake: Intake,
    desk: Data<FactsIn>,
) -> Result<HttpResponse, Problem> {
    let race = key(&race)?;
    let fact = |body, faults: &mut Vec<Fault>| scratched(&race, body, faults);
    let work = async {
        let receipts = gather(&intake, &desk.ingest, fact).await?;
        if receipts.unknown_race() {
            return Err(unknown(&race));
        }
        receipts.answer()
    };
    replay::once(&desk.answers, Once::of(&intake), work).await
}

/// What the handlers of facts work with.
#[derive(Clone)]
pub(super) struct FactsIn {
    /// The door for facts.
    pub(super) ingest: Ingest,
    /// Answers that were given under an `Idempotency-Key`.
    pub(super) answers: Answers,
}

impl FactsIn {
    pub(super) fn of(desks: &Desks) -> Self {
        Self {
            ingest: desks.ingest.clone(),
            answers: desks.answers.clone(),
        }
    }
}

/// Reads the items, makes facts of them, and waits until those that are good are on disk.
async fn take<T: Loose>(
    intake: &Intake,
    ingest: &Ingest,
    fact: impl Fn(T, &mut Vec<Fault>) -> Result<Fact, Vec<Fault>>,
) -> Result<HttpResponse, Problem> {
    gather(intake, ingest, fact).await?.answer()
}

async fn gather<T: Loose>(
    intake: &Intake,
    ingest: &Ingest,
    fact: impl Fn(T, &mut Vec<Fault>) -> Result<Fact, Vec<Fault>>,
) -> Result<Receipts, Problem> {
    let Items { single, items } = items::<T>(intake)?;
    let mut receipts = Receipts::of(single);
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        let turn = items.by_ref().take(TURN).map(|item| item.checked(&fact));
        let first = receipts.is_empty();
        for receipt in settle(ingest, turn.collect(), first).await? {
            receipts.add(receipt);
        }
    }
    Ok(receipts)
}

fn scratched(
    race: &RaceKey,
    body: ScratchingBody,
    faults: &mut Vec<Fault>,
) -> Result<Fact, Vec<Fault>> {
    let scratching = body.draft(faults).check()?;
    Ok(Fact::Scratching(Box::new((race.clone(), scratching))))
}

/// Hands the good ones to the writer, all or none, and puts the others back in their places.
async fn settle(
    ingest: &Ingest,
    turn: Vec<Result<Fact, Vec<Fault>>>,
    first: bool,
) -> Result<Vec<Receipt>, Problem> {
    let mut facts = Vec::with_capacity(turn.len());
    let mut places = Vec::with_capacity(turn.len());
    for item in turn {
        places.push(item.map(|fact| facts.push(fact)));
    }
    let mut taken = hand_in(ingest, facts, first).await?.into_iter();
    let receipts = places.into_iter().filter_map(|place| match place {
        Ok(()) => taken.next(),
        Err(faults) => Some(Receipt::refused(faults)),
    });
    Ok(receipts.collect())
}

/// A full queue refuses the first turn at once; a later one waits for room, because the turns
/// before it are stored.
async fn hand_in(
    ingest: &Ingest,
    facts: Vec<Fact>,
    first: bool,
) -> Result<Vec<Receipt>, ingest::Error> {
    if first {
        return ingest.facts(facts).await;
    }
    for _ in 0..AGAIN {
        match ingest.facts(facts.clone()).await {
            Err(error) if error.is_busy() => tokio::time::sleep(WAIT).await,
            settled => return settled,
        }
    }
    ingest.facts(facts).await
}
