//! The daemon that has the data folder, asked over HTTP by a command that would need it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

/// Where the daemon says what it listens on, in the data folder.
const SIGN: &str = "lurcher.addr";
/// The name of the environment that has an API key.
const KEY: &str = "LURCHER_KEY";
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(40);
/// How often it is looked whether a job is over.
const GLANCE: Duration = Duration::from_millis(300);

/// The sign that a daemon puts up while it listens; dropping it takes it down.
pub(super) struct Sign(PathBuf);

impl Sign {
    pub(super) fn put_up(folder: &Path, address: SocketAddr) -> anyhow::Result<Self> {
        let path = folder.join(SIGN);
        fs::write(&path, format!("{address}\n"))
            .with_context(|| format!("could not write {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Sign {
    fn drop(&mut self) {
        // The next daemon writes it anew.
        drop(fs::remove_file(&self.0));
    }
}

/// A daemon on this machine.
pub(super) struct Remote {
    agent: ureq::Agent,
    url: String,
    key: Option<String>,
}

impl Remote {
    /// The daemon of a data folder.
    pub(super) fn of(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(SIGN);
        let sign = fs::read_to_string(&path).with_context(|| {
            format!(
                "another lurcher holds {} and does not say where it listens",
                folder.display()
            )
        })?;
        let mut address: SocketAddr = sign.trim().parse().context("the sign is no address")?;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE));
        Ok(Self {
            agent: config.build().into(),
            url: format!("http://{address}"),
            key: std::env::var(KEY).ok(),
        })
    }

    pub(super) fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.agent.get(format!("{}{path}", self.url));
        self.answer(self.keyed(request).call()?)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.url));
        self.answer(self.keyed(request).send_json(body)?)
    }

    pub(super) fn delete(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.agent.delete(format!("{}{path}", self.url));
        self.answer(self.keyed(request).call()?)
    }

    fn keyed<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match &self.key {
            Some(key) => request.header("X-API-Key", key),
            None => request,
        }
    }

    /// The job once it is over.
    pub(super) fn over(&self, job: i64) -> anyhow::Result<Value> {
        loop {
            let shown = self.get(&format!("/api/jobs/{job}"))?;
            match shown["state"].as_str() {
                Some("queued" | "running") => std::thread::sleep(GLANCE),
                _ => return Ok(shown),
            }
        }
    }

    fn answer(&self, mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Result<Value> {
        let status = answer.status();
        let body: Value = answer
            .body_mut()
            .read_json()
            .with_context(|| format!("{} answered {status} and no JSON", self.url))?;
        if status.is_success() {
            return Ok(body);
        }
        let detail = body["detail"].as_str().unwrap_or("no reason");
        let hint = match status.as_u16() {
            401 => format!("; put a key into {KEY}"),
            _ => String::new(),
        };
        anyhow::bail!("{} answered {status}: {detail}{hint}", self.url)
    }
}
