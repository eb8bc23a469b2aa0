//! API keys: made, shown once, listed, revoked.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Data, Path, Query, ReqData};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Admin, Caller};
use super::intake::Intake;
use super::page::{self, Rows};
use super::problem::Problem;
use super::races::instant;
use super::request::RequestId;
use crate::access::{Access, Issued, KeyDraft};
use crate::domain::Scope;
use crate::store::audit::Actor;
use crate::store::keys::ApiKey;

/// The body of `POST /api/keys`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKey)]
pub(super) struct Draft {
    /// What people call it.
    #[schema(
        min_length = 1,
        max_length = 60,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    name: String,
    /// What it may do; each scope includes those before it.
    #[schema(value_type = Vec<ScopeName>, min_items = 1, max_items = 3)]
    scopes: Vec<String>,
    /// From when on it opens nothing; must be still to come.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// What the bearer of a key may do; each includes those before it.
#[derive(ToSchema)]
#[schema(as = Scope, rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes `domain::Scope`, which knows nothing of HTTP"
)]
enum ScopeName {
    Read,
    Write,
    Admin,
}

/// A new key; nobody will see it again.
#[derive(Serialize, ToSchema)]
#[schema(as = IssuedKey)]
pub(super) struct Shown {
    /// The public part.
    id: String,
    /// The whole.
    key: String,
    name: String,
    #[schema(value_type = Vec<ScopeName>)]
    scopes: Vec<&'static str>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct KeyList {
    items: Vec<View>,
    next: Option<String>,
}

/// A key, as it is shown to people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct View {
    /// The public part.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What was granted.
    #[schema(value_type = Vec<ScopeName>)]
    pub scopes: Vec<&'static str>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// From when on it opens nothing.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// When it last opened something, to the minute.
    #[schema(format = DateTime)]
    pub last_used_at: Option<String>,
    /// When it was revoked.
    #[schema(format = DateTime)]
    pub revoked_at: Option<String>,
}

/// The path parameter of a key.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "describes the path parameter, which is taken as it is"
)]
struct Id {
    /// The public part of the key.
    id: String,
}

/// Makes a key; the answer is the only place where it can be seen.
#[utoipa::path(
    operation_id = "create_key",
    post, path = "/api/keys", tag = "keys", request_body(content = Draft, example = json!({"name": "collector", "scopes": ["write"]})), security(("key" = ["admin"])),
    responses(
        (status = 201, body = Shown),
        (status = 409, description = "conflict: there are as many keys as there may be"),
        (status = 413, description = "too_large"),
    ),
)]
pub(super) async fn create(
    caller: Caller<Admin>,
    request: ReqData<RequestId>,
    access: Data<Access>,
    intake: Intake,
) -> Result<HttpResponse, Problem> {
    let Draft {
        name,
        scopes,
        expires_at,
    } = intake.json()?;
    let draft = KeyDraft {
        name,
        scopes,
        expires_at,
    };
    let by = actor(caller, &request);
    let shown = Shown::of(access.issue(&draft, by).await?);
    let mut answer = HttpResponse::build(StatusCode::CREATED);
    answer.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    Ok(answer.json(shown))
}

/// Keys, newest first, revoked ones among them.
#[utoipa::path(
    operation_id = "list_keys",
    get, path = "/api/keys", tag = "keys", params(Rows), security(("key" = ["admin"])),
    responses((status = 200, body = KeyList)),
)]
pub(super) async fn list(
    _caller: Caller<Admin>,
    Query(rows): Query<Rows>,
    access: Data<Access>,
) -> Result<HttpResponse, Problem> {
    let (after, limit) = rows.wanted()?;
    let found = access.list(after, limit).await?;
    let next = page::next(&found, limit, |key| key.row.to_string());
    let items = found.into_iter().map(View::of).collect();
    Ok(HttpResponse::Ok().json(KeyList { items, next }))
}

/// Revokes a key: from the answer on it opens nothing.
#[utoipa::path(
    operation_id = "revoke_key",
    delete, path = "/api/keys/{id}", tag = "keys", params(Id), security(("key" = ["admin"])),
    responses(
        (status = 204, description = "it is revoked"),
        (status = 404, description = "unknown_key"),
    ),
)]
pub(super) async fn revoke(
    caller: Caller<Admin>,
    request: ReqData<RequestId>,
    id: Path<String>,
    access: Data<Access>,
) -> Result<HttpResponse, Problem> {
    if access.revoke(&id, actor(caller, &request)).await? {
        return Ok(HttpResponse::NoContent().finish());
    }
    // What was sent may be a whole key, so it is not said again.
    Err(Problem::unknown("unknown_key", "no key of that id"))
}

fn actor(caller: Caller<Admin>, request: &RequestId) -> Actor {
    Actor {
        key: caller.key,
        request_id: Some(request.0.to_string()),
    }
}

fn names(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}

impl Shown {
    fn of(issued: Issued) -> Self {
        Self {
            id: issued.id,
            key: issued.key.reveal().to_owned(),
            name: issued.name,
            scopes: names(&issued.scopes),
            expires_at: issued.expires_at.map(instant),
        }
    }
}

impl View {
    /// The view of a key.
    #[must_use]
    pub fn of(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: names(&key.scopes),
            created_at: instant(key.created_at),
            expires_at: key.expires_at.map(instant),
            last_used_at: key.last_used_at.map(instant),
            revoked_at: key.revoked_at.map(instant),
        }
    }
}
