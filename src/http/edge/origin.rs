//! No page elsewhere writes here: a browser says where a request comes from, and what is not our
//! own page is refused. Programs that are no browsers say nothing and pass; CORS is never granted.

use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

use crate::http::problem::Problem;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a write that a browser brings from another site.
pub(super) fn check(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let sites = headers.get_all(FETCH_SITE);
    let foreign = |site: &[u8]| site == b"cross-site" || site == b"same-site";
    if sites.into_iter().any(|site| foreign(site.as_bytes())) {
        return Err(Problem::cross_site());
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    for origin in headers.get_all(ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        if !host.is_some_and(|host| is_own(origin, host)) {
            return Err(Problem::cross_site());
        }
    }
    Ok(())
}

/// Whether an origin is the host that was asked. The scheme does not count: behind a proxy that
/// speaks TLS we cannot know it.
fn is_own(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let usual = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let plain = |authority: &str| {
        let authority = authority.strip_suffix(usual).unwrap_or(authority);
        authority.to_ascii_lowercase()
    };
    plain(authority) == plain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_our_own_when_it_is_the_host_that_was_asked() {
        assert!(is_own("http://127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(is_own("https://dogs.example", "Dogs.example:443"));
        assert!(is_own("http://[::1]:80", "[::1]"));

        assert!(!is_own("null", "127.0.0.1:8080"));
        assert!(!is_own("http://127.0.0.1:3000", "127.0.0.1:8080"));
        assert!(!is_own("http://evil.example", "127.0.0.1:8080"));
        assert!(!is_own("file://127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(!is_own(
            "http://127.0.0.1:8080.evil.example",
            "127.0.0.1:8080"
        ));
        assert!(!is_own("", ""));
    }
}
