//! What is too much, and what was.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Read};
use super::race_view::instant;
use crate::watch::{Alert, State, Watch};

#[derive(Serialize, ToSchema)]
pub(super) struct AlertList {
    /// Whether anything is watched.
    enabled: bool,
    /// How many fire now.
    firing: usize,
    /// Those that fire, those that may come to it, and the latest 100 that are over.
    items: Vec<View>,
    next: Option<String>,
}

/// Something that is or was too much.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
struct View {
    rule: &'static str,
    /// What it means.
    about: &'static str,
    /// Of several, which: a source.
    subject: Option<String>,
    /// `pending`: too much, but not for long; `firing`; `resolved`.
    state: &'static str,
    /// Since when it is too much.
    #[schema(format = DateTime)]
    since: String,
    #[schema(format = DateTime)]
    fired_at: Option<String>,
    #[schema(format = DateTime)]
    resolved_at: Option<String>,
    /// The latest while it was not over.
    value: Option<f64>,
    /// What it is held against; nothing where that is a schedule.
    threshold: Option<f64>,
}

/// What is too much now, and what was of late.
#[utoipa::path(
    operation_id = "list_alerts",
    get, path = "/api/alerts", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = AlertList)),
)]
pub(super) async fn list(_caller: Caller<Read>, watch: Data<Watch>) -> HttpResponse {
    let alerts = watch.alerts();
    let firing = alerts.iter().filter(|alert| alert.state == State::Firing);
    HttpResponse::Ok().json(AlertList {
        enabled: watch.settings().enabled,
        firing: firing.count(),
        items: alerts.into_iter().map(View::of).collect(),
        next: None,
    })
}

impl View {
    fn of(alert: Alert) -> Self {
        Self {
            rule: alert.rule.name(),
            about: alert.rule.about(),
            subject: alert.subject,
            state: alert.state.name(),
            since: instant(alert.since),
            fired_at: alert.fired_at.map(instant),
            resolved_at: alert.resolved_at.map(instant),
            value: alert.value,
            threshold: alert.threshold,
        }
    }
}
