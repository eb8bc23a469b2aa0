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

/// Of every answer, unless the handler has said otherwise.
static USUAL: [(HeaderName, HeaderValue); 4] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
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
        for (name, value) in &USUAL {
            put(headers, name, value.clone());
        }
        match self {
            Self { keyed: true, .. } => {
                put(
                    headers,
                    &CACHE_CONTROL,
                    HeaderValue::from_static("no-store"),
                );
            }
            Self { reads: true, .. } => {
                put(
                    headers,
                    &CACHE_CONTROL,
                    HeaderValue::from_static("no-cache"),
                );
            }
            Self { .. } => {}
        }
        tell(headers, &REQUEST_ID, id.to_owned());
        tell(headers, &PROCESS_TIME, decimal(took.as_micros(), 1_000_000));
        tell(headers, &SERVER_TIMING, told(took, spent));
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
    let ms = |took: Duration| decimal(took.as_micros(), 1_000);
    let mut told = String::with_capacity(96);
    told.push_str("total;dur=");
    told.push_str(&ms(took));
    for (name, places) in parts {
        let found = places.iter().filter_map(|place| spent.on(place));
        if let Some(sum) = found.reduce(|sum, took| sum + took) {
            for text in [", ", name, ";dur=", &ms(sum)] {
                told.push_str(text);
            }
        }
    }
    told
}

/// So many units of which `one` make a whole, as a decimal. In integers, because it stands on every
/// answer: written as floats these took a tenth of the time of a short one.
fn decimal(units: u128, one: u64) -> String {
    let units = u64::try_from(units).unwrap_or(u64::MAX);
    let places = usize::try_from(one.ilog10()).unwrap_or_default();
    format!("{}.{:0places$}", units / one, units % one)
}

fn tell(headers: &mut HeaderMap, name: &HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        put(headers, name, value);
    }
}

fn put(headers: &mut HeaderMap, name: &HeaderName, value: HeaderValue) {
    if !headers.contains_key(name) {
        headers.insert(name.clone(), value);
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
            assert_eq!(decimal(micros, one), text);
        }
    }
}
