//! What happens over time: imports, restarts, corrections, kills.

mod as_of;
mod identity;
mod kill;
mod odd_files;
mod one_daemon;
mod order;
mod queue;
mod restart;
mod standings;
mod told;
mod twice;
