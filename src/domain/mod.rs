//! The words we use: races, runners, odds, chances, faults.
//!
//! No I/O, no async, no clock, no SQLite, no HTTP. A type that exists is valid: it was built by a
//! `new` that checked it. Drafts are the exception and say so in their name: they hold what
//! somebody sent, and `check()` turns them into facts or into *all* their faults at once.

mod board;
mod card;
mod chance;
mod day;
mod dog;
mod draft;
mod fault;
mod form;
mod grade;
mod history;
mod id;
mod job;
mod measure;
mod money;
mod odds;
mod price;
mod race;
mod rating;
mod result;
mod runner;
mod scope;
mod scratching;
mod source;
mod standing;
mod text;
mod track;

pub use board::completed;
pub use card::{Card, CardDraft, CardRunner, CardRunnerDraft};
pub use chance::{Chance, Chances};
pub use day::RaceDay;
pub use dog::{DogClaim, DogDraft, DogName, Sex};
pub use draft::Draft;
pub use fault::{Fault, Faults};
pub use form::{FormDraft, FormRun, Performance, PerformanceDraft};
pub use grade::{Class, grade_class};
pub use history::{Entry, FormLine, History, Snapshot, SnapshotRace};
pub use id::{CircuitId, DogId, JobId, MeetingId, ModelId, RaceId, TrackId, TrainerId, UploadId};
pub use job::{Job, JobKind, JobState, Warming};
pub use measure::{Grams, Lengths, Metres, Millis};
pub use money::Cents;
pub use odds::Odds;
pub use price::{PriceDraft, PriceFact, PriceKind, PriceTick, PriceTickDraft, PricedRace};
pub use race::{Jump, RaceDraft, RaceHead, RaceKey, RaceSlot, RaceStatus, Session};
pub use rating::{BoxBias, BoxSum, DogRating, Filter, Four, Look, Par, Strength, WinPlace};
pub use result::{RaceResult, ResultDraft, ResultRunner, ResultRunnerDraft};
pub use runner::{BoxNo, Outcome, Place, Rug};
pub use scope::Scope;
pub use scratching::{ScratchDraft, Scratching};
pub use source::Source;
pub use standing::{
    About, CardClaim, Claimed, ResultClaim, ScratchClaim, Settlement, Standing, StandingRunner,
};
pub use text::printable;
pub use track::{Circuit, Track, TrackSpot, alias_code};
