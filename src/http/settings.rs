//! What the door for people may be told: names it answers to, proxies it believes, limits.

use std::net::IpAddr;
use std::time::Duration;

use super::shelves::ShelfLimits;
use crate::domain::Fault;

/// How the door behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Names allowed in the `Host` header, beside those of this machine.
    pub hosts: Vec<String>,
    /// Proxies whose word about the client's address is believed.
    pub trusted_proxies: Vec<Network>,
    /// How much a key may ask for.
    pub quotas: Quotas,
    /// How many answers are kept ready.
    pub shelves: ShelfLimits,
    /// The largest body of a request, bytes.
    pub max_body: usize,
    /// How long a request may take.
    pub deadline: Duration,
    /// How long a body may take to arrive.
    pub body_deadline: Duration,
    /// The largest file that may be sent, bytes.
    pub max_upload: u64,
    /// How long a file may take to arrive.
    pub upload_deadline: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            quotas: Quotas::default(),
            shelves: ShelfLimits::default(),
            max_body: 2_048 * 1_024,
            deadline: Duration::from_secs(30),
            body_deadline: Duration::from_secs(10),
            max_upload: 512 * 1_024 * 1_024,
            upload_deadline: Duration::from_hours(1),
        }
    }
}

/// Requests a minute and key, by class; 0 is no limit.
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

/// A range of addresses, like `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// From `address/prefix`, or one address alone.
    pub fn parse(raw: &str) -> Result<Self, Fault> {
        let fault = || Fault::new("must be a network like 10.0.0.0/8 or an address");
        let (address, prefix) = match raw.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (raw, None),
        };
        let address: IpAddr = address.parse().map_err(|_address| fault())?;
        let whole = bits(address).1;
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let prefix = match prefix {
            None => whole,
            Some(text) if plain(text) => text.parse().map_err(|_prefix| fault())?,
            Some(_) => return Err(fault()),
        };
        if prefix > whole {
            return Err(fault());
        }
        // `::ffff:10.0.0.0/104` means the same machines as `10.0.0.0/8`.
        let mapped = address.to_canonical();
        if mapped == address {
            return Ok(Self { address, prefix });
        }
        let prefix = prefix.checked_sub(96).ok_or_else(fault)?;
        Ok(Self {
            address: mapped,
            prefix,
        })
    }

    /// Whether the address lies in it; an IPv4 address written as IPv6 is an IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (network, whole) = bits(self.address);
        let (asked, width) = bits(address.to_canonical());
        let rest = whole - self.prefix;
        whole == width && (network ^ asked).checked_shr(rest).unwrap_or(0) == 0
    }
}

/// The address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(network: &str, address: &str) -> bool {
        let network = Network::parse(network).unwrap();
        network.contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        assert!(within("10.0.0.0/8", "10.255.1.2"));
        assert!(!within("10.0.0.0/8", "11.0.0.1"));
        assert!(within("0.0.0.0/0", "203.0.113.9"));
        assert!(!within("0.0.0.0/0", "2001:db8::1"));
        assert!(within("192.0.2.7", "192.0.2.7"));
        assert!(!within("192.0.2.7", "192.0.2.6"));
        assert!(within("2001:db8::/32", "2001:db8:1::1"));
        assert!(!within("2001:db8::/32", "2001:db9::1"));
        assert!(within("::/0", "2001:db9::1"));
    }

    #[test]
    fn an_address_written_as_ipv6_is_the_same_machine() {
        assert!(within("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(within("::ffff:10.0.0.0/104", "10.1.2.3"));
        assert!(!within("::/0", "::ffff:10.1.2.3"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for raw in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::/129",
            "proxy",
            "::ffff:10.0.0.0/8",
        ] {
            assert!(Network::parse(raw).is_err(), "{raw}");
        }
    }
}
