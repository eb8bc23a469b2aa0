//! What happens over time: imports, restarts, corrections, kills.

mod alerts;
mod as_of;
pub(crate) mod book;
mod collecting;
mod config;
mod countries;
mod day;
mod identity;
mod intervals;
mod jobs;
mod jobs_kill;
mod keys;
mod kill;
mod kill_writers;
mod odd_files;
mod one_daemon;
mod order;
mod own_writes;
mod predicting;
mod queue;
mod real_day;
mod restart;
mod standings;
mod told;
pub(crate) mod twice;
mod unknown_layouts;
mod walk;
