//! Machinery that has never heard of a greyhound: queues, crews, caches, the clock, cron
//! expressions, secrets, the account of where time went.

mod cache;
mod changes;
mod clock;
mod crew;
mod cron;
mod lanes;
mod schedule;
mod secret;
pub mod timing;

pub use cache::{Cache, CacheStats, Cached, Limits};
pub use changes::Changes;
pub use clock::Clock;
pub use crew::{Crew, Lane, Refused};
pub use cron::{Cron, CronError};
pub use lanes::{Lanes, Next, PATIENCE};
pub use schedule::Schedule;
pub use secret::Secret;
