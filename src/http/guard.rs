//! Recognises the caller before anything of the body is read.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use actix_web::web::Data;

use super::caller::{Undecided, Who};
use super::problem::Problem;
use crate::access::Access;
use crate::store;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Notes who asks, for [`super::caller::Caller`]. When that cannot be found out, only those who
/// want to know it fail: a probe does not.
pub(super) async fn recognise(request: &ServiceRequest) {
    let who = match request.app_data::<Data<Access>>() {
        Some(access) => who(request, access).await.map_err(|error| (&*error).into()),
        None => Err(Problem::internal(&"nobody is at the access desk")),
    };
    match who {
        Ok(who) => drop(request.extensions_mut().insert(who)),
        Err(problem) => drop(request.extensions_mut().insert(Undecided(problem))),
    }
}

async fn who(request: &ServiceRequest, access: &Access) -> Result<Who, Arc<store::Error>> {
    if !access.any().await? {
        // The last key may have been revoked while the door was open to strangers.
        return Ok(if from_here(request) {
            Who::House
        } else {
            Who::NoKey
        });
    }
    let Some(presented) = presented(request.headers()) else {
        return Ok(Who::NoKey);
    };
    let Presented::One(key) = presented else {
        return Ok(Who::BadKey);
    };
    let known = access.recognise(key).await?;
    Ok(known.map_or(Who::BadKey, |known| Who::Key {
        id: known.id,
        scope: known.scope,
    }))
}

/// Whether the other end of the connection is on this machine, whatever headers say.
fn from_here(request: &ServiceRequest) -> bool {
    let peer = request.peer_addr();
    peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

/// What a request brought for a key.
#[derive(Debug, PartialEq, Eq)]
enum Presented<'a> {
    One(&'a str),
    /// No text, or several that differ.
    Unclear,
}

/// The key of a request; another scheme than `Bearer` is meant for somebody else.
fn presented(headers: &HeaderMap) -> Option<Presented<'_>> {
    let bearers = headers.get_all(AUTHORIZATION).map(|value| {
        let text = value.to_str().map_err(|_opaque| ())?;
        let (scheme, key) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let bearer = scheme.eq_ignore_ascii_case("bearer");
        Ok(bearer.then_some(key.trim()))
    });
    let plain = headers.get_all(X_API_KEY).map(|value| {
        let text = value.to_str().map_err(|_opaque| ())?;
        Ok(Some(text.trim()))
    });
    let keys: Result<Vec<_>, ()> = bearers.chain(plain).filter_map(Result::transpose).collect();
    let Ok(keys) = keys else {
        return Some(Presented::Unclear);
    };
    let first = keys.first()?;
    if keys.iter().any(|key| key != first) {
        return Some(Presented::Unclear);
    }
    Some(Presented::One(first))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    use super::*;
    use crate::runtime::Clock;

    fn found(given: &[(&'static str, &str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        presented(&headers).map(|found| match found {
            Presented::One(key) => key.to_owned(),
            Presented::Unclear => "unclear".to_owned(),
        })
    }

    #[test]
    fn a_key_comes_by_either_header_and_by_both_when_they_agree() {
        let bearer = ("authorization", "bearer  one ");
        assert_eq!(found(&[bearer]).unwrap(), "one");
        assert_eq!(found(&[("x-api-key", "one")]).unwrap(), "one");
        assert_eq!(found(&[bearer, ("x-api-key", "one")]).unwrap(), "one");
        assert_eq!(found(&[bearer, ("x-api-key", "two")]).unwrap(), "unclear");
        assert_eq!(found(&[("x-api-key", "öne")]).unwrap(), "unclear");
        assert_eq!(found(&[("authorization", "Bearer")]).unwrap(), "");
    }

    #[tokio::test]
    async fn without_a_key_only_this_machine_is_the_house() {
        let folder = tempfile::tempdir().unwrap();
        let store = store::Store::open(store::Settings::new(folder.path()), |_touched| {});
        let access = Access::new(store.unwrap(), Clock::system());
        let asks = async |peer: &str| {
            let request = TestRequest::default().peer_addr(peer.parse().unwrap());
            let request = request.insert_header(("X-Forwarded-For", "127.0.0.1"));
            who(&request.to_srv_request(), &access).await.unwrap()
        };

        assert_eq!(asks("127.0.0.1:9").await, Who::House);
        assert_eq!(asks("[::1]:9").await, Who::House);
        assert_eq!(asks("[::ffff:127.0.0.1]:9").await, Who::House);
        assert_eq!(asks("192.0.2.1:9").await, Who::NoKey);
    }

    #[test]
    fn a_password_for_the_proxy_is_no_key() {
        let basic = ("authorization", "Basic b25lOnR3bw==");
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[basic]), None);
        assert_eq!(found(&[basic, ("x-api-key", "one")]).unwrap(), "one");
    }
}
