//! Other people's servers: one polite client that none of them can crash, stall or fool.
//!
//! [`Client::fetch`] answers an [`Ask`] from the disk, from somebody else's fetch of the same thing
//! that is in the air, or from the network; then it may try three times, follow five redirects and
//! take thirty seconds. Waiting (for a turn at a host, for the next attempt) is asynchronous; only
//! the talking runs on the crew. What cannot be had is an [`Error`], or the last good copy marked
//! stale: never an empty answer. No message, log line or file name tells a secret.

mod address;
mod ask;
mod body;
mod circuit;
mod client;
mod disk;
mod entry;
mod error;
mod flights;
mod hosts;
mod jitter;
mod journey;
mod key;
mod names;
mod pause;
mod request;
mod settings;
mod source;
mod tally;
mod target;
mod template;
mod wire;

pub use ask::{Ask, Expect, Fetched};
pub use circuit::{Circuit, State};
pub use client::Client;
pub use error::Error;
pub use names::Names;
pub use request::{MEETINGS, PAGES, Request};
pub use settings::Settings;
pub use source::{Expected, Manners, Reach, SourceDraft, SourceKind, SourceSpec};
pub use tally::Tally;
pub use template::Template;
