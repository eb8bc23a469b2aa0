//! A URL that may be asked: `http` or `https`, nobody's password in it, a port that is none of
//! another protocol's.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use url::{Host, Origin, Url};

use super::{Error, Names};

/// The longest URL.
const LONGEST: usize = 4_096;

/// Ports from 1024 on that something else than a web server listens on.
const NOT_THE_WEB: &[u16] = &[
    1080, 1433, 1521, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3260, 3306, 3389, 3659, 4045, 4190,
    5060, 5061, 5432, 5672, 5900, 5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6697,
    9042, 9092, 9200, 9300, 10080, 10250, 10255, 11211, 27017, 27018, 50000,
];

/// What in the name of a parameter says that its value is nobody's business.
const SECRET_NAMES: &[&str] = &[
    "key",
    "token",
    "secret",
    "sig",
    "auth",
    "pass",
    "pwd",
    "session",
    "credential",
];

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    url: Url,
    host: String,
    port: u16,
}

impl Target {
    /// Reads a URL; the fragment is dropped.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let fault = |rule| fault("a URL", rule);
        if text.len() > LONGEST {
            return Err(fault("is longer than 4096 bytes"));
        }
        match Url::parse(text) {
            Ok(url) => Self::check(url),
            Err(_) => Err(fault("cannot be read")),
        }
    }

    /// Where a `Location` leads to from here.
    pub(super) fn join(&self, location: &str) -> Result<Self, Error> {
        if location.len() > LONGEST {
            return Err(fault(&self.host, "is longer than 4096 bytes"));
        }
        match self.url.join(location) {
            Ok(url) => Self::check(url),
            Err(_) => Err(fault(&self.host, "cannot be read")),
        }
    }

    fn check(mut url: Url) -> Result<Self, Error> {
        url.set_fragment(None);
        let host = url.host_str().unwrap_or("a URL").to_owned();
        if !matches!(url.scheme(), "http" | "https") {
            return Err(fault(&host, "is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault(&host, "has a user or password in it"));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        let web = matches!(port, 80 | 443) || (port >= 1_024 && !NOT_THE_WEB.contains(&port));
        if !web {
            return Err(fault(&host, "has a port that is not for the web"));
        }
        Ok(Self { url, host, port })
    }

    /// The URL, secrets and all; for the wire and the key.
    pub(super) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The URL with its parameters sorted, secrets and all; for the key.
    pub(super) fn sorted(&self) -> Vec<String> {
        let mut plain = self.url.clone();
        plain.set_query(None);
        let mut parts = vec![plain.into()];
        let mut pairs: Vec<_> = self.url.query_pairs().into_owned().collect();
        pairs.sort();
        parts.extend(pairs.into_iter().flat_map(|(name, value)| [name, value]));
        parts
    }

    /// The URL as it may be shown.
    pub(super) fn shown(&self) -> String {
        let mut shown = self.url.clone();
        if shown.query().is_some() {
            let pairs = self.url.query_pairs().map(|(name, value)| {
                let value = if is_secret(&name) {
                    "***".into()
                } else {
                    value
                };
                (name, value)
            });
            shown.query_pairs_mut().clear().extend_pairs(pairs);
        }
        shown.into()
    }

    /// The host as it may be shown.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Host and port: whose turn it is.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Scheme, host and port: who may see a secret.
    pub(super) fn origin(&self) -> Origin {
        self.url.origin()
    }

    /// Whether nobody on the way can read along.
    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Every address the host has, at least one; blocks.
    pub(super) fn addresses(&self, names: &Names, patience: Duration) -> io::Result<Vec<IpAddr>> {
        match self.url.host() {
            Some(Host::Ipv4(address)) => Ok(vec![address.into()]),
            Some(Host::Ipv6(address)) => Ok(vec![address.into()]),
            _ => names.of(&self.host, patience),
        }
    }
}

fn fault(host: &str, rule: &'static str) -> Error {
    Error::Url {
        host: host.to_owned(),
        rule,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        Target::parse(text).unwrap()
    }

    #[test]
    fn hosts_are_spelt_one_way() {
        for host in [
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "127.1",
            "①②⑦.0.0.1",
            "127.0.0.1.",
        ] {
            assert_eq!(
                target(&format!("http://{host}/")).host(),
                "127.0.0.1",
                "{host}"
            );
        }
        let odd = target("http://cats.example\\@dogs.example/#@rats.example");
        assert_eq!(odd.authority(), "cats.example:80");
        assert_eq!(
            target("https://Dogs.Example:8443").authority(),
            "dogs.example:8443"
        );
    }

    #[test]
    fn only_the_web_is_asked() {
        for url in [
            "file:///etc/passwd",
            "ftp://dogs.example/",
            "gopher://dogs.example/",
            "data:text/plain,dogs",
            "dogs.example",
            "//dogs.example",
            "http://",
            "http://user@dogs.example/",
            "http://user:pass@dogs.example/",
            "http://:pass@dogs.example/",
            "http://dogs.example:22/",
            "http://dogs.example:25/",
            "http://dogs.example:0/",
            "http://dogs.example:1023/",
            "http://dogs.example:6379/",
            "http://dogs.example:65536/",
            "http://do gs.example/",
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
        for url in [
            "http://dogs.example",
            "https://dogs.example:443/",
            "http://dogs.example:8080/",
        ] {
            assert!(Target::parse(url).is_ok(), "{url}");
        }
        assert!(Target::parse(&format!("http://dogs.example/{}", "a".repeat(5_000))).is_err());
    }

    #[test]
    fn what_is_shown_has_no_secret_in_it() {
        let shown = target("https://dogs.example/a?day=1&ApiKey=hunter2&access_token=x#f").shown();

        assert_eq!(
            shown,
            "https://dogs.example/a?day=1&ApiKey=***&access_token=***"
        );
        assert_eq!(
            target("https://dogs.example/a").shown(),
            "https://dogs.example/a"
        );
    }

    #[test]
    fn the_order_of_parameters_makes_no_difference_and_their_borders_do() {
        let sorted = |query: &str| target(&format!("http://dogs.example/?{query}")).sorted();

        assert_eq!(sorted("b=2&a=1"), sorted("a=1&b=2"));
        assert_ne!(sorted("a=1&b=2"), sorted("a=1%26b=2"));
        assert_ne!(sorted("a=1"), sorted("a=2"));
    }
}
