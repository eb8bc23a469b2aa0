//! The OpenAPI document, made from the handlers.
//!
//! A handler documents what is its own; what every request may meet (a bad key, a quota, a full
//! queue) is added here. A test holds the document against the table of places.

mod common;
mod headers;

use actix_web::HttpResponse;
use actix_web::web::Data;
use utoipa::OpenApi;

use super::caller::{Caller, Read};
use common::Common;

use super::{
    alerts, audit, batch, benchmark, caches, docs, dogs, exotics, export, facts, health, history,
    indexes, jobs, keys, leaderboard, meetings, metrics, models, performance, predictions,
    preflight, problem, queries, races, settlements, sources, stakes, stats, switches, tracks,
    trainers, uploads, warm,
};

/// The path parameter of a race.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which handlers parse as a key"
)]
pub(super) struct Named {
    /// The race's natural key.
    #[param(
        example = "2025-07-21-angle-park-3",
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9-]{1,60}-(t[0-9]{4}|[+0-9]+)(-s[0-9+]+)?$"
    )]
    race: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "lurcher",
        description = "Greyhound racing: facts in, honest probabilities out. HEAD works wherever \
                       GET does. Every answer says in X-Process-Time and Server-Timing how long it \
                       took.",
    ),
    paths(
        health::livez,
        health::readyz,
        health::health,
        metrics::show,
        performance::show,
        performance::show_admin,
        queries::list,
        queries::slow,
        indexes::list,
        alerts::list,
        caches::stats,
        caches::clear,
        switches::turn,
        warm::create,
        benchmark::create,
        races::list,
        races::show,
        history::list,
        meetings::list,
        meetings::completeness,
        tracks::list,
        tracks::show,
        dogs::list,
        dogs::show,
        dogs::form,
        trainers::list,
        trainers::show,
        stats::show,
        leaderboard::show,
        export::show,
        predictions::show,
        exotics::show,
        preflight::show,
        preflight::list,
        batch::create,
        stakes::create,
        settlements::create,
        facts::cards,
        facts::results,
        facts::prices,
        facts::scratchings,
        uploads::create,
        uploads::list,
        uploads::show,
        jobs::list,
        jobs::show,
        jobs::cancel,
        jobs::retry,
        jobs::watch,
        models::list,
        models::show,
        models::evaluation,
        models::train,
        models::activate,
        models::backtest,
        sources::list,
        sources::fetches,
        sources::collect,
        sources::reparse,
        keys::list,
        keys::create,
        keys::revoke,
        audit::list,
        docs::page,
        docs::script,
        docs::style,
        show,
    ),
    components(schemas(problem::Body<'static>, facts::Receipts, facts::Refused)),
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
    operation_id = "show_openapi",
    get, path = "/api/openapi.json", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = Object)),
)]
pub(super) async fn show(_caller: Caller<Read>, document: Data<Written>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
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
            .map(super::super::table::Place::promise)
            .map(|(path, methods)| (path.to_owned(), methods.into_iter().collect()))
            .collect();

        assert_eq!(written, built);
    }

    #[test]
    fn no_reference_dangles() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let text = document.to_string();

        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn no_two_operations_share_a_name() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let items = document["paths"].as_object().unwrap().values();
        let operations = items.flat_map(|item| item.as_object().unwrap().values());
        let names: Vec<_> = operations
            .map(|one| one["operationId"].as_str().unwrap())
            .collect();

        let distinct: BTreeSet<_> = names.iter().collect();

        assert_eq!(distinct.len(), names.len(), "{names:?}");
    }
}
