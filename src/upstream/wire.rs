//! One request and its answer, on a thread of the crew.
//!
//! The name is looked up once, every address that came of it is judged, and exactly those are what
//! is connected to: there is no second look-up that could say something else, and no kept
//! connection that was judged for somebody else.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::header::HeaderMap;
use ureq::http::{Response, Uri, header};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::address::Kind;
use super::body::{self, ACCEPTED};
use super::entry::Validators;
use super::target::Target;
use super::{Error, Names};
use crate::runtime::Secret;

/// The longest header that is passed on.
const HEADER: usize = 1_024;

/// As many addresses of a host are tried; ureq has room for sixteen.
const ADDRESSES: usize = 16;

/// What is sent, and what it may cost.
pub(super) struct Call {
    /// Where to.
    pub(super) target: Target,
    /// With what.
    pub(super) headers: Vec<(String, Secret)>,
    /// Unless it is still this.
    pub(super) validators: Validators,
    /// Who we are.
    pub(super) user_agent: String,
    /// How names become addresses.
    pub(super) names: Names,
    /// Whether the target may be on our own network.
    pub(super) allow_private: bool,
    /// For the name, and again for the connection.
    pub(super) connect: Duration,
    /// For everything.
    pub(super) budget: Duration,
    /// The longest body.
    pub(super) limit: u64,
}

/// What came back. The body is read of a 200 only.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<String>,
    pub(super) validators: Validators,
    pub(super) media: String,
    /// Whether the server forbids a copy.
    pub(super) no_store: bool,
    pub(super) body: Vec<u8>,
}

/// Addresses that were judged; whatever is asked, they are the answer.
#[derive(Debug)]
struct Judged(Vec<SocketAddr>);

impl Resolver for Judged {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &ureq::config::Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        for address in &self.0 {
            addresses.push(*address);
        }
        Ok(addresses)
    }
}

impl Call {
    /// Does it; blocks.
    pub(super) fn make(&self) -> Result<Reply, Error> {
        let began = Instant::now();
        let judged = self.judged()?;
        let left = self.budget.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(self.timeout("looking up its name"));
        }
        let agent = self.agent(judged, left);
        let mut request = agent.get(self.target.as_str());
        for (name, value) in &self.headers {
            request = request.header(name, value.reveal());
        }
        for (name, value) in self.validators.conditions() {
            request = request.header(name, value);
        }
        let response = request.call().map_err(|error| self.broke(error))?;
        self.read(response)
    }

    fn judged(&self) -> Result<Judged, Error> {
        let patience = self.connect.min(self.budget);
        let addresses = match self.target.addresses(&self.names, patience) {
            Ok(addresses) => addresses,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(self.timeout("looking up its name"));
            }
            Err(error) => return Err(self.transport(format!("its name has no address: {error}"))),
        };
        // One that is forbidden spoils all: an honest name has none.
        for address in &addresses {
            if let Some(rule) = Kind::of(*address).forbids(self.allow_private) {
                return Err(Error::Address {
                    host: self.host(),
                    address: address.to_string(),
                    rule,
                });
            }
        }
        let port = self.target.port();
        let addresses = addresses.into_iter().take(ADDRESSES);
        Ok(Judged(
            addresses.map(|address| (address, port).into()).collect(),
        ))
    }

    fn agent(&self, judged: Judged, left: Duration) -> Agent {
        let config = Agent::config_builder()
            // The environment must not put somebody between us and the address that was judged.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .user_agent(&self.user_agent)
            .accept_encoding(ACCEPTED)
            .timeout_connect(Some(self.connect.min(left)))
            .timeout_global(Some(left))
            .build();
        Agent::with_parts(config, DefaultConnector::default(), judged)
    }

    fn read(&self, response: Response<ureq::Body>) -> Result<Reply, Error> {
        let (head, packed) = response.into_parts();
        let headers = &head.headers;
        let reply = Reply {
            status: head.status.as_u16(),
            location: text(headers, header::LOCATION.as_str(), usize::MAX),
            retry_after: text(headers, header::RETRY_AFTER.as_str(), HEADER),
            validators: Validators {
                etag: text(headers, header::ETAG.as_str(), HEADER),
                modified: text(headers, header::LAST_MODIFIED.as_str(), HEADER),
            },
            media: text(headers, header::CONTENT_TYPE.as_str(), HEADER).unwrap_or_default(),
            no_store: text(headers, header::CACHE_CONTROL.as_str(), HEADER)
                .is_some_and(|control| control.to_ascii_lowercase().contains("no-store")),
            body: Vec::new(),
        };
        if reply.status != 200 {
            return Ok(reply);
        }
        let encoding = headers.get(header::CONTENT_ENCODING);
        let encoding = encoding.map_or(Ok(""), |value| value.to_str());
        let encoding = encoding.map_err(|_odd| self.decoding("its encoding has no name"))?;
        let body = body::unpack(encoding, self.packed(packed)?, self.limit);
        let body = body.map_err(|fault| match fault {
            body::Fault::TooLarge(limit) => self.too_large(limit),
            body::Fault::Broken(rule) => self.decoding(rule),
        })?;
        Ok(Reply { body, ..reply })
    }

    /// The body as it is on the wire, which is bounded too.
    fn packed(&self, body: ureq::Body) -> Result<Vec<u8>, Error> {
        if body
            .content_length()
            .is_some_and(|length| length > self.limit)
        {
            return Err(self.too_large(self.limit));
        }
        let mut packed = Vec::new();
        let mut reader = body.into_reader().take(self.limit.saturating_add(1));
        let read = reader.read_to_end(&mut packed);
        read.map_err(|error| self.broke(error.into()))?;
        if u64::try_from(packed.len()).is_ok_and(|length| length > self.limit) {
            return Err(self.too_large(self.limit));
        }
        Ok(packed)
    }

    fn host(&self) -> String {
        self.target.host().to_owned()
    }

    fn broke(&self, error: ureq::Error) -> Error {
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect) => self.timeout("connecting"),
            ureq::Error::Timeout(_) => self.timeout("answering"),
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.transport("it broke off".to_owned())
            }
            // Its message has the URL in it.
            ureq::Error::BadUri(_) => self.transport("the URL cannot be asked".to_owned()),
            error => self.transport(error.to_string()),
        }
    }

    fn transport(&self, rule: String) -> Error {
        Error::Transport {
            host: self.host(),
            rule,
        }
    }

    fn timeout(&self, phase: &'static str) -> Error {
        Error::Timeout {
            host: self.host(),
            phase,
        }
    }

    fn decoding(&self, rule: impl Into<String>) -> Error {
        Error::Decoding {
            host: self.host(),
            rule: rule.into(),
        }
    }

    fn too_large(&self, limit: u64) -> Error {
        Error::TooLarge {
            host: self.host(),
            limit,
        }
    }
}

/// A header, when it is there, readable and not too long.
fn text(headers: &HeaderMap, name: &str, longest: usize) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= longest).then(|| value.to_owned())
}
