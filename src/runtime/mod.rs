//! Machinery that has never heard of a greyhound: queues, crews, caches, the clock, cron
//! expressions, secrets, the account of where time went, how long things took and what of the
//! machine they took.

mod cache;
mod changes;
mod clock;
mod crew;
mod cron;
mod hex;
mod histogram;
mod lanes;
pub mod machine;
mod schedule;
pub mod sealed;
mod secret;
pub mod timing;
mod traffic;

pub use cache::{Cache, CacheStats, Cached, Limits};
pub use changes::Changes;
pub use clock::Clock;
pub use crew::{Crew, CrewStats, Fuses, Lane, PANICS, Patience, Refused, Subject};
pub use cron::{Cron, CronError};
pub use hex::hex;
pub use histogram::{Histogram, Times};
pub use lanes::{Lanes, Next, PATIENCE};
pub use schedule::Schedule;
pub use secret::Secret;
pub use traffic::{Route, RouteStats, STATUSES, Traffic, UNMATCHED};
