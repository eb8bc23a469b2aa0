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

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Unless the handler has said otherwise.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Whatever the handler has said.
static ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
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
        for (name, value) in &ALWAYS {
            headers.insert(name.clone(), value.clone());
        }
        put(headers, CONTENT_SECURITY_POLICY, POLICY);
        match self {
            Self { keyed: true, .. } => put(headers, CACHE_CONTROL, NO_STORE),
            Self { reads: true, .. } => put(headers, CACHE_CONTROL, NO_CACHE),
            Self { .. } => {}
        }
        let mut text = String::with_capacity(128);
        decimal(&mut text, took.as_micros(), 1_000_000);
        tell(headers, PROCESS_TIME, &text);
        text.clear();
        tell_times(&mut text, took, spent);
        tell(headers, SERVER_TIMING, &text);
        tell(headers, REQUEST_ID, id);
    }
}

/// Milliseconds in all, then where they went: the database, caches, the model, queues. A write is
/// in the database from when it is asked for until it is on disk.
fn tell_times(text: &mut String, took: Duration, spent: &Spent) {
    let parts: [(&str, &[&str]); 4] = [
        ("db", &[store::READERS, store::WRITER]),
        ("cache", &[timing::CACHE]),
        ("model", &[WORKERS]),
        ("queue", &[timing::QUEUE]),
    ];
    text.push_str("total;dur=");
    decimal(text, took.as_micros(), 1_000);
    for (name, places) in parts {
        let found = places.iter().filter_map(|place| spent.on(place));
        if let Some(sum) = found.reduce(|sum, took| sum + took) {
            for part in [", ", name, ";dur="] {
                text.push_str(part);
            }
            decimal(text, sum.as_micros(), 1_000);
        }
    }
}

/// So many units of which `one` make a whole, as a decimal. Without formatting, because it stands on
/// every answer: as floats these took a tenth of the time of a short one, as formatted integers half
/// of that.
fn decimal(text: &mut String, units: u128, one: u64) {
    let units = u64::try_from(units).unwrap_or(u64::MAX);
    let mut digits = itoa::Buffer::new();
    text.push_str(digits.format(units / one));
    text.push('.');
    // The whole in front keeps the zeros behind it, and is left away.
    let part = digits.format(one + units % one);
    text.push_str(part.get(1..).unwrap_or_default());
}

fn tell(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_told_in_milliseconds_and_seconds() {
        for (micros, one, text) in [
            (0, 1_000, "0.000"),
            (7, 1_000, "0.007"),
            (999, 1_000, "0.999"),
            (1_000, 1_000, "1.000"),
            (12_345_678, 1_000, "12345.678"),
            (42, 1_000_000, "0.000042"),
            (1_500_000, 1_000_000, "1.500000"),
        ] {
            let mut told = String::new();
            decimal(&mut told, micros, one);
            assert_eq!(told, text);
        }
    }
}
