//! Under which name a request may come.
//!
//! A page elsewhere can point its own name at our address and then talk to us as if it were us
//! (DNS rebinding). It needs a name for that: an address proves that nobody was fooled, a name must
//! be one that the operator has listed.

use std::net::{Ipv4Addr, Ipv6Addr};

use actix_web::http::Uri;
use actix_web::http::header::{HOST, HeaderMap, HeaderValue};
use actix_web::http::uri::Authority;

use crate::domain::Fault;
use crate::http::problem::Problem;

/// Refuses a request for somebody else.
pub(super) fn check(headers: &HeaderMap, uri: &Uri, ours: &[String]) -> Result<(), Problem> {
    let mut given = headers.get_all(HOST);
    let (Some(Ok(host)), None) = (given.next().map(HeaderValue::to_str), given.next()) else {
        let fault = Fault::new("must be given once").under("Host");
        return Err(Problem::malformed(fault));
    };
    // The authority of an absolute target counts more than the header, so both must be ours.
    let target = uri.authority().map(Authority::as_str);
    for host in [Some(host), target].into_iter().flatten() {
        if !is_ours(host, ours) {
            return Err(Problem::misdirected(host));
        }
    }
    Ok(())
}

fn is_ours(host: &str, ours: &[String]) -> bool {
    let name = without_port(host);
    if let Some(address) = name.strip_prefix('[') {
        let address = address.strip_suffix(']');
        return address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    name.parse::<Ipv4Addr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || ours.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// `[::1]:8080` without `:8080`.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_are_ours_and_names_must_be_listed() {
        let listed = ["dogs.example".to_owned()];
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "192.168.0.7:1",
            "[::1]",
            "[fe80::1]:8080",
            "localhost",
            "LocalHost:8080",
            "dogs.example",
            "Dogs.Example.:443",
        ] {
            assert!(is_ours(host, &listed), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "dogs.example.evil.example",
            "user@127.0.0.1",
            "[evil.example]",
            "[::1",
            "::1:",
        ] {
            assert!(!is_ours(host, &listed), "{host}");
        }
    }
}
