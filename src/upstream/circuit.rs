//! How it stands with a host.

use chrono::{DateTime, Utc};

/// Whether a host is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is.
    Closed,
    /// Not before [`Circuit::until`].
    Open,
    /// The next fetch, or the one that is out, decides.
    HalfOpen,
}

/// One host.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Circuit {
    /// Name and port.
    pub host: String,
    /// Whether it is asked.
    pub state: State,
    /// Failures since the last answer.
    pub failures: u32,
    /// Until when it is left alone: it failed, asked for it, or refused us.
    pub until: Option<DateTime<Utc>>,
}
