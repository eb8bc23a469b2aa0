//! What the operator may set about the door.

use std::net::IpAddr;
use std::time::Duration;

use crate::domain::Fault;

/// How the door behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Names under which it may be asked for; addresses and `localhost` always pass.
    pub hosts: Vec<String>,
    /// Peers whose word about who is behind them is believed.
    pub trusted_proxies: Vec<Network>,
    /// Requests a minute for each caller.
    pub quotas: Quotas,
    /// The most bytes of a body of facts.
    pub max_body: usize,
    /// The longest that an answer may take to begin.
    pub deadline: Duration,
    /// The longest that a body may take to arrive.
    pub body_deadline: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            quotas: Quotas::default(),
            max_body: 2 * 1_024 * 1_024,
            deadline: Duration::from_secs(30),
            body_deadline: Duration::from_secs(10),
        }
    }
}

/// Requests a minute for each caller, by class; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Facts out.
    pub read: u32,
    /// Predictions.
    pub predict: u32,
    /// Facts in.
    pub ingest: u32,
    /// Keys, models, operation.
    pub admin: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            read: 600,
            predict: 300,
            ingest: 6_000,
            admin: 60,
        }
    }
}

/// Addresses that begin alike, for example `10.0.0.0/8`; one address is a network of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, `fd00::/8` or one address.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fault = || Fault::new("must be an address, or a network like 10.0.0.0/8");
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let first: IpAddr = address.parse().map_err(|_address| fault())?;
        let widest = if first.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_prefix| fault())?,
            None => widest,
        };
        if prefix > widest {
            return Err(fault());
        }
        Ok(Self { first, prefix })
    }

    /// Whether the address is one of it. An IPv4 address that came through an IPv6 socket counts
    /// as the IPv4 address that it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differs = u128::from(first.to_bits() ^ address.to_bits());
                differs >> (32 - u32::from(self.prefix.min(32))) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differs = first.to_bits() ^ address.to_bits();
                differs
                    .checked_shr(128 - u32::from(self.prefix))
                    .is_none_or(|differs| differs == 0)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        let network = Network::parse(network).unwrap();
        network.contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_contains_the_addresses_that_begin_like_it() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("192.168.1.7", "192.168.1.7"));
        assert!(!contains("192.168.1.7", "192.168.1.6"));
        assert!(contains("fd00::/8", "fd12::1"));
        assert!(!contains("fd00::/8", "fe80::1"));
        assert!(contains("0.0.0.0/0", "8.8.8.8"));
        assert!(contains("::/0", "fe80::1"));
        assert!(!contains("::/0", "8.8.8.8"));
        assert!(contains("10.0.0.0/8", "::ffff:10.0.0.1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "ten", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8"] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }
}
