//! Why there is nothing to be had. Messages name the host and the rule, and no path or query.

use chrono::{DateTime, Utc};

use crate::runtime::Refused;

/// Cheap to clone: all who wait for one fetch get the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The URL cannot be asked, whoever answers.
    #[error("the URL for {host} {rule}")]
    Url {
        /// As far as it can be told.
        host: String,
        /// What it breaks, `has a user or password in it`.
        rule: &'static str,
    },
    /// The host is, or resolves to, an address that nobody may be sent to.
    #[error("{host} leads to {address}, {rule}")]
    Address {
        /// The name that was asked.
        host: String,
        /// Where it leads.
        address: String,
        /// What it is, `which is a loopback address`.
        rule: &'static str,
    },
    /// The host sent us somewhere we do not go.
    #[error("{host} redirected us, but {rule}")]
    Redirect {
        /// Who sent us.
        host: String,
        /// What was broken.
        rule: String,
    },
    /// The server answered with a status that is no answer.
    #[error("{host} answered {status}")]
    Status {
        /// Who answered.
        host: String,
        /// With what.
        status: u16,
    },
    /// 404 or 410, now or a short while ago.
    #[error("{host} has no such page")]
    Missing {
        /// Who has not.
        host: String,
    },
    /// 403 or 406: the site refuses us, and is left alone.
    #[error("{host} refuses us with {status}; it is left alone until {until}")]
    Unwelcome {
        /// Who refuses.
        host: String,
        /// How.
        status: u16,
        /// Nobody asks before.
        until: DateTime<Utc>,
    },
    /// The server asked us to come back later than a fetch can wait.
    #[error("{host} wants to be left alone until {until}")]
    Later {
        /// Who wants it.
        host: String,
        /// Nobody asks before.
        until: DateTime<Utc>,
    },
    /// Too many failures in a row.
    #[error("{host} failed too often; it is left alone until {until}")]
    Open {
        /// Who failed.
        host: String,
        /// One fetch tries it then.
        until: DateTime<Utc>,
    },
    /// It took too long.
    #[error("{host} was too slow: {phase}")]
    Timeout {
        /// Who was slow.
        host: String,
        /// What was waited for.
        phase: &'static str,
    },
    /// The body is, or becomes when it is unpacked, too large.
    #[error("{host} sent more than {limit} bytes")]
    TooLarge {
        /// Who sent it.
        host: String,
        /// The limit.
        limit: u64,
    },
    /// The body cannot be unpacked.
    #[error("the body from {host} cannot be unpacked: {rule}")]
    Decoding {
        /// Who sent it.
        host: String,
        /// Why not.
        rule: String,
    },
    /// The body is not what was expected; an empty one never is.
    #[error("the body from {host} is not {expected}: {rule}")]
    Unexpected {
        /// Who sent it.
        host: String,
        /// What was expected.
        expected: &'static str,
        /// What is wrong.
        rule: &'static str,
    },
    /// No name, no connection, no TLS, no HTTP, or an answer that broke off.
    #[error("no answer from {host}: {rule}")]
    Transport {
        /// Who did not answer.
        host: String,
        /// What happened.
        rule: String,
    },
    /// Too many wait already.
    #[error("too many fetches are waiting for {host}")]
    Busy {
        /// For whom.
        host: String,
    },
    /// The daemon is going down.
    #[error("fetching has stopped")]
    Stopped,
    /// The work was lost.
    #[error(transparent)]
    Crew(#[from] Refused),
}

impl Error {
    /// Whether an old copy may stand in: not when the page is gone, and not when nobody wants it.
    pub(super) fn may_be_bridged(&self) -> bool {
        !matches!(self, Self::Missing { .. } | Self::Stopped)
    }

    /// Whether the next attempt may do better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Transport { .. } => true,
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            _ => false,
        }
    }

    /// Whether we said no, and not the server.
    pub(super) fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::Url { .. } | Self::Address { .. } | Self::Redirect { .. } | Self::Busy { .. }
        )
    }
}
