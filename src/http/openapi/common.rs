//! What any request may meet, where keys go, and the three ways in which facts come.

use utoipa::Modify;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ArrayBuilder, ContentBuilder, Object, OneOfBuilder, Ref, RefOr, ResponseBuilder, Schema,
    SecurityRequirement, Type,
};

use super::headers;
use crate::http::facts;

/// What any request may meet, and where keys go.
pub(super) struct Common;

/// Objects in which an unknown key is a fault.
const BODIES: &[&str] = &[
    "Card",
    "CardRunner",
    "DeadHeat",
    "NewBet",
    "NewPredictions",
    "NewSettlement",
    "NewStakes",
    "PastRun",
    "Price",
    "Prices",
    "Reference",
    "Result",
    "ResultRunner",
    "Scratching",
];

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
    (
        "403",
        "forbidden: the key has a smaller scope; cross_site: a browser brings it from elsewhere",
    ),
    ("422", "invalid: every value that broke a rule"),
    ("429", "rate_limited: try again after Retry-After seconds"),
];

const WRITES: &[(&str, &str)] = &[("507", "disk_full: nothing was stored")];

const TAGGED: &[(&str, &str)] = &[("304", "If-None-Match names this answer")];

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("key", key);
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.headers.extend(headers::all());
        for name in BODIES {
            if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut(*name) {
                let closed = AdditionalProperties::FreeForm(false);
                body.additional_properties = Some(Box::new(closed));
            }
        }
        for item in document.paths.paths.values_mut() {
            if let Some(get) = &mut item.get {
                // These are streams: a tag would be known when they are over.
                let streams = [Some("export"), Some("watch_job")];
                let tagged = !streams.contains(&get.operation_id.as_deref());
                if tagged {
                    get.parameters
                        .get_or_insert_default()
                        .push(RefOr::T(headers::known()));
                }
                complete(get, if tagged { TAGGED } else { &[] });
                headers::tell(get, tagged);
            }
            for operation in [&mut item.post, &mut item.delete].into_iter().flatten() {
                complete(operation, WRITES);
                if headers::takes_facts(operation) {
                    in_three_ways(operation);
                }
                headers::tell(operation, false);
            }
        }
    }
}

/// Bodies of facts come alone, as a list, or as lines.
fn in_three_ways(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let Some(RefOr::T(content)) = body.content.get_mut("application/json") else {
        return;
    };
    let Some(one) = content.schema.take() else {
        return;
    };
    let list = ArrayBuilder::new()
        .items(one.clone())
        .min_items(Some(1))
        .max_items(Some(facts::LISTED))
        .build();
    let choice = OneOfBuilder::new().item(one).item(list).build();
    content.schema = Some(RefOr::T(Schema::OneOf(choice)));
    let lines = Object::with_type(Type::String);
    let lines = ContentBuilder::new().schema(Some(Schema::Object(lines)));
    body.content
        .insert("application/x-ndjson".to_owned(), RefOr::T(lines.build()));
}

fn complete(operation: &mut Operation, more: &[(&str, &str)]) {
    let keyed = operation.security.is_some();
    if let Some(ways) = &mut operation.security {
        let scopes = scopes(ways);
        ways.push(SecurityRequirement::new("bearer", scopes));
    }
    let any = ANY
        .iter()
        .chain(if keyed { KEYED } else { &[] })
        .chain(more);
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
