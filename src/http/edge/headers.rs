//! What every answer wears.

use std::time::Duration;

use crate::predict::WORKERS;
use crate::runtime::timing::{self, Spent};
use crate::store;

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
    pub(in crate::http) fn put_on(
        self,
        headers: &mut HeaderMap,
        id: &str,
        took: Duration,
        spent: &Spent,
    ) {
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
            &told(took, spent),
        );
    }
}

/// Milliseconds in all, then where they went: the database, caches, the model, queues. A write is
/// in the database from when it is asked for until it is on disk.
fn told(took: Duration, spent: &Spent) -> String {
    let parts: [(&str, &[&str]); 4] = [
        ("db", &[store::READERS, store::WRITER]),
        ("cache", &[timing::CACHE]),
        ("model", &[WORKERS]),
        ("queue", &[timing::QUEUE]),
    ];
    let part = |name: &str, took: Duration| format!("{name};dur={:.3}", took.as_secs_f64() * 1e3);
    let found = parts.into_iter().filter_map(|(name, places)| {
        let found = places.iter().filter_map(|place| spent.on(place));
        Some(part(name, found.reduce(|sum, took| sum + took)?))
    });
    let told: Vec<String> = std::iter::once(part("total", took)).chain(found).collect();
    told.join(", ")
}

fn put(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value)
        && !headers.contains_key(name)
    {
        headers.insert(name.clone(), value);
    }
}
