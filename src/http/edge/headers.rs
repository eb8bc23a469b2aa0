//! What every answer wears.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// What the request says about how its answer may be kept.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Dress {
    keyed: bool,
    reads: bool,
}

/// Of every answer, unless the handler has said otherwise.
static USUAL: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

impl Dress {
    /// For the answer to a request.
    pub(in crate::http) fn of(method: &Method, headers: &HeaderMap) -> Self {
        Self {
            keyed: headers.contains_key(AUTHORIZATION) || headers.contains_key("x-api-key"),
            reads: matches!(*method, Method::GET | Method::HEAD),
        }
    }

    /// Puts the headers on.
    pub(in crate::http) fn put_on(self, headers: &mut HeaderMap, id: &str, took: Duration) {
        for (name, value) in &USUAL {
            put(headers, name, value);
        }
        match self {
            Self { keyed: true, .. } => put(headers, &CACHE_CONTROL, "no-store"),
            Self { reads: true, .. } => put(headers, &CACHE_CONTROL, "no-cache"),
            Self { .. } => {}
        }
        put(headers, &HeaderName::from_static("x-request-id"), id);
        let seconds = took.as_secs_f64();
        put(
            headers,
            &HeaderName::from_static("x-process-time"),
            &format!("{seconds:.6}"),
        );
        put(
            headers,
            &HeaderName::from_static("server-timing"),
            &format!("total;dur={:.3}", seconds * 1_000.0),
        );
    }
}

fn put(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value)
        && !headers.contains_key(name)
    {
        headers.insert(name.clone(), value);
    }
}
