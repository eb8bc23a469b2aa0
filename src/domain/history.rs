//! What was known before a race: the only thing a model ever sees.
//!
//! A [`Snapshot`] is made in one place, from statements that are all bounded by `as_of`; live
//! serving, training and backtest use the same one.

use chrono::{DateTime, Utc};

use super::{
    BoxBias, BoxNo, CircuitId, Class, DogId, DogRating, Four, Grams, Look, Metres, Par,
    Performance, RaceDay, RaceId, Rug, TrainerId,
};

/// A race and everything that was known about its field at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The race.
    pub race: SnapshotRace,
    /// The instant; nothing in here was known later.
    pub as_of: DateTime<Utc>,
    /// The field, in the order of rugs.
    pub entries: Vec<Entry>,
}

/// The race of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotRace {
    /// Identity.
    pub id: RaceId,
    /// Local day.
    pub day: RaceDay,
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance, where known.
    pub distance: Option<Metres>,
    /// Class, from the grade.
    pub class: Class,
    /// What a length stands for here, seconds.
    pub seconds_per_length: f64,
    /// What an unraced dog of the class is worth to each filter, natural-log units.
    pub prior: Four<f64>,
}

/// One runner of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Rug.
    pub rug: Rug,
    /// Box; the rug where nobody says otherwise and the rug is a box.
    pub box_no: Option<BoxNo>,
    /// Dog, where anybody named it.
    pub dog: Option<DogId>,
    /// Trainer.
    pub trainer: Option<TrainerId>,
    /// Weight on the card.
    pub weight: Option<Grams>,
    /// Past runs.
    pub history: History,
    /// Rating after the last rated race before this day.
    pub rating: Option<DogRating>,
    /// What this box does at this circuit and distance.
    pub bias: BoxBias,
}

/// Past runs of one dog, newest first, each run once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The runs.
    pub runs: Vec<FormLine>,
}

/// One past run.
#[derive(Debug, Clone, PartialEq)]
pub struct FormLine {
    /// Local day.
    pub day: RaceDay,
    /// Circuit.
    pub circuit: CircuitId,
    /// Distance.
    pub distance: Metres,
    /// Grade as written.
    pub grade: Option<String>,
    /// Rug.
    pub rug: Option<Rug>,
    /// Box.
    pub box_no: Option<BoxNo>,
    /// How many ran.
    pub field_size: Option<u8>,
    /// A trial, not a race.
    pub trial: bool,
    /// What the dog did.
    pub performance: Performance,
    /// What the average winner ran at this circuit and distance, as known at the snapshot.
    pub par: Option<Par>,
    /// What the market said of it, where the race was rated.
    pub look: Option<Look>,
}
