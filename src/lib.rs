//! lurcher: facts about greyhound races in, probabilities out.
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")
)]

pub mod app;
pub mod domain;
pub mod formats;
pub mod http;
pub mod ingest;
pub mod model;
pub mod predict;
pub mod runtime;
pub mod season;
pub mod store;
pub mod train;
