//! How a feed is: when it last spoke, what it owes, and whether it speaks as it used to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::fetch::meeting;
use super::{Collector, Error};
use crate::domain::{RaceDay, RaceKey, RaceStatus, Source};
use crate::runtime::Lane;
use crate::store::collections::{self, Collection, Fetch};
use crate::store::meetings::{self, RaceKnown};
use crate::store::{self, Reader};
use crate::upstream::SourceSpec;

/// Fetches that are looked back on.
const LOOKED_BACK: u32 = 500;
/// Names that are shown of what changed.
const SHOWN: usize = 20;
/// How long after the jump a result is owed.
const OWED_AFTER: TimeDelta = TimeDelta::minutes(30);
/// Days that yesterday is held against.
const DAYS: i64 = 7;
/// A day whose rows differ by more than this share from the days before is told.
const TOLERATED: f64 = 0.2;

/// How a source is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Health {
    /// Which.
    pub name: Source,
    /// When it was last asked.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When it last did its part.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it is asked next by itself.
    pub next_expected_at: Option<DateTime<Utc>>,
    /// It should have been asked and answered since it last was.
    pub overdue: bool,
    /// Fetches that failed since it last did its part.
    pub failures: u64,
    /// What went wrong the last time, when that was the last fetch.
    pub last_error: Option<String>,
    /// What it told of today, its day.
    pub today: Today,
    /// What changed in how it speaks.
    pub drift: Option<Drift>,
}

/// What is known of a source's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Today {
    /// The local day at the source.
    pub day: Option<RaceDay>,
    /// Races that the configuration expects on an ordinary day.
    pub expected: Option<u32>,
    /// Races of the meetings that it told of.
    pub races: u64,
    /// Those with a card.
    pub with_card: u64,
    /// Those with a result.
    pub with_result: u64,
    /// Those whose result is owed for over 30 minutes.
    pub results_pending: u64,
}

/// What changed between the last day and the days before.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Drift {
    /// Columns or keys that came; at most 20.
    pub added: Vec<String>,
    /// Columns or keys that went; at most 20.
    pub gone: Vec<String>,
    /// Rows of yesterday, where they differ by over a fifth.
    pub rows: Option<u64>,
    /// Rows of a day in the week before.
    pub rows_before: Option<f64>,
    /// The first rows that were refused in the last fetch.
    pub faults: Vec<String>,
}

/// How whole a meeting is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Completeness {
    /// Which.
    pub meeting: String,
    /// Races by the highest number that anybody told of.
    pub expected: u64,
    /// Races that are known.
    pub races: u64,
    /// Those with a card.
    pub with_card: u64,
    /// Those with a price.
    pub with_prices: u64,
    /// Those with a result, or that were called off.
    pub with_result: u64,
    /// Those of which something was said before the jump.
    pub with_prediction: u64,
    /// Numbers that nobody told of.
    pub missing: Vec<u8>,
    /// Races whose result is owed for over 30 minutes.
    pub results_pending: Vec<RaceKey>,
}

impl Collector {
    /// How a source is.
    pub async fn health(&self, name: &Source) -> Result<Health, Error> {
        let source = self.source(name)?.clone();
        let now = self.now();
        let read = self
            .store
            .read(Lane::Live, move |reader| look(reader, &source, now));
        read.await.map_err(Error::Store)
    }

    /// How whole a meeting is; `None` when nobody told of it.
    pub async fn completeness(
        &self,
        day: RaceDay,
        track: &str,
        session: u8,
    ) -> Result<Option<Completeness>, Error> {
        let (track, now) = (track.to_owned(), self.now());
        let read = self.store.read(Lane::Live, move |reader| {
            meetings::completeness(reader, day, &track, session)
        });
        let races: Vec<RaceKnown> = read.await.map_err(Error::Store)?;
        Ok(Completeness::of(&races, now))
    }
}

fn look(
    reader: &Reader<'_>,
    source: &SourceSpec,
    now: DateTime<Utc>,
) -> Result<Health, store::Error> {
    let lines = collections::of_source(reader, &source.name, None, LOOKED_BACK)?;
    let fired = collections::fired(reader, &source.name)?;
    let good = lines.iter().find(|line| line.outcome.is_good());
    let schedule = source.schedule.as_ref().filter(|_| source.enabled);
    let last_success_at = good.map(|line| line.ended_at);
    let since = last_success_at.or(fired);
    let overdue = schedule.and_then(|schedule| {
        // One round is let go: a fetch takes its time.
        let next = schedule.next_after(since?)?;
        schedule.next_after(next).map(|after| after < now)
    });
    Ok(Health {
        name: source.name.clone(),
        last_attempt_at: lines.first().map(|line| line.ended_at),
        last_success_at,
        next_expected_at: schedule.and_then(|schedule| schedule.next_after(now)),
        overdue: overdue.unwrap_or_default(),
        failures: failures(&lines),
        last_error: lines.first().and_then(|line| line.error.clone()),
        today: today(reader, source, &lines, now)?,
        drift: drift(source, &lines, now),
    })
}

fn failures(lines: &[Collection]) -> u64 {
    let failed = lines.iter().take_while(|line| !line.outcome.is_good());
    u64::try_from(failed.count()).unwrap_or(u64::MAX)
}

fn today(
    reader: &Reader<'_>,
    source: &SourceSpec,
    lines: &[Collection],
    now: DateTime<Utc>,
) -> Result<Today, store::Error> {
    let day = local_day(source, now);
    let mut today = Today {
        day,
        expected: source.expected.races,
        races: 0,
        with_card: 0,
        with_result: 0,
        results_pending: 0,
    };
    let Some(day) = day else {
        return Ok(today);
    };
    let begins = day.to_string();
    let told = lines.iter().flat_map(|line| &line.meetings);
    let meetings: BTreeSet<&String> = told.filter(|name| name.starts_with(&begins)).collect();
    for name in meetings {
        let Some((day, track, session)) = parse_meeting(name) else {
            continue;
        };
        let races = meetings::completeness(reader, day, track, session)?;
        let Some(whole) = Completeness::of(&races, now) else {
            continue;
        };
        today.races += whole.races;
        today.with_card += whole.with_card;
        today.with_result += whole.with_result;
        today.results_pending += count(whole.results_pending.iter());
    }
    Ok(today)
}

fn local_day(source: &SourceSpec, now: DateTime<Utc>) -> Option<RaceDay> {
    RaceDay::new(now.with_timezone(&source.timezone).date_naive()).ok()
}

/// What the interface calls a meeting.
#[must_use]
pub fn meeting_name(day: RaceDay, track: &str, session: u8) -> String {
    match session {
        1 => format!("{day}-{track}"),
        session => format!("{day}-{track}-s{session}"),
    }
}

/// The parts of a meeting's name.
#[must_use]
pub fn parse_meeting(name: &str) -> Option<(RaceDay, &str, u8)> {
    let (day, rest) = name.split_at_checked(10)?;
    let day = RaceDay::parse(day).ok()?;
    let rest = rest.strip_prefix('-')?;
    let second = rest.rsplit_once("-s").and_then(|(track, session)| {
        let session = session
            .parse()
            .ok()
            .filter(|session| (2..=4).contains(session))?;
        Some((track, session))
    });
    let (track, session) = second.unwrap_or((rest, 1));
    (!track.is_empty()).then_some((day, track, session))
}

fn drift(source: &SourceSpec, lines: &[Collection], now: DateTime<Utc>) -> Option<Drift> {
    let taken = |line: &&Collection| matches!(line.outcome, Fetch::Taken | Fetch::Same);
    let recent = |line: &&Collection| now - line.ended_at < TimeDelta::days(1);
    let names = |lines: &mut dyn Iterator<Item = &Collection>| -> BTreeSet<String> {
        lines.flat_map(|line| line.shape.iter().cloned()).collect()
    };
    let new = names(&mut lines.iter().filter(taken).filter(recent));
    let old = names(&mut lines.iter().filter(taken).filter(|line| !recent(line)));
    let mut drift = Drift::default();
    if !new.is_empty() && !old.is_empty() {
        drift.added = new.difference(&old).take(SHOWN).cloned().collect();
        drift.gone = old.difference(&new).take(SHOWN).cloned().collect();
    }
    if let Some((rows, before)) = rows_drift(source, lines, now) {
        drift.rows = Some(rows);
        drift.rows_before = Some(before);
    }
    if drift == Drift::default() {
        return None;
    }
    drift.faults = lines
        .first()
        .map(|line| line.faults.clone())
        .unwrap_or_default();
    Some(drift)
}

/// Rows of yesterday and of a day before, where they differ by too much.
fn rows_drift(source: &SourceSpec, lines: &[Collection], now: DateTime<Utc>) -> Option<(u64, f64)> {
    let yesterday = local_day(source, now)?.plus(-1);
    // Newest first, so the first line of a name has its latest rows.
    let mut of_day: BTreeMap<RaceDay, BTreeMap<&str, u64>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.outcome.is_good()) {
        if let Some(day) = line.day {
            of_day
                .entry(day)
                .or_default()
                .entry(&line.name)
                .or_insert(line.rows);
        }
    }
    let rows = |day: &RaceDay| of_day.get(day).map(|names| names.values().sum::<u64>());
    let last = rows(&yesterday)?;
    let before: Vec<u64> = (1..=DAYS)
        .filter_map(|n| rows(&yesterday.plus(-n)))
        .collect();
    if before.is_empty() {
        return None;
    }
    let mean = before.iter().sum::<u64>() as f64 / before.len() as f64;
    let differs = (last as f64 - mean).abs() > TOLERATED * mean;
    differs.then_some((last, mean))
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}

impl Completeness {
    fn of(races: &[RaceKnown], now: DateTime<Utc>) -> Option<Self> {
        let first = races.first()?;
        let numbers: BTreeSet<u8> = races.iter().filter_map(number).collect();
        let highest = numbers.last().copied().unwrap_or_default();
        let known = count(races.iter());
        let with = |has: fn(&RaceKnown) -> bool| count(races.iter().filter(|race| has(race)));
        let pending = races.iter().filter(|race| is_pending(race, now));
        Some(Self {
            meeting: meeting(&first.race),
            expected: known.max(highest.into()),
            races: known,
            with_card: with(|race| race.carded),
            with_prices: with(|race| race.priced),
            with_result: with(|race| !is_open(race)),
            with_prediction: with(|race| race.predicted),
            missing: (1..=highest).filter(|n| !numbers.contains(n)).collect(),
            results_pending: pending.map(|race| race.race.clone()).collect(),
        })
    }
}

const fn number(race: &RaceKnown) -> Option<u8> {
    match race.race.slot {
        crate::domain::RaceSlot::Number(number) => Some(number),
        crate::domain::RaceSlot::Time(_) => None,
    }
}

const fn is_open(race: &RaceKnown) -> bool {
    matches!(race.status, RaceStatus::Open | RaceStatus::Interim)
}

fn is_pending(race: &RaceKnown, now: DateTime<Utc>) -> bool {
    is_open(race) && race.jump_at.is_some_and(|jump| now - jump > OWED_AFTER)
}
