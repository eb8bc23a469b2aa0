//! The OpenAPI document, made from the handlers.
//!
//! A handler documents what is its own; what every request may meet (a bad key, a quota, a full
//! queue) is added here. A test holds the document against the table of places.

use actix_web::HttpResponse;
use actix_web::web::Data;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, SecurityRequirement};
use utoipa::{IntoParams, Modify, OpenApi};

use super::caller::{Caller, Read};
use super::{health, predictions, problem, races};

/// The path parameter of a race.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which handlers parse as a key"
)]
pub(super) struct Named {
    /// The race's natural key, for example `2025-07-21-angle-park-3`.
    race: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "lurcher",
        description = "Greyhound racing: facts in, honest probabilities out.",
    ),
    paths(
        health::livez,
        health::readyz,
        health::health,
        races::list,
        races::show,
        predictions::show,
        show,
    ),
    components(schemas(problem::Body<'static>)),
    modifiers(&Common),
)]
struct Document;

/// The document as bytes; made once, because making it costs milliseconds.
#[derive(Clone)]
pub(super) struct Written(String);

impl Written {
    pub(super) fn new() -> Self {
        Self(Document::openapi().to_json().unwrap_or_default())
    }
}

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = Object)),
)]
pub(super) async fn show(_caller: Caller<Read>, document: Data<Written>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

/// What any request may meet, and where keys go.
struct Common;

const ANY: &[(&str, &str)] = &[
    ("400", "malformed: the request does not parse"),
    ("408", "timeout: the request came too slowly"),
    ("414", "uri_too_long: path and query have over 8,192 bytes"),
    (
        "415",
        "unsupported_format: this content type or encoding is not understood here",
    ),
    ("421", "misdirected: the Host is not one of ours"),
    ("500", "internal: lurcher's fault"),
    ("503", "busy: try again after Retry-After seconds"),
];

const KEYED: &[(&str, &str)] = &[
    ("401", "no_key or bad_key"),
    ("403", "forbidden: the key has a smaller scope"),
    ("422", "invalid: every value that broke a rule"),
    ("429", "rate_limited: try again after Retry-After seconds"),
];

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("key", key);
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                complete(operation);
            }
        }
    }
}

fn complete(operation: &mut Operation) {
    let keyed = operation.security.is_some();
    if let Some(ways) = &mut operation.security {
        let scopes = scopes(ways);
        ways.push(SecurityRequirement::new("bearer", scopes));
    }
    let any = ANY.iter().chain(if keyed { KEYED } else { &[] });
    let responses = &mut operation.responses.responses;
    for (status, why) in any {
        responses
            .entry((*status).to_owned())
            .or_insert_with(|| ResponseBuilder::new().description(*why).build().into());
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
            && response.content.is_empty()
        {
            let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
            response.content.insert(
                "application/problem+json".to_owned(),
                RefOr::T(problem.build()),
            );
        }
    }
}

/// The scopes that a handler asks of the key.
fn scopes(ways: &[SecurityRequirement]) -> Vec<String> {
    let ways = serde_json::to_value(ways).unwrap_or_default();
    let scopes = ways.pointer("/0/key").and_then(|scopes| scopes.as_array());
    let scopes = scopes.into_iter().flatten();
    scopes
        .filter_map(|scope| scope.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn the_document_and_the_table_of_places_agree() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let written: BTreeMap<String, BTreeSet<String>> = paths
            .iter()
            .map(|(path, item)| {
                (
                    path.clone(),
                    item.as_object().unwrap().keys().cloned().collect(),
                )
            })
            .collect();

        let built: BTreeMap<String, BTreeSet<String>> = crate::http::places()
            .iter()
            .map(|place| place.promise())
            .map(|(path, methods)| (path.to_owned(), methods.into_iter().collect()))
            .collect();

        assert_eq!(written, built);
    }
}
