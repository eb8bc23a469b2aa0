//! Machinery that has never heard of a greyhound: queues, crews, caches, the clock, secrets, the
//! account of where time went.

mod cache;
mod clock;
mod crew;
mod lanes;
mod secret;
pub mod timing;

pub use cache::{Cache, CacheStats, Key};
pub use clock::Clock;
pub use crew::{Crew, Lane, Refused};
pub use lanes::{Lanes, Next, PATIENCE};
pub use secret::Secret;
