//! Other people's servers: one polite client that none of them can crash, stall or fool.
//!
//! [`Client::fetch`] answers an [`Ask`] from the disk, from somebody else's fetch of the same thing
//! that is in the air, or from the network; then it may try three times, follow five redirects and
//! take thirty seconds. Waiting (for a turn at a host, for the next attempt) is asynchronous; only
//! the talking runs on the crew. What cannot be had is an [`Error`], or the last good copy marked
//! stale: never an empty answer. No message, log line or file name tells a secret.

mod ask;
mod circuit;
mod client;
mod error;
mod names;
mod settings;
mod source;
mod tally;
mod template;

pub use ask::{Ask, Expect, Fetched};
pub use circuit::{Circuit, State};
pub use client::Client;
pub use error::Error;
pub use names::Names;
pub use settings::Settings;
pub use source::{Expected, Manners, Reach, Request, SourceDraft, SourceKind, SourceSpec};
pub use tally::Tally;
pub use template::Template;
