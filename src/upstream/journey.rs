//! From an ask to an answer over the network: attempts, redirects, pauses, and what a status means.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::entry::Validators;
use super::hosts::{Hold, Host, Hosts, Pass};
use super::jitter::Jitter;
use super::pause::retry_after;
use super::tally::Tallies;
use super::target::Target;
use super::wire::{Call, Reply};
use super::{Ask, Error, Settings};
use crate::runtime::{Clock, Crew, Lane};

/// Redirects that one attempt follows.
const REDIRECTS: usize = 5;
/// How often a wait doubles; it is bounded long before.
const DOUBLINGS: u32 = 16;

/// All that is needed on the way.
pub(super) struct Road {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) jitter: Arc<Jitter>,
    pub(super) hosts: Hosts,
    pub(super) crew: Crew<()>,
    pub(super) tallies: Tallies,
    pub(super) stop: watch::Sender<bool>,
}

/// One ask on its way.
pub(super) struct Journey<'a> {
    pub(super) road: &'a Road,
    pub(super) ask: &'a Ask,
    pub(super) target: &'a Target,
    pub(super) validators: Validators,
}

/// A reply that is an answer (200 or 304), and where it came from in the end.
pub(super) type Arrival = (Reply, Target);

impl Journey<'_> {
    /// Tries as often as it may.
    #[expect(
        clippy::significant_drop_tightening,
        reason = "a pass goes with its attempt"
    )]
    pub(super) async fn travel(&self) -> Result<Arrival, Error> {
        let road = self.road;
        let host = road.hosts.of(self.target)?;
        let mut pass = self
            .turn(&host, Instant::now() + road.settings.patience)
            .await?;
        let deadline = Instant::now() + road.settings.total;
        let mut attempt = 1;
        loop {
            let error = match self.attempt(pass, deadline).await {
                Ok(arrival) => return Ok(arrival),
                Err(error) => error,
            };
            let wait = self.wait(attempt);
            let late = Instant::now() + wait >= deadline;
            if !error.may_pass() || attempt >= road.settings.attempts || late {
                return Err(error);
            }
            self.sleep(wait).await?;
            pass = match self.turn(&host, deadline).await {
                Ok(pass) => pass,
                Err(stopped @ Error::Stopped) => return Err(stopped),
                // Why there is no more turn says less than why one was needed.
                Err(_) => return Err(error),
            };
            attempt += 1;
            road.tallies
                .count(&self.ask.source, |tally| tally.retries += 1);
        }
    }

    /// Full jitter: anything up to the doubled and doubled again.
    fn wait(&self, attempt: u32) -> Duration {
        let settings = &self.road.settings;
        let doubled = 1 << (attempt - 1).min(DOUBLINGS);
        let most = settings.backoff.saturating_mul(doubled);
        self.road.jitter.up_to(most.min(settings.backoff_max))
    }

    /// One attempt, wherever it is sent on to.
    async fn attempt(&self, mut pass: Pass, deadline: Instant) -> Result<Arrival, Error> {
        let mut target = self.target.clone();
        let mut at_home = true;
        for _ in 0..=REDIRECTS {
            let host = self.road.hosts.of(&target)?;
            let reply = self.call(&target, at_home, pass, deadline).await?;
            if let Some(next) = next(&target, &reply)? {
                target = next;
                // Who has left once is not trusted again.
                at_home &= target.origin() == self.target.origin();
                pass = self.turn(&self.road.hosts.of(&target)?, deadline).await?;
                continue;
            }
            self.judge(&host, &target, &reply, deadline)?;
            return Ok((reply, target));
        }
        Err(lost(self.target, "it was more than 5 times"))
    }

    async fn call(
        &self,
        target: &Target,
        at_home: bool,
        pass: Pass,
        deadline: Instant,
    ) -> Result<Reply, Error> {
        let (road, ask) = (self.road, self.ask);
        let call = Call {
            validators: self.validators.clone(),
            budget: budget(ask, deadline),
            ..request(&road.settings, ask, target.clone(), at_home)
        };
        road.tallies.count(&ask.source, |tally| tally.requests += 1);
        // The pass goes along, so that the turn ends with the talk even if the caller has gone.
        let work = move |(): &mut ()| {
            let outcome = call.make();
            match &outcome {
                Ok(reply) if reply.status < 500 => pass.well(),
                Err(Error::Address { .. }) => {}
                Ok(_) | Err(_) => pass.ill(),
            }
            outcome
        };
        // Everybody talks in the live lane: the first of a crew takes no other work.
        road.crew.ask(Lane::Live, work).await?
    }

    /// What a status means, when it is no answer.
    fn judge(
        &self,
        host: &Host,
        target: &Target,
        reply: &Reply,
        deadline: Instant,
    ) -> Result<(), Error> {
        let settings = &self.road.settings;
        let status = reply.status;
        let name = || target.host().to_owned();
        match status {
            200 => Ok(()),
            304 if self.validators != Validators::default() => Ok(()),
            404 | 410 => Err(Error::Missing { host: name() }),
            403 | 406 => {
                let refusal = Hold::Unwelcome(status);
                let error = self.road.hosts.hold(host, settings.refusal_pause, refusal);
                tracing::warn!(host = target.host(), status, "an upstream host refuses us");
                Err(error)
            }
            429 | 503 => {
                let said = reply.retry_after.as_deref();
                let now = self.road.clock.now();
                let pause = said.and_then(|said| retry_after(said, now, settings.hold_max));
                if let Some(pause) = pause.filter(|pause| !pause.is_zero()) {
                    let later = self.road.hosts.hold(host, pause, Hold::Later);
                    if Instant::now() + pause >= deadline {
                        return Err(later);
                    }
                }
                Err(Error::Status {
                    host: name(),
                    status,
                })
            }
            _ => Err(Error::Status {
                host: name(),
                status,
            }),
        }
    }

    async fn turn(&self, host: &Arc<Host>, deadline: Instant) -> Result<Pass, Error> {
        let slow = || Error::Timeout {
            host: self.target.host().to_owned(),
            phase: "waiting for a turn",
        };
        tokio::select! {
            biased;
            () = self.stopped() => Err(Error::Stopped),
            turn = self.road.hosts.turn(host, self.ask) => turn,
            () = sleep_until(deadline) => Err(slow()),
        }
    }

    async fn sleep(&self, wait: Duration) -> Result<(), Error> {
        tokio::select! {
            () = self.stopped() => Err(Error::Stopped),
            () = sleep(wait) => Ok(()),
        }
    }

    async fn stopped(&self) {
        let mut stop = self.road.stop.subscribe();
        // The sender lives as long as the road.
        drop(stop.wait_for(|stopped| *stopped).await);
    }
}

/// What is sent. Away from home goes nothing that is meant for home, and home is the only house of
/// our own network.
fn request(settings: &Settings, ask: &Ask, target: Target, at_home: bool) -> Call {
    let agent = ask.user_agent.as_ref().unwrap_or(&settings.user_agent);
    Call {
        target,
        headers: if at_home {
            ask.headers.clone()
        } else {
            Vec::new()
        },
        validators: Validators::default(),
        user_agent: agent.clone(),
        names: settings.names.clone(),
        allow_private: ask.allow_private && at_home,
        connect: settings.connect,
        budget: settings.total,
        limit: ask.limit(settings),
    }
}

/// What is left of the time, and no more than one request may take.
fn budget(ask: &Ask, deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    ask.timeout.map_or(left, |timeout| timeout.min(left))
}

/// Where a redirect leads, if it is one.
fn next(target: &Target, reply: &Reply) -> Result<Option<Target>, Error> {
    if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = &reply.location else {
        return Err(lost(target, "did not say where"));
    };
    let next = target.join(location).map_err(|error| match error {
        Error::Url { rule, .. } => lost(target, &format!("the new URL {rule}")),
        error => error,
    })?;
    if target.is_encrypted() && !next.is_encrypted() {
        return Err(lost(target, "from https to http"));
    }
    Ok(Some(next))
}

fn lost(target: &Target, rule: &str) -> Error {
    Error::Redirect {
        host: target.host().to_owned(),
        rule: rule.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Source;
    use crate::runtime::Secret;

    fn target(url: &str) -> Target {
        Target::parse(url).unwrap()
    }

    #[test]
    fn what_is_meant_for_home_stays_at_home() {
        let ask = Ask {
            headers: vec![("Authorization".to_owned(), Secret::new("hunter2"))],
            allow_private: true,
            max_bytes: Some(10),
            ..Ask::new(Source::new("one").unwrap(), "http://dogs.example/")
        };
        let settings = Settings::new("unused", "lurcher");
        let request = |at_home| request(&settings, &ask, target("http://cats.example/"), at_home);

        assert_eq!(
            (request(true).headers, request(true).allow_private),
            (ask.headers.clone(), true)
        );
        assert_eq!(
            (request(false).headers, request(false).allow_private),
            (Vec::new(), false)
        );
        assert_eq!(request(false).limit, 10);
    }

    #[test]
    fn nobody_is_led_from_https_to_http() {
        let led = |from: &str, to: &str| {
            let reply = Reply {
                status: 302,
                location: Some(to.to_owned()),
                ..Reply::default()
            };
            next(&target(from), &reply)
        };

        let safe = target("https://dogs.example/b");
        assert_eq!(led("https://dogs.example/a", "b"), Ok(Some(safe.clone())));
        assert_eq!(
            led("http://dogs.example/a", "https://dogs.example/b"),
            Ok(Some(safe))
        );
        for to in [
            "http://dogs.example/b",
            "http://cats.example/",
            "//cats.example:22/",
            "data:,",
        ] {
            let outcome = led("https://dogs.example/a", to);
            assert!(matches!(outcome, Err(Error::Redirect { .. })), "{to}");
        }
    }
}
