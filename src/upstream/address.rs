//! Which addresses may be connected to: the public internet, and where a source says so its own
//! network. Whatever wraps an IPv4 address in an IPv6 one is judged by what is inside.
//!
//! Sources: the IANA special-purpose registries of IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anybody's.
    Public,
    /// This machine or its network; the text says which.
    Private(&'static str),
    /// Nobody's; no source may go there.
    Never(&'static str),
}

impl Kind {
    /// What kind of address this is.
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Why it may not be connected to; `None` when it may.
    pub(super) fn forbids(self, allow_private: bool) -> Option<&'static str> {
        match self {
            Self::Public => None,
            Self::Private(_) if allow_private => None,
            Self::Private(rule) | Self::Never(rule) => Some(rule),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        [0, ..] => Kind::Never("which is unspecified"),
        [127, ..] => Kind::Private("which is a loopback address"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => {
            Kind::Private("which is a private address")
        }
        [100, 64..=127, ..] => Kind::Private("which is a carrier's shared address"),
        [169, 254, ..] => Kind::Never("which is a link-local address"),
        [192, 0, 0, _] | [192, 88, 99, _] => Kind::Never("which is reserved for protocols"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Kind::Never("which is for documentation")
        }
        [198, 18..=19, ..] => Kind::Never("which is for benchmarks"),
        [224..=239, ..] => Kind::Never("which is a multicast address"),
        [240..=255, ..] => Kind::Never("which is reserved"),
        _ => Kind::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Kind {
    if address.is_loopback() {
        return Kind::Private("which is a loopback address");
    }
    if address.is_unspecified() {
        return Kind::Never("which is unspecified");
    }
    if let Some(inside) = inside(address) {
        return of_v4(inside);
    }
    match address.segments() {
        [0xfc00..=0xfdff, ..] => Kind::Private("which is a unique local address"),
        [0xfe80..=0xfebf, ..] => Kind::Never("which is a link-local address"),
        [0xff00..=0xffff, ..] => Kind::Never("which is a multicast address"),
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => {
            Kind::Never("which is for documentation")
        }
        // Teredo, benchmarks, ORCHID and their kin.
        [0x2001, 0..=0x01ff, ..] => Kind::Never("which is reserved for protocols"),
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Never("which is reserved"),
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, translated, NAT64 or 6to4.
fn inside(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let ([0, 0, 0, 0, 0, 0 | 0xffff, high, low]
    | [0, 0, 0, 0, 0xffff, 0, high, low]
    | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
    | [0x2002, high, low, ..]) = address.segments()
    else {
        return None;
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Kind::of(text.parse().unwrap())
    }

    #[test]
    fn the_internet_is_open() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2001:200::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::",
        ] {
            assert_eq!(kind(address), Kind::Public, "{address}");
        }
    }

    #[test]
    fn this_machine_and_its_network_are_for_who_says_so() {
        for address in [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fc00::1",
            "fdff:ffff::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::192.168.0.1",
            "2002:7f00:1::",
            "2002:a00:1::1",
        ] {
            let kind = kind(address);
            assert!(kind.forbids(false).is_some(), "{address}");
            assert_eq!(kind.forbids(true), None, "{address}");
        }
    }

    #[test]
    fn some_addresses_are_for_nobody() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "100::1",
            "64:ff9b:1::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "5f00::1",
            "4000::1",
        ] {
            let kind = kind(address);
            assert!(matches!(kind, Kind::Never(_)), "{address}: {kind:?}");
            assert!(kind.forbids(true).is_some(), "{address}");
        }
    }
}
