//! The HTTP interface, one file a resource.

mod batch;
mod benchmark;
mod caches;
mod dogs;
mod exotics;
mod exports;
pub(crate) mod facts;
mod health;
mod history;
mod jobs;
mod keys;
mod leaderboard;
mod models;
mod performance;
mod predictions;
mod preflight;
mod problems;
mod races;
mod replay;
mod settlements;
mod shapes;
mod sources;
mod stakes;
mod stats;
mod tracks;
mod uploads;
