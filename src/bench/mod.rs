//! Asks a server on this machine again and again, and says how long its answers took. It has never
//! heard of a greyhound; what to ask is told by whoever measures.

mod client;
mod figures;
mod load;
mod server;

use std::io;

pub use client::{Connection, Reply, get, request};
pub use figures::{Figures, Summary};
pub use load::{Plan, drive};
pub use server::{Server, says};

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection broke, or the answer did not come in time.
    #[error("the connection to the server broke: {0}")]
    Io(#[from] io::Error),
    /// Between two answers, or in the middle of one.
    #[error("the server hung up")]
    HungUp,
    /// It is not what our server answers with.
    #[error("an answer that cannot be read: {0}")]
    Strange(&'static str),
    /// It does not fit into the buffer.
    #[error("an answer of more than {} bytes", client::MOST)]
    TooLarge,
    /// It was to be a 200.
    #[error("the answer is not a 200 but {status}: {body}")]
    NotWell {
        /// What it was.
        status: u16,
        /// The beginning of what it said.
        body: String,
    },
    /// It ended before it listened, or broke on the way.
    #[error("the server did not start or did not end well")]
    Server,
    /// One of the threads that ask.
    #[error("a client panicked")]
    Client,
}
