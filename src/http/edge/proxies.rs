//! Who is at the other end. It is who holds the socket; only when that is a proxy that the operator
//! trusts is it asked who is behind it, and then the last hop that is no trusted proxy counts:
//! everything to the left of it was written by strangers.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderMap, X_FORWARDED_FOR};

use crate::http::settings::Network;

/// The address to count a request against; `None` when there is no socket.
pub(in crate::http) fn peer(request: &HttpRequest, trusted: &[Network]) -> Option<IpAddr> {
    let socket = request.peer_addr()?.ip().to_canonical();
    Some(behind(socket, request.headers(), trusted))
}

fn behind(socket: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(*address));
    if !is_trusted(&socket) {
        return socket;
    }
    let farthest = |hops: Vec<Option<IpAddr>>| {
        let mut known = socket;
        for hop in hops.into_iter().rev() {
            // Beyond what cannot be read nothing can be believed.
            let Some(hop) = hop else { break };
            known = hop;
            if !is_trusted(&hop) {
                break;
            }
        }
        known
    };
    let x_forwarded = farthest(hops(headers, X_FORWARDED_FOR, |hop| Some(hop)));
    let forwarded = farthest(hops(headers, FORWARDED, by_for));
    // A proxy writes one of the two and may let the other through as a stranger wrote it.
    match (x_forwarded == socket, forwarded == socket) {
        (false, true) => x_forwarded,
        (true, false) => forwarded,
        _ if x_forwarded == forwarded => x_forwarded,
        _ => socket,
    }
}

/// The hops that a header names, from left to right; `None` is one that is no address.
fn hops(
    headers: &HeaderMap,
    name: impl actix_web::http::header::AsHeaderName,
    node: impl Fn(&str) -> Option<&str>,
) -> Vec<Option<IpAddr>> {
    let values = headers.get_all(name);
    values
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|hop| node(hop.trim()).and_then(address))
        .collect()
}

/// The node of one element of `Forwarded`.
fn by_for(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let alone = bare.parse::<IpAddr>().ok();
    let address = alone.or_else(|| text.parse::<SocketAddr>().ok().map(|with| with.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(socket: &str, headers: &[(&str, &str)]) -> String {
        let mut request =
            TestRequest::default().peer_addr(SocketAddr::new(socket.parse().unwrap(), 40_000));
        for header in headers {
            request = request.append_header(*header);
        }
        let trusted = [
            Network::parse("10.0.0.0/8").unwrap(),
            Network::parse("fd00::/8").unwrap(),
        ];
        let peer = peer(&request.to_http_request(), &trusted);
        peer.unwrap().to_string()
    }

    #[test]
    fn a_stranger_is_who_holds_the_socket_whatever_it_says() {
        for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
            assert_eq!(seen("8.8.8.8", &[(header, "for=1.1.1.1")]), "8.8.8.8");
            assert_eq!(seen("8.8.8.8", &[(header, "1.1.1.1")]), "8.8.8.8");
        }
        assert_eq!(seen("::ffff:8.8.8.8", &[]), "8.8.8.8");
    }

    #[test]
    fn behind_a_trusted_proxy_the_last_stranger_counts() {
        let proxy = "10.0.0.1";
        let xff = "X-Forwarded-For";

        assert_eq!(seen(proxy, &[]), proxy);
        assert_eq!(seen(proxy, &[(xff, "8.8.8.8")]), "8.8.8.8");
        assert_eq!(
            seen(proxy, &[(xff, "6.6.6.6, 8.8.8.8, 10.0.0.2")]),
            "8.8.8.8"
        );
        assert_eq!(
            seen(proxy, &[(xff, "6.6.6.6"), (xff, "8.8.8.8:99")]),
            "8.8.8.8"
        );
        assert_eq!(
            seen(proxy, &[(xff, "8.8.8.8, fd00::1, 10.9.9.9")]),
            "8.8.8.8"
        );
        assert_eq!(seen("fd00::7", &[(xff, "[2001:db8::1]:99")]), "2001:db8::1");
        assert_eq!(seen(proxy, &[("X-Real-IP", "8.8.8.8")]), proxy);
        let forwarded = (
            "Forwarded",
            "for=6.6.6.6, for=\"[2001:db8::1]:99\";by=10.0.0.1",
        );
        assert_eq!(seen(proxy, &[forwarded]), "2001:db8::1");
    }

    #[test]
    fn a_proxy_that_is_not_understood_is_counted_itself() {
        let proxy = "10.0.0.1";
        let xff = "X-Forwarded-For";

        assert_eq!(seen(proxy, &[(xff, "8.8.8.8, unknown")]), proxy);
        assert_eq!(
            seen(proxy, &[(xff, "8.8.8.8"), ("Forwarded", "for=6.6.6.6")]),
            proxy
        );
        assert_eq!(seen(proxy, &[(xff, "8.8.8.8, what, 10.0.0.9")]), "10.0.0.9");
    }
}
