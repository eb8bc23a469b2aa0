//! lurcher: facts about greyhound races in, probabilities out.
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")
)]

pub mod domain;
pub mod ingest;
pub mod runtime;
pub mod season;
pub mod store;
