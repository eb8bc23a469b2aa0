//! Tells somebody else of an alert: a signed POST, tried again for a while.
//!
//! The address is the self-hoster's own word and may well be his own machine, so it is not asked of
//! [`crate::upstream`], which refuses private addresses and believes nobody. What comes back is not
//! read, only whether it was taken.

use std::time::Duration;
use std::{fmt, io};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use ureq::Agent;

use super::alert::Alert;
use super::settings::Settings;
use crate::runtime::{Crew, Lane, Secret, hex};

/// Posts that may wait; above it they are dropped, counted and logged.
pub(super) const QUEUE: usize = 100;
/// How often a post is tried.
const TRIES: u32 = 5;
/// How long until the second try; then twice as long each time.
const BACK_OFF: Duration = Duration::from_secs(1);
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the signature is sent as.
const SIGNATURE: &str = "X-Lurcher-Signature";

/// Where alerts are posted to, and the thread that does it.
pub(super) struct Webhook {
    url: Secret,
    secret: Option<Secret>,
    poster: Crew<Agent>,
}

/// Why a try came to nothing. It never names the address.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Failed {
    Status(u16),
    NoAnswer,
}

impl Webhook {
    /// Of these settings, if they have one.
    pub(super) fn start(settings: &Settings) -> io::Result<Option<Self>> {
        let Some(url) = settings.webhook_url.clone() else {
            return Ok(None);
        };
        let poster = Crew::start("webhook", 1, vec![agent()])?;
        Ok(Some(Self {
            url,
            secret: settings.webhook_secret.clone(),
            poster,
        }))
    }

    /// Posts until it is taken, or it was tried often enough; says whether it was.
    pub(super) async fn deliver(&self, body: &[u8]) -> bool {
        let mut pause = BACK_OFF;
        for attempt in 1..=TRIES {
            let failed = match self.post(body.to_vec()).await {
                Ok(()) => return true,
                Err(failed) => failed,
            };
            tracing::warn!(attempt, why = %failed, "the webhook did not take an alert");
            if attempt < TRIES {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        tracing::error!(tries = TRIES, "an alert could not be told to the webhook");
        false
    }

    async fn post(&self, body: Vec<u8>) -> Result<(), Failed> {
        let (url, secret) = (self.url.clone(), self.secret.clone());
        let work = move |agent: &mut Agent| {
            let mut request = agent
                .post(url.reveal())
                .header("Content-Type", "application/json");
            if let Some(secret) = secret {
                request = request.header(SIGNATURE, signature(&secret, &body));
            }
            let answer = request.send(&body).map_err(|_error| Failed::NoAnswer)?;
            let status = answer.status();
            if status.is_success() {
                return Ok(());
            }
            Err(Failed::Status(status.as_u16()))
        };
        let posted = self.poster.ask(Lane::Batch, work).await;
        posted.unwrap_or(Err(Failed::NoAnswer))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "it answers {status}"),
            Self::NoAnswer => f.write_str("it does not answer"),
        }
    }
}

/// Asks nobody but whom it is told to, and waits for no answer for long.
pub(super) fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("lurcher/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(PATIENCE));
    config.build().into()
}

/// HMAC-SHA256 of the body, in hex.
fn signature(secret: &Secret, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        // A key may have any length.
        return String::new();
    };
    mac.update(body);
    let bytes = mac.finalize().into_bytes();
    format!("sha256={}", hex(&bytes))
}

/// An alert, as it is posted. Rule, subject, `since` and state together name it, so whoever gets it
/// twice can tell.
pub(super) fn body(alert: &Alert) -> Vec<u8> {
    let instant =
        |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let body = json!({
        "rule": alert.rule.name(),
        "about": alert.rule.about(),
        "subject": alert.subject,
        "state": alert.state.name(),
        "since": instant(alert.since),
        "fired_at": alert.fired_at.map(instant),
        "resolved_at": alert.resolved_at.map(instant),
        "value": alert.value,
        "threshold": alert.threshold,
    });
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        let secret = Secret::new("Jefe");

        let found = signature(&secret, b"what do ya want for nothing?");

        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(found, format!("sha256={expected}"));
    }

    #[test]
    fn what_went_wrong_names_no_address() {
        let said = [Failed::Status(503), Failed::NoAnswer].map(|failed| failed.to_string());

        assert_eq!(said, ["it answers 503", "it does not answer"]);
    }
}
