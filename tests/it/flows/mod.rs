//! What happens over time: imports, restarts, corrections, kills.

mod as_of;
mod identity;
mod kill;
mod odd_files;
mod one_daemon;
mod restart;
pub(crate) mod twice;
