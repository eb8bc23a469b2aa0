//! A result: what a source says happened in a race.

use chrono::{DateTime, Utc};

use super::card::distinct;
use super::race::instant;
use super::text::text;
use super::{
    BoxNo, DogClaim, DogDraft, Fault, Faults, Performance, PerformanceDraft, RaceDraft, RaceHead,
    RaceStatus, Rug,
};

/// The most runners a result may list.
const FIELD_LIMIT: usize = 20;

/// What somebody sent about a race that is over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultDraft {
    /// The race.
    pub race: RaceDraft,
    /// When it could be known; RFC 3339.
    pub known_at: Option<String>,
    /// `interim`, `official`, `amended`, `no_race` or `abandoned`.
    pub status: String,
    /// Some who ran are missing from the list.
    pub partial: bool,
    /// Those who ran, and those who were withdrawn with outcome `SCR`.
    pub runners: Vec<ResultRunnerDraft>,
}

/// What somebody sent about one runner of a result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultRunnerDraft {
    /// Rug.
    pub rug: i64,
    /// Box, where it is known apart from the rug.
    pub box_no: Option<i64>,
    /// Which dog; may be left out when a card names it.
    pub dog: Option<DogDraft>,
    /// Trainer.
    pub trainer: Option<String>,
    /// What it did.
    pub performance: PerformanceDraft,
}

/// A checked result.
#[derive(Debug, Clone, PartialEq)]
pub struct RaceResult {
    /// The race.
    pub race: RaceHead,
    /// When it could be known, if the sender said so.
    pub known_at: Option<DateTime<Utc>>,
    /// How final it is; never `open`.
    pub status: RaceStatus,
    /// Some who ran are missing.
    pub partial: bool,
    /// Each rug once, in the order of rugs.
    pub runners: Vec<ResultRunner>,
}

/// A checked runner of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRunner {
    /// Rug.
    pub rug: Rug,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// Dog.
    pub dog: Option<DogClaim>,
    /// Trainer.
    pub trainer: Option<String>,
    /// What it did.
    pub performance: Performance,
}

impl ResultDraft {
    /// The result, or every fault of it.
    pub fn check(&self) -> Result<RaceResult, Vec<Fault>> {
        let mut faults = Faults::default();
        let race = self.race.check();
        let known_at = faults.maybe("known_at", self.known_at.as_deref(), instant);
        let status = faults.note("status", status(&self.status));
        if self.runners.len() > FIELD_LIMIT {
            faults.add("runners", format!("must be at most {FIELD_LIMIT}"));
        }
        let mut runners = Vec::with_capacity(self.runners.len());
        for (n, draft) in self.runners.iter().take(FIELD_LIMIT).enumerate() {
            match draft.check() {
                Ok(runner) => runners.push((n, runner)),
                Err(inner) => faults.take(&format!("runners[{n}]"), inner),
            }
        }
        let runners = distinct(runners, |runner| runner.rug, &mut faults);
        let race = race.map_err(|inner| faults.take("", inner)).ok();
        faults.done()?;
        let (Some(race), Some(status)) = (race, status) else {
            return Err(Vec::new());
        };
        Ok(RaceResult {
            race,
            known_at,
            status,
            partial: self.partial,
            runners,
        })
    }
}

fn status(raw: &str) -> Result<RaceStatus, Fault> {
    let why = "must be interim, official, amended, no_race or abandoned";
    match RaceStatus::parse(raw) {
        Ok(RaceStatus::Open) | Err(_) => Err(Fault::new(why)),
        Ok(status) => Ok(status),
    }
}

impl ResultRunnerDraft {
    /// The runner, or every fault of it.
    pub fn check(&self) -> Result<ResultRunner, Vec<Fault>> {
        let mut faults = Faults::default();
        let rug = faults.note("rug", Rug::new(self.rug));
        let box_no = faults.maybe("box", self.box_no, BoxNo::new);
        let trainer = faults.maybe("trainer", self.trainer.as_deref(), text);
        let dog = self
            .dog
            .as_ref()
            .and_then(|dog| dog.check().map_err(|inner| faults.take("", inner)).ok());
        let performance = self
            .performance
            .check()
            .map_err(|inner| faults.take("", inner))
            .unwrap_or_default();
        faults.done()?;
        let Some(rug) = rug else {
            return Err(Vec::new());
        };
        Ok(ResultRunner {
            rug,
            box_no,
            dog,
            trainer,
            performance,
        })
    }
}
