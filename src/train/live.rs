//! What a model said of races before they jumped, held against what happened: the only score that
//! nobody can have tuned.
//!
//! A line counts when its field is the field that ran. A model drifts when it is worse, measured
//! from the guess that knows nothing, than on its unseen days by more than chance explains.

use serde::{Deserialize, Serialize};

use super::dataset::market;
use super::judge::BesideMarket;
use super::registry::Model;
use super::{Error, Trainer};
use crate::domain::RaceDay;
use crate::model::Difference;
use crate::model::bootstrap::Interval;
use crate::model::score::{self, Judged, Score};
use crate::runtime::Lane;
use crate::store::predictions::{self, LastWord};
use crate::store::runners::{self, Runner};
use crate::store::{self, Reader};

/// Days that are looked back on.
const LIVE_DAYS: i64 = 90;
/// Days that are watched for drift.
const DRIFT_DAYS: i64 = 30;
/// Races that are looked at, at most: the newest.
const RACES_MOST: u32 = 5_000;
/// Races that a drift takes at least: with fewer even gross errors do not show.
const RACES_NEEDED: usize = 100;

/// The score of what was said live.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Live {
    /// First day that was looked at: 90 days ago, or that of the 5,000th race.
    pub from: RaceDay,
    /// Last day that was looked at.
    pub until: RaceDay,
    /// Finished races whose field was not the one that the line was about.
    pub other_fields: usize,
    /// The model; `None` when nothing can be judged yet.
    pub model: Option<Score>,
    /// Beside the closing prices.
    pub market: Option<BesideMarket>,
}

/// Whether a model does as it did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// What is to be thought of it.
    pub state: DriftState,
    /// Days that were looked at.
    pub days: i64,
    /// Races on them.
    pub races: usize,
    /// Log loss on them.
    pub live_log_loss: Option<f64>,
    /// Log loss on the unseen days of its training.
    pub validation_log_loss: Option<f64>,
    /// The log loss above that of equal chances, live less unseen days: so that small fields do not
    /// pass for skill. Above 0 it has become worse.
    pub difference: Option<f64>,
    /// Where the difference lies with 95 % confidence.
    pub interval: Option<Interval>,
}

/// What is to be thought of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftState {
    /// Too few races yet, or no unseen days to compare with.
    TooEarly,
    /// No worse than chance explains.
    Steady,
    /// Worse.
    Drifted,
}

impl DriftState {
    /// In the words of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooEarly => "too_early",
            Self::Steady => "steady",
            Self::Drifted => "drifted",
        }
    }
}

/// A runner's chance, as the ledger has it.
#[derive(Deserialize)]
struct Line {
    rug: u8,
    win: f64,
}

/// A race of the ledger that has been run.
struct Seen {
    day: RaceDay,
    said: Judged,
    market: Option<Judged>,
}

/// What a training says of its unseen days.
#[derive(Clone, Copy, Deserialize)]
struct Validation {
    log_loss: f64,
    log_loss_se: f64,
    uniform: f64,
}

impl Trainer {
    pub(super) async fn live(&self, model: &Model) -> Result<(Live, Drift), Error> {
        let now = self.clock.now().date_naive();
        // East of Greenwich it is tomorrow.
        let until = RaceDay::new(now)?.plus(1);
        let from = until.plus(-LIVE_DAYS);
        let id = model.id;
        let (seen, other_fields, from) = self
            .store
            .read(Lane::Batch, move |reader| {
                let words = predictions::last_words(reader, id, (from, until), RACES_MOST)?;
                let full = words.len() == RACES_MOST as usize;
                let oldest = words.last().filter(|_| full).map(|word| word.day);
                let (seen, others) = held_against(reader, &words)?;
                Ok::<_, store::Error>((seen, others, oldest.unwrap_or(from)))
            })
            .await
            .map_err(Error::Store)?;
        let live = Live {
            from,
            until,
            other_fields,
            model: score::score(&said(&seen)),
            market: beside_market(&seen),
        };
        let recent = until.plus(-DRIFT_DAYS);
        let recent: Vec<Judged> = seen
            .iter()
            .filter(|race| race.day >= recent)
            .map(|race| race.said.clone())
            .collect();
        let validation = Validation::deserialize(&model.report["judged"]["model"]).ok();
        Ok((live, Drift::of(&recent, validation)))
    }
}

/// The races whose field is that of the line, and how many others there are.
fn held_against(
    reader: &Reader<'_>,
    words: &[LastWord],
) -> Result<(Vec<Seen>, usize), store::Error> {
    let mut seen = Vec::new();
    for word in words {
        let mut field = runners::of_race(reader, word.race)?;
        field.retain(|runner| !runner.scratched);
        seen.extend(Seen::of(word, &field));
    }
    let others = words.len() - seen.len();
    Ok((seen, others))
}

impl Seen {
    fn of(word: &LastWord, field: &[Runner]) -> Option<Self> {
        let lines: Vec<Line> = serde_json::from_str(&word.chances).ok()?;
        let same = lines.len() == field.len()
            && lines
                .iter()
                .zip(field)
                .all(|(line, ran)| line.rug == ran.rug.get());
        let winners = field.iter().filter(|ran| ran.won == Some(true)).count();
        if !same || winners != 1 {
            return None;
        }
        let won = field
            .iter()
            .map(|ran| f64::from(u8::from(ran.won == Some(true))));
        let said = Judged {
            chances: lines.iter().map(|line| line.win).collect(),
            won: won.collect(),
        };
        let ran: Vec<&Runner> = field.iter().collect();
        let market = market(&ran).map(|chances| Judged {
            chances,
            won: said.won.clone(),
        });
        Some(Self {
            day: word.day,
            said,
            market,
        })
    }
}

fn said(seen: &[Seen]) -> Vec<Judged> {
    seen.iter().map(|race| race.said.clone()).collect()
}

fn beside_market(seen: &[Seen]) -> Option<BesideMarket> {
    let both = seen
        .iter()
        .filter_map(|race| Some((&race.said, race.market.as_ref()?)));
    let (model, market): (Vec<Judged>, Vec<Judged>) = both
        .map(|(said, market)| (said.clone(), market.clone()))
        .unzip();
    let each = model.iter().zip(&market);
    let behind: Vec<f64> = each
        .map(|(said, market)| said.log_loss() - market.log_loss())
        .collect();
    Some(BesideMarket {
        model: score::score(&model)?,
        market: score::score(&market)?,
        difference: Difference::of(&behind)?,
    })
}

impl Drift {
    fn of(recent: &[Judged], validation: Option<Validation>) -> Self {
        let live = score::score(recent);
        let excess: Vec<f64> = recent
            .iter()
            .map(|race| race.log_loss() - (race.chances.len() as f64).ln())
            .collect();
        let both = Difference::of(&excess).zip(validation);
        let difference = both.map(|(live, before)| live.mean - (before.log_loss - before.uniform));
        let interval = both.zip(difference).map(|((live, before), difference)| {
            Interval::around(difference, live.se.hypot(before.log_loss_se))
        });
        let state = match interval {
            Some(interval) if recent.len() >= RACES_NEEDED => {
                if interval.low > 0.0 {
                    DriftState::Drifted
                } else {
                    DriftState::Steady
                }
            }
            _ => DriftState::TooEarly,
        };
        Self {
            state,
            days: DRIFT_DAYS,
            races: recent.len(),
            live_log_loss: live.map(|live| live.log_loss),
            validation_log_loss: validation.map(|before| before.log_loss),
            difference,
            interval,
        }
    }

    /// For people.
    #[must_use]
    pub fn in_words(&self) -> String {
        let (Some(live), Some(before), Some(interval)) =
            (self.live_log_loss, self.validation_log_loss, self.interval)
        else {
            return format!(
                "{} races of the last {} days to judge by",
                self.races, self.days
            );
        };
        format!(
            "log loss {live:.4} on {} races of the last {} days, {before:.4} on its unseen days; \
             difference beside equal chances {:+.4} to {:+.4}",
            self.races, self.days, interval.low, interval.high
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Races of four in which the winner had this chance.
    fn races(chance: f64, count: usize) -> Vec<Judged> {
        let rest = (1.0 - chance) / 3.0;
        let race = Judged {
            chances: vec![chance, rest, rest, rest],
            won: vec![1.0, 0.0, 0.0, 0.0],
        };
        vec![race; count]
    }

    const BEFORE: Validation = Validation {
        log_loss: 1.0,
        log_loss_se: 0.02,
        uniform: 1.386_294_361,
    };

    #[test]
    fn a_model_that_has_become_worse_than_chance_explains_has_drifted() {
        let worse = Drift::of(&races(0.3, 200), Some(BEFORE));
        let same = Drift::of(&races(0.37, 200), Some(BEFORE));

        assert_eq!(worse.state, DriftState::Drifted, "{worse:?}");
        assert_eq!(same.state, DriftState::Steady, "{same:?}");
        assert!(
            worse.in_words().contains("200 races"),
            "{}",
            worse.in_words()
        );
    }

    #[test]
    fn few_races_and_no_unseen_days_are_no_drift() {
        assert_eq!(
            Drift::of(&races(0.1, 99), Some(BEFORE)).state,
            DriftState::TooEarly
        );
        assert_eq!(
            Drift::of(&races(0.1, 500), None).state,
            DriftState::TooEarly
        );
        assert_eq!(Drift::of(&[], Some(BEFORE)).state, DriftState::TooEarly);
    }

    #[test]
    fn smaller_fields_do_not_pass_for_skill() {
        let easy = Judged {
            chances: vec![0.5, 0.5],
            won: vec![1.0, 0.0],
        };

        let drift = Drift::of(&vec![easy; 200], Some(BEFORE));

        assert!(drift.live_log_loss < drift.validation_log_loss);
        assert_eq!(drift.state, DriftState::Drifted);
    }
}
