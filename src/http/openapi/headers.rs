//! What stands in the heads of answers and questions, said once and pointed at.

use std::collections::BTreeMap;

use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Object, ObjectBuilder, Ref, RefOr, Type};

/// Of every answer.
const EVERY: &str = "X-Request-Id";
/// Name, pattern, whether it must be there, and what it says.
const HEADERS: &[(&str, &str, bool, &str)] = &[
    (
        EVERY,
        "^[A-Za-z0-9._-]{1,64}$",
        true,
        "The id of the request, the same as in a problem and in the log.",
    ),
    (
        "ETag",
        "^\"[^\"]+\"$",
        true,
        "The tag of these bytes, in this encoding.",
    ),
    ("Retry-After", "^[0-9]+$", true, "Seconds to wait."),
    ("WWW-Authenticate", "^Bearer$", true, "How to bring a key."),
    (
        "RateLimit",
        "^\"[a-z]+\";r=[0-9]+;t=[0-9]+$",
        false,
        "What is left of the quota, where there is one.",
    ),
    (
        "RateLimit-Policy",
        "^\"[a-z]+\";q=[0-9]+;w=60$",
        false,
        "The quota, where there is one.",
    ),
    (
        "Idempotency-Replayed",
        "^true$",
        false,
        "The answer of the last time.",
    ),
    (
        "Link",
        "^<[^<>]+>; rel=\"next\"$",
        false,
        "The next page, where the answer is not JSON.",
    ),
];

/// The headers, by name.
pub(super) fn all() -> BTreeMap<String, RefOr<Header>> {
    let named = HEADERS.iter().map(|(name, pattern, required, about)| {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(*pattern));
        let required = Extensions::from_iter([("required", *required)]);
        let header = HeaderBuilder::new()
            .schema(Some(text.build()))
            .description(Some(*about))
            .extensions(Some(required));
        ((*name).to_owned(), RefOr::T(header.build()))
    });
    named.collect()
}

/// Says which of them the answers to an operation have.
pub(super) fn tell(operation: &mut Operation, tagged: bool) {
    let keyed = operation.security.is_some();
    let replayed = takes_facts(operation);
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        let media = |name: &str| response.content.contains_key(name);
        let (done, listed) = (status.starts_with('2'), media("text/csv"));
        let refused = response.content.len() == 1 && media("application/problem+json");
        let waits = status == "429" || (status == "503" && refused);
        let told = [
            (EVERY, true),
            ("ETag", tagged && ["200", "304"].contains(&status.as_str())),
            ("Link", done && listed),
            ("Retry-After", waits),
            ("WWW-Authenticate", status == "401"),
            ("RateLimit", keyed && (done || waits)),
            ("RateLimit-Policy", keyed && (done || waits)),
            (
                "Idempotency-Replayed",
                replayed && (done || status == "422"),
            ),
        ];
        for (name, _) in told.into_iter().filter(|(_, told)| *told) {
            let there = Ref::new(format!("#/components/headers/{name}"));
            response.headers.insert(name.to_owned(), RefOr::Ref(there));
        }
    }
}

/// Whether facts are posted to it.
pub(super) fn takes_facts(operation: &Operation) -> bool {
    let mut tags = operation.tags.iter().flatten();
    operation.request_body.is_some() && tags.any(|tag| tag == "facts in")
}

/// `If-None-Match`
pub(super) fn known() -> Parameter {
    let text = Object::with_type(Type::String);
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Tags of answers that the client has: one that would come again is a 304.",
        ))
        .schema(Some(text))
        .build()
}
