//! Tells an error tracker (Sentry, GlitchTip and their like) of errors and panics.
//!
//! Whatever is logged as an error goes there, a panic among it, with the request or job that it
//! belongs to. Without an address nothing is sent and no thread is started. Of traces there are
//! none: what takes how long is counted in the house.
//!
//! Nothing here may be logged as an error, or one that cannot be told would tell of itself for ever.

mod layer;
mod scrub;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sentry_types::protocol::v7::{Envelope, Event};
use sentry_types::{Auth, Dsn};
use ureq::Agent;

pub use layer::{Layer, ROUTE};

use super::webhook;
use crate::runtime::Secret;

/// Events that may wait to be sent; above it they are dropped and counted.
const QUEUE: usize = 100;
/// How long the end of the daemon waits for events that were not sent yet.
const LAST: Duration = Duration::from_secs(2);
/// Over how long [`SentrySettings::per_minute`] is counted.
const MINUTE: Duration = Duration::from_mins(1);

/// Who is told of errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentrySettings {
    /// The address with its key; nobody is told without one.
    pub dsn: Option<Secret>,
    /// What this installation is called there.
    pub environment: String,
    /// Events a minute, at most; above it they are dropped and counted.
    pub per_minute: u32,
}

impl Default for SentrySettings {
    fn default() -> Self {
        Self {
            dsn: None,
            environment: "production".to_owned(),
            per_minute: 30,
        }
    }
}

impl SentrySettings {
    /// Whether this is an address that can be posted to.
    #[must_use]
    pub fn is_dsn(text: &str) -> bool {
        text.parse::<Dsn>().is_ok()
    }
}

/// What is sent on.
enum Post {
    Event(Box<Event<'static>>),
    /// Nothing comes after it; who waits is told.
    Last(SyncSender<()>),
}

/// Takes events from any thread; never waits.
struct Outbox {
    posts: SyncSender<Post>,
    quota: Mutex<Quota>,
    dropped: AtomicU64,
}

/// How much may still be sent in this minute.
struct Quota {
    per_minute: u32,
    since: Instant,
    used: u32,
}

/// Held as long as events are sent; waits a moment for the last of them when it is dropped.
pub struct Ending(SyncSender<Post>);

/// Starts to tell; nothing without an address.
pub fn start(settings: &SentrySettings) -> io::Result<Option<(Layer, Ending)>> {
    let Some(dsn) = &settings.dsn else {
        return Ok(None);
    };
    let dsn: Dsn = dsn
        .reveal()
        .parse()
        .map_err(|_dsn| io::Error::other("the address of the error tracker is none"))?;
    let (posts, waiting) = sync_channel(QUEUE);
    thread::Builder::new()
        .name("sentry".to_owned())
        .spawn(move || deliver(&dsn, &waiting))?;
    let outbox = Arc::new(Outbox {
        posts: posts.clone(),
        quota: Mutex::new(Quota::new(settings.per_minute, Instant::now())),
        dropped: AtomicU64::new(0),
    });
    let layer = Layer::new(outbox, settings.environment.clone());
    Ok(Some((layer, Ending(posts))))
}

impl Drop for Ending {
    fn drop(&mut self) {
        let (tell, told) = sync_channel(1);
        let began = Instant::now();
        let mut last = Post::Last(tell);
        while let Err(std::sync::mpsc::TrySendError::Full(back)) = self.0.try_send(last) {
            if began.elapsed() > LAST {
                return;
            }
            last = back;
            thread::sleep(LAST / 100);
        }
        // Whether they were all sent or not, it is over.
        told.recv_timeout(LAST.saturating_sub(began.elapsed()))
            .unwrap_or_default();
    }
}

impl Outbox {
    /// Sends the event that is made, unless there were too many; it learns how many were dropped.
    fn offer(&self, make: impl FnOnce(u64) -> Event<'static>) {
        let mut quota = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = quota.take(Instant::now());
        drop(quota);
        if !has_room {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let post = Post::Event(Box::new(make(dropped)));
        if self.posts.try_send(post).is_err() {
            self.dropped.fetch_add(dropped + 1, Ordering::Relaxed);
        }
    }
}

impl Quota {
    const fn new(per_minute: u32, since: Instant) -> Self {
        Self {
            per_minute,
            since,
            used: 0,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= MINUTE {
            *self = Self::new(self.per_minute, now);
        }
        let has_room = self.used < self.per_minute;
        self.used += u32::from(has_room);
        has_room
    }
}

fn deliver(dsn: &Dsn, waiting: &Receiver<Post>) {
    let agent = webhook::agent();
    let url = dsn.envelope_api_url().to_string();
    let auth = dsn.to_auth(Some(concat!("lurcher/", env!("CARGO_PKG_VERSION"))));
    while let Ok(post) = waiting.recv() {
        match post {
            Post::Event(event) => {
                if let Err(why) = send(&agent, &url, &auth, *event) {
                    tracing::warn!(why, "the error tracker did not take an event");
                }
            }
            Post::Last(tell) => tell.try_send(()).unwrap_or_default(),
        }
    }
}

/// Says what was wrong without naming the address.
fn send(agent: &Agent, url: &str, auth: &Auth, event: Event<'static>) -> Result<(), String> {
    let mut body = Vec::new();
    let envelope = Envelope::from(event);
    envelope
        .to_writer(&mut body)
        .map_err(|error| error.to_string())?;
    let request = agent
        .post(url)
        .header("Content-Type", "application/x-sentry-envelope")
        .header("X-Sentry-Auth", auth.to_string());
    let answer = request
        .send(&body)
        .map_err(|_error| "it does not answer".to_owned())?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!("it answers {}", answer.status().as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_quota_is_dropped_and_the_next_minute_says_how_many() {
        let (posts, waiting) = sync_channel(QUEUE);
        let mut quota = Quota::new(3, Instant::now());
        let soon = quota.since + MINUTE / 2;
        let taken: Vec<bool> = (0..5).map(|_| quota.take(soon)).collect();
        assert_eq!(taken, [true, true, true, false, false]);
        assert!(quota.take(soon + MINUTE));
        let outbox = Outbox {
            posts,
            quota: Mutex::new(Quota::new(1, Instant::now())),
            dropped: AtomicU64::new(0),
        };

        for _ in 0..10 {
            outbox.offer(|_| Event::default());
        }
        outbox.quota.lock().unwrap().used = 0;
        outbox.offer(|dropped| Event {
            message: Some(dropped.to_string()),
            ..Event::default()
        });

        let messages: Vec<_> = waiting
            .try_iter()
            .map(|post| match post {
                Post::Event(event) => event.message,
                Post::Last(_) => None,
            })
            .collect();
        assert_eq!(messages, [None, Some("9".to_owned())]);
    }

    #[test]
    fn an_outbox_that_nobody_empties_stays_bounded_and_keeps_nobody_waiting() {
        let (posts, waiting) = sync_channel(QUEUE);
        let outbox = Outbox {
            posts,
            quota: Mutex::new(Quota::new(u32::MAX, Instant::now())),
            dropped: AtomicU64::new(0),
        };

        for _ in 0..QUEUE + 50 {
            outbox.offer(|_| Event::default());
        }

        assert_eq!(waiting.try_iter().count(), QUEUE);
        assert_eq!(outbox.dropped.load(Ordering::Relaxed), 50);
    }

    #[test]
    fn without_an_address_nothing_is_started() {
        assert!(start(&SentrySettings::default()).unwrap().is_none());
    }
}
