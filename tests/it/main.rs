//! Everything, through the front door.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answer;
mod api;
mod collect;
mod edge;
mod facts;
mod files;
mod flows;
mod house;
mod post;
mod process;
mod readme;
mod real_data;
mod sound;
mod sql;
mod sums;
mod time;
mod upstream;
mod world;
