//! Looks at the daemon every few seconds and tells when something is too much for too long.
//!
//! What is read is what the rooms count anyway; nothing here costs a request anything. A rule for
//! backups that are stale will come with backups.

mod alert;
#[cfg(test)]
mod fixture;
mod reading;
mod rule;
pub mod sentry;
mod settings;
mod webhook;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, watch};

pub use alert::{Alert, State};
pub use rule::Rule;
pub use settings::Settings;

use crate::collect::{Collector, Health};
use crate::runtime::{Clock, Times, Traffic, machine};
use crate::store::Store;
use alert::Alerts;
use reading::{Feed, Reading, Window};
use webhook::Webhook;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(10);
/// How often it asks the database how the sources do.
const FEEDS: TimeDelta = TimeDelta::minutes(5);

/// Who looks. Cheap to clone.
#[derive(Clone)]
pub struct Watch(Arc<Inner>);

struct Inner {
    settings: Settings,
    store: Store,
    collector: Collector,
    traffic: Traffic,
    clock: Clock,
    seen: Mutex<Seen>,
    webhook: Option<Webhook>,
    post: mpsc::Sender<Vec<u8>>,
    posts: tokio::sync::Mutex<mpsc::Receiver<Vec<u8>>>,
    closing: watch::Sender<bool>,
}

struct Seen {
    window: Window,
    alerts: Alerts,
    feeds: Vec<Feed>,
    feeds_at: Option<DateTime<Utc>>,
}

impl Watch {
    /// Looks at these; starts the thread of the webhook, if there is one.
    pub fn start(
        settings: Settings,
        store: Store,
        collector: Collector,
        traffic: Traffic,
        clock: Clock,
    ) -> io::Result<Self> {
        let (post, posts) = mpsc::channel(webhook::QUEUE);
        let seen = Seen {
            window: Window::new(settings.lasting),
            alerts: Alerts::default(),
            feeds: Vec::new(),
            feeds_at: None,
        };
        Ok(Self(Arc::new(Inner {
            webhook: Webhook::start(&settings)?,
            settings,
            store,
            collector,
            traffic,
            clock,
            seen: Mutex::new(seen),
            post,
            posts: tokio::sync::Mutex::new(posts),
            closing: watch::Sender::new(false),
        })))
    }

    /// Looks again and again, and posts what is to be told, until [`Watch::stop`].
    pub async fn run(self) {
        let mut closing = self.0.closing.subscribe();
        tokio::select! {
            () = async { tokio::join!(self.look_on(), self.post_all()); } => {}
            _closing = closing.wait_for(|closing| *closing) => {}
        }
    }

    /// Ends [`Watch::run`], whatever it waits for.
    pub fn stop(&self) {
        self.0.closing.send_replace(true);
    }

    async fn look_on(&self) {
        if !self.0.settings.enabled {
            return;
        }
        loop {
            self.look().await;
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn post_all(&self) {
        let Some(webhook) = &self.0.webhook else {
            return;
        };
        let mut posts = self.0.posts.lock().await;
        while let Some(body) = posts.recv().await {
            webhook.deliver(&body).await;
        }
    }

    /// Looks once, and judges.
    pub async fn look(&self) {
        let now = self.0.clock.now();
        if self.seen().feeds_are_old(now) {
            let feeds = self.feeds(now).await;
            self.seen().know_feeds(feeds, now);
        }
        let reading = self.read(now);
        let told = self.seen().judge(reading, &self.0.settings);
        for alert in told {
            self.tell(&alert);
        }
    }

    /// Those that fire, those that may come to it, and the latest 100 that are over.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        self.seen().alerts.all()
    }

    /// What is too much.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn read(&self, at: DateTime<Utc>) -> Reading {
        let mut reading = Reading {
            at,
            answers: 0,
            failures: 0,
            took: Times::default(),
            pool_percent: self.0.store.pool().utilization_percent(),
            wal_bytes: self.0.store.writer().wal_bytes.unwrap_or(0),
            resident: machine::resident(),
            feeds: Vec::new(),
        };
        reading.count(&self.0.traffic.stats());
        reading
    }

    /// The sources that are asked by the clock, and how late they are.
    async fn feeds(&self, now: DateTime<Utc>) -> Vec<Feed> {
        let mut feeds = Vec::new();
        let sources = self.0.collector.sources().iter();
        for source in sources.filter(|source| source.enabled && source.schedule.is_some()) {
            match self.0.collector.health(&source.name).await {
                Ok(health) => feeds.push(Feed::of(&health, now)),
                Err(error) => tracing::warn!(%error, "could not look how a source does"),
            }
        }
        feeds
    }

    fn tell(&self, alert: &Alert) {
        tracing::warn!(
            rule = alert.rule.name(),
            subject = alert.subject,
            state = alert.state.name(),
            value = alert.value,
            threshold = alert.threshold,
            "alert"
        );
        if self.0.webhook.is_some() && self.0.post.try_send(webhook::body(alert)).is_err() {
            tracing::error!("an alert is not told to the webhook: too many wait");
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// A clock that was set back makes them old too.
    fn feeds_are_old(&self, now: DateTime<Utc>) -> bool {
        let at = self.feeds_at.filter(|at| *at <= now);
        at.is_none_or(|at| now - at >= FEEDS)
    }

    fn know_feeds(&mut self, feeds: Vec<Feed>, now: DateTime<Utc>) {
        self.feeds = feeds;
        self.feeds_at = Some(now);
    }

    fn judge(&mut self, mut reading: Reading, settings: &Settings) -> Vec<Alert> {
        let now = reading.at;
        reading.feeds.clone_from(&self.feeds);
        self.window.add(reading);
        let measured = rule::measure(&self.window, settings);
        self.alerts.hear(measured, now, settings.lasting)
    }
}

impl Feed {
    fn of(health: &Health, now: DateTime<Utc>) -> Self {
        let silent = health.last_success_at.map(|at| (now - at).num_minutes());
        Self {
            source: health.name.to_string(),
            late: health.overdue,
            silent_min: silent,
        }
    }
}
