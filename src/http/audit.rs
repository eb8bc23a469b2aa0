//! What was done to the house, and by whom.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Admin, Caller};
use super::page::{self, Rows};
use super::problem::Problem;
use super::races::instant;
use crate::access::Access;
use crate::store::audit::Act;

#[derive(Serialize, ToSchema)]
pub(super) struct AuditList {
    items: Vec<View>,
    next: Option<String>,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
#[schema(as = Act)]
struct View {
    #[schema(format = DateTime)]
    at: String,
    /// The public id of a key, or `house`.
    actor: String,
    /// What, for example `key.revoke`.
    action: String,
    /// To what.
    subject: String,
    /// The request it came with.
    request_id: Option<String>,
}

/// What was done, newest first.
#[utoipa::path(
    operation_id = "list_audit",
    get, path = "/api/audit", tag = "keys", params(Rows), security(("key" = ["admin"])),
    responses((status = 200, body = AuditList)),
)]
pub(super) async fn list(
    _caller: Caller<Admin>,
    Query(rows): Query<Rows>,
    access: Data<Access>,
) -> Result<HttpResponse, Problem> {
    let (after, limit) = rows.wanted()?;
    let found = access.acts(after, limit).await?;
    let next = page::next(&found, limit, |act| act.id.to_string());
    let items = found.into_iter().map(View::of).collect();
    Ok(HttpResponse::Ok().json(AuditList { items, next }))
}

impl View {
    fn of(act: Act) -> Self {
        Self {
            at: instant(act.at),
            actor: act.actor,
            action: act.action,
            subject: act.subject,
            request_id: act.request_id,
        }
    }
}
