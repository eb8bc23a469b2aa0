//! Work that takes time, as data: what is to be done, and how far it has come.
//!
//! A job is stored with the transaction that makes it necessary and is done later, perhaps twice:
//! whatever it does must come to the same when it is done again.

use serde::{Deserialize, Serialize};

use super::{DogId, Fault, RaceDay, RaceKey, Source, UploadId};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Take in the facts of a file that was uploaded.
    Import {
        /// Which.
        upload: UploadId,
    },
    /// Ask a source what is new.
    Collect {
        /// Which.
        source: Source,
        /// One day; `None` is today at the source with the days around it.
        day: Option<RaceDay>,
    },
    /// Read again what a source sent, as it was kept.
    Reparse {
        /// Which.
        source: Source,
        /// What was received on this day (UTC) or later.
        since: RaceDay,
        /// Take it in; else only say what would become of it.
        commit: bool,
    },
    /// Bring the ratings up to date.
    Rate,
    /// Store what the model in force says of a race.
    Predict {
        /// Which.
        race: RaceKey,
    },
    /// Fit a model.
    Train {
        /// The last day to fit on.
        until: Option<RaceDay>,
        /// Put it in force whatever the judgement.
        activate: bool,
    },
    /// Make predictions ready before anybody asks.
    Warm(Warming),
    /// Walk a model forward through the past.
    Backtest {
        /// First day that is predicted.
        from: RaceDay,
        /// Last day that is predicted.
        to: RaceDay,
        /// Days of a fold; `None` is a calendar month.
        step_days: Option<u32>,
        /// Days left out before each fold.
        gap_days: u32,
        /// Taken off winnings.
        commission: f64,
        /// What a bet must promise beyond its stake.
        edge: f64,
    },
}

/// What is to be made ready; with nothing said, every race to come around now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warming {
    /// The races of one day.
    pub day: Option<RaceDay>,
    /// These races, whatever else is said.
    pub races: Vec<RaceKey>,
    /// Only at these tracks, by slug.
    pub tracks: Vec<String>,
    /// Only with one of these dogs.
    pub dogs: Vec<DogId>,
}

impl Warming {
    fn dedup_key(&self) -> String {
        let races: Vec<String> = self.races.iter().map(ToString::to_string).collect();
        let dogs: Vec<String> = self.dogs.iter().map(ToString::to_string).collect();
        let day = self.day.map_or_else(String::new, |day| day.to_string());
        let lists = [races, self.tracks.clone(), dogs].map(|list| list.join(","));
        format!("warm:{day}:{}", lists.join(":"))
    }
}

impl Job {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::Import { .. } => JobKind::Import,
            Self::Collect { .. } => JobKind::Collect,
            Self::Reparse { .. } => JobKind::Reparse,
            Self::Rate => JobKind::Rate,
            Self::Predict { .. } => JobKind::Predict,
            Self::Train { .. } => JobKind::Train,
            Self::Warm(_) => JobKind::Warm,
            Self::Backtest { .. } => JobKind::Backtest,
        }
    }

    /// What makes a second one needless while the first still waits or runs.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        match self {
            Self::Import { upload } => format!("import:{upload}"),
            Self::Collect { source, day: None } => format!("collect:{source}"),
            Self::Collect {
                source,
                day: Some(day),
            } => format!("collect:{source}:{day}"),
            Self::Reparse {
                source,
                since,
                commit,
            } => format!("reparse:{source}:{since}:{commit}"),
            Self::Rate => "rate".to_owned(),
            Self::Predict { race } => format!("predict:{race}"),
            Self::Train { .. } => "train".to_owned(),
            Self::Warm(wish) => wish.dedup_key(),
            Self::Backtest {
                from,
                to,
                step_days,
                gap_days,
                commission,
                edge,
            } => {
                let step = step_days.map_or_else(String::new, |step| step.to_string());
                format!("backtest:{from}:{to}:{step}:{gap_days}:{commission}:{edge}")
            }
        }
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident, $must:literal { $($(#[$of:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// From its name.
            pub fn parse(name: &str) -> Result<Self, Fault> {
                match name {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(Fault::new($must)),
                }
            }

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    )+};
}

words! {
    /// The kinds of jobs; how many run at a time depends on it.
    JobKind, "must be import, collect, reparse, rate, predict, train, warm or backtest" {
        /// [`Job::Import`]
        Import = "import",
        /// [`Job::Collect`]
        Collect = "collect",
        /// [`Job::Reparse`]
        Reparse = "reparse",
        /// [`Job::Rate`]
        Rate = "rate",
        /// [`Job::Predict`]
        Predict = "predict",
        /// [`Job::Train`]
        Train = "train",
        /// [`Job::Warm`]
        Warm = "warm",
        /// [`Job::Backtest`]
        Backtest = "backtest",
    }

    /// How far a job has come.
    JobState, "must be queued, running, succeeded, failed or cancelled" {
        /// It waits for its time.
        Queued = "queued",
        /// Somebody is at it.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Given up.
        Failed = "failed",
        /// Not wanted any more.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// Whether nothing more will happen to it by itself.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_data_that_reads_back() {
        let jobs = [
            Job::Import {
                upload: UploadId::new(7),
            },
            Job::Collect {
                source: Source::new("gbgb").unwrap(),
                day: Some(RaceDay::parse("2026-11-20").unwrap()),
            },
            Job::Predict {
                race: "2026-11-20-sale-3".parse().unwrap(),
            },
            Job::Rate,
            Job::Warm(Warming {
                dogs: vec![DogId::new(7)],
                ..Warming::default()
            }),
            Job::Backtest {
                from: RaceDay::parse("2026-01-01").unwrap(),
                to: RaceDay::parse("2026-11-20").unwrap(),
                step_days: None,
                gap_days: 1,
                commission: 0.08,
                edge: 0.05,
            },
        ];

        for job in jobs {
            let text = serde_json::to_string(&job).unwrap();
            assert!(
                text.contains(&format!("\"kind\":\"{}\"", job.kind().as_str())),
                "{text}"
            );
            assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
        }
    }

    #[test]
    fn every_word_reads_back() {
        for kind in JobKind::ALL {
            assert_eq!(JobKind::parse(kind.as_str()), Ok(*kind));
        }
        for state in JobState::ALL {
            assert_eq!(JobState::parse(state.as_str()), Ok(*state));
        }
        assert!(JobKind::parse("backup").is_err());
    }
}
